"""Which lists at a vendor people are on, as a goal knows it: columns of ids of lists, and how a run changes them.

Most goals have no list, and columns of lists take time where there are a million people; so where nobody has one, the
columns are filled with none and nothing is worked out.
"""

from collections.abc import Sequence

import polars as pl

OFF = "off"
MEMBERSHIP = ("lists", "theirs", "maybe", OFF)
"""The columns: lists on which the goal put the person; those on which the person was before the goal put anybody there,
which are never withdrawn; those for which the goal asked, and no answer came; those that the goal itself took the
person off, and on which it has not put them again. A list is in one of the first three at most."""

NO_LISTS = pl.lit([], pl.List(pl.String))


def on_any_list(lines: pl.DataFrame, columns: Sequence[str] = MEMBERSHIP) -> bool:
    """Whether anybody has a list in one of these columns."""
    return bool(lines.select(pl.max_horizontal(pl.col(name).list.len().max() for name in columns)).item())


def completed(lines: pl.DataFrame) -> pl.DataFrame:
    """People whom an earlier version wrote down, with the columns of `MEMBERSHIP` that it did not know."""
    return lines.with_columns(NO_LISTS.alias(name) for name in MEMBERSHIP if name not in lines.columns)


def owes() -> pl.Expr:
    """Whether a person is on a list that the goal put them on, or may be, and has to be taken off when they leave."""
    return ((pl.col("lists").list.len() > 0) | (pl.col("maybe").list.len() > 0)).alias("owes")


def before_push(lines: pl.DataFrame, wanted: Sequence[str], away: pl.Expr) -> list[pl.Expr]:
    """`enter`, the lists that people are to be put on, and `MEMBERSHIP` as far as it is of the key that they have now.

    Lists that a person is on stay; one who comes back, or has another key, enters all again. Whether somebody who comes
    back was on a list before is looked up anew, so `theirs` is left out for them.

    Args:
        lines: `key`, and `key` and `MEMBERSHIP` as the goal knew them, with `_before` behind their names; null where it
            knew nothing.
        wanted: The lists of the goal.
        away: Whether a person was away until now; no null.
    """
    enter = pl.lit(list(wanted), pl.List(pl.String))
    known = [f"{name}_before" for name in MEMBERSHIP]
    if not on_any_list(lines, known):
        return [enter.alias("enter"), *(NO_LISTS.alias(name) for name in MEMBERSHIP)]
    same = pl.col("key").eq_missing(pl.col("key_before"))
    lists, _, maybe, off = (pl.when(same).then(name).fill_null(NO_LISTS) for name in known)
    stay, theirs, _, _ = (pl.when(same & ~away).then(name).fill_null(NO_LISTS) for name in known)
    held = pl.concat_list(stay, theirs)
    rest = pl.when(held.list.len() == 0).then(enter).otherwise(enter.list.set_difference(held))
    named = zip(("enter", *MEMBERSHIP), (rest, lists, theirs, maybe, off), strict=True)
    return [ids.alias(name) for name, ids in named]


def back() -> pl.Expr:
    """Which of the lists to enter the goal itself took a person off, so that the person may come back."""
    return pl.col("enter").list.set_intersection(pl.col(OFF)).alias("back")


def found_on(on: pl.Expr) -> pl.Expr:
    """Which of the lists to enter a person is on already, without having been put there by the goal.

    Args:
        on: All lists that the person is on at the vendor; null for none.
    """
    there = pl.col("enter").list.set_intersection(on.fill_null(NO_LISTS))
    return there.list.set_difference(pl.concat_list("lists", "maybe"))


def after_push(lines: pl.DataFrame, tried: pl.Expr) -> list[pl.Expr]:
    """`MEMBERSHIP` once people were sent.

    Args:
        lines: `enter`, `found` (as `found_on`), `put` (the lists that the vendor put them on; null for none), and
            `MEMBERSHIP` as `before_push` gives it.
        tried: Whether a person was sent, and no answer came.
    """
    if not on_any_list(lines, (*MEMBERSHIP, "enter", "found", "put")):
        return [NO_LISTS.alias(name) for name in MEMBERSHIP]
    put, found = pl.col("put").fill_null(NO_LISTS), pl.col("found")
    asked = pl.when(tried).then(pl.col("enter").list.set_difference(found)).fill_null(NO_LISTS)
    theirs = pl.concat_list("theirs", found.list.set_intersection(put))
    return [
        pl.concat_list("lists", put.list.set_difference(found)).list.unique(maintain_order=True).alias("lists"),
        theirs.list.unique(maintain_order=True).alias("theirs"),
        pl.concat_list("maybe", asked).list.set_difference(pl.concat_list("lists", put)).alias("maybe"),
        pl.col(OFF).list.set_difference(put).alias(OFF),
    ]


def after_withdrawal(lines: pl.DataFrame, withdrawn: pl.DataFrame) -> pl.DataFrame:
    """People without the lists that they were taken off.

    Args:
        lines: `row`, `MEMBERSHIP`.
        withdrawn: `row`, `list`, `ours` (whether it is certain that nobody else had taken them off it before).
    """
    if withdrawn.is_empty():
        return lines
    gone = withdrawn.group_by("row").agg(pl.col("list").alias("_gone"), pl.col("list").filter("ours").alias("_ours"))
    without = pl.col("lists", "maybe").list.set_difference(pl.col("_gone").fill_null(NO_LISTS))
    off = pl.col(OFF).fill_null(NO_LISTS).list.set_union(pl.col("_ours").fill_null(NO_LISTS))
    found = lines.join(gone, on="row", how="left", maintain_order="left").with_columns(without, off)
    return found.drop("_gone", "_ours")


def to_withdraw(lines: pl.DataFrame) -> pl.DataFrame:
    """`row`, `key`, `list`: the lists that people are to be taken off when they leave.

    Args:
        lines: `row`, `key`, `lists`, `maybe`; a null key, and null lists, are left out.
    """
    owed = pl.concat_list(pl.col("lists").fill_null(NO_LISTS), pl.col("maybe").fill_null(NO_LISTS)).alias("list")
    listed = lines.drop_nulls("key").select("row", "key", owed).filter(pl.col("list").list.len() > 0)
    return listed.explode("list").unique(["row", "key", "list"], maintain_order=True)
