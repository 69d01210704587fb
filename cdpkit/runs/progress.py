"""Telling how far a run is: observers over one frozen event."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TextIO

from cdpkit.show.astext import AsText
from cdpkit.transport.silence import people_look_at
from cdpkit.transport.stop import Hearing


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
    """One line of text a stage and one per tenth of it.

    Args:
        stream: Where to; None for standard error, in a notebook standard output.
    """
    last: RunEvent | None = None

    def show(event: RunEvent) -> None:
        nonlocal last
        if not event.done or last is None or event.stage != last.stage or _tenth(event) != _tenth(last):
            _print(event, stream)
        last = event

    return show


class Bars:
    """A bar for each stage that is long, a line of text for the others; for front ends that draw bars as they move.

    It needs the package `tqdm`. A bar that is left open spoils those that come after it, so that whoever shows events
    closes it in the end.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._tqdm = _tqdm()
        self._stream = stream
        self._bar: Any = None

    def __call__(self, event: RunEvent) -> None:
        """Show an event."""
        bar = self._bar
        if bar is not None and (event.stage not in _COUNTED or event.done < bar.n or event.stage != bar.desc):
            self.close()
        if event.stage not in _COUNTED:
            _print(event, self._stream)
            return
        if self._bar is None:
            stream = self._stream or people_look_at()
            self._bar = self._tqdm(desc=event.stage, total=event.total, initial=event.done, file=stream)
        self._bar.set_postfix_str(event.text, refresh=False)
        self._bar.n = event.done
        self._bar.refresh()
        if event.done >= event.total:
            self.close()

    def close(self) -> None:
        """End the bar that is open, where it stands."""
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.close()


def bars(stream: TextIO | None = None) -> Bars:
    """Bars for what takes long."""
    return Bars(stream)


def heard_by(show: Observer, hearing: Hearing) -> Observer:
    """The same observer; a stop that was asked for is heard with each event."""

    def tell(event: RunEvent) -> None:
        show(event)
        hearing.check()

    return show if hearing.stop is None else tell


@contextmanager
def shown(progress: bool | Observer | None) -> Iterator[Observer]:
    """The observer that a caller asked for; a bar that is open at the end is closed, also after an interrupt."""
    show = observer(progress)
    try:
        yield show
    finally:
        if isinstance(show, Bars):
            show.close()


def observer(progress: bool | Observer | None) -> Observer:
    """The observer that a caller asked for: None and False show nothing, True what suits the place.

    That is bars in a notebook that a person has open, and lines of text everywhere else: what papermill keeps of a bar
    stands still at its beginning.
    """
    if callable(progress):
        return progress
    if not progress:
        return silent
    return bars() if is_watched() and find_spec("tqdm") else text_lines()


def _tenth(event: RunEvent) -> int:
    return event.done * 10 // event.total if event.total else 0


def _print(event: RunEvent, stream: TextIO | None) -> None:
    print(f"{event.stage:<8} {event.text}", file=stream or people_look_at(), flush=True)


def is_watched() -> bool:
    """Whether this is a Jupyter kernel whose front end can put questions to a person; papermill says that it cannot."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return bool(getattr(getattr(shell, "kernel", None), "_allow_stdin", False))


def _tqdm() -> Any:
    """Bars as widgets where there are widgets; without, asking for them would warn in the notebook."""
    return import_module("tqdm.auto" if find_spec("ipywidgets") else "tqdm.std").tqdm
