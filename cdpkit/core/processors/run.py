"""Running steps over source rows, with an account of every row."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.processors.columns import Rename
from cdpkit.core.processors.registry import Context, PythonProcessor, RunSql
from cdpkit.core.processors.steps import Step
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.errors import CdpkitError, ConfigurationError

_EXCLUDED_SCHEMA = pl.Schema({SOURCE_ROW: pl.Int64(), "reason": pl.String()})
UNREAD = pl.Schema({SOURCE_ROW: pl.Int64(), "field": pl.String(), "value": pl.String(), "reason": pl.String()})
"""Values that steps could not read."""


@dataclass(frozen=True, slots=True)
class Processed:
    """Rows after all steps, and what became of the others.

    `rows.height + excluded.height` is the number of received rows plus `added`.

    Attributes:
        rows: What is left, in order; `_source_row` (Int64) is null in rows that a step added.
        excluded: One row for each received row that vanished: `_source_row` Int64, `reason` String
            (`processor:<name of the step>`); by step, then in source order.
        added: How many of `rows` were added. A row that one step adds and a later one removes is not counted.
        unread: The values that steps could not read, as `UNREAD`, by step and field, then in source order; they were
            emptied, or took their row with them.
    """

    rows: pl.DataFrame
    excluded: pl.DataFrame
    added: int
    unread: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Naming:
    """Lets what a user's function or SQL raises tell its step, and no value of the rows: its own text may hold some."""

    step: str

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if isinstance(error, CdpkitError):
            error.add_note(f"raised in the processor step {self.step!r}")
        elif isinstance(error, Exception):
            what = f"the processor step {self.step!r} raised {type(error).__name__}"
            raise ConfigurationError(f"{what}; mend it (the error above tells where), or remove the step") from error


def process(
    rows: pl.DataFrame,
    steps: Sequence[Step],
    *,
    functions: Mapping[str, PythonProcessor],
    sql: RunSql,
    today: dt.date,
) -> Processed:
    """Run the steps in order.

    A row that vanishes in a step is excluded under the step's name. A row that SQL or a Python function adds, and
    every repetition of a received row but the first, goes on without a number and is counted as added.

    Args:
        rows: Received rows with the column `_source_row` (Int64, without nulls or repetitions).
        steps: What `parse_steps` made.
        functions: The registered Python functions by name.
        sql: Runs one SELECT over a table named `rows`.
        today: The date that counts as the current one.

    Raises:
        ConfigurationError: A field does not exist or does not fit, a step lost `_source_row`, or a user's function
            raised something, which is then the cause.
    """
    if rows.schema.get(SOURCE_ROW) != pl.Int64():
        raise ConfigurationError(f"source rows need the column {SOURCE_ROW!r} of type Int64; number them first")
    excluded, unread = [_EXCLUDED_SCHEMA.to_frame()], [UNREAD.to_frame()]
    for step in steps:
        with _Naming(step.name):
            context = Context(step=step.name, functions=functions, sql=sql, today=today)
            after = _numbered(rows, step.processor.apply(rows, context))
        excluded.append(_vanished(rows, after, step.name))
        reason = pl.lit(reasons.UNREAD.of(step.name), dtype=pl.String()).alias("reason")
        unread += [part.select(SOURCE_ROW, "field", "value", reason) for part in context.unread]
        if isinstance(step.processor, Rename):  # what could not be read goes under the field's new name
            unread = [part.with_columns(pl.col("field").replace(dict(step.processor.fields))) for part in unread]
        rows = after
    return Processed(rows, pl.concat(excluded), rows[SOURCE_ROW].null_count(), pl.concat(unread))


def _numbered(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """`after`, in which each number of `before` stands at most once, and no other number."""
    numbers = after[SOURCE_ROW].cast(pl.Int64(), strict=False)
    if numbers.equals(before[SOURCE_ROW]):
        return after.with_columns(numbers)
    is_known = numbers.is_in(before[SOURCE_ROW].implode()) & numbers.is_first_distinct()
    return after.with_columns(pl.when(is_known).then(numbers).alias(SOURCE_ROW))


def _vanished(before: pl.DataFrame, after: pl.DataFrame, step: str) -> pl.DataFrame:
    numbers = before[SOURCE_ROW]
    gone = numbers.filter(~numbers.is_in(after[SOURCE_ROW].implode()) & numbers.is_not_null())
    return gone.to_frame().with_columns(reason=pl.lit(reasons.ROW_REMOVED.of(step), dtype=pl.String()))
