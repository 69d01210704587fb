"""`python -m tests.runs.sync.large [--people 100000]`: import and export many people, 2 % bad, and print figures.

The vendor is a process of its own. Everything that `test_large.py` asserts at 5,000 people is asserted here too.
"""

import argparse
import json
import math
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import polars as pl

import cdpkit
from cdpkit.runs.run import Run
from cdpkit.sandbox.process import start

FACTOR = 100.0
PAGE = 1000
LIST = "Empty"
BAD = ("forgotten", "odd", "clash", "conflict", "unidentified")
"""The kinds of bad profiles, a fifth each: refused by the vendor, or by us, or never sent. Bad rows of the import are
those with a note, which is no number; about one in forty."""

EXPECTED = {
    "forgotten": "forgottenEmails",
    "odd": "invalidEmails",
    "clash": "type_clash",
    "conflict": "conflictEmails",
    "unidentified": "missing_identifier",
}


@dataclass(frozen=True)
class Figures:
    """What a run of this size took.

    Attributes:
        people: How many people the vendor has; a fiftieth of that are the bad profiles that come in addition.
        import_seconds: From the call to the end of the run.
        export_seconds: Likewise.
        import_counters: Of the import.
        export_counters: Of the export.
        full_batches: How many pushes hold everybody who was sent, for each endpoint that takes them.
        requests: How many calls there were, by endpoint, as the vendor counted.
    """

    people: int
    import_seconds: float
    export_seconds: float
    import_counters: dict[str, Any]
    export_counters: dict[str, Any]
    full_batches: int
    requests: dict[str, int]


def bad_people(count: int) -> pl.DataFrame:
    """Profiles that cannot be sent, or that the vendor refuses, in equal parts; `kind` says why."""
    number = pl.int_range(count, eager=True).alias("number")
    kind = (number % len(BAD)).replace_strict(dict(enumerate(BAD)), return_dtype=pl.String)
    patterns = {
        "forgotten": "forgotten.{}@example.com",
        "odd": "odd({})@example.com",
        "clash": "clash.{}@example.com",
        "conflict": "conflict.{}@example.com",
    }
    email = pl.coalesce(pl.when(kind=name).then(pl.format(pattern, "number")) for name, pattern in patterns.items())
    frame = pl.DataFrame([number, kind.alias("kind")])
    points = pl.when(kind="clash").then(pl.lit("many")).otherwise(pl.lit("1")).alias("points")
    customer = pl.format("bad-{}", "number").alias("customer")
    return frame.select(customer, email.alias("email"), "kind", points)


def workspace(folder: Path, address: dict[str, str], factor: float) -> cdpkit.Workspace:
    """A workspace with a connection that imports everybody and exports everybody to a list."""
    ws = cdpkit.create(folder / "workspace")
    ws.properties.add("customer", identifier=True)
    ws.properties.add("email", type="email", identifier=True, pii=True)
    ws.properties.add("kind")
    ws.properties.add("points")
    ws.properties.add("note", type="number")
    (ws.path / "key.txt").write_text(address["api_key"])
    own = {"base_url": address["base_url"], "api_key": "file:key.txt", "limits_factor": factor}
    conn = ws.connect("iterable", name="news", settings=own)
    conn.goals.add(
        kind="import_profiles",
        name="Subscribers",
        source={"all": True},
        identifiers={"email": "email"},
        mappings=[{"from": name, "to": name} for name in ("firstName", "points", "note")],
    )
    ws.segments.add("everybody", "true")
    conn.goals.add(
        kind="export_profiles",
        name="Everybody",
        segment="everybody",
        target={"lists": [LIST], "on_leave": True, "create_fields": True},
        identifiers={"email": "email"},
        mappings=[
            {"from": "points", "to": "points"},
            {"from": "firstName", "to": "firstName"},
            {"value": "text", "text": "cdpkit", "to": "source"},
        ],
    )
    return ws


