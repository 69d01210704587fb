"""Exchanges with the imitation of ActiveCampaign, below the level of runs."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import polars as pl
from pydantic import SecretStr

from cdpkit import vendors
from cdpkit.config.vendor_settings import resolve_options
from cdpkit.kit.discovery import Discovery, Item, VendorField
from cdpkit.kit.exporting import ExportAsked, Exporter, Outgoing, all_accepted
from cdpkit.kit.importing import ImportAsked, Importer
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.server import Site, running
from cdpkit.vendors.activecampaign.fields import STANDARD
from tests.transport.hurried import Hurried
from tests.vendors.case import case_of
from tests.vendors.outgoing import outgoing as rendered
from tests.vendors.stage import Stage

VENDOR = vendors.get("activecampaign")
LISTS = {"Newsletter": "3", "VIP": "4", "Café & thé ☕": "5", "Empty": "6"}
ACTIVE, UNSUBSCRIBED, BOUNCED, UNCONFIRMED = "1", "2", "3", "0"
FOUND = Discovery(
    (
        *STANDARD,
        VendorField("Note", "textarea", id="9"),
        VendorField("Points", "number", identifies=True, id="1"),
        VendorField("Customer number", "text", identifies=True, id="10"),
        VendorField("Plan", "dropdown", id="2", choices=("free", "pro")),
        VendorField("Colours", "listbox", id="6", choices=("red", "dark blue")),
        VendorField("Interests", "checkbox", id="16"),
        VendorField("Day", "date", id="14"),
        VendorField("Moment", "datetime", id="15"),
    ),
    {"lists": (Item("3", "Newsletter", "email"), Item("6", "Empty", "email"))},
)
"""What a connection found, for tests that feed answers by hand."""
SETTINGS: dict[str, Any] = {"base_url": "https://shop.api-us1.com", "api_key": SecretStr("a-key-of-nobody")}


def exporter() -> Exporter:
    assert VENDOR.exporter is not None
    return VENDOR.exporter


def importer() -> Importer:
    assert VENDOR.importer is not None
    return VENDOR.importer


def target(**options: Any) -> dict[str, Any]:
    return dict(resolve_options(exporter().options, options, "target"))


def source(**options: Any) -> dict[str, Any]:
    return dict(resolve_options(importer().options, options, "source"))


def exporting(
    settings: Mapping[str, Any],
    discovery: Discovery,
    fields: Sequence[str] = (),
    by: Sequence[str] = ("email",),
    *,
    create: bool = True,
    **options: Any,
) -> ExportAsked:
    return ExportAsked(settings, target(**options), discovery, tuple(by), tuple(fields), create)


def outgoing(
    asked: ExportAsked, people: Sequence[Mapping[str, Any]], values: Mapping[str, Sequence[Any]], *, count: int = 0
) -> Outgoing:
    """People on their way: identifiers by row, and values by field; `count` people decide the way."""
    known = {name: [each.get(name) for each in people] for name in asked.identifiers}
    schema = {"row": pl.Int64, **dict.fromkeys(asked.identifiers, pl.String)}
    return rendered(exporter(), asked, pl.DataFrame({"row": range(len(people)), **known}, schema), values, count=count)


class Shop:
    """An account on loopback, and a driver for it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.driver = stage.driver(Hurried())
        headers = {"Api-Token": stage.site.addresses["activecampaign"]["api_key"]}
        self.api = httpx.Client(
            base_url=stage.settings["base_url"] + "/api/3", headers=headers, timeout=20, trust_env=False
        )

    def asked(self, fields: Sequence[str] = (), by: Sequence[str] = ("email",), **options: Any) -> ExportAsked:
        return exporting(self.stage.settings, self.stage.discovery, fields, by, **options)

    def push(
        self,
        people: Sequence[str | Mapping[str, Any]],
        values: Mapping[str, Sequence[Any]],
        *,
        many: bool,
        by: Sequence[str] = ("email",),
        **options: Any,
    ) -> dict[int, tuple[str, str | None, list[str]]]:
        """Push people, known by address or by identifiers, in the way of many or of few; returns their fates by row."""
        asked = self.asked(tuple(values), by, **options)
        known = [{"email": each} if isinstance(each, str) else each for each in people]
        count = 10 if many else 1
        way = exporter().way(asked, count)
        out, told = outgoing(asked, known, values, count=count), []
        for start in range(0, len(people), way.max_rows):
            part = out.slice(start, way.max_rows)
            found = self.driver.run(way.push(asked, part))
            told.append(all_accepted(part.rows["row"]) if found is None else found)
        fates = {row: (fate, reason, lists) for each in told for row, fate, reason, lists in each.iter_rows()}
        return dict(sorted(fates.items()))

    def withdraw(self, people: Sequence[str], name: str) -> pl.DataFrame:
        """Take people off a list."""
        withdrawal = exporter().withdrawal
        assert withdrawal is not None
        item = next(each for each in self.stage.discovery.lists if each.name == name)
        rows = pl.DataFrame({"row": range(len(people)), "email": list(people)}, {"row": pl.Int64, "email": pl.String})
        return self.driver.run(withdrawal.take(self.asked(), item, rows))

    def pull(self, wanted: Sequence[str] | None = None, **options: Any) -> pl.DataFrame:
        """Contacts as an import stages them, which always asks for what the vendor's part needs itself."""
        fields = None if wanted is None else (*wanted, *importer().needs)
        asked = ImportAsked(self.stage.settings, source(**options), self.stage.discovery, fields)
        return self.stage.rows_of(asked, self.driver.run(importer().pull(asked, None)).pages)

    def add(self, email: str, state: str | None = None, name: str = "Empty", **contact: Any) -> str:
        """Make a contact by other hands, perhaps in a state on a list; returns its id."""
        made = self.api.post("/contact/sync", json={"contact": {"email": email, **contact}}).json()["contact"]["id"]
        if state is not None:
            self.state(made, name, state)
        return str(made)

    def state(self, contact: str, name: str, state: str) -> None:
        """Put a contact in a state on a list by other hands."""
        row = {"list": int(LISTS[name]), "contact": int(contact), "status": int(state)}
        assert self.api.post("/contactLists", json={"contactList": row}).is_success

    def people(self) -> dict[str, Any]:
        """Everybody by address, with their states by list."""
        return self.stage.people()

    def states(self, *emails: str, name: str = "Empty") -> list[str | None]:
        """The states of contacts on a list; None for who is not on it or not there."""
        there = self.people()
        return [there.get(email, {"lists": {}})["lists"].get(LISTS[name]) for email in emails]

    def calls(self, endpoint: str) -> int:
        """How often something was asked."""
        counted = self.stage.gate.calls.counted()
        return int(counted[endpoint]["total"]) if endpoint in counted else 0


@contextmanager
def shop(folder: Path, people: int = 0, **settings: Any) -> Iterator[Shop]:
    """An account with so many contacts; its limits never refuse, and its imports are over at once."""
    given = {"job_polls": 0, "false_polls": 0, **settings}
    with running("activecampaign", options=Options(people=people, limits_factor=10_000), **given) as site:
        yield Shop(at(site, folder))


def at(site: Site, folder: Path) -> Stage:
    """A stage for a site that runs."""
    return Stage(VENDOR, case_of("activecampaign"), site, folder, 1000.0)
