"""The merge rule `add`: the values before, then all new ones, unique, in first-seen order."""

import polars as pl

from cdpkit.core.rules import Lines, Merged

_EMPTY: list[str] = []


def merge_add(lines: Lines, before: pl.Series, values: pl.Series) -> Merged:
    """Append what a profile does not hold yet.

    Args:
        lines: The lines.
        before: The list that the profile held when the run began, for each line.
        values: The accepted list of each line, null where it has none.

    Returns:
        The merge; the final list of each profile stands at its last changed line.
    """
    frame = pl.DataFrame({"row": lines.row, "before": before.fill_null(_EMPTY), "value": values}).with_row_index("line")
    given = frame.filter(pl.col("value").is_not_null())
    alone = pl.col("before").list.n_unique() == pl.col("before").list.len()
    if lines.start is not None:
        alone &= (pl.col("row") != pl.col("row").shift(1, fill_value=-1)) & (
            pl.col("row") != pl.col("row").shift(-1, fill_value=-1)
        )
    apart = given.select(alone).to_series()
    final = _alone(given.filter(apart))
    changed = final["line"]
    if not apart.all():
        elements, together = _in_turn(given.filter(~apart))
        # In one chunk, because lists are gathered from several chunks ten times as slowly.
        final, changed = pl.concat([final, together], rechunk=True), pl.concat([changed, elements])
    placed = frame.select("line").join(final, on="line", how="left", maintain_order="left")
    return Merged(frame["line"].is_in(changed.implode()), placed["value"])


def _alone(given: pl.DataFrame) -> pl.DataFrame:
    """`line`, `value` of the lines that add something, each the only one of its profile, which holds no value twice."""
    both = pl.concat_list("before", "value").list.unique(maintain_order=True)
    merged = given.select("line", both.alias("value"), held=pl.col("before").list.len())
    return merged.filter(pl.col("value").list.len() > pl.col("held")).drop("held")


def _in_turn(given: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    """The lines that add something, and `line`, `value` of the last of them of each profile."""
    known = given.unique("row", maintain_order=True).select("row", value="before").explode("value").drop_nulls("value")
    elements = given.select("line", "row", "value").explode("value")
    elements = elements.join(known, on=["row", "value"], how="anti", maintain_order="left")
    elements = elements.unique(["row", "value"], keep="first", maintain_order=True)
    added = elements.group_by("row", maintain_order=True).agg(pl.col("line").last(), pl.col("value").alias("added"))
    held = added.join(given.select("line", "before"), on="line", how="left", maintain_order="left")
    return elements["line"].unique(), held.select("line", value=pl.concat_list("before", "added"))
