"""How people come from a vendor: they are pulled as pages, and staged as one row a person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from cdpkit.errors import ConfigurationError
from cdpkit.kit.declare import Options, Setting, Settings
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.effects import Effects
from cdpkit.problem import Problem


def no_people(_frames: Mapping[str, pl.DataFrame], _asked: "ImportAsked") -> pl.DataFrame:
    """Of an importer of files.

    Raises:
        ConfigurationError: Always.
    """
    raise ConfigurationError("there are no people to look at, but files alone; let the goal create people")


def never() -> None:
    """Of a goal that has imported nothing."""


def nothing_read(_files: Sequence[str]) -> frozenset[str]:
    """Of a goal that has read no file."""
    return frozenset()


@dataclass(frozen=True, slots=True)
class ImportAsked:
    """What an import goal asks of a vendor.

    Attributes:
        settings: The connection's.
        options: The goal's `source`.
        discovery: What the connection found.
        fields: The fields that are wanted; None for all.
        people: Of an importer that asks about given people: `row` (Int64, unique, a profile's) and a text column for
            each linked identifier (null where a person has none); else None.
        since: When the run began that has last imported all that the goal asks for; None where none has.
        read_before: Of files, by what tells them from others (`PulledFile.mark`), those that the goal has read.
    """

    settings: Settings
    options: Options
    discovery: Discovery
    fields: tuple[str, ...] | None = None
    people: pl.DataFrame | None = field(default=None, repr=False)
    since: Callable[[], datetime | None] = field(default=never, repr=False)
    read_before: Callable[[Sequence[str]], frozenset[str]] = field(default=nothing_read, repr=False)


@dataclass(frozen=True, slots=True)
class PulledFile:
    """A file that was fetched as it is.

    Attributes:
        page: The page that has it; the end of its name says what it is.
        address: Where it came from, for people.
        mark: What tells it from all others, and from itself once it has changed.
    """

    page: str
    address: str
    mark: str


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull stored.

    Attributes:
        pages: Names of page files by what they hold; `.ndjson` files are read as one object a line, `.txt` files
            into a column `line`.
        warnings: What could not be had, for people; the run then succeeds with warnings.
        files: The files that were fetched, in the order in which their rows come; none may be.
        new_alone: Whether only what is new was asked for, so that there may be fewer rows than the time before.
    """

    pages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    files: tuple[PulledFile, ...] = ()
    new_alone: bool = False


@dataclass(frozen=True, slots=True)
class Asks:
    """That an importer asks about given people, instead of reading what the vendor has.

    Attributes:
        about: The identifiers by which the vendor is asked; a goal links some of them.
        max_people: Most people in a call.
    """

    about: tuple[str, ...]
    max_people: int


@dataclass(frozen=True, slots=True)
class Importer:
    """How people come from the vendor.

    Attributes:
        options: Of a goal's `source`.
        identifiers: The fields by which the vendor knows a person, beside those that discovery finds; always there.
        everyone: The options that pull everybody; None where that cannot be had.
        problems: What else is wrong with a goal, beside what does not fit an option's kind or is not there; `fields`
            are those that it names, `people` is None.
        pull: Fetch. Beside what is asked it is given the state of the last `Keep` where a killed run goes on (else
            None).
        needs: The fields that `stage` itself reads, beside those a goal names.
        stage: Make one row a person of what was pulled. Given are a frame for each key of `Pulled.pages` (fields
            that no page has are missing), and what is asked. The rows have the identifiers, `lists` (the names of a
            person's lists) and `list_ids` (their ids as text), both List of Text. Where files are pulled there
            is nothing to stage.
        asks: That people are asked about whom a segment names; None where the vendor's own people are read.
        reads: How the files that are pulled are read, of a goal's options: as `read` of a load. None where none are.
        glimpse: Of files, the options that take the place of a goal's where only its fields are to be seen.
        groups: Whether its rows may be groups as well, such as households or companies.
    """

    options: tuple[Setting, ...]
    identifiers: tuple[str, ...]
    everyone: Options | None
    problems: Callable[[ImportAsked], list[Problem]]
    pull: Callable[[ImportAsked, Mapping[str, Any] | None], Effects[Pulled]]
    needs: tuple[str, ...]
    stage: Callable[[Mapping[str, pl.DataFrame], ImportAsked], pl.DataFrame] = no_people
    asks: Asks | None = None
    reads: Callable[[Options], Mapping[str, Any]] | None = None
    glimpse: Options = field(default_factory=dict)
    groups: bool = False
