"""Processors that choose rows."""

import re
from typing import Literal

import polars as pl
from polars.exceptions import PolarsError

from cdpkit.core.processors.fields import (
    changed,
    column,
    if_present,
    is_nothing,
    is_text,
    is_text_list,
    require_fields,
    text_fields,
)
from cdpkit.core.processors.options import option
from cdpkit.core.processors.registry import Context, processor
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.errors import ConfigurationError

# Polars opens the files that a subquery names as soon as it parses the text, so that must be seen before.
_SUBQUERY = re.compile(
    r"\((?:\s|/\*.*?\*/|--[^\n]*\n)*(?:select|from|with|values|table)\b|\b(?:read|scan)_\w+[\"`]?\s*\(",
    re.IGNORECASE | re.DOTALL,
)


@processor("filter")
class Filter:
    """Keep or drop the rows for which a condition is true."""

    expression: str = option("A condition in SQL, such as country = 'NL' AND age >= 18", default="")
    field: str = option("Instead: a text field that a regular expression must match", default="", names_fields=True)
    regex: str = option("The regular expression, found anywhere in the text unless it has ^ and $", default="")
    action: Literal["keep", "drop"] = option("What is done with rows for which it is true", default="keep")

    def __post_init__(self) -> None:
        if bool(self.expression) == bool(self.field or self.regex) or bool(self.field) != bool(self.regex):
            raise ConfigurationError("give either 'expression', or 'field' and 'regex'")
        if _SUBQUERY.search(self.expression):
            raise ConfigurationError("option 'expression' holds a subquery; write it in a sql step")
        try:
            if self.expression:
                pl.sql_expr(self.expression)
            else:
                pl.Series([""]).str.contains(self.regex)
        except PolarsError as error:
            option_name = "expression" if self.expression else "regex"
            raise ConfigurationError(f"option {option_name!r} cannot be read; mend its syntax") from error

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows kept; a condition that is neither true nor false, as with empty values, is not true."""
        is_true = self._conditions(rows, context)
        return rows.filter(is_true if self.action == "keep" else ~is_true)

    def _conditions(self, rows: pl.DataFrame, context: Context) -> pl.Series:
        condition = self._sql(rows, context) if self.expression else self._match(rows, context)
        try:
            answers = rows.with_columns(condition.alias(SOURCE_ROW)).get_column(SOURCE_ROW)
        except PolarsError as error:
            # Polars' own message may quote values of the rows, so only its kind is repeated, and it is no cause.
            raise ConfigurationError(
                f"processor step {context.step!r}: the expression does not fit the rows ({type(error).__name__}); "
                f"compare values of one type, use TRY_CAST, or write a sql step"
            ) from None
        if answers.dtype not in (pl.Boolean(), pl.Null()):
            raise ConfigurationError(
                f"processor step {context.step!r}: the expression gives {answers.dtype}, not true or false; "
                f"compare it with something"
            )
        return answers.cast(pl.Boolean()).fill_null(value=False)

    def _sql(self, rows: pl.DataFrame, context: Context) -> pl.Expr:
        expression = pl.sql_expr(self.expression)
        require_fields(rows, expression.meta.root_names(), context)
        return expression

    def _match(self, rows: pl.DataFrame, context: Context) -> pl.Expr:
        if not text_fields(rows, (self.field,), context):
            return pl.lit(value=False)
        matched = changed(rows, self.field, lambda text: text.str.contains(self.regex))
        return matched.list.any() if is_text_list(rows.schema[self.field]) else matched


@processor("deduplicate")
class Deduplicate:
    """Keep one of the rows that are equal in some fields."""

    fields: tuple[str, ...] = option("The fields to compare; empty for all", default=(), names_fields=True)
    keep: Literal["first", "last"] = option("Which of the equal rows stays", default="first")

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows kept, in order; rows in which all compared fields are empty are no duplicates of each other."""
        require_fields(rows, self.fields, context)
        names = [*dict.fromkeys(self.fields or rows.columns)]
        names = [name for name in names if name != SOURCE_ROW and not is_nothing(rows.schema[name])]
        if not names:
            return rows
        keys = rows.select(_comparable(rows, name).alias(name) for name in names)
        key = pl.struct(pl.all())
        chosen = key.is_first_distinct() if self.keep == "first" else key.is_last_distinct()
        return rows.filter(keys.select(chosen | pl.all_horizontal(pl.all().is_null())).to_series())


def _comparable(rows: pl.DataFrame, name: str) -> pl.Expr:
    """The field with all ways of being empty made one."""
    dtype = rows.schema[name]
    if is_text(dtype):
        return changed(rows, name, if_present)
    values = changed(rows, name, if_present) if is_text_list(dtype) else column(name)
    return pl.when(values.list.len() > 0).then(values) if isinstance(dtype, pl.List) else values


@processor("first_rows")
class FirstRows:
    """Keep the first rows, for trying things out."""

    count: int = option("How many rows stay")

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ConfigurationError("option 'count' must be 1 or more")

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:  # noqa: ARG002 - the protocol of processors
        """The first rows."""
        return rows.head(self.count)
