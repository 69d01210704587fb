"""A workspace, a connection to Acxiom's imitation, and a clock that both go by."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

import cdpkit
from cdpkit.runs.run import Run
from cdpkit.sandbox.faults import Fault
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.server import Site, running
from cdpkit.workspace.connection import Connection
from tests.transport.hurried import Hurried

LINKED = {
    "first": "firstName",
    "last": "lastName",
    "street": "streetAddress",
    "zip": "zipCode",
    "email": "email",
    "phone": "phone",
}
AGE = {"from": "person.basicDemographics.age", "to": "age"}
ADULTS = {"from": "household.householdDemographics.adultCount", "to": "adults"}
PRICE = 0.5
FACTOR = 5000.0


@dataclass
class Moment:
    """The time, as long as nobody changes it."""

    at: datetime = field(default=datetime(2026, 1, 31, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.at

    def go(self, **by: float) -> None:
        """Let time pass, or go back."""
        self.at += timedelta(**by)

    def seconds(self) -> float:
        return self.at.timestamp()


@dataclass(frozen=True)
class Place:
    """Where a test happens."""

    site: Site
    ws: cdpkit.Workspace
    conn: Connection
    clock: Moment
    known: list[dict[str, Any]]

    @property
    def root(self) -> str:
        return self.site.addresses["acxiom"]["base_url"].removesuffix("/v1")

    def odd(self, oddity: str) -> dict[str, Any]:
        """Somebody at Acxiom who is told of in a way."""
        return next(each for each in self.known if each["oddity"] == oddity)

    def load(self, *people: Mapping[str, Any], **more: Any) -> None:
        """Create or change profiles of people at Acxiom by `customer`."""
        lines = [
            {
                "customer": str(each["id"]),
                "first": each["firstName"],
                "last": each["lastName"],
                "street": each["streetAddress"],
                "zip": each["zipCode"],
                "email": each.get("email"),
                "phone": each.get("phone"),
                **more,
            }
            for each in people
        ]
        self.put(*lines)

    def put(self, *lines: Mapping[str, Any]) -> None:
        """Create or change profiles by `customer`; what is None is cleared."""
        frame = pl.DataFrame(lines, infer_schema_length=None, schema_overrides={"zip": pl.String, "email": pl.String})
        mappings = [{"from": name, "to": name, "rule": "set_or_clear"} for name in frame.columns if name != "customer"]
        self.ws.load(frame, {"customer": "customer"}, mappings).raise_for_state()

    def goal(self, **changed: Any) -> str:
        """Add a goal that asks about everybody, or change it."""
        keys: dict[str, Any] = {
            "kind": "enrich_profiles",
            "name": "Enrich",
            "segment": "all",
            "parameters": LINKED,
            "mappings": [AGE],
        }
        keys |= changed
        name = str(keys["name"])
        if name in self.conn.goals:
            self.conn.goals.replace(name, keys)
        else:
            self.conn.goals.add(keys)
        return name

    def run(self, **options: Any) -> Run:
        return self.conn.run(**options)

    def ledger(self) -> dict[str, Any]:
        """What the vendor has charged."""
        found: dict[str, Any] = httpx.get(f"{self.root}/_sandbox/ledger", trust_env=False).json()
        return found

    @property
    def charged(self) -> int:
        return int(self.ledger()["documents"])

    @property
    def items(self) -> int:
        return int(self.ledger()["items"])

    def switch(self, **switches: int) -> None:
        httpx.post(f"{self.root}/_sandbox/switches", json=switches, trust_env=False).raise_for_status()

    def fault(self, kind: str, times: int = 1, endpoint: str = "POST /v1/batch/match", **more: Any) -> None:
        self.site.gates["acxiom"].faults.add(Fault(endpoint, kind, times=times, **more))

    def calls(self, endpoint: str = "POST /v1/batch/match") -> int:
        found = self.site.gates["acxiom"].calls.counted().get(endpoint)
        return found["total"] if found else 0

    def ages(self) -> dict[str, int | None]:
        """What the profiles have, by customer."""
        profiles = self.ws.profiles.collect()
        return dict(profiles.select("customer", "age").iter_rows()) if "age" in profiles.columns else {}


@contextmanager
def place(
    folder: Path,
    patch: pytest.MonkeyPatch,
    people: int = 40,
    connection: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Iterator[Place]:
    """A workspace whose segment `all` has everybody, and a connection without goals.

    Args:
        folder: For the workspace.
        patch: Sets the clock.
        people: How many people Acxiom knows.
        connection: More settings of the connection.
        settings: Of the imitation.
    """
    clock = Moment()
    for module in ("whom", "ask"):
        patch.setattr(f"cdpkit.runs.enrichments.{module}.now", clock)
    patch.setattr("cdpkit.transport.driver.RealClock", Hurried)
    options = Options(people=people, limits_factor=FACTOR, clock=clock.seconds)
    with running("acxiom", options=options, **settings) as site:
        address = site.addresses["acxiom"]
        ws = cdpkit.create(folder / "workspace")
        (ws.path / "secret").write_text(address["client_secret"])
        for name in ("customer", *LINKED):
            ws.properties.add(name, identifier=name == "customer")
        ws.segments.add("all", "true")
        given = {**address, "client_secret": "file:secret", "limits_factor": FACTOR, "price": PRICE}
        conn = ws.connect("acxiom", name="ax", settings={**given, **(connection or {})})
        text = httpx.get(f"{address['base_url'].removesuffix('/v1')}/_sandbox/people", trust_env=False).text
        yield Place(site, ws, conn, clock, [json.loads(line) for line in text.splitlines()])
