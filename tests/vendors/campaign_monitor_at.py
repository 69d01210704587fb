"""Exchanges with the imitation of Campaign Monitor, below the level of runs and at it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import polars as pl

from cdpkit import vendors
from cdpkit.config.vendor_settings import resolve_options
from cdpkit.kit.discovery import Item
from cdpkit.kit.exporting import ExportAsked, Exporter, Outgoing, all_accepted
from cdpkit.kit.importing import ImportAsked, Importer
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.server import running
from tests.transport.hurried import Hurried
from tests.vendors.case import case_of
from tests.vendors.desk import Desk
from tests.vendors.outgoing import outgoing as rendered
from tests.vendors.stage import Stage

VENDOR = vendors.get("campaign_monitor")
ACTIVE, UNSUBSCRIBED, BOUNCED, DELETED, UNCONFIRMED = "Active", "Unsubscribed", "Bounced", "Deleted", "Unconfirmed"
STATES = (ACTIVE, UNSUBSCRIBED, BOUNCED, DELETED, UNCONFIRMED)
ZONE = "Australia/Sydney"
"""That of the first client."""
EMAIL = "EmailAddress"


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


def outgoing(asked: ExportAsked, people: Sequence[str], values: Mapping[str, Sequence[Any]]) -> Outgoing:
    """People on their way, by address; values by field."""
    ids = pl.DataFrame({"row": range(len(people)), EMAIL: [*people]}, {"row": pl.Int64, EMAIL: pl.String})
    return rendered(exporter(), asked, ids, values)


Fates = dict[int, tuple[str, str | None, list[str]]]


class Agency:
    """An account on loopback with two clients, and a driver for it; lists are those of the first client."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.driver = stage.driver(Hurried())
        key = stage.site.addresses["campaign_monitor"]["api_key"]
        self.api = httpx.Client(
            base_url=stage.settings["base_url"] + "/api/v3.3",
            auth=(key, "x"),
            timeout=20,
            trust_env=False,
        )
        self.clients = {each.name: each.id for each in stage.discovery.items["clients"]}
        self.client = self.clients["Northwind Coffee"]
        own = self.api.get(f"/clients/{self.client}/lists.json").json()
        self.lists = {row["Name"]: row["ListID"] for row in own}

    def item(self, name: str) -> Item:
        return next(each for each in self.stage.discovery.lists if each.id == self.lists[name])

    def asked(self, fields: Sequence[str] = (), **options: Any) -> ExportAsked:
        names = [self.lists.get(name, name) for name in options.pop("lists", ["Empty"])]
        return ExportAsked(
            self.stage.settings,
            target(lists=names, **options),
            self.stage.discovery,
            (EMAIL,),
            tuple(fields),
            create=True,
        )

    def push(self, people: Sequence[str], values: Mapping[str, Sequence[Any]] | None = None, **options: Any) -> Fates:
        """Push people; returns their fates by row."""
        given = {"Name": ["x"] * len(people)} if values is None else values
        asked = self.asked(tuple(given), **options)
        way = exporter().way(asked, len(people))
        out, told = outgoing(asked, people, given), []
        for start in range(0, len(people), way.max_rows):
            part = out.slice(start, way.max_rows)
            found = self.driver.run(way.push(asked, part))
            told.append(all_accepted(part.rows["row"]) if found is None else found)
        fates = {row: (fate, reason, lists) for each in told for row, fate, reason, lists in each.iter_rows()}
        return dict(sorted(fates.items()))

    def withdraw(self, people: Sequence[str], name: str = "Empty") -> pl.DataFrame:
        """Take people off a list."""
        withdrawal = exporter().withdrawal
        assert withdrawal is not None
        rows = pl.DataFrame({"row": range(len(people)), EMAIL: list(people)}, {"row": pl.Int64, EMAIL: pl.String})
        return self.driver.run(withdrawal.take(self.asked(), self.item(name), rows))

    def pull(self, wanted: Sequence[str] | None = None, **options: Any) -> pl.DataFrame:
        """Subscribers as an import stages them."""
        options["lists"] = [self.lists.get(name, name) for name in options.get("lists", ())]
        fields = None if wanted is None else (EMAIL, *wanted, *importer().needs)
        asked = ImportAsked(self.stage.settings, source(**options), self.stage.discovery, fields)
        return self.stage.rows_of(asked, self.driver.run(importer().pull(asked, None)).pages)

    def add(self, email: str, name: str = "Empty", state: str = ACTIVE, **person: Any) -> None:
        """Put somebody on a list by other hands, in a state."""
        body = {"EmailAddress": email, "ConsentToTrack": "Unchanged", "Resubscribe": True, **person}
        flags = {"Resubscribe": True, "QueueSubscriptionBasedAutoResponders": False}
        rows = [{key: value for key, value in body.items() if key != "Resubscribe"}]
        done = self.api.post(f"/subscribers/{self.lists[name]}/import.json", json={"Subscribers": rows, **flags})
        assert done.status_code == 201, done.text
        if state != ACTIVE:
            self.state(email, state, name)

    def state(self, email: str, state: str, name: str = "Empty") -> None:
        """Put somebody in a state on a list, as they or somebody at Campaign Monitor would."""
        path = f"/subscribers/{self.lists[name]}"
        if state == UNSUBSCRIBED:
            assert self.api.post(f"{path}/unsubscribe.json", json={"EmailAddress": email}).is_success
        elif state == DELETED:
            assert self.api.delete(f"{path}.json", params={"email": email}).is_success
        else:
            raise AssertionError(f"nobody can be made {state} by a call")

    def people(self) -> dict[str, Any]:
        """Everybody by address."""
        return self.stage.people()

    def states(self, email: str) -> dict[str, str]:
        """The states of somebody by the names of lists."""
        return self.all_states([email])[email]

    def all_states(self, emails: Sequence[str]) -> dict[str, dict[str, str]]:
        """The states of several people by the names of lists."""
        names, there = {number: name for name, number in self.lists.items()}, self.people()
        return {
            email: {names[number]: state for number, state in there[email]["lists"].items() if number in names}
            for email in emails
        }

    def values(self, email: str, name: str = "Empty") -> dict[str, Any]:
        """What a list knows of somebody."""
        found: dict[str, Any] = self.people()[email]["subscriptions"][self.lists[name]]
        return found

    def suppressed(self) -> set[str]:
        """Whom the client suppresses."""
        told = self.api.get(f"/clients/{self.client}/suppressionlist.json").json()
        return {row["EmailAddress"] for row in told["Results"]}

    def calls(self, endpoint: str) -> int:
        """How often something was asked."""
        counted = self.stage.gate.calls.counted()
        return int(counted[endpoint]["total"]) if endpoint in counted else 0


