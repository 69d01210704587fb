"""The catalogue of processors: those built in, and functions that loads may call by name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from cdpkit.core.processors import BUILT_INS
from cdpkit.core.processors.options import Option
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.runs.home import Home
from cdpkit.show.tells import Tells
from cdpkit.show.text import counted
from cdpkit.show.told import Told, told
from cdpkit.workspace.catalogue import Catalogue

Function = Callable[[pl.LazyFrame], pl.LazyFrame]

_FRAME: dict[str, Any] = {"name": pl.String, "help": pl.String, "options": pl.List(pl.String), "built_in": pl.Boolean}


@dataclass(frozen=True, slots=True, repr=False)
class Processor(Tells):
    """A processor that loads and goals may name.

    Attributes:
        name: The word that they write.
        help: One line for people.
        options: What it may be told, each with name, help, kind, default and choices; a function takes none.
        built_in: Whether it comes with the package.
    """

    name: str
    help: str
    options: tuple[Option, ...] = ()
    built_in: bool = True

    def _told(self) -> Told:
        headline = f"Processor({self.name!r}): {self.help}" if self.help else f"Processor({self.name!r})"
        lines = [(option.name, _default(option), _values(option), option.help) for option in self.options]
        return told(headline, ("option", "default", "takes", "help"), lines)


class Processors(Catalogue[Processor]):
    """All processors by name, the built-in ones first."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def add(self, name: str, function: Function) -> Processor:
        """Let loads call a Python function from lazy frame to lazy frame by this name, while this workspace is open.

        The frame has the column `_source_row`, which has to be kept. A function that is defined anew, as by running
        the cell of a notebook again, may be added again.

        Raises:
            ConfigurationError: There is another processor of this name.
        """
        if name in BUILT_INS:
            raise ConfigurationError(f"{name!r} is a built-in processor; give the function another name")
        held = self._home.functions.get(name)
        if held is not None and _place(held) != _place(function):
            raise ConfigurationError(
                f"there is a processor {name!r} already; change it with ws.processors.change({name!r}, function)"
            )
        self._home.functions[name] = function
        return self[name]

    def change(self, name: str, function: Function) -> Processor:
        """Put another function in the place of one that was added.

        Raises:
            UnknownNameError: No such processor.
            ConfigurationError: It is built in.
        """
        self._own(name)
        self._home.functions[name] = function
        return self[name]

    def remove(self, name: str) -> None:
        """Forget a function that was added.

        Raises:
            UnknownNameError: No such processor.
            ConfigurationError: It is built in.
        """
        self._own(name)
        del self._home.functions[name]

    def frame(self) -> pl.DataFrame:
        """`name`, `help`, `options` (their names), `built_in`: one line a processor."""
        lines = [(each.name, each.help, [o.name for o in each.options], each.built_in) for each in self.values()]
        return pl.DataFrame(lines, schema=_FRAME, orient="row")

    def __getitem__(self, name: str) -> Processor:
        known = self._known()
        if name not in known:
            raise UnknownNameError("processor", name, known, "add a function with ws.processors.add(name, function)")
        return known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())

    def _told(self) -> Told:
        lines = [
            (each.name, each.help, [o.name if o.required else f"[{o.name}]" for o in each.options])
            for each in self.values()
        ]
        return told(counted(len(lines), "processor"), ("name", "what it does", "options"), lines)

    def _own(self, name: str) -> None:
        if self[name].built_in:
            raise ConfigurationError(f"{name!r} is a built-in processor and stays as it is")

    def _known(self) -> dict[str, Processor]:
        built_in = {name: Processor(name, each.help, each.options) for name, each in BUILT_INS.items()}
        own = {
            name: Processor(name, (function.__doc__ or "").strip().partition("\n")[0], built_in=False)
            for name, function in self._home.functions.items()
        }
        return built_in | own


def _place(function: Function) -> tuple[object, object]:
    """Where a function is written; the same for one that is defined anew."""
    return getattr(function, "__module__", None), getattr(function, "__qualname__", function)


def _default(option: Option) -> str:
    if option.required:
        return "required"
    many = isinstance(option.default, Mapping) and len(option.default) > 1
    return f"{len(option.default)} pairs" if many else repr(option.default)  # type: ignore[arg-type]


def _values(option: Option) -> str:
    return " | ".join(option.choices) or option.kind.value
