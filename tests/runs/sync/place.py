"""A workspace, a connection, and the vendor at its other end: Iterable's imitation in a thread of this process."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import polars as pl

import cdpkit
from cdpkit.runs.progress import Observer, RunEvent
from cdpkit.sandbox.faults import Fault
from cdpkit.sandbox.gate import Gate, Options
from cdpkit.sandbox.server import Site, running
from cdpkit.workspace.connection import Connection
from tests.plain import NO_TLS

FACTOR = 5000.0
"""Multiplies the vendor's rates at the vendor; the connection keeps to a fifth of it."""

LIST = "Empty"
"""A list of the imitation on which nobody is at the start."""

EMAIL = {"email": "email"}
PLAN = {"from": "plan", "to": "plan"}
SCHEMA = {"customer": pl.String, "email": pl.String, "plan": pl.String, "points": pl.Int64}

Person = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a test happens.

    Attributes:
        site: The vendor.
        ws: The workspace.
        conn: The connection between them.
    """

    site: Site
    ws: cdpkit.Workspace
    conn: Connection

    @property
    def gate(self) -> Gate:
        return self.site.gates["iterable"]

    @property
    def key(self) -> str:
        return self.site.addresses["iterable"]["api_key"]

    @cached_property
    def http(self) -> httpx.Client:
        headers = {"api-key": self.key}
        return httpx.Client(
            base_url=self.site.addresses["iterable"]["base_url"], headers=headers, trust_env=False, verify=NO_TLS
        )

    # The vendor's side

    def people(self) -> dict[str, Person]:
        """Everybody at the vendor by e-mail address."""
        lines = self.http.get("/_sandbox/people").text.split("\n")
        return {person["email"]: person for person in map(json.loads, filter(None, lines))}

    def lists(self) -> dict[str, int]:
        """Ids of the lists by name."""
        return {item["name"]: item["id"] for item in self.http.get("/api/lists").json()["lists"]}

    def members(self, name: str = LIST) -> set[str]:
        """The e-mail addresses of those who are on a list."""
        number = self.lists()[name]
        return {email for email, person in self.people().items() if number in person.get("emailListIds", ())}

    def add_list(self, name: str) -> int:
        number: int = self.http.post("/api/lists", json={"name": name}).json()["listId"]
        return number

    def drop_list(self, name: str) -> None:
        self.http.delete(f"/api/lists/{self.lists()[name]}").raise_for_status()

    def put(self, *emails: str, name: str = LIST, **fields: Any) -> None:
        """Put people on a list by other hands than the connection's."""
        body = {"listId": self.lists()[name], "subscribers": [{"email": e, "dataFields": fields} for e in emails]}
        assert self.http.post("/api/lists/subscribe", json=body).json()["failCount"] == 0

    def write(self, *people: Person) -> None:
        """Create or change people by other hands than the connection's."""
        users = [{"email": person["email"], "dataFields": person} for person in people]
        assert self.http.post("/api/users/bulkUpdate", json={"users": users}).json()["failCount"] == 0

    def fault(self, endpoint: str, kind: str, times: int = 1, **more: Any) -> None:
        self.gate.faults.add(Fault(endpoint, kind, times=times, **more))

    def calls(self, endpoint: str) -> int:
        """How many calls of an endpoint the vendor has counted until now."""
        counted = self.gate.calls.counted().get(endpoint)
        return counted["total"] if counted else 0

    # The workspace's side

    def load(self, *people: Mapping[str, Any]) -> None:
        """Create or change profiles by `customer`; what is None is cleared, what is left out stays."""
        names = [name for name in people[0] if name != "customer"]
        frame = pl.DataFrame(people, schema_overrides={name: SCHEMA[name] for name in people[0] if name in SCHEMA})
        mappings = [{"from": name, "to": name, "rule": "set_or_clear"} for name in names]
        self.ws.load(frame, {"customer": "customer"}, mappings).raise_for_state()

    def importing(self, **changed: Any) -> str:
        """Add an import goal; returns its name."""
        goal = {
            "kind": "import_profiles",
            "name": "Subscribers",
            "source": {"all": True},
            "identifiers": EMAIL,
            "mappings": [{"from": "firstName", "to": "first_name"}],
        }
        return self.conn.goals.add(**goal | changed).name

    def exporting(self, **changed: Any) -> str:
        """Add an export goal; returns its name. Its segment are those with the plan `pro`, unless told otherwise."""
        if "pros" not in self.ws.segments:
            self.ws.segments.add("pros", "plan = 'pro'")
        goal = {
            "kind": "export_profiles",
            "name": "Pros",
            "segment": "pros",
            "target": {"lists": [LIST], "on_leave": True},
            "identifiers": EMAIL,
            "mappings": [PLAN],
        }
        made = goal | changed
        if self.conn.vendor == "iterable":
            made["target"] = {"create_fields": True, **made["target"]}
        return self.conn.goals.add(**made).name

    def store(self) -> tuple[int, list[dict[str, Any]]]:
        """The sequence number of the profiles, and what they hold."""
        return self.ws._home.tables.snapshot().seq, self.ws.profiles.sort("profile_id").collect().to_dicts()


@contextmanager
def place(folder: Path, people: int = 0, *, at: str | None = None, **settings: Any) -> Iterator[Place]:
    """A vendor with so many invented people, an empty workspace in the folder or elsewhere, and a bare connection."""
    options = Options(people=people, limits_factor=FACTOR)
    with running("iterable", options=options, **{"job_polls": 0} | settings) as site:
        ws = cdpkit.create(at or folder / "workspace")
        ws.properties.add("customer", identifier=True)
        ws.properties.add("email", type="email", identifier=True, pii=True)
        ws.properties.add("plan")
        ws.properties.add("points", type="number")
        address = site.addresses["iterable"]
        key = "key.txt" if at is None else str(folder / "key.txt")
        (folder / key if at else ws.path / key).write_text(address["api_key"])
        own = {"base_url": address["base_url"], "api_key": f"file:{key}", "limits_factor": FACTOR / 5}
        own["project_type"] = str(settings.get("project_type", "email")).lower()
        made = Place(site, ws, ws.connect("iterable", name="news", settings=own))
        try:
            yield made
        finally:
            made.http.close()


def pros(*numbers: int, plan: str = "pro") -> list[dict[str, Any]]:
    """Invented customers who pay."""
    return [{"customer": f"c{n}", "email": f"pro{n}@example.com", "plan": plan} for n in numbers]


def address(*numbers: int) -> set[str]:
    """The addresses of those customers."""
    return {f"pro{n}@example.com" for n in numbers}


def goal(place: Place, name: str, **changed: Any) -> dict[str, Any]:
    """A goal of the connection with some keys changed, as keyword arguments."""
    return place.conn.goals[name].model_dump(by_alias=True, exclude_none=True) | changed


def at_stage(stage: str, action: Callable[[], object]) -> Observer:
    """An observer that does something once, when a run reaches a stage."""
    waiting = [action]

    def show(event: RunEvent) -> None:
        if event.stage == stage and waiting:
            waiting.pop()()

    return show
