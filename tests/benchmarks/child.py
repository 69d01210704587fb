"""One process for each case, so that its peak memory is its own: `python -m tests.benchmarks.child`.

It prints one JSON object. The case comes first, then its yardstick, in turn; the peak is read after the case has run
for the first time, when nothing but the case has run.
"""

import gc
import json
import shutil
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import psutil

import cdpkit
from cdpkit.runs.compaction import compact_workspace
from cdpkit.store.compact import is_due
from tests.benchmarks.jobs import CASES, Job, expect
from tests.benchmarks.states import Sources, duplicate, make_sources, make_state


def peak_memory() -> int:
    """The most bytes that this process held so far, mapped files among them."""
    info = psutil.Process().memory_info()
    if hasattr(info, "peak_wset"):
        return int(info.peak_wset)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def timed(job: Job, folder: Path, sources: Sources, *, fold: bool) -> tuple[float, float | None, int, Any]:
    """Seconds of a job on a fresh copy of its workspace, of the compaction that follows, peak memory, and result."""
    place = duplicate(folder / job.state, folder / "at-work")
    try:
        ws = cdpkit.open(place)
        gc.collect()
        began = time.perf_counter()
        done = job.act(ws, sources)
        seconds = time.perf_counter() - began
        peak = peak_memory()
        result = job.check(done, ws, sources)
        compaction = None
        if fold and job.loads and is_due(ws._home.tables.snapshot().layers):
            began = time.perf_counter()
            expect(compact_workspace(ws._home), wanted=True)
            compaction = time.perf_counter() - began
        return seconds, compaction, peak, result
    finally:
        shutil.rmtree(place, ignore_errors=True)


def measure(name: str, folder: Path, sources: Sources, repeat: int) -> dict[str, Any]:
    """Medians of a case and of its yardstick, run in turn; the first turn has peak memory and compaction."""
    case = CASES[name]
    ratios, ours, theirs, compactions, peaks = [], [], [], [], []
    for turn in range(repeat):
        seconds, compaction, peak, result = timed(case.job, folder, sources, fold=turn == 0)
        yardstick, _, _, other = timed(case.yardstick, folder, sources, fold=False)
        if case.same:
            expect(result, other)
        ratios.append(seconds / yardstick)
        ours.append(seconds)
        theirs.append(yardstick)
        peaks.append(peak)
        compactions.append(compaction)
    return {
        "case": name,
        "what": case.what,
        "ratio": median(ratios),
        "than": case.than,
        "seconds": median(ours),
        "yardstick_seconds": median(theirs),
        "compaction_seconds": compactions[0],
        "peak_mb": peaks[0] / 1e6,
    }


def main() -> None:
    """`FOLDER ROWS REPEAT prepare|run CASE ...`: make the states of the cases, or measure them."""
    folder, rows, repeat, verb, *names = sys.argv[1:]
    sources = make_sources(Path(folder) / "sources", int(rows))
    if verb == "prepare":
        for name in names:
            for job in (CASES[name].job, CASES[name].yardstick):
                make_state(Path(folder), job.state, sources)
        found = []
    else:
        found = [measure(name, Path(folder), sources, int(repeat)) for name in names]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
