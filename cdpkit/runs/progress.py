"""Telling how far a run is: observers over one frozen event."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TextIO

from cdpkit.show.astext import AsText


@dataclass(frozen=True, slots=True)
class RunEvent(AsText):
    """A step of a run.

    Attributes:
        run_id: The run; empty while the source is read.
        stage: Of a load or an import goal: read or pull, match, merge, commit; of an export goal: select, send.
        done: How many rows of the source, or people to be sent, are done; rows that reach no profile never are.
        total: How many there are; 0 where that is not known yet.
        text: One line for people.
    """

    run_id: str
    stage: str
    done: int
    total: int
    text: str


Observer = Callable[[RunEvent], None]

_COUNTED = frozenset({"merge", "send"})
"""The stages that tell more than once how far they are."""


def silent(_event: RunEvent) -> None:
    """Show nothing."""


def text_lines(stream: TextIO | None = None) -> Observer:
    """One line of text a stage and one per tenth of it, to standard error where no stream is given."""
    last: RunEvent | None = None

    def show(event: RunEvent) -> None:
        nonlocal last
        if not event.done or last is None or event.stage != last.stage or _tenth(event) != _tenth(last):
            _print(event, stream)
        last = event

    return show


def bars(stream: TextIO | None = None) -> Observer:
    """A bar for each stage that is long, a line of text for the others; for front ends that draw bars as they move.

    It needs the package `tqdm`.
    """
    tqdm = _tqdm()
    bar: Any = None

    def show(event: RunEvent) -> None:
        nonlocal bar
        if bar is not None and (event.stage not in _COUNTED or event.done < bar.n or event.stage != bar.desc):
            bar.close()
            bar = None
        if event.stage not in _COUNTED:
            _print(event, stream)
            return
        if bar is None:
            bar = tqdm(desc=event.stage, total=event.total, file=stream)
        bar.set_postfix_str(event.text, refresh=False)
        bar.n = event.done
        bar.refresh()
        if event.done >= event.total:
            bar.close()
            bar = None

    return show


def observer(progress: bool | Observer | None) -> Observer:
    """The observer that a caller asked for: None and False show nothing, True what suits the place.

    That is bars in a notebook that a person has open, and lines of text everywhere else: what papermill keeps of a bar
    stands still at its beginning.
    """
    if callable(progress):
        return progress
    if not progress:
        return silent
    return bars() if _is_watched() and find_spec("tqdm") else text_lines()


def _tenth(event: RunEvent) -> int:
    return event.done * 10 // event.total if event.total else 0


def _print(event: RunEvent, stream: TextIO | None) -> None:
    print(f"{event.stage:<8} {event.text}", file=stream or sys.stderr, flush=True)


def _is_watched() -> bool:
    """Whether this is a Jupyter kernel whose front end can put questions to a person; papermill says that it cannot."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return bool(getattr(getattr(shell, "kernel", None), "_allow_stdin", False))


def _tqdm() -> Any:
    """Bars as widgets where there are widgets; without, asking for them would warn in the notebook."""
    return import_module("tqdm.auto" if find_spec("ipywidgets") else "tqdm.std").tqdm
