"""Taking a run back: `before` returns where the value is still `after`; the rest is listed, not touched."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from cdpkit.core.imports import CREATED_RULE
from cdpkit.core.properties import Property
from cdpkit.core.rules import differs
from cdpkit.core.text import from_text

UNDO_RULE = "undo"
CONFLICTS = {"row": pl.Int64(), "property": pl.String(), "reason": pl.String()}


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo would store and say.

    Attributes:
        patch: `row` and the properties that return; the rows by ascending number.
        deleted: The rows of created profiles that nothing touched since.
        changes: `row`, `property`, `before`, `after`: before and after the undo.
        conflicts: `row`, `property`, `reason`: what stays as it is; a null property stands for a whole profile.
    """

    patch: pl.DataFrame
    deleted: pl.Series
    changes: pl.DataFrame
    conflicts: pl.DataFrame


def undo(changes: pl.DataFrame, current: pl.DataFrame, properties: Mapping[str, Property], seq: int) -> Undone:
    """Work out what taking a run back does.

    Args:
        changes: The run's changes: `row`, `property`, `before`, `after`, `rule`.
        current: `row`, `updated_seq` and the changed properties of the profiles in `changes`, as they are now.
        properties: The catalogue.
        seq: The sequence number of the run.
    """
    created = changes.filter(pl.col("rule") == CREATED_RULE).select("row")
    values = changes.filter(pl.col("rule") != CREATED_RULE)
    patch, undone, conflicts = current.sort("row"), [], [pl.DataFrame(schema=CONFLICTS)]
    for name in values["property"].unique().sort():
        part = values.filter(property=name).select("row", "before", "after")
        lines = part.join(patch.select("row", held=name), on="row", how="left", maintain_order="left")
        prop = properties[name]
        before, after = from_text(lines["before"], prop), from_text(lines["after"], prop)
        gone = ~lines["row"].is_in(patch["row"].implode())
        same = ~differs(lines["held"], after) & ~gone
        conflicts.append(_conflicts(lines.filter(~same), name, gone.filter(~same)))
        back = lines.select("row").with_columns(before.alias(name)).filter(same)
        undone.append(lines.filter(same).select("row", property=pl.lit(name), before="after", after="before"))
        patch = patch.update(back, on="row", how="left", include_nulls=True)
    stands = created.join(current.select("row", "updated_seq"), on="row", how="left")
    untouched = stands.filter(pl.col("updated_seq") == seq)["row"]
    touched = stands.filter(pl.col("updated_seq").is_not_null() & (pl.col("updated_seq") != seq))
    conflicts.append(
        touched.select("row", property=pl.lit(None, pl.String), reason=pl.lit("changed since it was created"))
    )
    restored = pl.concat([pl.DataFrame(schema={"row": pl.Int64}), *(part.select("row") for part in undone)]).unique()
    names = [name for name in current.columns if name not in {"row", "updated_seq"}]
    return Undone(
        patch.join(restored, on="row", how="semi").select("row", *names).sort("row"),
        untouched.sort(),
        pl.concat(undone) if undone else values.select("row", "property", "before", "after").clear(),
        pl.concat(conflicts),
    )


def _conflicts(lines: pl.DataFrame, name: str, gone: pl.Series) -> pl.DataFrame:
    reason = pl.when(gone).then(pl.lit("the profile is gone")).otherwise(pl.lit("changed again since"))
    return lines.select("row", property=pl.lit(name), reason=reason)
