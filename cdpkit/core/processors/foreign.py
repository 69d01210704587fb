"""Processors whose work is written by users: SQL and Python functions."""

from dataclasses import dataclass

import polars as pl

from cdpkit.core.processors.options import option
from cdpkit.core.processors.registry import Context, processor
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.errors import ConfigurationError, UnknownNameError


@processor("sql")
class Sql:
    """Replace the rows by the result of one SELECT over the table `rows`."""

    text: str = option("One SELECT over rows; it must keep _source_row (NULL for rows that it adds)")

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The result of the SELECT.

        Raises:
            ConfigurationError: The SQL engine refuses it, or a value does not fit; says in which step.
        """
        try:
            result = context.sql(rows, self.text)
        except ConfigurationError as error:
            raise ConfigurationError(f"processor step {context.step!r}: {error}") from None
        _require_source_row(result, f"add it to the SELECT of {context.step!r}, NULL for rows that it adds")
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonFunction:
    """Call a Python function that the user registered.

    Attributes:
        function: Its name.
        version: Its attribute `version` as text, if it has one; raise it when the function changes.
    """

    function: str
    version: str | None = None

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """What the function returns."""
        function = context.functions.get(self.function)
        if function is None:
            raise UnknownNameError(
                "registered Python function", self.function, context.functions, "register it before the run"
            )
        lazy: object = function(rows.lazy())
        if not isinstance(lazy, pl.LazyFrame):
            raise ConfigurationError(
                f"the Python function {self.function!r} returned a {type(lazy).__name__}; let it return a pl.LazyFrame"
            )
        result = lazy.collect()
        _require_source_row(result, f"let {self.function!r} keep it, null for rows that it adds")
        return result


def _require_source_row(result: pl.DataFrame, fix: str) -> None:
    if SOURCE_ROW not in result.columns:
        raise ConfigurationError(f"a processor dropped the column {SOURCE_ROW!r}, which numbers the rows; {fix}")
    dtype = result.schema[SOURCE_ROW]
    if not (dtype.is_integer() or dtype == pl.Null()):
        raise ConfigurationError(
            f"a processor turned the column {SOURCE_ROW!r}, which numbers the rows, into {dtype}; keep it as it came"
        )
