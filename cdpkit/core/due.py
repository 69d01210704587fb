"""Who is to be sent, who is left out and why, and who has left: the delta of an export (semantics, 8 and 9)."""

from dataclasses import dataclass, field, replace

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.membership import MEMBERSHIP, OFF, before_push, to_withdraw
from cdpkit.core.outcome import ACCEPTED, IN_DOUBT

LEFT = "left"
"""The state of a profile that was in the segment and is not any more."""

NO_CONSENT, MISSING_IDENTIFIER, NO_VALUE = (
    reason.code for reason in (reasons.WITHOUT_CONSENT, reasons.WITHOUT_IDENTIFIER, reasons.WITHOUT_VALUE)
)
"""Why a member is not sent; also the state that a goal knows it by, until the profile changes."""

TRIED = "tried"
"""The state of a profile that was on its way to the vendor when a run failed, and of which no answer came."""

TAKEN_OFF = "taken_off"
"""The state of a profile that the vendor has, and that another goal took off a list; a member is sent again, and put on
the list again."""

STAYS = {"row": pl.Int64(), "key": pl.String(), "list": pl.String(), "by": pl.String()}
"""Somebody who left and stays on a list all the same, and the key of a goal that keeps them there."""

MEMBERS = {
    "row": pl.Int64(),
    "updated_seq": pl.Int64(),
    "consents": pl.Boolean(),
    "key": pl.String(),
    "has_value": pl.Boolean(),
    "labels": pl.Int64(),
}
"""A profile of the segment: the commit that changed it last (0 where that was before all that the goal knows of
anybody), whether it consented, its identifiers at the vendor as one text (null without any), whether one of the mapped
properties has a value, and a hash of the segment names to be sent (null where none are)."""

_AWAY = (LEFT, NO_CONSENT)
_SETTLED_SKIPS = (NO_CONSENT, MISSING_IDENTIFIER, NO_VALUE)


@dataclass(frozen=True, slots=True)
class DueOptions:
    """What decides who is due.

    Attributes:
        config: A hash of what decides a body; under another one everybody is sent again.
        selection: A hash of what decides whether a member can be sent; under another one all are looked at again.
        lists: Ids of the lists on which the goal puts people.
        on_enter: Put them there.
        on_leave: Take them off when they leave.
        full: Send everybody.
        resend_in_doubt: Send those again of whom no answer came.
    """

    config: int
    selection: int = 0
    lists: tuple[str, ...] = ()
    on_enter: bool = False
    on_leave: bool = False
    full: bool = False
    resend_in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """The delta of an export.

    Attributes:
        send: `row`, `key`, `labels`, `enter` (ids of lists), `MEMBERSHIP` (as far as it is of this key), and what the
            goal knew: `state`, `payload`, and `fields` as far as they are of this `config`; by ascending row.
        skipped: `row`, `reason` of members that are left out, but for those that are not due.
        not_due: How many members are as the vendor has them.
        in_doubt: `row` of members of whom no answer came to an earlier run.
        left: `row`, `key`, `MEMBERSHIP`: profiles that are no members any more.
        noted: `row`, `labels`, `state`, `key`, `MEMBERSHIP`: the skipped members that were looked at, to be known by
            their reason.
        withdraw: `row`, `key`, `list`: whom to take off which list; several profiles may have the same key.
        available: How many members have consent, an identifier and a value.
        stays: As `STAYS`: who would be withdrawn, and is wanted on the list by another goal.
    """

    send: pl.DataFrame
    skipped: pl.DataFrame
    not_due: int
    in_doubt: pl.DataFrame
    left: pl.DataFrame
    noted: pl.DataFrame
    withdraw: pl.DataFrame
    available: int
    stays: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=STAYS))


def settled(segment: pl.DataFrame, before: pl.DataFrame, options: DueOptions) -> pl.Series:
    """The members of whom all is known without looking at their values, because nothing has changed since.

    Args:
        segment: `row`, `updated_seq`, `labels` of all members.
        before: `state`, `seq`, `config`, `selection`, `labels`: what the goal last knew of each, line by line; null
            where it knows nothing.
        options: What decides.

    Returns:
        A Boolean for each member.
    """
    states = [ACCEPTED, *_SETTLED_SKIPS] + ([] if options.resend_in_doubt else [IN_DOUBT])
    same = (
        pl.col("state_before").is_in(states)
        & (pl.col("config_before") == options.config)
        & (pl.col("selection_before") == options.selection)
        & (pl.col("updated_seq") <= pl.col("seq_before"))
        & pl.col("labels").eq_missing(pl.col("labels_before"))
    )
    if options.full:
        return pl.repeat(value=False, n=segment.height, dtype=pl.Boolean, eager=True)
    both = segment.hstack(before.select(pl.all().name.suffix("_before")))
    return both.select(same.fill_null(value=False)).to_series()


