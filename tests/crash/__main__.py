"""`python -m tests.crash [--kills 50] [--seed 0] [CASE ...]`: many kills at random moments.

One line of result a case; the exit status is 1 where a workspace differs from an undisturbed one.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.crash.kills import (
    PHASES,
    Kill,
    Yardstick,
    kill_after,
    kill_at_file,
    kill_at_moment,
    killed,
    prepared,
    yardstick,
)
from tests.crash.world import CASES


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash")
    parser.add_argument("cases", nargs="*", default=CASES, choices=[*CASES, CASES])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng, wrong = random.Random(options.seed), 0
    with tempfile.TemporaryDirectory() as folder:
        start = prepared(Path(folder, "prepared"))
        for case in options.cases:
            measure = yardstick(case, start, Path(folder, "work"))
            kills = [_kill(measure, number, rng, Path(folder, "work")) for number in range(options.kills)]
            bad = [kill for kill in kills if kill.differences]
            phases = Counter(kill.phase for kill in kills)
            spread = ", ".join(f"{phases[phase]} {phase}" for phase in PHASES)
            print(f"{case}: {len(kills)} kills: {spread}; {len(bad)} mismatches", flush=True)
            for kill in bad:
                print(f"    {kill.phase}: {', '.join(kill.differences)}", flush=True)
            wrong += len(bad)
    return 1 if wrong else 0


def _kill(measure: Yardstick, number: int, rng: random.Random, work: Path) -> Kill:
    """In turns at a step of the child, at a change of files, and at a time.

    Most of the steps and files of a call are those of its vacuum, at the end, so earlier ones are chosen more often.
    """
    share = rng.random() ** 2
    ways = (
        lambda: kill_at_moment(1 + int(measure.moments * share)),
        lambda: kill_at_file(1 + int(measure.files * share)),
        lambda: kill_after(measure.seconds * share),
    )
    return killed(measure, ways[number % len(ways)](), work)


if __name__ == "__main__":
    sys.exit(main())
