"""Many people in and out of a vendor, 2 % of them bad: all are accounted for, and the vendor has what a model says."""

import json
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import polars as pl

import cdpkit
from cdpkit import vendors
from cdpkit.kit.kinds import Secret
from cdpkit.runs.run import Run
from tests.vendors.case import Case, case_of
from tests.vendors.large.model import Expected, exported
from tests.vendors.large.side import Bad, Person, Side, side_of

CONNECTION, IN, OUT = "news", "Everybody in", "Everybody out"
_PATIENCE, SEED = 600, 0


@dataclass(frozen=True)
class Figures:
    """What an exchange of this size took.

    Attributes:
        vendor: The vendor.
        people: How many people the vendor has; a fiftieth of that are the bad profiles that come in addition.
        import_seconds: From the call to the end of the run.
        export_seconds: Likewise.
        import_counters: Of the import.
        export_counters: Of the export.
        full_batches: How many pushes hold everybody who was sent, for each endpoint that takes them.
        pushes: How many pushes there were.
        requests: How many calls of the export there were, by endpoint, as the vendor counted.
    """

    vendor: str
    people: int
    import_seconds: float
    export_seconds: float
    import_counters: dict[str, Any]
    export_counters: dict[str, Any]
    full_batches: int
    pushes: int
    requests: dict[str, int]


