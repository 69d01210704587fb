"""Corrections as people give them, beside the lines that they correct."""

from collections.abc import Mapping, Sequence

import polars as pl

from cdpkit.core.handed import handed
from cdpkit.core.mending import LINE
from cdpkit.core.scalars import as_text
from cdpkit.errors import ConfigurationError

_HOW = "give a frame with the columns 'line' and 'mended', or a mapping such as {3: '2024-01-31'}"


def corrections_of(given: object) -> pl.DataFrame:
    """What was given as `line`, `property` (null where it is that of the line), `mended` (text; null for none).

    Args:
        given: A mapping of lines to values; or a frame of any make, or a mapping of columns, with `line` and `mended`
            or `value`, and `property` where it is another one.

    Raises:
        ConfigurationError: It is none of these, or has a line twice.
    """
    if isinstance(given, Mapping) and all(isinstance(line, int) for line in given):
        given = {LINE: list(given), "mended": [*given.values()]}
    frame = handed(given).frame.lazy().collect()
    if LINE not in frame.columns or not {"mended", "value"} & set(frame.columns):
        raise ConfigurationError(f"corrections name lines and values; {_HOW}")
    if frame.height and (not frame[LINE].dtype.is_integer() or frame[LINE].null_count()):
        raise ConfigurationError(f"lines are the numbers of the column 'line' of the frame; {_HOW}")
    if frame[LINE].n_unique() < frame.height:
        raise ConfigurationError("corrections name a line more than once; give each line one value")
    texts = [as_text(frame[name]).str.strip_chars() for name in ("mended", "value") if name in frame.columns]
    filled = [pl.select(pl.when(text != "").then(text)).to_series() for text in texts]
    own = (
        frame["property"] if "property" in frame.columns else pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    )
    value = pl.select(pl.coalesce(filled)).to_series()
    return pl.DataFrame([frame[LINE].cast(pl.Int64), own.cast(pl.String).alias("property"), value.alias("mended")])


def known_lines(given: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """The corrections beside the lines that they correct; those that give the refused value again are none.

    Raises:
        ConfigurationError: There is no such line in the frame; tells how many.
    """
    beside = given.drop_nulls("mended").join(
        lines.drop("mended"), on=LINE, how="left", maintain_order="left", suffix="_before"
    )
    strange = beside.filter(pl.col("goal").is_null())[LINE]
    if strange.len():
        raise ConfigurationError(
            f"{strange.len():,} of the lines are not listed: {_some(strange)}; the column 'line' of the frame numbers "
            "those that are"
        )
    named = beside.with_columns(pl.coalesce("property", "property_before").alias("property")).drop("property_before")
    return named.filter(pl.col("mended").ne_missing(pl.col("value")))


def refuse_lines(lines: pl.DataFrame, why: str) -> None:
    """Refuse corrections, where there are some, by the numbers of their lines.

    Raises:
        ConfigurationError: There are.
    """
    if lines.height:
        raise ConfigurationError(f"line {_some(lines[LINE])}: {why}")


def _some(lines: Sequence[int] | pl.Series) -> str:
    first = ", ".join(str(line) for line in lines[:5])
    return first if len(lines) <= 5 else f"{first} and {len(lines) - 5:,} more"  # noqa: PLR2004
