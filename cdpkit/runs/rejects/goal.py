"""A goal that refused something, and what can be done about that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Generic, TypeVar

import polars as pl

from cdpkit.core.goal import Rule
from cdpkit.runs.progress import Observer

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Refusing:
    """A goal that refused something, as far as mending goes.

    Attributes:
        name: The goal.
        key: The name under which the tables hold what belongs to it.
        exports: Whether people were refused, and not values on their way in.
        rules: By property how values reach it: the rules of an import, `set` of an export.
        fills: For the fields of an export the property that stands behind each.
        linked: The names of what the goal links.
        group: The type of the groups that it was about; empty for profiles.
    """

    name: str
    key: str
    exports: bool
    rules: Mapping[str, Rule]
    fills: Mapping[str, str]
    linked: tuple[str, ...]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Again(Generic[R]):
    """How the refused values of a run are taken again; what comes of it is a run.

    Attributes:
        fits: Of corrections of a goal those that have somewhere to go, and those of them whose value fits.
        load: Stores the corrections of a goal.
        send: Stores them, and sends those people alone.
        lines: Reads what is refused still, as `Rejects` holds it.
    """

    fits: Callable[[Refusing, pl.DataFrame], tuple[pl.DataFrame, pl.DataFrame]]
    load: Callable[[Refusing, pl.DataFrame, Observer, Event | None], R]
    send: Callable[[Refusing, pl.DataFrame, Observer, Event | None], R]
    lines: Callable[[], pl.DataFrame]