def exchange(folder: Path, address: dict[str, str], people: int, factor: float) -> Figures:
    """Import everybody, add 2 % of bad profiles, export all of them, and check that everybody is accounted for."""
    ws, http = workspace(folder, address, factor), httpx.Client(base_url=address["base_url"], trust_env=False)
    conn = ws.connection("news")
    imported, import_seconds = _timed(lambda: conn.run("Subscribers"))
    _check_import(ws, http, imported, people)
    bad = bad_people(max(len(BAD), people // 50))
    ws.load(bad, {"customer": "customer"}, [{"from": name, "to": name} for name in ("email", "kind", "points")])
    before = _calls(http)
    exported, export_seconds = _timed(lambda: conn.run("Everybody"))
    requests = {name: count - before.get(name, 0) for name, count in _calls(http).items()}
    batches = math.ceil(exported.counters["sent"] / PAGE)
    figures = Figures(
        people,
        import_seconds,
        export_seconds,
        dict(imported.counters),
        dict(exported.counters),
        batches,
        {name: count for name, count in requests.items() if count},
    )
    _check_export(ws, http, exported, bad, figures)
    http.close()
    return figures


def _timed(step: Callable[[], Run]) -> tuple[Run, float]:
    began = time.perf_counter()
    run = step()
    seconds = time.perf_counter() - began
    run.raise_for_state()
    return run, seconds


def _calls(http: httpx.Client) -> dict[str, int]:
    counted = http.get("/_sandbox/state").json()["calls"]
    assert [name for name, tally in counted.items() if tally["refused"]] == []
    return {name: tally["total"] for name, tally in counted.items()}


def _everybody(http: httpx.Client) -> list[dict[str, Any]]:
    return [json.loads(line) for line in http.get("/_sandbox/people", timeout=600).text.splitlines()]


def _check_import(ws: cdpkit.Workspace, http: httpx.Client, run: Run, people: int) -> None:
    counters = run.counters
    with_note = [person["email"] for person in _everybody(http) if "note" in person]
    assert counters["rejected"] == {"not_a_whole_number": len(with_note)}
    assert run.rejected["field"].unique().to_list() == ["note"]
    assert run.rejected["source_row"].n_unique() == len(with_note)
    fates = ws.sql(f"select fate, count(*) from run_rows where run_id = '{run.id}' group by 1").fetchall()
    assert counters["received"] == people == sum(count for _, count in fates)
    assert counters["applied"] + counters["unchanged"] + sum(counters["excluded"].values()) == people
    assert counters["created"] == people == ws.profiles.select(pl.len()).collect().item()


def _check_export(ws: cdpkit.Workspace, http: httpx.Client, run: Run, bad: pl.DataFrame, figures: Figures) -> None:
    counters, kinds = run.counters, Counter(bad["kind"])
    refused = {EXPECTED[kind]: count for kind, count in kinds.items() if kind != "unidentified"}
    assert counters["rejected"] == refused
    skipped = counters["skipped"]
    assert skipped["missing_identifier"] == kinds["unidentified"]
    assert set(skipped) <= {"missing_identifier", "no_value"}
    assert counters["in_segment"] == figures.people + bad.height
    assert counters["accepted"] + sum(refused.values()) + sum(skipped.values()) == counters["in_segment"]
    reasons = run.rejected.join(ws.profiles.select("profile_id", "kind").collect(), on="profile_id")
    assert {(kind, reason) for kind, reason in reasons.select("kind", "reason").rows()} == {
        (kind, reason) for kind, reason in EXPECTED.items() if kind != "unidentified"
    }
    left_out = {"forgotten", "odd", "clash", "conflict"}
    wanted = ws.profiles.filter(
        ~pl.col("kind").fill_null("").is_in(left_out),
        pl.col("points").is_not_null() | pl.col("firstName").is_not_null(),
    )
    accepted = set(wanted.collect()["email"].drop_nulls())
    there = _everybody(http)
    (number,) = [each["id"] for each in http.get("/_sandbox/state").json()["lists"] if each["name"] == LIST]
    assert {person["email"] for person in there if number in person.get("emailListIds", ())} == accepted
    assert len(accepted) == counters["accepted"]
    pushes = sum(figures.requests.get(f"POST {path}", 0) for path in ("/api/users/bulkUpdate", "/api/lists/subscribe"))
    assert pushes <= 2 * 2 * figures.full_batches


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.runs.sync.large", description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--limits-factor", type=float, default=FACTOR)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        start("iterable", people=options.people, limits_factor=options.limits_factor) as vendor,
    ):
        figures = exchange(Path(folder), vendor.addresses["iterable"], options.people, options.limits_factor)
    print(json.dumps(asdict(figures), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
