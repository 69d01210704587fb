"""Where the conformance suite meets a vendor: its imitation in a thread, a driver, and perhaps a workspace."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import polars as pl

import cdpkit
from cdpkit import vendors
from cdpkit.config.vendor_settings import resolve_options, resolve_settings
from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import Discovery, Item
from cdpkit.kit.effects import Effects
from cdpkit.kit.exporting import ExportAsked, Exporter, Outgoing, Way, Withdrawal, all_accepted
from cdpkit.kit.importing import ImportAsked, Importer
from cdpkit.kit.kinds import Secret
from cdpkit.kit.vendor import Vendor
from cdpkit.place import Folder
from cdpkit.runs.imports.pages import read_pages
from cdpkit.sandbox.faults import Fault
from cdpkit.sandbox.gate import Gate, Options
from cdpkit.sandbox.server import Site, running
from cdpkit.transport.clock import Clock
from cdpkit.transport.driver import Driver
from cdpkit.transport.login import Login
from cdpkit.workspace.connection import Connection
from tests.transport.hurried import Hurried
from tests.vendors.case import Case, Person, case_of
from tests.vendors.outgoing import outgoing

PATIENCE, SEED = 5.0, Options().seed
LOOK = httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
"""Looks at imitations, which are on this machine; a client for each look would read all authorities that there are."""
ANN, BOB, EVA, FOE = ("ann@example.com", "bob@example.com", "eva@example.com", "other@example.com")


@dataclass(frozen=True)
class Stage:
    """A vendor on loopback.

    Attributes:
        vendor: The vendor.
        case: What the suite knows of it.
        site: Its imitation.
        folder: For secrets and pages.
        factor: Multiplies its limits on both sides.
    """

    vendor: Vendor
    case: Case
    site: Site
    folder: Path
    factor: float

    @property
    def gate(self) -> Gate:
        return self.site.gates[self.vendor.name]

    @property
    def importer(self) -> Importer:
        assert self.vendor.importer is not None
        return self.vendor.importer

    @property
    def exporter(self) -> Exporter:
        assert self.vendor.exporter is not None
        return self.vendor.exporter

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values of the settings that nobody may see."""
        named = {setting.name for setting in self.vendor.settings if isinstance(setting.kind, Secret)}
        own = self.case.connection(self.site.addresses, SEED)
        given = {
            **self.site.addresses[self.vendor.name],
            **own,
            **{f"wrong {k}": v for k, v in self.case.wrong.items()},
        }
        return tuple(value for name, value in given.items() if name.removeprefix("wrong ") in named)

    def given(self, **changed: str) -> dict[str, Any]:
        """The settings as a connection file has them, secrets as references to files."""
        values = {**self.site.addresses[self.vendor.name], **self.case.connection(self.site.addresses, SEED), **changed}
        declared = {setting.name: setting for setting in self.vendor.settings}
        given: dict[str, Any] = {"limits_factor": self.factor}
        for name, value in values.items():
            given[name] = value
            if isinstance(declared[name].kind, Secret):
                (self.folder / f"{name}.secret").write_text(value)
                given[name] = f"file:{self.folder / f'{name}.secret'}"
        return given

    @cached_property
    def settings(self) -> Settings:
        return resolve_settings(self.vendor.settings, self.given(), self.folder)

    @cached_property
    def discovery(self) -> Discovery:
        with self.driver() as driver:
            return driver.run(self.vendor.discover(self.settings))

    @property
    def list(self) -> Item:
        """The list on which nobody is at the start."""
        return next(each for each in self.discovery.lists if each.name == self.case.list)

    def driver(self, clock: Clock | None = None, timeout: float = PATIENCE, settings: Settings | None = None) -> Driver:
        """A driver; by a clock that hurries unless another one is given."""
        given = self.settings if settings is None else settings
        return Driver(
            self.settings["base_url"],
            self.vendor.limits,
            addresses={name: self.settings[name] for name in self.vendor.addresses if self.settings[name]},
            login=None if self.vendor.auth is None else Login(self.vendor.auth, given, self._load, self._save),
            folder=Folder(self.folder / "pages"),
            vendor=self.vendor.title,
            limits_factor=self.factor,
            clock=clock or Hurried(),
            timeout=timeout,
        )

    def _load(self) -> Mapping[str, Any] | None:
        kept = self.folder / "kept.json"
        return json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else None

    def _save(self, kept: Mapping[str, Any]) -> None:
        (self.folder / "kept.json").write_text(json.dumps(dict(kept)), encoding="utf-8")

    def calls(self) -> int:
        """How many calls the vendor has counted, without those for tokens."""
        counted = self.gate.calls.counted()
        return sum(tally["total"] for endpoint, tally in counted.items() if endpoint not in self.case.logins)

    def fault(self, kind: str, *skips: int, **more: Any) -> None:
        """Let a call go wrong after so many that do not, for each number that is given; retries count too."""
        self.gate.faults.clear()
        for skip in skips:
            self.gate.faults.add(Fault("*", kind, skip=skip, **more))

    # Import

    def pull(self, state: Mapping[str, Any] | None = None) -> Effects[Any]:
        """Pull everybody with the fields that the case names."""
        return self.importer.pull(self.pulling(), state)

    def pulling(self) -> ImportAsked:
        """Everybody, with the fields that the case names."""
        wanted = (*self.known_by, self.case.people, *self.importer.needs)
        everyone = self.case.everyone or self.importer.everyone
        assert everyone is not None
        return ImportAsked(self.settings, everyone, self.discovery, wanted)

    @property
    def known_by(self) -> tuple[str, ...]:
        """The fields by which the vendor knows people."""
        return self.discovery.identifiers(self.importer.identifiers)

    def staged(self, pages: Mapping[str, Sequence[str]]) -> pl.DataFrame:
        """One row a person, in an order that does not depend on that of the pages."""
        rows = self.rows_of(self.pulling(), pages)
        return rows.select(*self.known_by, self.case.people, "list_ids").sort(self.known_by)

    def rows_of(self, asked: ImportAsked, pages: Mapping[str, Sequence[str]]) -> pl.DataFrame:
        """Pages as runs read them, staged."""
        read = {
            what: read_pages([Folder(self.folder / "pages" / page) for page in names], asked.fields)
            for what, names in pages.items()
        }
        assert [bad for _, bad in read.values() if bad] == []
        return self.importer.stage({what: frame for what, (frame, _) in read.items()}, asked)

    # Export

    def asked(self, *lists: str, kinds: Sequence[str] = ("text",)) -> ExportAsked:
        """Fields for each person, a text where no others are told, and these lists, or the one where nobody was."""
        options = resolve_options(self.exporter.options, self.case.target([*lists] or [self.case.list]), "target")
        fields = tuple(self.case.fields[kind] for kind in kinds)
        return ExportAsked(self.settings, options, self.discovery, (self.case.identifier,), fields, create=True)

    def way(self, people: int) -> Way:
        """How so many people go."""
        return self.exporter.way(self.asked(), people)

    @property
    def withdrawal(self) -> Withdrawal:
        assert self.exporter.withdrawal is not None
        return self.exporter.withdrawal

    def outgoing(self, addresses: Mapping[int, str], text: str) -> Outgoing:
        """People on their way to the list, by row; those of them who were taken off it come back."""
        ids = pl.DataFrame(
            {"row": addresses.keys(), self.case.identifier: addresses.values()},
            schema_overrides={"row": pl.Int64, self.case.identifier: pl.String},
        )
        values = {self.case.fields["text"]: pl.Series([text] * len(addresses), dtype=pl.String)}
        return outgoing(self.exporter, self.asked(), ids, values, back=[self.list.id])

    def push(self, addresses: Mapping[int, str], text: str) -> Effects[pl.DataFrame]:
        """Push people, in as many calls as the way takes."""
        people, way, told = self.outgoing(addresses, text), self.way(len(addresses)), []
        for start in range(0, max(people.rows.height, 1), way.max_rows):
            part = people.slice(start, way.max_rows)
            outcome = yield from way.push(self.asked(), part)
            told.append(all_accepted(part.rows["row"]) if outcome is None else outcome)
        return pl.concat(told)

    def withdraw(self, addresses: Mapping[int, str]) -> Effects[pl.DataFrame]:
        """Take people off the list, in as many calls as that takes."""
        rows, told = self.outgoing(addresses, "").rows.select("row", self.case.identifier), []
        for start in range(0, max(rows.height, 1), self.withdrawal.max_rows):
            part = rows.slice(start, self.withdrawal.max_rows)
            told.append((yield from self.withdrawal.take(self.asked(), self.list, part)))
        return pl.concat(told)

    def put(self, *addresses: str) -> None:
        """Put people on the list by other hands than a connection's."""
        with self.driver() as driver:
            told = driver.run(self.push(dict(enumerate(addresses)), "by hand"))
        assert told["fate"].unique().to_list() == ["accepted"]

    def write(self, *people: Mapping[str, Any], lists: Sequence[str] = ()) -> None:
        """Let there be people by other hands than a connection's: `email`, and values by the kinds of the case.

        Args:
            people: Each with the same keys.
            lists: The names of the lists on which they are put; the one where nobody was, if none is told.
        """
        kinds = [kind for kind in people[0] if kind != "email"]
        asked = self.asked(*lists, kinds=kinds)
        values = pl.DataFrame(people, infer_schema_length=None)
        ids = pl.DataFrame({"row": range(len(people)), self.case.identifier: values["email"]})
        whole = outgoing(self.exporter, asked, ids, {self.case.fields[kind]: values[kind] for kind in kinds})
        way = self.way(len(people))
        with self.driver() as driver:
            for start in range(0, len(people), way.max_rows):
                part = whole.slice(start, way.max_rows)
                told = driver.run(way.push(asked, part))
                assert told is None or told["fate"].unique().to_list() == ["accepted"]

    # What the vendor has

    def people(self) -> dict[str, Person]:
        """Everybody at the vendor by address."""
        url = httpx.URL(self.settings["base_url"]).copy_with(path="/_sandbox/people")
        lines = map(self.case.flat, map(json.loads, filter(None, LOOK.get(url).text.split("\n"))))
        return {address: person for person in lines if (address := self.case.address_of(person)) is not None}

    def members(self) -> set[str]:
        """Who is on the list."""
        return {address for address, person in self.people().items() if self.list.id in self.case.lists_of(person)}

    # A workspace

    def connected(self) -> tuple[cdpkit.Workspace, Connection]:
        """A workspace with a connection to the vendor that has no goals."""
        ws = cdpkit.create(self.folder / "workspace")
        ws.properties.add("customer", identifier=True)
        ws.properties.add("email", type="email", identifier=True, pii=True)
        ws.properties.add("active", type="boolean")
        ws.segments.add("active", "active")
        return ws, ws.connect(self.vendor.name, name="conn", settings=self.given())

    def import_goal(self, **changed: Any) -> dict[str, Any]:
        goal = {
            "kind": "import_profiles",
            "name": "In",
            "source": {name: value for name, value in self.pulling().options.items() if value},
            "identifiers": {self.case.identifier: "email"},
            "mappings": [{"from": self.case.people, "to": "imported"}],
        }
        return goal | changed

    def export_goal(self, **changed: Any) -> dict[str, Any]:
        goal = {
            "kind": "export_profiles",
            "name": "Out",
            "segment": "active",
            "target": self.case.target([self.case.list]),
            "identifiers": {"email": self.case.identifier},
            "mappings": [{"value": "text", "text": "cdpkit", "to": self.case.fields["text"]}],
        }
        return goal | changed


@contextmanager
def stage(
    vendor: str, folder: Path, people: int = 0, factor: float = 1000.0, slack: float = 10.0, **settings: Any
) -> Iterator[Stage]:
    """A vendor with so many people; its limits are `slack` times what the driver keeps to.

    Args:
        vendor: Its name.
        folder: For secrets and pages.
        people: How many there are.
        factor: Multiplies the limits that the driver keeps to.
        slack: Multiplies those of the vendor once more.
        settings: Of its imitation, beside those of the case.
    """
    case = case_of(vendor)
    options = Options(people=people, limits_factor=factor * slack)
    with running(case.imitation or vendor, options=options, **{**case.sandbox, **settings}) as site:
        made = Stage(vendors.get(vendor), case, site, folder, factor)
        assert made.list.id  # asked for now, so that no test has to tell its calls from others
        yield made


def load(ws: cdpkit.Workspace, *people: Mapping[str, Any]) -> None:
    """Create or change profiles by `customer`; what is None is cleared, what is left out stays."""
    mappings = [{"from": name, "to": name, "rule": "set_or_clear"} for name in people[0] if name != "customer"]
    ws.load(pl.DataFrame(people), {"customer": "customer"}, mappings).raise_for_state()
