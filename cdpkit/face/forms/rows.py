"""Rows of a form: each keeps its number while others come, go and move, so that they can be told apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """A row.

    Attributes:
        id: Its number, that no other row of the form ever has.
        values: What is filled in, by key.
        fresh: Whether nobody has filled in anything yet; what lacks is not called a mistake then.
    """

    id: int
    values: Mapping[str, Any]
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in their order.

    Attributes:
        rows: The rows.
        next: The number of the next one.
    """

    rows: tuple[Row, ...] = ()
    next: int = 0

    def added(self, values: Mapping[str, Any], *, fresh: bool = False) -> "Rows":
        """With a row behind the others."""
        return Rows((*self.rows, Row(self.next, dict(values), fresh)), self.next + 1)

    def having(self, id: int, key: str, value: Any) -> "Rows":
        """With another value in a row; None and an empty list take it away."""
        return self._each(id, lambda row: replace(row, values=_with(row.values, key, value), fresh=False))

    def instead(self, id: int, values: Mapping[str, Any]) -> "Rows":
        """With other values in a row."""
        return self._each(id, lambda row: replace(row, values=dict(values), fresh=False))

    def without(self, id: int) -> "Rows":
        """Without a row."""
        return replace(self, rows=tuple(row for row in self.rows if row.id != id))

    def moved(self, id: int, to: int) -> "Rows":
        """With a row in another place, counted from 0; it goes no further than the first and the last one."""
        row = self.row(id)
        if row is None:
            return self
        others = [each for each in self.rows if each.id != id]
        to = min(max(to, 0), len(others))
        return replace(self, rows=(*others[:to], row, *others[to:]))

    def row(self, id: int) -> Row | None:
        """The row of this number, if it is still there."""
        return next((row for row in self.rows if row.id == id), None)

    def values(self) -> list[dict[str, Any]]:
        """What is filled in, a row each."""
        return [dict(row.values) for row in self.rows]

    def _each(self, id: int, edit: Any) -> "Rows":
        return replace(self, rows=tuple(edit(row) if row.id == id else row for row in self.rows))


def rows_of(given: Sequence[Mapping[str, Any]]) -> Rows:
    """Rows that are filled in already."""
    rows = Rows()
    for values in given:
        rows = rows.added(values)
    return rows


def _with(values: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    changed = {**values, key: value}
    if value is None or value == []:
        del changed[key]
    return changed
