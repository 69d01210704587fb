"""Reading Parquet, column by column where they are needed."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import polars as pl
from pyarrow import parquet

from cdpkit.core.field_names import clean_names
from cdpkit.core.handed import strange
from cdpkit.core.processors.fields import column
from cdpkit.core.rows import PART, Rows
from cdpkit.errors import SourceError
from cdpkit.place.foreign import translated
from cdpkit.runs.files.given import FileRows, Understood, chosen
from cdpkit.runs.files.options import Read

_DAMAGED = "it is damaged or no Parquet file; fetch it again, or write it anew"
_DASHES = (r"^(.{8})(.{4})(.{4})(.{4})(.{12})$", "$1-$2-$3-$4-$5")
_UUID = "extension<arrow.uuid>"

T = TypeVar("T")


def read_parquet(path: Path, _options: Read, wanted: frozenset[str] | None = None) -> FileRows:
    """The wanted fields of a Parquet file; UUIDs in their text form.

    Raises:
        SourceError: It is damaged.
    """
    with translated(f"{path} cannot be read as Parquet", SourceError, mend=_DAMAGED):
        lazy = pl.scan_parquet(path, glob=False)
        schema = lazy.collect_schema()
        raw = schema.names()
        types = parquet.read_schema(path)
        lazy.select(pl.len()).collect()
    named = clean_names(raw)
    wide = {field.name: f"values of type {field.type}" for field in types if str(field.type).startswith("decimal256")}
    whats = {new: strange(schema[old]) or wide.get(old) for old, new in zip(raw, named.names, strict=True)}
    unheld = {new: what for new, what in whats.items() if what}
    fields = chosen([name for name in named.names if name not in unheld], wanted)
    taken = [(old, new) for old, new in zip(raw, named.names, strict=True) if new in fields]
    uuids = {field.name for field in types if str(field.type) == _UUID}
    rows = lazy.select(
        uuid_text(column(old)).alias(new) if old in uuids else column(old).alias(new) for old, new in taken
    )
    return FileRows(
        rows, named.names, Understood("Parquet", notes=tuple(named.told()), standing=tuple(named.told())), unheld=unheld
    )


def uuid_text(column: pl.Expr) -> pl.Expr:
    """UUIDs of 16 bytes as people write them."""
    return column.bin.encode("hex").str.replace(*_DASHES)


class FileBackedRows(Rows):
    """Rows that are read from files where they are needed; what reading raises is a `SourceError` then too."""

    def __init__(self, rows: pl.LazyFrame, height: int, path: str) -> None:
        self._path = path
        super().__init__(rows, height)

    def columns(self, names: Sequence[str]) -> pl.DataFrame:
        """Whole columns."""
        return self._read(lambda: super(FileBackedRows, self).columns(names))

    def parts(self, names: Sequence[str], size: int = PART) -> Iterator[pl.DataFrame]:
        """The columns in parts."""
        parts = super().parts(names, size)
        while (part := self._read(lambda: next(parts, None))) is not None:
            yield part

    def at(self, names: Sequence[str], positions: pl.Series) -> pl.DataFrame:
        """The columns of some rows."""
        return self._read(lambda: super(FileBackedRows, self).at(names, positions))

    def _read(self, read: Callable[[], T]) -> T:
        with translated(f"{self._path} cannot be read as Parquet", SourceError, mend=_DAMAGED):
            return read()
