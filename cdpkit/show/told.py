"""What an object tells about itself, before it is text or HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union


@dataclass(frozen=True, slots=True)
class Lines:
    """A table; how its values are written is told by `show.cells`.

    Attributes:
        header: The names of its columns; empty for a table that needs none.
        rows: Values, a sequence a row.
        wide: It may have any number of columns: text shows as many as fit, and names the others.
        caption: What it is a table of; its first column names the rows then. Empty for a table that the line above
            it explains.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[object]]
    wide: bool = False
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A headline, and what stands below it.

    Attributes:
        headline: What it is, in one line.
        parts: Texts of one line each, tables, or more of the same; a table without rows is left out.
    """

    headline: str
    parts: Sequence[Union[str, Lines, "Told"]] = ()


def told(headline: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Told:
    """A headline with one table below it."""
    return Told(headline, (Lines(header, rows),))


def of_text(text: str) -> Told:
    """A text of several lines: the first is the headline."""
    headline, *more = text.splitlines() or [""]
    return Told(headline, more)