@dataclass(frozen=True)
class Exchange:
    """A vendor, a workspace, and what is between them.

    Attributes:
        vendor: The vendor's name.
        folder: Where the workspace is made.
        addresses: The addresses and credentials of the imitation and of what is beside it, each by its name.
        factor: Multiplies the limits that the connection keeps to.
    """

    vendor: str
    folder: Path
    addresses: Mapping[str, Mapping[str, str]]
    factor: float

    @property
    def side(self) -> Side:
        return side_of(self.vendor)

    @property
    def case(self) -> Case:
        return case_of(self.vendor)

    def workspace(self) -> cdpkit.Workspace:
        """A workspace with a connection that imports everybody and exports everybody to a list."""
        ws, side = cdpkit.create(self.folder / "workspace"), self.side
        ws.properties.add("customer", identifier=True)
        ws.properties.add("email", type="email", identifier=True, pii=True)
        ws.properties.add("kind")
        ws.properties.add("points")
        ws.properties.add("note", type="number")
        conn = ws.connect(self.vendor, name=CONNECTION, settings=self._settings(ws.path))
        conn.goals.add(
            kind="import_profiles",
            name=IN,
            source=self.case.everyone or {"all": True},
            identifiers={self.case.identifier: "email"},
            mappings=[
                {"from": side.first, "to": "first"},
                {"from": side.points, "to": "points"},
                {"from": side.note, "to": "note"},
            ],
        )
        ws.segments.add("everybody", "true")
        conn.goals.add(
            kind="export_profiles",
            name=OUT,
            segment="everybody",
            target={"lists": [side.list], **side.target},
            identifiers={"email": self.case.identifier},
            mappings=[
                {"from": "points", "to": side.points},
                {"from": "first", "to": side.first},
                {"value": "text", "text": "cdpkit", "to": side.source},
                *({"value": "text", "text": text, "to": name} for name, text in side.more.items()),
            ],
        )
        return ws

    def _settings(self, folder: Path) -> dict[str, Any]:
        declared = {setting.name: setting.kind for setting in vendors.get(self.vendor).settings}
        given: dict[str, Any] = {"limits_factor": self.factor}
        own = self.case.connection(self.addresses, SEED)
        for name, value in {**self.addresses[self.vendor], **own}.items():
            given[name] = value
            if isinstance(declared[name], Secret):
                (folder / f"{name}.txt").write_text(value)
                given[name] = f"file:{name}.txt"
        return given

    def run(self, people: int) -> Figures:
        """Import everybody, add 2 % of bad profiles and some new ones, export them all, and check what there is."""
        ws = self.workspace()
        with httpx.Client(base_url=self.addresses[self.vendor]["base_url"], trust_env=False, timeout=_PATIENCE) as http:
            conn = ws.connection(CONNECTION)
            before = self._people(http)
            imported, import_seconds = _timed(lambda: conn.run(IN))
            _check_import(ws, imported, before, self.side, people - len(before))
            ws.load(
                more_people(self.side, max(len(self.side.bad), people // 50)),
                {"customer": "customer"},
                [{"from": name, "to": name} for name in ("email", "kind", "points")],
            ).raise_for_state()
            calls = _calls(http)
            run, export_seconds = _timed(lambda: conn.run(OUT))
            requests = Counter(_calls(http)) - Counter(calls)
            expected = exported(before, _profiles(ws), self.side, self._list(http))
            _check_export(run, expected)
            self._check_vendor(self._people(http), expected)
        full = math.ceil(run.counters["sent"] / self.side.batch)
        pushes = sum(requests[endpoint] for endpoint in self.side.pushes)
        assert pushes <= 2 * full * len(self.side.pushes)
        counters = dict(imported.counters), dict(run.counters)
        return Figures(self.vendor, people, import_seconds, export_seconds, *counters, full, pushes, dict(requests))

    def _people(self, http: httpx.Client) -> dict[str, Person]:
        lines = http.get("/_sandbox/people").text.split("\n")
        found = (self.case.flat(json.loads(line)) for line in lines if line)
        return {address: dict(person) for person in found if (address := self.case.address_of(person))}

    def _list(self, http: httpx.Client) -> str:
        state = http.get("/_sandbox/state").json()
        lists = [*state["lists"], *state.get("subscription_groups", ())]
        (found,) = [str(each["id"]) for each in lists if each["name"] == self.side.list]
        return found

    def _check_vendor(self, people: Mapping[str, Person], expected: Expected) -> None:
        """Whoever was there is as the model says, and of those who are new all that was sent is there."""
        assert people.keys() == expected.people.keys()
        wrong = Counter[str]()
        for email, person in people.items():
            wanted, seen = self.side.compared(expected.people[email]), self.side.compared(person)
            names = wanted if email in expected.new else {*wanted, *seen}
            wrong.update(name for name in names if seen.get(name) != wanted.get(name))
        assert wrong == Counter()


def more_people(side: Side, count: int) -> pl.DataFrame:
    """So many profiles that cannot be sent, or that the vendor refuses, in equal parts, and a few whom it has not yet.

    Their `kind` says why they are refused, or that they are new.
    """
    rows = []
    kinds = [*side.bad.items()]
    for number in range(count + count // 2):
        kind, bad = kinds[number % len(kinds)] if number < count else ("new", Bad("new.{}@example.org", None))
        email = None if bad.email is None else bad.email.format(number)
        rows.append({"customer": f"bad-{number}", "email": email, "kind": kind, "points": bad.points})
    return pl.DataFrame(rows, schema=dict.fromkeys(("customer", "email", "kind", "points"), pl.String))


def _timed(step: Callable[[], Run]) -> tuple[Run, float]:
    began = time.perf_counter()
    run = step()
    seconds = time.perf_counter() - began
    run.raise_for_state()
    return run, seconds


def _calls(http: httpx.Client) -> dict[str, int]:
    """How many calls the vendor counted; it had to refuse none of them."""
    counted = http.get("/_sandbox/state").json()["calls"]
    assert [name for name, tally in counted.items() if tally["refused"]] == []
    return {name: tally["total"] for name, tally in counted.items()}


def _profiles(ws: cdpkit.Workspace) -> list[dict[str, Any]]:
    frame: pl.DataFrame = ws.profiles.select("profile_id", "email", "first", "points", "kind").collect()
    return frame.to_dicts()


def _check_import(ws: cdpkit.Workspace, run: Run, there: Mapping[str, Person], side: Side, nameless: int) -> None:
    """Everybody with an address is a profile with what the vendor has, and each note that is no number is told."""
    counters = run.counters
    notes = sum(side.note in person for person in there.values())
    assert counters["rejected"] == ({"not_a_whole_number": notes} if notes else {})
    assert set(run.rejected["field"]) <= {side.note}
    assert run.rejected["source_row"].n_unique() == notes
    fates = ws.sql(f"select fate, count(*) from run_rows where run_id = '{run.id}' group by 1").fetchall()
    assert counters["received"] == len(there) + nameless == sum(count for _, count in fates)
    assert counters["excluded"] == ({"missing_identifier": nameless} if nameless else {})
    assert (counters["created"], counters["applied"]) == (len(there), len(there)), counters
    frame = ws.profiles.select("email", "first", "points").collect()
    found = {email: (first, points) for email, first, points in frame.rows()}
    wanted = {
        email.lower(): (
            person.get(side.first) or None,
            None if (points := person.get(side.points)) is None else str(points),
        )
        for email, person in there.items()
    }
    assert found == wanted


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _check_export(run: Run, expected: Expected) -> None:
    """Each profile is accepted, refused with the reason that is due, or was not sent, and nobody is both."""
    counters = run.counters
    assert counters["accepted"] == expected.accepted
    assert counters["rejected"] == dict(expected.rejected)
    assert counters["skipped"] == dict(expected.skipped)
    assert counters["in_segment"] == expected.accepted + expected.rejected.total() + expected.skipped.total()
    assert dict(run.rejected.select("profile_id", "reason").rows()) == expected.reasons
