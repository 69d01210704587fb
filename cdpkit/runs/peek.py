"""Looking at a source before it is loaded: what was understood, which fields there are, and what they hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from cdpkit.core.infer import infer, slug
from cdpkit.core.parse import is_empty
from cdpkit.core.properties import PropertyType
from cdpkit.core.scalars import shown
from cdpkit.place import Place
from cdpkit.place.passing import passing
from cdpkit.runs.files.options import read_options
from cdpkit.runs.hints import Hints, hints
from cdpkit.runs.sources import read_source

_SAMPLES, _AMONG = 3, 1000
_LONGEST = 40
_DETAILED = 1000
"""How many fields are looked into; of further ones the names are told."""


@dataclass(frozen=True, slots=True)
class Look:
    """A source, looked at.

    Attributes:
        rows: How many rows it has, malformed lines among them.
        fields: `field`, `type` (that of the property that a load would make), `filled` (a share from 0 to 1) and
            `samples`, one row a field; null where there are too many to look into.
        understood: As of `SourceRows`.
        notes: What a person should look at.
        more: Options of the reader that would give more fields a type.
    """

    rows: int
    fields: pl.DataFrame
    understood: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...]
    more: Mapping[str, Any]


def look_at(source: object, options: Mapping[str, Any] | None, place: Callable[[], Place] = passing) -> Look:
    """Read a source and tell what is in it.

    Args:
        source: As of a load.
        options: How files are read.
        place: Gives a folder for what is fetched from an address.

    Raises:
        SourceError: It cannot be read.
        ConfigurationError: An option does not fit.
    """
    read = read_source(source, None, read_options(options), place)
    texts: list[pl.Series] = []
    lines: list[tuple[str, str | None, float | None, list[str] | None]] = []
    for name in read.fields[:_DETAILED]:
        if name not in read.rows.schema:
            lines.append((name, f"none: {read.unheld.get(name, 'nothing')}", 0.0, []))
            continue
        column = read.rows.columns([name]).to_series()
        filled = column.filter(~is_empty(column))
        prop = infer(column, slug("", name))
        if prop.type in (PropertyType.TEXT, PropertyType.DECIMAL) and column.dtype == pl.String:
            texts.append(column)
        several = " (several)" if prop.multi else ""
        share = filled.len() / column.len() if column.len() else 0.0
        lines.append((name, f"{prop.type.value}{several}", share, _samples(filled)))
    lines += [(name, None, None, None) for name in read.fields[_DETAILED:]]
    names = [("field", pl.String()), ("type", pl.String()), ("filled", pl.Float64()), ("samples", pl.List(pl.String()))]
    fields = pl.DataFrame(lines, schema=pl.Schema(names), orient="row")
    found = hints(texts, options or {}) if read.understood else Hints()
    height, notes = read.rows.height + read.unreadable.height, [*read.notes, *found.notes]
    if len(read.fields) > _DETAILED:
        notes.append(
            f"the first {_DETAILED:,} of {len(read.fields):,} fields were looked into; map those that you need"
        )
    return Look(height, fields, read.understood, tuple(notes), found.read)


def _samples(filled: pl.Series) -> list[str]:
    texts = shown(filled.head(_AMONG)).unique(maintain_order=True).head(_SAMPLES).str.replace_all(r"\s+", " ")
    return [text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "\u2026" for text in texts.to_list()]
