"""Who is to be sent, who is left out and why, and who has left: the delta of an export (semantics, 8 and 9)."""

from dataclasses import dataclass

import polars as pl

from cdpkit.core.vendor import ACCEPTED, IN_DOUBT

LEFT = "left"
"""The state of a profile that was in the segment and is not any more."""

THEIRS = "~"
"""Marks the id of a list on which a person was already before this goal put anybody there: never withdrawn."""

MEMBERS = {
    "row": pl.Int64(),
    "updated_seq": pl.Int64(),
    "consents": pl.Boolean(),
    "key": pl.String(),
    "has_value": pl.Boolean(),
    "labels": pl.Int64(),
}
"""A profile of the segment: whether it consented, its identifiers at the vendor as one text (null without any), whether
one of the mapped properties has a value, and a hash of the segment names to be sent (null where none are)."""


@dataclass(frozen=True, slots=True)
class DueOptions:
    """What decides who is due.

    Attributes:
        config: A hash of the goal's configuration; under another one everybody is sent again.
        lists: Ids of the lists on which the goal puts people.
        on_enter: Put them there.
        on_leave: Take them off when they leave.
        full: Send everybody.
        resend_in_doubt: Send those again of whom no answer came.
    """

    config: int
    lists: tuple[str, ...] = ()
    on_enter: bool = False
    on_leave: bool = False
    full: bool = False
    resend_in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """The delta of an export.

    Attributes:
        send: `row`, `key`, `labels`, `enter` (ids of lists), `held` (the lists that stay), and what the goal knew:
            `state`, `payload`; by ascending row.
        skipped: `row`, `reason` of members that are left out, but for those that are not due.
        not_due: How many members are as the vendor has them.
        in_doubt: `row` of members of whom no answer came to an earlier run.
        left: `row`, `key`, `lists`: profiles that are no members any more.
        withdraw: `row`, `key`, `list`: whom to take off which list.
        available: How many members have consent, an identifier and a value.
    """

    send: pl.DataFrame
    skipped: pl.DataFrame
    not_due: int
    in_doubt: pl.DataFrame
    left: pl.DataFrame
    withdraw: pl.DataFrame
    available: int


def who_is_due(members: pl.DataFrame, known: pl.DataFrame, options: DueOptions) -> Due:
    """Compare the members of a segment with what a goal knows of them.

    Args:
        members: As `MEMBERS`, by ascending row.
        known: `row`, `state`, `seq`, `config`, `payload`, `labels`, `key`, `lists`: what the goal last knew, each row
            once.
        options: What decides.
    """
    reason = (
        pl.when(~pl.col("consents"))
        .then(pl.lit("no_consent"))
        .when(pl.col("key").is_null())
        .then(pl.lit("missing_identifier"))
        .when(~pl.col("has_value"))
        .then(pl.lit("no_value"))
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
        left=_left(members, known),
        withdraw=_withdrawals(members, known, sent, options),
        available=usable.height,
    )


def _to_send(sent: pl.DataFrame, options: DueOptions) -> pl.DataFrame:
    """Lists that a person is on stay; one who entered the segment anew, or under another key, enters all again."""
    stays = (pl.col("state_before").ne_missing(LEFT)) & pl.col("key").eq_missing(pl.col("key_before"))
    none = pl.lit([], pl.List(pl.String))
    held = pl.when(stays).then(pl.col("lists_before")).fill_null(none)
    wanted = pl.lit(list(options.lists) if options.on_enter else [], pl.List(pl.String))
    bare = held.list.eval(pl.element().str.strip_prefix(THEIRS))
    enter = pl.when(held.list.len() == 0).then(wanted).otherwise(wanted.list.set_difference(bare))
    return sent.select(
        "row",
        "key",
        "labels",
        enter.alias("enter"),
        held.alias("held"),
        state="state_before",
        payload="payload_before",
    )


def _left(members: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    staying = members.filter("consents").select("row")
    gone = known.filter(pl.col("state") != LEFT).join(staying, on="row", how="anti", maintain_order="left")
    return gone.select("row", "key", "lists")


def _withdrawals(members: pl.DataFrame, known: pl.DataFrame, sent: pl.DataFrame, options: DueOptions) -> pl.DataFrame:
    """Leavers, and the former keys of people who have another one now; never a key that a member has."""
    schema = {"row": pl.Int64(), "key": pl.String(), "list": pl.String()}
    if not options.on_leave or known.is_empty():
        return pl.DataFrame(schema=schema)
    other = sent.filter(pl.col("key_before") != pl.col("key"))
    moved = other.select("row", key="key_before", lists="lists_before")
    gone = known.join(members.filter("consents").select("row"), on="row", how="anti", maintain_order="left")
    both = pl.concat([gone.select("row", "key", "lists"), moved]).filter(pl.col("lists").list.len() > 0)
    ours = both.explode("lists").rename({"lists": "list"}).filter(~pl.col("list").str.starts_with(THEIRS))
    staying = members.filter("consents").select("key").drop_nulls()
    safe = ours.join(staying, on="key", how="anti", maintain_order="left")
    return safe.unique(["key", "list"], maintain_order=True).sort("list", "row").select(*schema)