@contextmanager
def agency(folder: Path, people: int = 0, **settings: Any) -> Iterator[Agency]:
    """An account with so many invented people; its limits never refuse."""
    with running("campaign_monitor", options=Options(people=people, limits_factor=10_000), **settings) as site:
        one = Agency(Stage(VENDOR, case_of("campaign_monitor"), site, folder, 1000.0))
        with one.driver, closing(one.api):
            yield one


class Office(Desk):
    """A workspace with a connection to an account that only this test sees."""

    incoming: Mapping[str, Any] = {
        "source": {"lists": ["Empty"]},
        "identifiers": {EMAIL: "email"},
        "mappings": [{"from": "Name", "to": "full_name"}],
    }
    outgoing: Mapping[str, Any] = {
        "target": {"lists": ["Empty"]},
        "identifiers": {"email": EMAIL},
        "mappings": [{"value": "text", "text": "cdpkit", "to": "Favourite quote"}],
    }

    def __init__(self, one: Agency) -> None:
        self.at = one
        super().__init__(one.stage)
        self.ws.connections.change("conn", {"client": "Northwind Coffee"})


@contextmanager
def office(folder: Path, people: int = 0, **settings: Any) -> Iterator[Office]:
    with agency(folder, people, **settings) as one:
        yield Office(one)
