"""Telling how far a run is: observers over one frozen event."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True, slots=True)
class RunEvent:
    """A step of a run.

    Attributes:
        run_id: The run; empty while the source is read.
        stage: read, match, merge or commit.
        done: How many rows of the source are done; those that reach no profile never are.
        total: How many rows the source has after the processors; 0 where that is not known yet.
        text: One line for people.
    """

    run_id: str
    stage: str
    done: int
    total: int
    text: str


Observer = Callable[[RunEvent], None]


def silent(_event: RunEvent) -> None:
    """Show nothing."""


def text_lines(stream: TextIO | None = None) -> Observer:
    """One line of text a stage, to standard error where no stream is given."""

    def show(event: RunEvent) -> None:
        print(f"{event.stage:<8} {event.text}", file=stream or sys.stderr, flush=True)

    return show


def observer(progress: bool | Observer | None) -> Observer:
    """The observer that a caller asked for: None and False show nothing, True shows one line a stage."""
    if callable(progress):
        return progress
    return text_lines() if progress else silent
