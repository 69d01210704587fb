"""Taking a run back: `before` returns where the value is still `after`; the rest is listed, not touched.

A run may have committed several times, once for each of its goals. Its commits are taken back from the newest to the
oldest, in one step: a value goes back from commit to commit for as long as each finds it as it left it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.imports import CREATED_RULE
from cdpkit.core.properties import Property
from cdpkit.core.rules import differs
from cdpkit.core.text import from_text

UNDO_RULE = "undo"
CONFLICTS = {"row": pl.Int64(), "property": pl.String(), "reason": pl.String()}
CHANGED = {"row": pl.Int64(), "property": pl.String(), "before": pl.String(), "after": pl.String()}


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo would store and say.

    Attributes:
        patch: `row` and the properties that return; the rows by ascending number.
        deleted: The rows of created profiles that nothing but the run touched.
        changes: `row`, `property`, `before`, `after`: before and after the undo as a whole.
        conflicts: `row`, `property`, `reason`: what does not go back, or not all the way, once for each value; a null
            property stands for a whole profile.
    """

    patch: pl.DataFrame
    deleted: pl.Series
    changes: pl.DataFrame
    conflicts: pl.DataFrame


def undo(
    commits: Sequence[tuple[int, pl.DataFrame]],
    current: pl.DataFrame,
    properties: Mapping[str, Property],
    used: pl.Series | None = None,
) -> Undone:
    """Work out what taking a run back does.

    A value that the newest commit finds as it left it gets that commit's `before`; where this is what the next older
    commit of the run left, it gets that one's, and so on. Where somebody else changed it in between, it stops there
    and is a conflict: commits older than that one are not looked at, also where the value is by chance what they left.

    A created profile is deleted only when every commit of the workspace from its creation to its last change is of
    this run: what another one did to it meanwhile cannot be told from the changes of the run, so it is a conflict.

    Args:
        commits: The sequence number and the changes of each commit of the run, in the order they were made: `row`,
            `property`, `before`, `after`, `rule`; at least one.
        current: `row`, `updated_seq` and the changed properties of the profiles in `commits`, as they are now.
        properties: The catalogue.
        used: The rows of profiles that hold something of others beside values; None for none.
    """
    held = current.sort("row")
    created = _created(commits, current)
    lost = created.filter(pl.col("own").is_null())["row"].implode()
    parts = [
        changes.filter((pl.col("rule") != CREATED_RULE) & ~pl.col("row").is_in(lost))
        for _, changes in reversed(commits)
    ]
    patch, changed, conflicts = held, [pl.DataFrame(schema=CHANGED)], [pl.DataFrame(schema=CONFLICTS)]
    for name in pl.concat([part["property"] for part in parts]).unique().sort():
        steps = [step for part in parts if (step := part.filter(property=name)).height]
        back = _take_back(steps, held.select("row", name), properties[name])
        changed.append(back.changes)
        conflicts.append(back.conflicts)
        patch = patch.update(back.values, on="row", how="left", include_nulls=True)
    unclear = pl.concat(conflicts)["row"].implode()
    free = ~pl.col("row").is_in([] if used is None else used.implode())
    deleted = created.filter(pl.col("own") & ~pl.col("row").is_in(unclear) & free)["row"]
    touched = created.filter(pl.col("own").is_not_null() & ~pl.col("row").is_in(deleted.implode()))
    conflicts.append(
        touched.select("row", property=pl.lit(None, pl.String), reason=pl.lit(reasons.CREATED_AND_CHANGED.code))
    )
    changes = pl.concat(changed).filter(~pl.col("row").is_in(deleted.implode()))
    names = [name for name in current.columns if name not in {"row", "updated_seq"}]
    return Undone(
        patch.join(changes, on="row", how="semi").select("row", *names).sort("row"),
        deleted.sort(),
        changes,
        pl.concat(conflicts),
    )


def _created(commits: Sequence[tuple[int, pl.DataFrame]], current: pl.DataFrame) -> pl.DataFrame:
    """The created profiles as `row`, `own`: all commits since are of the run; null for a profile that is gone."""
    order = pl.DataFrame({"seq": [seq for seq, _ in commits]}, schema={"seq": pl.Int64}).with_row_index("nth")
    made = [
        changes.filter(pl.col("rule") == CREATED_RULE).select("row", seq=pl.lit(seq, pl.Int64))
        for seq, changes in commits
    ]
    stands = (
        pl.concat(made)
        .join(current.select("row", "updated_seq"), on="row", how="left", maintain_order="left")
        .join(order.select("seq", first="nth"), on="seq", how="left", maintain_order="left")
        .join(order.select(updated_seq="seq", last="nth"), on="updated_seq", how="left", maintain_order="left")
    )
    between = pl.col("updated_seq") - pl.col("seq") == pl.col("last").cast(pl.Int64) - pl.col("first")
    return stands.select("row", own=pl.when(pl.col("updated_seq").is_not_null()).then(between.fill_null(value=False)))


@dataclass(frozen=True, slots=True)
class _Back:
    """What becomes of one property: `row` and the values, the changes, and the conflicts."""

    values: pl.DataFrame
    changes: pl.DataFrame
    conflicts: pl.DataFrame


def _take_back(steps: list[pl.DataFrame], held: pl.DataFrame, prop: Property) -> _Back:
    """Follow the values of one property back through the changes of several commits, the newest first."""
    name = prop.name
    lines = steps[0] if len(steps) == 1 else pl.concat(steps).unique("row", keep="first", maintain_order=True)
    lines = lines.select("row", "after").join(
        held.select("row", held=name, found=True), on="row", how="left", maintain_order="left"
    )
    gone = lines["found"].is_null()
    value, text, broken = lines["held"], lines["after"], gone
    for step in steps:
        beside = lines.select("row").join(
            step.select("row", "before", "after", here=True), on="row", how="left", maintain_order="left"
        )
        before, after = from_text(beside["before"], prop), from_text(beside["after"], prop)
        here = beside["here"].is_not_null() & ~broken
        same = here & ~differs(value, after)
        value, text = _chosen(same, before, value), _chosen(same, beside["before"], text)
        broken |= here & ~same
    moved = differs(value, lines["held"]) & ~gone
    said = lines.with_columns(property=pl.lit(name))
    reason = pl.when(gone).then(pl.lit(reasons.PROFILE_GONE.code)).otherwise(pl.lit(reasons.CHANGED_AGAIN.code))
    return _Back(
        values=lines.select("row", value.alias(name)).filter(moved),
        changes=said.select("row", "property", before="after", after=text).filter(moved),
        conflicts=said.select("row", "property", reason=reason).filter(broken),
    )


def _chosen(mask: pl.Series, one: pl.Series, other: pl.Series) -> pl.Series:
    return pl.select(pl.when(mask).then(one).otherwise(other)).to_series()