def with_settled(due: Due, count: int, lines: pl.DataFrame) -> Due:
    """The delta of the members that had to be looked at, together with the settled ones.

    Args:
        due: The delta.
        count: How many are settled.
        lines: `row`, `state` of those among them that the vendor has not accepted.
    """
    skips = lines.filter(pl.col("state").is_in(_SETTLED_SKIPS)).select("row", reason="state")
    doubtful = lines.filter(state=IN_DOUBT).select("row")
    return replace(
        due,
        skipped=pl.concat([due.skipped, skips]).sort("row"),
        not_due=due.not_due + count - skips.height - doubtful.height,
        in_doubt=pl.concat([due.in_doubt, doubtful]).sort("row"),
        available=due.available + count - skips.height,
    )


def who_is_due(members: pl.DataFrame, known: pl.DataFrame, options: DueOptions) -> Due:
    """Compare members of a segment with what a goal knows of them.

    Args:
        members: As `MEMBERS`, by ascending row.
        known: `row`, `state`, `seq`, `config`, `payload`, `fields`, `labels`, `key`, `MEMBERSHIP`: what the goal last
            knew of these members and of profiles that are no members, each row once.
        options: What decides.
    """
    reason = (
        pl.when(~pl.col("consents"))
        .then(pl.lit(NO_CONSENT))
        .when(pl.col("key").is_null())
        .then(pl.lit(MISSING_IDENTIFIER))
        .when(~pl.col("has_value"))
        .then(pl.lit(NO_VALUE))
    )
    skipped = members.select("row", reason.alias("reason")).drop_nulls("reason")
    usable = members if skipped.is_empty() else members.join(skipped, on="row", how="anti", maintain_order="left")
    before = known.select("row", pl.exclude("row").name.suffix("_before"))
    lines = usable.join(before, on="row", how="left", maintain_order="left")
    doubtful = (pl.col("state_before") == IN_DOUBT).fill_null(value=False) & (not options.resend_in_doubt)
    due = ~doubtful & (
        pl.lit(options.full)
        | (pl.col("state_before") != ACCEPTED).fill_null(value=True)
        | (pl.col("config_before") != options.config)
        | (pl.col("updated_seq") > pl.col("seq_before"))
        | pl.col("labels").ne_missing(pl.col("labels_before"))
    )
    sent = lines.filter(due)
    return Due(
        send=_to_send(sent, options),
        skipped=skipped,
        not_due=lines.height - sent.height - lines.select(doubtful.sum()).item(),
        in_doubt=lines.filter(doubtful).select("row"),
        left=known.join(members, on="row", how="anti", maintain_order="left")
        .filter(pl.col("state") != LEFT)
        .select("row", "key", *MEMBERSHIP),
        noted=_noted(members, skipped, known),
        withdraw=_withdrawals(members, known, sent, options),
        available=usable.height,
    )


def _noted(members: pl.DataFrame, skipped: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The skipped members under the identifiers that they have now.

    One who has other identifiers by now, but is on lists under the former ones, is looked at each time.
    """
    lines = (
        members.select("row", "labels", current="key")
        .join(skipped.select("row", state="reason"), on="row", how="inner", maintain_order="left")
        .join(known.select("row", "key", *MEMBERSHIP), on="row", how="left", maintain_order="left")
    )
    away = pl.col("state") == NO_CONSENT
    on = [name for name in MEMBERSHIP if name != OFF]
    listed = pl.any_horizontal((pl.col(name).list.len() > 0).fill_null(value=False) for name in on)
    kept = lines.filter(away | ~listed | pl.col("current").eq_missing(pl.col("key")))
    return kept.with_columns(key=pl.when(away).then("key").otherwise("current")).drop("current")


def spared(withdraw: pl.DataFrame, holders: pl.DataFrame) -> pl.DataFrame:
    """Those to withdraw, but for the keys that other members have, who stay.

    Args:
        withdraw: `row`, `key`, `list`.
        holders: `key` of members who stay.
    """
    return withdraw.join(holders.select("key").drop_nulls(), on="key", how="anti", maintain_order="left")


def _to_send(sent: pl.DataFrame, options: DueOptions) -> pl.DataFrame:
    away = pl.col("state_before").is_in(_AWAY).fill_null(value=False)
    wanted = options.lists if options.on_enter else ()
    return sent.select(
        "row",
        "key",
        "labels",
        *before_push(sent, wanted, away),
        state="state_before",
        payload="payload_before",
        fields=pl.when(pl.col("config_before") == options.config).then("fields_before"),
    )


def _gone(members: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    return known.join(members.filter("consents").select("row"), on="row", how="anti", maintain_order="left")


def _withdrawals(members: pl.DataFrame, known: pl.DataFrame, sent: pl.DataFrame, options: DueOptions) -> pl.DataFrame:
    """Leavers, and the former keys of people who have another one now; never a key that a member has."""
    schema = {"row": pl.Int64(), "key": pl.String(), "list": pl.String()}
    if not options.on_leave or known.is_empty():
        return pl.DataFrame(schema=schema)
    before = {name: f"{name}_before" for name in ("key", "lists", "maybe")}
    moved = sent.filter(pl.col("key_before") != pl.col("key")).select("row", **before)
    both = pl.concat([_gone(members, known).select("row", *before), moved])
    ours = spared(to_withdraw(both), members.filter("consents"))
    return ours.sort("list", "row").select(*schema)
