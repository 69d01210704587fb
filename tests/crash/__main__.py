"""`python -m tests.crash [--kills 50] [--seed 0] [--case CASE ...]`: many kills at random moments.

One line of result a case; the exit status is 1 where something differs from what nobody disturbed. One in ten syncs is
interrupted instead (SIGINT). Cases such as `sync-import@activecampaign` are those of vendors other than Iterable; those
of `sync-events` and `sync-timeline` send and import events.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
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
from tests.crash.sync_kills import Kill as SyncKill
from tests.crash.sync_kills import Measure, Way, kill_at_call, measure
from tests.crash.sync_kills import kill_after as sync_kill_after
from tests.crash.sync_kills import killed as sync_killed
from tests.crash.sync_state import PHASES as SYNC_PHASES
from tests.crash.sync_vendor import parts
from tests.crash.sync_world import EVENT_CASES, OTHER_CASES, SLOW, SYNC_CASES, prepare_sync
from tests.crash.world import CASES, GROUPS

_INTERRUPT_EACH = 10
_COMMITTED, _NEXT_GOAL = ("Tables.commit ends", 1), ("Recorder.look_back ends", 1)
_SENDING = (("Journal.asked ends", 5), ("Journal.answered begins", 4), ("HttpCarrier.send ends", 18))
_SENT = ("Tables.conclude ends", 1)
_CHOSEN: dict[str, tuple[tuple[str, int], ...]] = {
    "sync-import": (
        ("HttpCarrier.send begins", 11),
        ("HttpCarrier.send ends", 11),
        ("GoalFolder.keep ends", 5),
        _COMMITTED,
    ),
    "sync-export": (*_SENDING, _SENT),
    "sync-events": (*_SENDING, _SENT),
    "sync-timeline": (
        ("HttpCarrier.send begins", 8),
        ("HttpCarrier.send ends", 8),
        ("GoalFolder.keep ends", 4),
        _COMMITTED,
    ),
    "sync-night": (*_SENDING, _SENT),
    "sync-both": (_COMMITTED, _NEXT_GOAL, *_SENDING, _SENT),
}
"""Moments that are rare among random ones, and how many of each a run has at least."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash")
    calls, syncs = (*CASES, GROUPS), (*SYNC_CASES, *OTHER_CASES, *EVENT_CASES)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"{', '.join((*calls, *syncs))}; all by default")
    parser.add_argument("--case", action="extend", nargs="+", default=[], metavar="CASE", help="the same")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    cases = [*options.cases, *options.case] or [*calls, *syncs]
    if unknown := set(cases) - {*calls, *syncs}:
        parser.error(f"no case {', '.join(sorted(unknown))}; there are: {', '.join((*calls, *syncs))}")
    rng, wrong = random.Random(options.seed), 0
    with tempfile.TemporaryDirectory() as folder:
        start = prepared(Path(folder, "prepared"))
        for case in cases:
            run = _syncs if case in syncs else _calls
            wrong += run(case, options.kills, rng, start, Path(folder))
    return 1 if wrong else 0


def _calls(case: str, kills: int, rng: random.Random, start: Path, folder: Path) -> int:
    of = yardstick(case, start, folder / "work")
    found = [_kill(of, number, rng, folder / "work") for number in range(kills)]
    return _told(case, PHASES, [((kill.phase,), kill.differences) for kill in found])


def _syncs(case: str, kills: int, rng: random.Random, _start: Path, folder: Path) -> int:
    prepare_sync(case, folder / case, SLOW)
    of = measure(case, folder / case, folder / "syncs")
    found = [_sync_kill(of, number, rng) for number in range(kills)]
    more = f"; {sum(kill.repeated for kill in found)} writing calls made again, all in flight"
    return _told(case, SYNC_PHASES, [(kill.phases, kill.differences) for kill in found], more)


def _told(
    case: str, names: Iterable[str], kills: Sequence[tuple[tuple[str, ...], tuple[str, ...]]], more: str = ""
) -> int:
    """Print what became of the kills of a case; returns how many left a difference."""
    phases = Counter(phase for landed, _ in kills for phase in landed)
    spread = ", ".join(f"{phases[name]} {name}" for name in names)
    bad = [(landed, differences) for landed, differences in kills if differences]
    many = f"{phases.total()} kills" + (f" of {len(kills)} runs" if phases.total() > len(kills) else "")
    print(f"{case}: {many}: {spread}{more}; {len(bad)} mismatches", flush=True)
    for landed, differences in bad:
        print(f"    {', then '.join(landed)}: {', '.join(differences)}", flush=True)
    return len(bad)


def _kill(of: Yardstick, number: int, rng: random.Random, work: Path) -> Kill:
    """In turns at a step of the child, at a change of files, and at a time.

    Most of the steps and files of a call are those of its vacuum, at the end, so earlier ones are chosen more often.
    """
    share = rng.random() ** 2
    ways = (
        lambda: kill_at_moment(1 + int(of.moments * share)),
        lambda: kill_at_file(1 + int(of.files * share)),
        lambda: kill_after(of.seconds * share),
    )
    return killed(of, ways[number % len(ways)](), work)


def _sync_kill(of: Measure, number: int, rng: random.Random) -> SyncKill:
    """In turns at a step, at a time, at a call that the vendor sees, at two steps of two attempts, at a rare moment."""
    share, again = rng.random(), rng.random()
    step, second = (str(1 + int(of.moments * part)) for part in (share, again))
    name, most = rng.choice(_CHOSEN[parts(of.case)[0]])
    if number % _INTERRUPT_EACH == _INTERRUPT_EACH - 1:
        return sync_killed(of, [Way(step, "SIGINT")])
    ways = (
        [Way(step)],
        [sync_kill_after(of.seconds * share)],
        [kill_at_call(1 + int(len(of.server.calls) * share))],
        [Way(step), Way(second)],
        [Way(f"{name} {rng.randint(1, most)}")],
    )
    return sync_killed(of, ways[number % len(ways)])


if __name__ == "__main__":
    sys.exit(main())
