"""The merge rule `add`: the values before, then all new ones, unique, in first-seen order."""

import polars as pl

from cdpkit.core.rules import Lines, Merged


def merge_add(lines: Lines, before: pl.Series, values: pl.Series) -> Merged:
    """Append what a profile does not hold yet.

    Args:
        lines: The lines.
        before: The list that the profile held when the run began, for each line.
        values: The accepted list of each line, null where it has none.

    Returns:
        The merge; the final list of each profile stands at its last changed line.
    """
    frame = pl.DataFrame({"row": lines.row, "before": before, "value": values}).with_row_index("line")
    given = frame.filter(pl.col("value").is_not_null())
    elements = given.select("line", "row", pl.col("value")).explode("value")
    held = given.filter(pl.col("before").is_not_null()).unique("row", maintain_order=True)
    if held.height:
        known = held.select("row", pl.col("before").alias("value")).explode("value")
        elements = elements.join(known, on=["row", "value"], how="anti", maintain_order="left")
    if lines.start is not None:
        elements = elements.unique(["row", "value"], keep="first", maintain_order=True)
    added = elements.group_by("row", maintain_order=True).agg(pl.col("line").last(), pl.col("value").alias("added"))
    final = added.join(frame.select("line", "before"), on="line", how="left", maintain_order="left").select(
        "line", value=pl.when(pl.col("before").is_null()).then("added").otherwise(pl.concat_list("before", "added"))
    )
    placed = frame.select("line").join(final, on="line", how="left", maintain_order="left")
    changed = frame["line"].is_in(elements["line"].unique().implode())
    return Merged(changed, placed["value"])
