"""A watch that is fed many changes: `python -m tests.benchmarks.watch [--minutes 3] [--pace 10000] [--people 20000]`.

One process commits changes at that pace, another follows them and asks Acxiom's imitation, a third one. In the middle
the watch is killed and started again. What the imitation has charged tells whether the watch keeps up, misses nobody,
and asks about nobody twice.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, median, quantiles
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

import polars as pl

import cdpkit
from cdpkit.runs.run import Run
from cdpkit.sandbox.process import start
from cdpkit.store.tables.requests import REQUESTS

ROOT = Path(__file__).parents[2]
LINKED = {"street": "streetAddress", "zip": "zipCode", "email": "email", "first": "firstName", "last": "lastName"}
FACTOR = 2.0
_FOLDER, _FED, _WATCHED = "workspace", "fed.ndjson", "watched.ndjson"
_DEAD, _SILENT, _PATIENCE = 3.0, 20.0, 120.0
"""Seconds between the kill and the next start, without a run or a change at the end, and for a process to end."""


def prepare(folder: Path, acxiom: dict[str, str], root: str) -> int:
    """A workspace with everybody whom the imitation knows by an address, and a goal that asks in real time."""
    with urlopen(f"{root}/_sandbox/people") as answer:  # noqa: S310 - on loopback
        known = [json.loads(line) for line in answer.read().splitlines()]
    people = pl.DataFrame(
        [
            {"customer": str(each["id"]), **{name: each.get(there) for name, there in LINKED.items()}}
            for each in known
            if each.get("email")
        ],
        infer_schema_length=None,
    )
    ws = cdpkit.create(folder / _FOLDER)
    (ws.path / "secret").write_text(acxiom["client_secret"])
    for name in people.columns:
        ws.properties.add(name, identifier=name == "customer")
    ws.segments.add("all", "true")
    mappings = [{"from": name, "to": name, "rule": "set"} for name in LINKED]
    ws.load(people, {"customer": "customer"}, mappings).raise_for_state()
    settings = {**acxiom, "client_secret": "file:secret", "limits_factor": FACTOR, "price": 0.5}
    ws.connect("acxiom", name="ax", settings=settings).goals.add(
        kind="enrich_profiles",
        name="Enrich",
        segment="all",
        parameters=LINKED,
        mappings=[{"from": "person.basicDemographics.age", "to": "age"}],
        pause="10 days",
        max_requests=10_000_000,
        batch=False,
        real_time=True,
    )
    ws.watch(0)
    return people.height


def feed(folder: Path, minutes: float, pace: int) -> None:
    """Commit changes of random people once a second."""
    ws, rng = cdpkit.open(folder / _FOLDER), random.Random(0)
    customers = ws.profiles.collect()["customer"].to_list()
    begun = time.time()
    for nth in range(int(minutes * 60)):
        time.sleep(max(0.0, begun + nth - time.time()))
        chosen = rng.sample(customers, pace // 60)
        rows = pl.DataFrame({"customer": chosen, "street": [f"{nth}{rng.randint(0, 99)} New Street" for _ in chosen]})
        before = time.time()
        ws.load(rows, {"customer": "customer"}, [{"from": "street", "to": "street", "rule": "set"}]).raise_for_state()
        _write(folder / _FED, {"at": time.time(), "took": time.time() - before, "people": chosen})


def follow(folder: Path) -> None:
    """Watch until somebody ends it."""

    def ended(run: Run) -> None:
        took = ((run.finished_at or run.started_at) - run.started_at).total_seconds()
        told = {"at": time.time(), "took": took, "state": run.state, "requests": run.counters.get("requests")}
        _write(folder / _WATCHED, told)

    cdpkit.open(folder / _FOLDER).watch(ended=ended)


def _write(path: Path, line: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]] if path.exists() else []


def _child(what: str, folder: Path, *more: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "tests.benchmarks.watch", what, str(folder), *more], cwd=ROOT)


def measure(folder: Path, minutes: float, pace: int, people: int) -> dict[str, Any]:
    """Feed a watch, kill it in the middle, and tell what came of it."""
    with start("acxiom", people=people, limits_factor=FACTOR) as there:
        acxiom = there.addresses["acxiom"]
        root = acxiom["base_url"].removesuffix("/v1")
        height = prepare(folder, acxiom, root)
        watch = _child("watch", folder)
        feeder = _child("feed", folder, str(minutes), str(pace))
        time.sleep(minutes * 30)
        watch.kill()
        killed = time.time()
        time.sleep(_DEAD)
        watch = _child("watch", folder)
        feeder.wait(minutes * 60 + _PATIENCE)
        while _at_work(folder):
            time.sleep(1)
        watch.send_signal(signal.SIGINT)
        watch.wait(_PATIENCE)
        with urlopen(f"{root}/_sandbox/ledger") as answer:  # noqa: S310 - on loopback
            charges = json.load(answer)["charges"]
    if feeder.returncode:
        raise AssertionError("the changes were not committed")
    return {"people": height} | _told(folder, charges, killed)


def _at_work(folder: Path) -> bool:
    """Whether the watch has ended a run, or somebody has committed, not long ago."""
    last = max(line["at"] for name in (_FED, _WATCHED) for line in _lines(folder / name))
    return time.time() < float(last) + _SILENT


def _told(folder: Path, charges: Sequence[dict[str, Any]], killed: float) -> dict[str, Any]:
    fed, watched = _lines(folder / _FED), _lines(folder / _WATCHED)
    first: dict[str, float] = {}
    for line in fed:
        for who in line["people"]:
            first.setdefault(who, line["at"])
    ws = cdpkit.open(folder / _FOLDER)
    lines = ws._home.tables.scan(REQUESTS).collect()
    rows = dict(ws._home.tables.snapshot().profiles().select("row", "customer").collect().rows())
    asked = {rows[row] for row in lines["row"].unique()}
    who = Counter(str(each["who"]) for each in charges if each["who"] is not None)
    asked_at = {str(each["who"]): each["at"] for each in charges if each["who"] is not None}
    calm = [at - first[who] for who, at in asked_at.items() if not killed - 2 <= at <= killed + 4 * _DEAD]
    backlog = [
        sum(first[who] <= line["at"] for who in asked_at) - sum(at <= line["at"] for at in asked_at.values())
        for line in fed
    ]
    third = max(1, len(backlog) // 3)
    return {
        "changes_a_minute": round(sum(len(line["people"]) for line in fed) * 60 / (fed[-1]["at"] - fed[0]["at"] + 1)),
        "commits": len(fed),
        "commit_seconds": [round(pick(line["took"] for line in fed), 2) for pick in (median, max)],
        "people_changed": len(first),
        "asked_of_the_vendor": len(charges),
        "twice": sum(count > 1 for count in who.values()),
        "missed": len(first.keys() - asked),
        "asked_unchanged": len(asked - first.keys()),
        "runs": len(watched),
        "runs_without_a_question": sum(not line["requests"] for line in watched),
        "states": dict(Counter(line["state"] for line in watched)),
        "run_seconds": [round(pick(line["took"] for line in watched), 2) for pick in (median, max)],
        "seconds_from_commit_to_question": {
            "median": round(median(calm), 2),
            "p95": round(quantiles(calm, n=20)[-1], 2),
            "max": round(max(calm), 2),
        },
        "backlog": {
            "first_third": round(fmean(backlog[:third])),
            "last_third": round(fmean(backlog[-third:])),
            "most": max(backlog),
        },
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.watch", description=__doc__)
    parser.add_argument("what", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--pace", type=int, default=10_000, help="changes a minute")
    parser.add_argument("--people", type=int, default=20_000)
    options = parser.parse_args()
    what, *more = options.what or ["measure"]
    if what == "feed":
        feed(Path(more[0]), float(more[1]), int(more[2]))
    elif what == "watch":
        follow(Path(more[0]))
    else:
        with TemporaryDirectory() as folder:
            found = measure(Path(folder), options.minutes, options.pace, options.people)
        print(json.dumps(found, indent=2), flush=True)
        return 1 if found["twice"] or found["missed"] or found["asked_unchanged"] else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
