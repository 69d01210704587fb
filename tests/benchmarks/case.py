"""What a case is: work beside its yardstick, and the yardstick that most have."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cdpkit.workspace import Workspace
from tests.benchmarks.states import Sources


def alone(_ws: Workspace, sources: Sources) -> AbstractContextManager[Any]:
    """Nothing is set up around the work; it is given the sources."""
    return nullcontext(sources)


@dataclass(frozen=True)
class Job:
    """Something to time.

    Attributes:
        state: The workspace that it starts from.
        act: The work; only this is timed. It is given what `within` gives.
        check: Says what a right result comes down to; raises where the work was not done.
        loads: Whether a compaction may be due afterwards, which is then timed apart.
        within: What is set up around the work, such as a server; it ends after the check.
    """

    state: str
    act: Callable[[Workspace, Any], Any]
    check: Callable[[Any, Workspace, Sources], Any]
    loads: bool = False
    within: Callable[[Workspace, Sources], AbstractContextManager[Any]] = alone


@dataclass(frozen=True)
class Case:
    """A job beside its yardstick.

    Attributes:
        yardstick: What it is measured by; None where its result is a `Share`.
        than: What the yardstick is, in a word.
        same: Whether both must come to the same result.
        rate: The ratio is that of the rates, the larger the better, and not that of the seconds.
    """

    what: str
    job: Job
    yardstick: Job | None
    than: str = "copy"
    same: bool = False
    rate: bool = False


@dataclass(frozen=True)
class Share:
    """How much was used of what there was; the result of a job that is its own yardstick.

    Attributes:
        used: The share.
        seconds: How long it takes to do the same with all that there was.
    """

    used: float
    seconds: float


def expect(found: object, wanted: object) -> object:
    """Raise unless the work came to this.

    Raises:
        AssertionError: It did not.
    """
    if found != wanted:
        raise AssertionError(f"the work was not done: {found!r} instead of {wanted!r}")
    return found


def copy(ws: Workspace, _sources: Sources) -> Path:
    """The yardstick: scan the files of the profiles, and sink them to one new file."""
    folder = ws.path / "tables" / "profiles"
    target = ws.path / "copy.parquet"
    pl.scan_parquet(list(folder.glob("base-*.parquet"))).sink_parquet(target, compression="zstd", compression_level=1)
    return target


def _copied(target: Path, _ws: Workspace, sources: Sources) -> object:
    return expect(pl.scan_parquet(target).select(pl.len()).collect().item(), sources.table)


COPY = Job("base", copy, _copied)
