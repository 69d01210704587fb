"""What was read of a file, and what was understood of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

_SHOWN = 10
_MARKS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "pipe", " ": "space"}


@dataclass(frozen=True, slots=True)
class Malformed:
    """Lines that are left out, each alone.

    Attributes:
        at: Their places among all records, from 0.
        lines: Their numbers in the file, from 1.
    """

    at: Sequence[int] = ()
    lines: Sequence[int] = ()

    def told(self, why: str) -> list[str]:
        """Which ones they are, for people."""
        if not self.lines:
            return []
        shown, more = ", ".join(f"{line:,}" for line in self.lines[:_SHOWN]), len(self.lines) - _SHOWN
        one = len(self.lines) == 1
        rest = f" and {more:,} more" if more > 0 else ""
        return [f"line{'' if one else 's'} {shown}{rest} {'is' if one else 'are'} left out: {why}"]


@dataclass(frozen=True, slots=True)
class Understood:
    """How a file was read.

    Attributes:
        format: As people call it, such as CSV.
        settings: The options with which it is read like this again, whatever detection may think of it.
        detected: Those among them that were not given.
        notes: What a person should look at: what is uncertain, left out or changed.
        standing: Those among them that are about how the file is written, and the same in every file like it.
    """

    format: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    detected: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()

    def told(self) -> str:
        """In one line, for people."""
        parts = [self.format]
        settings = self.settings
        if "encoding" in settings:
            parts.append(settings["encoding"])
        if "separator" in settings:
            mark = settings["separator"]
            parts.append(f"fields apart by {_MARKS.get(mark, repr(mark))}")
        if "header" in settings:
            line = settings.get("skip", 0) + settings["header"]
            parts.append("no line of names" if settings["header"] is False else f"names in line {line}")
        parts += [
            f"{name} {value!r}"
            for name, value in settings.items()
            if name not in ("encoding", "separator", "header", "skip", "guard", "lists")
        ]
        return ", ".join(parts)

    def code(self) -> str:
        """The options as code to copy."""
        return f"read={dict(self.settings)!r}"


@dataclass(frozen=True, slots=True)
class FileRows:
    """A file as it was read.

    Attributes:
        rows: The wanted fields of the lines that could be read.
        fields: The names of all fields.
        understood: How it was read.
        malformed: The lines that could not be read.
        unheld: Fields whose type cannot be kept, and what it is.
    """

    rows: pl.LazyFrame | pl.DataFrame
    fields: tuple[str, ...]
    understood: Understood
    malformed: Malformed = Malformed()
    unheld: Mapping[str, str] = field(default_factory=dict)


def chosen(fields: Sequence[str], wanted: "frozenset[str] | None") -> list[str]:
    """The fields to read, in the source's order; where none of the wanted ones is there, one, to count the rows by."""
    if wanted is None:
        return list(fields)
    return [name for name in fields if name in wanted] or list(fields[:1])


def read_lines(understood: Sequence[Mapping[str, Any]]) -> list[str]:
    """How files were read, as reports have it."""
    lines = []
    for each in understood:
        more = f" and {each['files'] - 1:,} more" if each["files"] > 1 else ""
        lines.append(f"  read {each['file']}{more} as {each['as']}")
    return lines
