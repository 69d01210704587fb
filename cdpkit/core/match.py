"""Which profile each source row belongs to: those that exist, and those that earlier rows create.

Matching sees the profiles as they were when the run began, and the identifiers of profiles created in it. Rows with
one value for each identifier take joins alone; rows with several values go through rounds of whole columns
(`cdpkit.core.creation`), because whether such a row creates a profile depends on the rows before it.

Consent is asked of what is matched, as it was when the run began. A profile created in the run consents, whatever the
rows after the one that created it carry; a row before that one did not find it and is left out.
"""

from dataclasses import dataclass, replace

import polars as pl

from cdpkit.core.creation import creating_rows
from cdpkit.core.goal import OnMultiple
from cdpkit.core.keys import POSITION
from cdpkit.core.repeated import repeated

TARGETS = {POSITION: pl.UInt32, "row": pl.Int64}


@dataclass(frozen=True, slots=True)
class Matches:
    """Where rows go; every frame is keyed by `position`.

    Attributes:
        targets: `position`, `row`: the profiles each row is applied to, ordered by row and position.
        created: `position`, `row`: which row creates which profile; rows are numbered on in source order.
        unmatched: Positions of rows that match nothing and may not create.
        skipped: Positions of rows left out because they match several profiles.
        withheld: Positions of rows left out because nothing that they match, or would create, has consented.
        several: How many rows match more than one profile.
    """

    targets: pl.DataFrame
    created: pl.DataFrame
    unmatched: pl.Series
    skipped: pl.Series
    withheld: pl.Series
    several: int

    def created_among(self, rows: pl.Series) -> pl.DataFrame:
        """The part of `created` that lies between the first and the last of these ascending rows.

        Created profiles are numbered without gaps, so this is a slice and costs nothing.
        """
        if self.created.is_empty() or rows.is_empty():
            return self.created.clear()
        start = int(self.created["row"][0])
        first, last = max(int(rows[0]) - start, 0), int(rows[-1]) - start
        return self.created.slice(first, max(last - first + 1, 0))


@dataclass(frozen=True, slots=True)
class Owned:
    """What rows would store as identifiers if they created a profile.

    Attributes:
        keys: `position` and the key columns in compared form.
        next_row: The number of the first profile that is created.
        carriers: Positions of the rows that carry the consent to be created; None where all may create.
    """

    keys: pl.DataFrame
    next_row: int
    carriers: pl.Series | None = None

    def creating(self, lines: pl.DataFrame) -> pl.DataFrame:
        """The lines of rows that may create a profile."""
        return lines if self.carriers is None else lines.filter(pl.col(POSITION).is_in(self.carriers.implode()))


def resolve(
    keys: pl.DataFrame,
    stored: pl.LazyFrame,
    updated: pl.LazyFrame,
    *,
    owned: Owned | None,
    on_multiple: OnMultiple,
    several_values: bool,
    consents: pl.LazyFrame | None = None,
) -> Matches:
    """Match rows with profiles, and keep the matches that have consented.

    Of several matches the choice comes first: with "newest" the newest profile is asked for its consent, not the
    newest of those that gave it, since the row means that person. With "all" the profiles that consented stay.

    Args:
        keys: `position` and key columns, one line a combination of values.
        stored: `row` and the same key columns, for all profiles.
        updated: `row` and `updated_seq` of all profiles; read where rows match several only.
        owned: What rows store when they create a profile; None where they may not.
        on_multiple: What a row with several matches does.
        several_values: Whether any position has more than one line in `keys`.
        consents: `row` and the Boolean `consents` of all profiles, read for those that are matched; None where
            everybody passes.

    Raises:
        ConfigurationError: Rows with several values chain through more than 1,000 rounds.
    """
    names = [name for name in keys.columns if name != POSITION]
    found = stored.join(keys.lazy(), on=names, how="inner").select(POSITION, "row").collect(engine="streaming")
    choosing = _Choosing(on_multiple, updated, consents)
    if several_values:
        return _resolve_several(keys, found.unique(), names, owned, choosing)
    return _resolve_single(keys, found, names, owned, choosing)


