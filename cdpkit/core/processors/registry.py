"""The built-in processors: how one is declared, and which there are."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol, TypeVar, dataclass_transform

import polars as pl

from cdpkit.core.processors.options import Option, option, options_of

PythonProcessor = Callable[[pl.LazyFrame], pl.LazyFrame]
"""A processor written by a user: it gets the rows and returns them changed, `_source_row` included."""

RunSql = Callable[[pl.DataFrame, str], pl.DataFrame]
"""Runs one SELECT over a table named `rows`; the core has no SQL engine of its own."""


@dataclasses.dataclass(frozen=True, slots=True)
class Context:
    """What a processor may use besides the rows and its options.

    Attributes:
        step: The name of the step, for messages.
        functions: The registered Python functions.
        sql: Runs SQL over the rows.
        today: The date that counts as the current one.
        unread: Where a processor puts the values that it cannot read, frame by frame: `_source_row`, `field`, `value`.
    """

    step: str
    functions: Mapping[str, PythonProcessor]
    sql: RunSql
    today: dt.date
    unread: list[pl.DataFrame] = dataclasses.field(default_factory=list)


class Processor(Protocol):
    """One thing to do with the rows; its attributes are its options."""

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows afterwards; rows left out are excluded, their numbers in `_source_row` tell which."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class BuiltIn:
    """A built-in processor as forms and documentation show it.

    Attributes:
        name: The word users write.
        help: One line for people.
        cls: The class that does it.
        options: What it may be told.
    """

    name: str
    help: str
    cls: type[Any]
    options: tuple[Option, ...]


_registered: dict[str, BuiltIn] = {}

BUILT_INS: Mapping[str, BuiltIn] = MappingProxyType(_registered)
"""Every built-in processor by name."""

_T = TypeVar("_T")


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(option,))
def processor(name: str) -> Callable[[type[_T]], type[_T]]:
    """Make a class a frozen dataclass and a built-in processor.

    The first line of its docstring is the help that people see, its fields are declared with `option`.
    """

    def register(cls: type[_T]) -> type[_T]:
        declared = dataclasses.dataclass(frozen=True, kw_only=True, slots=True)(cls)
        about = (cls.__doc__ or "").partition("\n")[0]
        _registered[name] = BuiltIn(name=name, help=about, cls=declared, options=options_of(declared))
        return declared

    return register
