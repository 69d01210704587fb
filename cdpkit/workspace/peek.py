"""What a source looks like before it is loaded, for people."""

from collections.abc import Mapping
from html import escape
from typing import Any

import polars as pl

from cdpkit.runs.peek import Look
from cdpkit.workspace.texts import counted, text_table

_HEADER = ("field", "type", "filled", "samples")


class Peek:
    """A source as a load would read it; nothing is stored.

    Attributes:
        fields: `field`, `type` (that of the property that a load would make), `filled` (a share from 0 to 1) and
            `samples`, one row a field.
        rows: How many rows there are, malformed lines among them.
        read: The options that read the source like this again, as `ws.load(..., read=...)` takes them; empty for
            what is no file.
        notes: What a person should look at.
    """

    def __init__(self, look: Look) -> None:
        self.fields: pl.DataFrame = look.fields
        self.rows = look.rows
        self.read: dict[str, Any] = dict(look.understood[0]["read"]) if look.understood else {}
        self.notes = look.notes
        self._understood = look.understood

    def _headline(self) -> str:
        size = f"{counted(self.rows, 'row')}, {counted(self.fields.height, 'field')}"
        return "\n".join([size, *(_told(each) for each in self._understood)])

    def _cells(self) -> list[tuple[str, str, str, str]]:
        return [
            (name, kind, f"{filled:.0%}", ", ".join(samples)) for name, kind, filled, samples in self.fields.iter_rows()
        ]

    def _code(self) -> str:
        return f"read={self.read!r}" if self.read else ""

    def __repr__(self) -> str:
        notes = [f"warning: {note}" for note in self.notes]
        return "\n".join(filter(None, [self._headline(), *notes, *text_table(_HEADER, self._cells()), self._code()]))

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in _HEADER)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in self._cells())
        notes = "".join(f"<p><b>warning:</b> {escape(note)}</p>" for note in self.notes)
        code = f"<pre>{escape(self._code())}</pre>" if self.read else ""
        said = escape(self._headline()).replace("\n", "<br>")
        return f"<p>{said}</p>{notes}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{code}"


def _told(each: Mapping[str, Any]) -> str:
    more = f" and {each['files'] - 1:,} more" if each["files"] > 1 else ""
    return f"{each['file']}{more}: {each['as']}"
