"""One process for each case, so that its peak memory is its own: `python -m tests.benchmarks.child`.

It prints one JSON object. The case comes first, then its yardstick, in turn; the peak is read after the case has run
for the first time, when nothing but the case has run.
"""

import gc
import json
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import cdpkit
from cdpkit.runs.compaction import compact_workspace
from cdpkit.store.compact import is_due
from tests.benchmarks.case import Case, Job, Share, expect
from tests.benchmarks.connect import Synced
from tests.benchmarks.jobs import CASES
from tests.benchmarks.memory import peak_memory
from tests.benchmarks.states import Sources, duplicate, make_sources, make_state


@dataclass(frozen=True)
class Timed:
    """What was seen of a job.

    Attributes:
        seconds: Of the work.
        compaction: Seconds of the compaction that followed.
        peak: The most bytes that this process held so far.
        result: What the work came to.
        phases: Seconds of the stages of a sync.
    """

    seconds: float
    compaction: float | None
    peak: int
    result: Any
    phases: Mapping[str, float]


def timed(job: Job, folder: Path, sources: Sources, *, fold: bool) -> Timed:
    """Do a job on a fresh copy of its workspace."""
    place = duplicate(folder / job.state, folder / "at-work")
    try:
        ws = cdpkit.open(place)
        with job.within(ws, sources) as given:
            gc.collect()
            began = time.perf_counter()
            done = job.act(ws, given)
            seconds = time.perf_counter() - began
            peak = peak_memory()
            result = job.check(done, ws, sources)
        compaction = None
        if fold and job.loads and is_due(ws._home.tables.snapshot().layers):
            began = time.perf_counter()
            expect(compact_workspace(ws._home), wanted=True)
            compaction = time.perf_counter() - began
        synced = done[0] if isinstance(done, tuple) else done
        phases = synced.phases if isinstance(synced, Synced) else {}
        return Timed(seconds, compaction, peak, result, phases)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def compared(case: Case, folder: Path, sources: Sources, *, fold: bool) -> tuple[float, float, Timed]:
    """The ratio, the seconds of the yardstick, and what was seen of the case."""
    ours = timed(case.job, folder, sources, fold=fold)
    if case.yardstick is None:
        share: Share = ours.result
        return share.used, share.seconds, ours
    theirs = timed(case.yardstick, folder, sources, fold=False)
    if case.same:
        expect(ours.result, theirs.result)
    ratio = theirs.seconds / ours.seconds if case.rate else ours.seconds / theirs.seconds
    return ratio, theirs.seconds, ours


def measure(name: str, folder: Path, sources: Sources, repeat: int) -> dict[str, Any]:
    """Medians of a case and of its yardstick, run in turn; the first turn has peak memory, compaction and stages."""
    case = CASES[name]
    turns = [compared(case, folder, sources, fold=turn == 0) for turn in range(repeat)]
    first = turns[0][2]
    return {
        "case": name,
        "what": case.what,
        "rows": sources.table,
        "ratio": median(ratio for ratio, _, _ in turns),
        "than": case.than,
        "seconds": median(ours.seconds for _, _, ours in turns),
        "yardstick_seconds": median(theirs for _, theirs, _ in turns),
        "compaction_seconds": first.compaction,
        "peak_mb": first.peak / 1e6,
        "phases": dict(first.phases),
    }


def main() -> None:
    """`FOLDER ROWS REPEAT prepare|run|both CASE ...`: make the states of the cases, measure the cases, or do both."""
    folder, rows, repeat, verb, *names = sys.argv[1:]
    sources = make_sources(Path(folder) / "sources", int(rows))
    if verb != "run":
        for name in names:
            for job in (CASES[name].job, CASES[name].yardstick):
                if job is not None:
                    make_state(Path(folder), job.state, sources)
    measured = names if verb != "prepare" else ()
    print(json.dumps([measure(name, Path(folder), sources, int(repeat)) for name in measured]))


if __name__ == "__main__":
    main()
