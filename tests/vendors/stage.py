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
from cdpkit.kit.effects import Effects
from cdpkit.kit.render import render
from cdpkit.kit.vendor import (
    Discovery,
    ExportAsked,
    Exporter,
    Importer,
    Outgoing,
    SentField,
    Settings,
    Vendor,
    VendorList,
    all_accepted,
)
from cdpkit.runs.imports.pages import read_pages
from cdpkit.sandbox.faults import Fault
from cdpkit.sandbox.gate import Gate, Options
from cdpkit.sandbox.server import Site, running
from cdpkit.transport.clock import Clock
from cdpkit.transport.driver import Driver
from cdpkit.workspace.connections import Connection
from tests.hurried import Hurried
from tests.vendors.case import Case, Person, case_of

PATIENCE = 5.0
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
        named = {setting.name for setting in self.vendor.settings if setting.secret}
        given = {**self.site.addresses[self.vendor.name], **{f"wrong {k}": v for k, v in self.case.wrong.items()}}
        return tuple(value for name, value in given.items() if name.removeprefix("wrong ") in named)

    def given(self, **changed: str) -> dict[str, Any]:
        """The settings as a connection file has them, secrets as references to files."""
        values = {**self.site.addresses[self.vendor.name], **changed}
        declared = {setting.name: setting for setting in self.vendor.settings}
        given: dict[str, Any] = {"limits_factor": self.factor}
        for name, value in values.items():
            given[name] = value
            if declared[name].secret:
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
    def list(self) -> VendorList:
        """The list on which nobody is at the start."""
        return next(each for each in self.discovery.lists if each.name == self.case.list)

    def driver(self, clock: Clock | None = None, timeout: float = PATIENCE) -> Driver:
        """A driver; by a clock that runs a hundred times as fast unless another one is given."""
        return Driver(
            self.settings["base_url"],
            self.vendor.limits,
            folder=self.folder / "pages",
            vendor=self.vendor.title,
            limits_factor=self.factor,
            clock=clock or Hurried(),
            timeout=timeout,
        )

    def calls(self) -> int:
        """How many calls the vendor has counted."""
        return sum(tally["total"] for tally in self.gate.calls.counted().values())

    def fault(self, kind: str, skip: int, **more: Any) -> None:
        """Let one call go wrong, after so many that do not."""
        self.gate.faults.clear()
        self.gate.faults.add(Fault("*", kind, skip=skip, **more))

    # Import

    def pull(self, state: Mapping[str, Any] | None = None) -> Effects[Any]:
        """Pull everybody with the fields that the case names."""
        wanted = (*self.importer.identifiers, self.case.people, *self.importer.needs)
        return self.importer.pull(self.settings, self.importer.everyone, self.discovery, wanted, state)

    def staged(self, pages: Mapping[str, Sequence[str]]) -> pl.DataFrame:
        """One row a person, in an order that does not depend on that of the pages."""
        read = {what: read_pages([self.folder / "pages" / page for page in names]) for what, names in pages.items()}
        assert [bad for _, bad in read.values() if bad] == []
        frames = {what: frame for what, (frame, _) in read.items()}
        rows = self.importer.stage(frames, self.settings, self.importer.everyone, self.discovery)
        return rows.select(*self.importer.identifiers, self.case.people, "list_ids").sort(self.importer.identifiers)

    # Export

    def asked(self) -> ExportAsked:
        """A text for each person, and the list."""
        options = resolve_options(self.exporter.options, self.case.target([self.case.list]), "target")
        return ExportAsked(options, (self.case.identifier,), (self.case.fields["text"],), create=True)

    def outgoing(self, addresses: Mapping[int, str], text: str) -> Outgoing:
        """People on their way to the list, by row."""
        field = self.case.fields["text"]
        ids = pl.DataFrame(
            {"row": addresses.keys(), self.case.identifier: addresses.values()},
            schema_overrides={"row": pl.Int64, self.case.identifier: pl.String},
        )
        fields = pl.DataFrame({field: [text] * len(addresses)}, schema={field: pl.String})
        fields = fields.with_columns(self.exporter.convert(fields[field], field, self.discovery).alias(field))
        sent = [SentField(field, "\x00" + field, fields.schema[field])]
        members = self.exporter.members(self.settings, self.asked(), sent, self.discovery)
        body = render(ids.hstack(fields.rename({field: "\x00" + field})), members)
        enter = pl.Series("enter", [[self.list.id]] * len(addresses), pl.List(pl.String))
        return Outgoing(ids.with_columns(body, enter), fields)

    def push(self, addresses: Mapping[int, str], text: str) -> Effects[pl.DataFrame]:
        people = self.outgoing(addresses, text)
        told = yield from self.exporter.push(self.settings, self.asked(), people)
        return all_accepted(people.rows["row"]) if told is None else told

    def withdraw(self, addresses: Mapping[int, str]) -> Effects[pl.DataFrame]:
        rows = self.outgoing(addresses, "").rows.select("row", self.case.identifier)
        return self.exporter.withdraw(self.settings, self.asked(), self.list, rows)

    def put(self, *addresses: str) -> None:
        """Put people on the list by other hands than a connection's."""
        with self.driver() as driver:
            told = driver.run(self.push(dict(enumerate(addresses)), "by hand"))
        assert told["fate"].unique().to_list() == ["accepted"]

    # What the vendor has

    def people(self) -> dict[str, Person]:
        """Everybody at the vendor by address."""
        url = httpx.URL(self.settings["base_url"]).copy_with(path="/_sandbox/people")
        lines = map(json.loads, filter(None, httpx.get(url, trust_env=False).text.split("\n")))
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
        ws.segments.define("active", "active")
        return ws, ws.connect(self.vendor.name, name="conn", settings=self.given())

    def import_goal(self, **changed: Any) -> dict[str, Any]:
        goal = {
            "kind": "import_profiles",
            "name": "In",
            "source": {name: value for name, value in self.importer.everyone.items() if value},
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
def stage(vendor: str, folder: Path, people: int = 0, factor: float = 1000.0, slack: float = 10.0) -> Iterator[Stage]:
    """A vendor with so many people; its limits are `slack` times what the driver keeps to."""
    case = case_of(vendor)
    options = Options(people=people, limits_factor=factor * slack)
    with running(vendor, options=options, **case.sandbox) as site:
        made = Stage(vendors.get(vendor), case, site, folder, factor)
        assert made.list.id  # asked for now, so that no test has to tell its calls from others
        yield made


def load(ws: cdpkit.Workspace, *people: Mapping[str, Any]) -> None:
    """Create or change profiles by `customer`; what is None is cleared, what is left out stays."""
    mappings = [{"from": name, "to": name, "rule": "set_or_clear"} for name in people[0] if name != "customer"]
    ws.load(pl.DataFrame(people), {"customer": "customer"}, mappings).raise_for_state()
