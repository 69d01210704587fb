"""Processors that make, rename, combine and drop whole fields."""

from collections import Counter
from collections.abc import Mapping

import polars as pl

from cdpkit.core.processors.fields import (
    column,
    if_present,
    is_nothing,
    is_text,
    is_text_list,
    require_fields,
    text_fields,
    written,
)
from cdpkit.core.processors.options import Scalar, option
from cdpkit.core.processors.registry import Context, processor
from cdpkit.errors import ConfigurationError

_LITERALS: Mapping[type, pl.DataType] = {
    str: pl.String(),
    bool: pl.Boolean(),
    int: pl.Int64(),
    float: pl.Float64(),
}


@processor("rename")
class Rename:
    """Give fields other names."""

    fields: Mapping[str, str] = option("Old name to new name", names_fields=True)

    def __post_init__(self) -> None:
        twice = [name for name, times in Counter(self.fields.values()).items() if times > 1]
        if twice:
            raise ConfigurationError(f"option 'fields' gives the name {twice[0]!r} to several fields; choose others")

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows under the new names, in the same order."""
        require_fields(rows, self.fields, context)
        for new in self.fields.values():
            if new in rows.columns and new not in self.fields:
                raise ConfigurationError(
                    f"processor step {context.step!r}: there is a field {new!r} already; "
                    f"choose another name, or drop that field in a step before"
                )
        return rows.rename(dict(self.fields))


@processor("drop_fields")
class DropFields:
    """Leave fields out."""

    fields: tuple[str, ...] = option("The fields to leave out", names_fields=True)

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows without the fields."""
        require_fields(rows, self.fields, context)
        return rows.drop(*dict.fromkeys(self.fields))


@processor("concatenate")
class Concatenate:
    """Join several fields into one text; empty values are skipped."""

    fields: tuple[str, ...] = option("The fields to join, in this order", names_fields=True)
    to: str = option("The field that gets the text; replaced when it exists", names_fields=True)
    separator: str = option("What stands between two values", default=" ")

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows with the joined text, empty where all values are."""
        require_fields(rows, self.fields, context)
        pieces = [self._piece(rows, name, context) for name in self.fields]
        joined = pl.concat_str(pieces, separator=self.separator, ignore_nulls=True)
        return rows.with_columns(if_present(joined).alias(self.to))

    def _piece(self, rows: pl.DataFrame, name: str, context: Context) -> pl.Expr:
        dtype = rows.schema[name]
        if is_text_list(dtype):
            elements = column(name).cast(pl.List(pl.String)).list.eval(if_present(pl.element()))
            return if_present(elements.list.filter(pl.element().is_not_null()).list.join(self.separator))
        if is_nothing(dtype):
            return pl.lit(None, dtype=pl.String())
        if dtype.is_nested() or dtype == pl.Binary():
            raise ConfigurationError(
                f"processor step {context.step!r}: field {name!r} holds {dtype}, which has no text; leave it out"
            )
        return if_present(written(rows, name))


@processor("split")
class Split:
    """Split texts into lists; elements are trimmed, empty ones dropped."""

    fields: tuple[str, ...] = option("The fields to split", names_fields=True)
    separator: str = option("What stands between two values", default=",")

    def __post_init__(self) -> None:
        if not self.separator:
            raise ConfigurationError("option 'separator' is empty; give the text that stands between two values")

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows with lists; a field that is a list already has its elements split."""
        names = text_fields(rows, self.fields, context)
        return rows.with_columns(self._split(rows, name).alias(name) for name in names)

    def _split(self, rows: pl.DataFrame, name: str) -> pl.Expr:
        text = column(name).cast(pl.String) if is_text(rows.schema[name]) else self._rejoined(name)
        return (
            text.str.split(self.separator)
            .list.eval(if_present(pl.element().str.strip_chars()))
            .list.filter(pl.element().is_not_null())
        )

    def _rejoined(self, name: str) -> pl.Expr:
        return column(name).cast(pl.List(pl.String)).list.join(self.separator, ignore_nulls=True)


@processor("fixed_value")
class FixedValue:
    """Give a field the same value in every row."""

    field: str = option("The field; made when it does not exist", names_fields=True)
    value: Scalar = option("The value; an empty text empties the field")
    only_if_empty: bool = option("Whether to leave rows alone that have a value", default=False)

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows with the value."""
        value = pl.lit(self.value, dtype=_LITERALS[type(self.value)])
        dtype = rows.schema.get(self.field, pl.Null())
        if not self.only_if_empty or is_nothing(dtype):
            return rows.with_columns(value.alias(self.field))
        return rows.with_columns(self._filled(dtype, value, context).alias(self.field))

    def _filled(self, dtype: pl.DataType, value: pl.Expr, context: Context) -> pl.Expr:
        existing = column(self.field)
        if dtype.is_float():
            existing = existing.fill_nan(None)
        match self.value:
            case str() if is_text(dtype):
                return pl.coalesce(if_present(existing.cast(pl.String)), value)
            case str() if is_text_list(dtype):
                texts = existing.cast(pl.List(pl.String))
                present = texts.list.eval(if_present(pl.element())).list.filter(pl.element().is_not_null()).list.len()
                return pl.when(present > 0).then(texts).otherwise(pl.concat_list(value))
            case bool() if dtype == pl.Boolean():
                return existing.fill_null(value)
            case int() if dtype.is_numeric() and not isinstance(self.value, bool):
                return existing.fill_null(value)
            case float() if dtype.is_float():
                return existing.fill_null(value)
        raise ConfigurationError(
            f"processor step {context.step!r}: field {self.field!r} holds {dtype}, which a "
            f"{type(self.value).__name__} cannot fill; write the value in that type, or use a sql step"
        )


@processor("current_date")
class CurrentDate:
    """Give a field the date of the run."""

    field: str = option("The field; made when it does not exist, else replaced", names_fields=True)

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows with the date."""
        return rows.with_columns(pl.lit(context.today, dtype=pl.Date()).alias(self.field))
