"""How people come from a vendor: they are pulled as pages, and staged as one row a person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cdpkit.kit.declare import Options, Setting, Settings
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.effects import Effects
from cdpkit.problem import Problem


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
    """

    settings: Settings
    options: Options
    discovery: Discovery
    fields: tuple[str, ...] | None = None
    people: pl.DataFrame | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull stored.

    Attributes:
        pages: Names of page files by what they hold; `.ndjson` files are read as one object a line, `.txt` files
            into a column `line`.
        warnings: What could not be had, for people; the run then succeeds with warnings.
    """

    pages: Mapping[str, tuple[str, ...]]
    warnings: tuple[str, ...] = ()


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
        problems: What is wrong with a goal; `fields` are those that it names, `people` is None.
        pull: Fetch. Beside what is asked it is given the state of the last `Keep` where a killed run goes on (else
            None).
        needs: The fields that `stage` itself reads, beside those a goal names.
        stage: Make one row a person of what was pulled. Given are a frame for each key of `Pulled.pages` (fields
            that no page has are missing), and what is asked. The rows have the identifiers, `lists` (the names of a
            person's lists) and `list_ids` (their ids as text), both List of Text.
        asks: That people are asked about whom a segment names; None where the vendor's own people are read.
    """

    options: tuple[Setting, ...]
    identifiers: tuple[str, ...]
    everyone: Options | None
    problems: Callable[[ImportAsked], list[Problem]]
    pull: Callable[[ImportAsked, Mapping[str, Any] | None], Effects[Pulled]]
    needs: tuple[str, ...]
    stage: Callable[[Mapping[str, pl.DataFrame], ImportAsked], pl.DataFrame]
    asks: Asks | None = None
