"""`python -m tests.fuzz [--cases 1000] [--seed 0] [sources] [settings] [answers]`: damaged input of every kind.

One line a kind: how often each ending was seen, the longest case, the memory at its highest. The exit status is 1 where
an exception of somebody else's came out, or a case took longer than a minute.
"""

import argparse
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cdpkit.transport import driver
from tests.fuzz.answers import answer_case
from tests.fuzz.settings import settings_case
from tests.fuzz.sources import source_case
from tests.transport.hurried import Hurried

LONGEST = 60.0


@contextmanager
def case_of(kind: str, folder: Path) -> Iterator[Callable[[random.Random], str]]:
    if kind == "answers":
        with answer_case(folder) as one:
            yield one
    else:
        yield source_case(folder) if kind == "sources" else settings_case(folder)


def tried(kind: str, cases: int, seed: int, folder: Path) -> tuple[Counter[str], list[tuple[int, str]], float]:
    """How the cases of a kind ended, those that failed, and the seconds of the longest."""
    endings: Counter[str] = Counter()
    failed: list[tuple[int, str]] = []
    longest = 0.0
    with case_of(kind, folder) as one:
        for number in range(seed, seed + cases):
            began = time.monotonic()
            try:
                endings[one(random.Random(number))] += 1
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                failed.append((number, "".join(traceback.format_exception(error)[-3:])))
            longest = max(longest, time.monotonic() - began)
    return endings, failed, longest


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("kinds", nargs="*", default=["sources", "settings", "answers"])
    parser.add_argument("--cases", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    setattr(driver, "RealClock", Hurried)  # noqa: B010 - pauses cost nothing
    bad = False
    for kind in options.kinds:
        with tempfile.TemporaryDirectory() as folder:
            endings, failed, longest = tried(kind, options.cases, options.seed, Path(folder))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{kind}: {dict(endings.most_common())}, {len(failed)} failed, longest {longest:.1f} s, {memory} MB")
        for number, text in failed[:20]:
            print(f"  --seed {number} --cases 1:\n{text}")
        bad |= bool(failed) or longest > LONGEST
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
