"""A frame of which the browser gets windows: sorted and filtered here, over one frame and an index of it.

A million rows stay where they are; a window is a gather of some fifty of them.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import polars as pl

from cdpkit.show.cells import cut
from cdpkit.show.frames import written

MOST = 200
"""How many rows a window has at most."""
_LONGEST = 400
_KEPT = 8

Where = Mapping[str, Any]
"""What rows must be, by column: a text that they contain, whatever its case, or `{"is": value}` for one value."""


class Table:
    """A frame to leaf through. Only what is in a window goes to the browser."""

    def __init__(
        self,
        whole: Callable[[], pl.DataFrame],
        *,
        labels: Mapping[str, str] | None = None,
        whom: Callable[[pl.Series], pl.Series] | None = None,
    ) -> None:
        """Hold how a frame is made; it is made when it is first looked at, and once.

        Args:
            whole: Makes it.
            labels: What people call columns, by name; their names where they have none.
            whom: What people know profiles by, for their ids: looked up for the rows of a window alone, which have
                that in front, so that there is no sorting by it.
        """
        self._whole = whole
        self._whom = whom
        self._labels = labels or {}
        self._indexes = dict[object, pl.Series | None]()

    @cached_property
    def frame(self) -> pl.DataFrame:
        """All rows."""
        return self._whole()

    def head(self) -> dict[str, Any]:
        """What the browser has to know before it asks for windows: columns, and how many rows there are."""
        columns = [
            {"name": name, "label": self._labels.get(name, name.replace("_", " ")), "number": dtype.is_numeric()}
            for name, dtype in self.frame.schema.items()
        ]
        if self._whom is not None:
            columns.insert(0, {"name": "person", "label": "person", "number": False, "fixed": True})
        return {"columns": columns, "rows": self.frame.height}

    def window(
        self, start: int = 0, n: int = 50, *, sort: str = "", down: bool = False, where: Where | None = None
    ) -> dict[str, Any]:
        """Some rows, as texts.

        Args:
            start: The index of the first one, among those that fit.
            n: How many at most.
            sort: The column by which they are sorted; empty for the frame's own order.
            down: Whether the largest comes first.
            where: What they must be.

        Returns:
            `total`, how many rows fit, and `rows`, a list of texts each; null for what is empty.
        """
        index = self._index(sort if sort in self.frame.columns else "", down, self._known(where or {}))
        start, n = max(start, 0), min(max(n, 0), MOST)
        if index is None:
            total, window = self.frame.height, self.frame.slice(start, n)
        else:
            total, window = index.len(), self.frame[index.slice(start, n)]
        if self._whom is not None:
            window = window.select(self._whom(window["profile_id"]).alias("person"), pl.all())
        rows = [[None if value is None else cut(written(value), _LONGEST) for value in row] for row in window.rows()]
        return {"total": total, "rows": rows}

    def at(self, at: int, *, sort: str = "", down: bool = False, where: Where | None = None) -> dict[str, Any] | None:
        """One row with its values, by its index among those that fit; None where there is none. As `window`."""
        index = self._index(sort if sort in self.frame.columns else "", down, self._known(where or {}))
        total = self.frame.height if index is None else index.len()
        if not 0 <= at < total:
            return None
        return self.frame.row(at if index is None else int(index[at]), named=True)

    def _known(self, where: Where) -> dict[str, Any]:
        return {name: wanted for name, wanted in where.items() if name in self.frame.columns and wanted != ""}

    def _index(self, sort: str, down: bool, where: Mapping[str, Any]) -> pl.Series | None:
        """The positions of the rows that fit, in their order; None for all as they are."""
        key = (sort, down, repr(sorted(where.items())))
        if key not in self._indexes:
            if len(self._indexes) >= _KEPT:
                del self._indexes[next(iter(self._indexes))]
            self._indexes[key] = self._made(sort, down, where)
        return self._indexes[key]

    def _made(self, sort: str, down: bool, where: Mapping[str, Any]) -> pl.Series | None:
        if not sort and not where:
            return None
        at = pl.int_range(pl.len(), dtype=pl.UInt32).alias("at")
        fits = [_fits(self.frame.schema[name], name, wanted) for name, wanted in where.items()]
        found = self.frame.lazy().select(at, *([sort] if sort else []), *_mask(fits))
        if fits:
            found = found.filter("fits")
        if sort:
            by = pl.col(sort).list.len() if isinstance(self.frame.schema[sort], pl.List) else pl.col(sort)
            found = found.sort(by, descending=down, nulls_last=True, maintain_order=True)
        return found.select("at").collect()["at"]


def _mask(fits: Sequence[pl.Expr]) -> list[pl.Expr]:
    return [pl.all_horizontal(fits).alias("fits")] if fits else []


def _fits(dtype: pl.DataType, name: str, wanted: Any) -> pl.Expr:
    """Whether a column contains a text, or is a value."""
    text = pl.col(name).list.eval(pl.element().cast(pl.String)).list.join(", ") if isinstance(dtype, pl.List) else None
    text = pl.col(name).cast(pl.String) if text is None else text
    if isinstance(wanted, Mapping):
        value = wanted.get("is")
        return text.is_null() if value is None else text.eq(str(value)).fill_null(value=False)
    return text.str.to_lowercase().str.contains(str(wanted).lower(), literal=True).fill_null(value=False)
