"""What a source looks like before it is loaded, for people."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from cdpkit.runs.peek import Look
from cdpkit.show.tells import Tells
from cdpkit.show.text import counted
from cdpkit.show.told import Lines, Told

_HEADER = ("field", "type", "filled", "samples")


class Peek(Tells):
    """A source as a load would read it; nothing is stored.

    Attributes:
        fields: `field`, `type` (that of the property that a load would make), `filled` (a share from 0 to 1) and
            `samples`, one row a field; null beyond the first 1,000 fields.
        rows: How many rows there are, malformed lines among them.
        read: The options that read the source like this again, as `ws.load(..., read=...)` takes them; empty for
            what is no file.
        suggested: `read`, with what would give more fields a type: decimal marks, words for no value, dates.
        notes: What a person should look at.
    """

    def __init__(self, look: Look) -> None:
        self.fields: pl.DataFrame = look.fields
        self.rows = look.rows
        self.read: dict[str, Any] = dict(look.understood[0]["read"]) if look.understood else {}
        self.suggested: dict[str, Any] = {**self.read, **look.more}
        self._more = look.more
        self.notes = look.notes
        self._understood = look.understood

    def _told(self) -> Told:
        size = f"{counted(self.rows, 'row')}, {counted(self.fields.height, 'field')}"
        read = [_line(each) for each in self._understood]
        notes = [f"warning: {note}" for note in self.notes]
        rows = [
            (name, kind, f"{filled:.0%}", ", ".join(samples))
            for name, kind, filled, samples in self.fields.drop_nulls("type").iter_rows()
        ]
        options = [f"read={self.read!r}"] if self.read else []
        if self._more:
            options = [f"to have more types than text: read={self.suggested!r}"]
        return Told(size, [*read, *notes, Lines(_HEADER, rows), *options])


def _line(each: Mapping[str, Any]) -> str:
    more = f" and {each['files'] - 1:,} more" if each["files"] > 1 else ""
    return f"{each['file']}{more}: {each['as']}"