def _resolve_single(
    keys: pl.DataFrame, found: pl.DataFrame, names: list[str], owned: Owned | None, choosing: "_Choosing"
) -> Matches:
    """Every row has one line, so rows with equal keys share their fate: created profiles never meet stored ones."""
    choice = _choose(found, choosing)
    rest = keys.join(found, on=POSITION, how="anti", maintain_order="left")
    if owned is None or rest.is_empty():
        return _matches(choice, _nothing(), rest[POSITION], owned)
    first = owned.creating(rest).unique(names, keep="first", maintain_order=True)
    created = first.select(POSITION).with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64) + owned.next_row)
    left = rest[POSITION].clear()
    if first.height == rest.height:
        joined = created
    else:
        numbered = first.select(names).with_columns(created["row"])
        joined = rest.join(numbered, on=names, how="left", maintain_order="left").select(POSITION, "row")
        if owned.carriers is not None:
            creator = created[POSITION].gather(joined["row"] - owned.next_row)
            reached = (creator <= joined[POSITION]).fill_null(value=False)
            left, joined = joined[POSITION].filter(~reached), joined.filter(reached)
    targets = pl.concat([choice.targets, joined]).sort("row", POSITION)
    return _matches(replace(choice, targets=targets), created, left, owned)


def _resolve_several(
    keys: pl.DataFrame, pairs: pl.DataFrame, names: list[str], owned: Owned | None, choosing: "_Choosing"
) -> Matches:
    """A row may meet stored profiles and several created ones."""
    rest = keys.join(pairs, on=POSITION, how="anti", maintain_order="left")
    created = _nothing()
    if owned is not None and rest.height:
        able = owned.creating(rest)
        creators = creating_rows(able, owned.keys.join(able, on=POSITION, how="semi"), names)
        created = creators.to_frame().with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64) + owned.next_row)
        stores = owned.keys.join(created, on=POSITION, how="inner").rename({POSITION: "creator"})
        met = (
            keys.join(stores, on=names, how="inner")
            .filter(pl.col("creator") <= pl.col(POSITION))
            .select(POSITION, "row")
            .unique([POSITION, "row"])
        )
        pairs = pl.concat([pairs, met])
    choice = _choose(pairs, choosing)
    reached = pairs[POSITION].unique()
    left = rest.select(POSITION).unique(maintain_order=True).filter(~pl.col(POSITION).is_in(reached.implode()))
    return _matches(choice, created, left[POSITION], owned)


@dataclass(frozen=True, slots=True)
class _Choosing:
    on_multiple: OnMultiple
    updated: pl.LazyFrame
    consents: pl.LazyFrame | None


@dataclass(frozen=True, slots=True)
class _Choice:
    targets: pl.DataFrame
    skipped: pl.Series
    withheld: pl.Series
    several: int


def _matches(choice: _Choice, created: pl.DataFrame, left: pl.Series, owned: Owned | None) -> Matches:
    """The choice, and the rows that are left without a profile: they may not create one, or carry no consent to it."""
    unmatched, withheld = (left, left.clear()) if owned is None else (left.clear(), left)
    withheld = pl.concat([choice.withheld, withheld])
    return Matches(choice.targets, created, unmatched, choice.skipped, withheld, choice.several)


def _choose(targets: pl.DataFrame, choosing: _Choosing) -> _Choice:
    """Settle rows with several matches; a profile created in this run has no `updated_seq` and is the newest of all."""
    nothing = pl.Series(POSITION, [], pl.UInt32)
    several = repeated(targets[POSITION])
    if several is None:
        return _asked(_Choice(targets.sort("row", POSITION), nothing, nothing, 0), choosing.consents)
    doubled, on_multiple = targets.filter(several), choosing.on_multiple
    positions = doubled[POSITION].unique().sort()
    if on_multiple is OnMultiple.SKIP:
        targets = targets.filter(~several)
    elif on_multiple is OnMultiple.NEWEST:
        updated = choosing.updated.filter(pl.col("row").is_in(doubled["row"].unique().implode())).collect()
        dated = doubled.join(updated, on="row", how="left")
        newest = dated.sort("updated_seq", "row", nulls_last=True).unique(POSITION, keep="last", maintain_order=True)
        targets = pl.concat([targets.filter(~several), newest.select(POSITION, "row")])
    skipped = positions if on_multiple is OnMultiple.SKIP else nothing
    return _asked(_Choice(targets.sort("row", POSITION), skipped, nothing, positions.len()), choosing.consents)


def _asked(choice: _Choice, consents: pl.LazyFrame | None) -> _Choice:
    """Leave out the profiles that did not consent, and the rows that have no other; created ones did."""
    if consents is None or choice.targets.is_empty():
        return choice
    chosen = choice.targets["row"].unique().implode()
    asked = consents.filter(pl.col("row").is_in(chosen)).collect(engine="streaming")
    kept = choice.targets.join(asked.filter(~pl.col("consents")), on="row", how="anti", maintain_order="left")
    withheld = choice.targets.join(kept, on=POSITION, how="anti")[POSITION].unique()
    return replace(choice, targets=kept, withheld=withheld)


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema=TARGETS)
