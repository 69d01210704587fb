"""`python -m tests.vendors.large.events [VENDOR ...] [--orders 20000] [--visits 20000]`: many events out, with figures.

Calls break in every way, and the user interrupts; the run is repeated until all events are accounted for. Then a vendor
that knows events by their ids has each exactly once; one that knows none has each at most once, and what it lacks is
in doubt.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import polars as pl

from cdpkit.runs.progress import Observer, RunEvent
from cdpkit.runs.run import Run
from cdpkit.sandbox.process import start
from tests.crash.sync_events import OUT, doubt_differences, load_events
from tests.crash.sync_vendor import PARTIES
from tests.vendors.large.exchange import CONNECTION, Exchange

VENDORS = ("iterable", "braze")
PEOPLE, FACTOR = 2_000, 100.0
_KINDS = ("cut", "drop", "500", "503", "429", "html", "timeout_after_accept")
_CALLS = 20
"""Among so many calls some go wrong."""
_ROUNDS = 200
"""A run is repeated so often at most."""


def measure(vendor: str, folder: Path, orders: int, visits: int, troubles: int) -> dict[str, Any]:
    """Send events, disturbed so often; returns figures, with what is wrong."""
    party, rng = PARTIES[vendor], random.Random(0)
    with start(vendor, people=PEOPLE, limits_factor=FACTOR, **party.settings) as there:
        exchange = Exchange(vendor, folder, there.addresses, FACTOR)
        ws, base = exchange.workspace(), there.addresses[vendor]["base_url"]
        with httpx.Client(base_url=base, trust_env=False, timeout=600) as http:
            lines = http.get("/_sandbox/people").text.splitlines()
            found = (exchange.case.address_of(exchange.case.flat(json.loads(line))) for line in lines)
            people = pl.DataFrame({"email": [address for address in found if address]})
            ws.load(people, {"email": "email"}).raise_for_state()
            load_events(ws, people["email"], orders, visits)
            conn = ws.connection(CONNECTION)
            conn.goals.add(
                kind="export_events",
                name=OUT,
                segment="everybody",
                identifiers={"email": exchange.case.identifier},
                target=dict(party.event_target),
            )
            begun, ends = time.perf_counter(), Counter[str]()
            for nth in range(_ROUNDS):
                http.request("DELETE", "/_sandbox/faults")
                progress: Observer | None = None
                if nth < troubles:
                    _trouble(http, rng)
                    progress = _interrupting(rng, (orders + visits) // troubles)
                try:
                    run = conn.run(OUT, progress=progress)
                except KeyboardInterrupt:
                    ends["interrupted"] += 1
                    continue
                ends[run.state] += 1
                if nth >= troubles and not _left(run):
                    break
            seconds = time.perf_counter() - begun
            tracked = http.get("/_sandbox/tracked").json()["tracked"]
            if party.once:  # what cdpkit adds to an event's own id makes it the only one of that name
                tracked = {called.rpartition("-")[0]: count for called, count in tracked.items()}
    wrong = doubt_differences(ws, tracked, orders + visits)
    known = ws.sql(
        "select state, count(*) from (from event_exports qualify "
        "row_number() over (partition by key order by turn desc) = 1) group by state"
    ).fetchall()
    missing = orders + visits - len(tracked)
    if party.once and missing:
        wrong.append(f"{missing} events missing")
    return {
        "vendor": vendor,
        "events": orders + visits,
        "seconds": round(seconds, 1),
        "runs": dict(ends),
        "known": dict(known),
        "there": len(tracked),
        "missing": missing,
        "twice": sum(count > 1 for count in tracked.values()),
        "wrong": wrong,
    }


def _trouble(http: httpx.Client, rng: random.Random) -> None:
    """Let some of the next calls go wrong."""
    faults = [
        {"endpoint": "*", "kind": rng.choice(_KINDS), "times": rng.randint(1, 2), "skip": rng.randrange(_CALLS)}
        for _ in range(rng.randint(1, 3))
    ]
    http.post("/_sandbox/faults", json=faults).raise_for_status()


def _interrupting(rng: random.Random, most: int) -> Observer:
    """An interrupt when some were answered, so many at most, where nothing else ends the run before."""
    after = rng.randint(1, most)

    def show(event: RunEvent) -> None:
        if event.stage == "send" and event.done >= after:
            raise KeyboardInterrupt

    return show


def _left(run: Run) -> bool:
    """Whether a further run is to send something."""
    return any(reason in run.goals[0].counters["skipped"] for reason in ("not_sent", "tried_again_next_run"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.vendors.large.events", description=__doc__)
    parser.add_argument("vendors", nargs="*", metavar="VENDOR", help=f"{', '.join(VENDORS)}; all by default")
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--visits", type=int, default=20_000)
    parser.add_argument("--troubles", type=int, default=25, help="how many runs are disturbed")
    options = parser.parse_args()
    wrong = False
    for vendor in options.vendors or VENDORS:
        with tempfile.TemporaryDirectory() as folder:
            figures = measure(vendor, Path(folder), options.orders, options.visits, options.troubles)
        print(json.dumps(figures, indent=2), flush=True)
        wrong = wrong or bool(figures["wrong"])
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
