"""Where the conformance suite meets files: a folder from which they are read, and into which they are written."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

import cdpkit
from cdpkit import vendors
from cdpkit.kit.vendor import Vendor
from cdpkit.workspace.connection import Connection
from tests.vendors.case import Case, Person, case_of


@dataclass(frozen=True)
class Files:
    """A folder with files, as far as the suite meets it like a vendor on loopback.

    Attributes:
        folder: It, and the workspace beside it.
        case: What the suite knows of it.
        written: By address those who are in the file that imports read.
    """

    folder: Path
    case: Case = field(default_factory=lambda: case_of("files"))
    written: dict[str, Person] = field(default_factory=dict)

    @property
    def vendor(self) -> Vendor:
        return vendors.get("files")

    @property
    def place(self) -> Path:
        return self.folder / "files"

    def connected(self) -> tuple[cdpkit.Workspace, Connection]:
        """A workspace with a connection that has no goals."""
        ws = cdpkit.create(self.folder / "workspace")
        ws.properties.add("customer", identifier=True)
        ws.properties.add("email", type="email", identifier=True, pii=True)
        ws.properties.add("active", type="boolean")
        ws.segments.add("active", "active")
        return ws, ws.connect("files", name="conn", settings={"address": str(self.place), "settle": 0})

    def import_goal(self, **changed: Any) -> dict[str, Any]:
        goal = {
            "kind": "import_profiles",
            "name": "In",
            "source": {"files": "in/*.csv"},
            "identifiers": {self.case.identifier: "email"},
            "mappings": [{"from": self.case.people, "to": "imported"}],
        }
        return goal | changed

    def export_goal(self, **changed: Any) -> dict[str, Any]:
        goal = {
            "kind": "export_profiles",
            "name": "Out",
            "segment": "active",
            "target": self.case.target([]),
            "identifiers": {"email": self.case.identifier},
            "mappings": [{"value": "text", "text": "cdpkit", "to": self.case.fields["text"]}],
        }
        return goal | changed

    def put(self, *addresses: str) -> None:
        """Let people be in the file."""
        self.write(*({"email": address, "text": "by hand"} for address in addresses))

    def write(self, *people: Mapping[str, Any]) -> None:
        """Let there be people in the file, with values by the kinds of the case; lists are written as JSON."""
        names = {"email": self.case.identifier, **self.case.fields}
        for person in people:
            values = {names[kind]: _cell(value) for kind, value in person.items()}
            self.written[person["email"]] = {**self.written.get(person["email"], {}), **values}
        columns = [self.case.identifier, self.case.people, *self.case.fields.values()]
        rows = pl.DataFrame([*self.written.values()], schema=dict.fromkeys(columns, pl.String))
        (self.place / "in").mkdir(parents=True, exist_ok=True)
        rows.write_csv(self.place / "in" / "people.csv")

    def people(self) -> dict[str, Person]:
        """Everybody by address, as whoever reads all files of exports one after the other has them."""
        found: dict[str, dict[str, Any]] = {}
        for path in sorted((self.place / "out").glob("*")):
            for line in filter(None, path.read_text(encoding="utf-8").split("\n")):
                person = json.loads(line)
                found.setdefault(person["email"], {}).update(person)
        return {**found}

    def members(self) -> set[str]:
        """Who is in a file."""
        return {*self.people()}


def _cell(value: Any) -> str:
    return json.dumps(value) if isinstance(value, list) else str(value)


@contextmanager
def files(folder: Path) -> Iterator[Files]:
    """An empty folder."""
    made = Files(folder)
    (made.place / "in").mkdir(parents=True)
    yield made
