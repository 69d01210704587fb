"""What an export leaves behind: what the goal knows of every profile now, the fates, and the counters."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.due import LEFT, TRIED
from cdpkit.core.fates import counted
from cdpkit.core.membership import MEMBERSHIP, NO_LISTS, after_push, after_withdrawal, completed, owes
from cdpkit.core.outcome import ACCEPTED, IN_DOUBT, REJECTED
from cdpkit.runs.exports.changed import NOTES
from cdpkit.runs.exports.journal import PUSH
from cdpkit.runs.exports.plan import ExportPlan
from cdpkit.runs.exports.render import LEFT_OUT, REFUSED, UNREAD
from cdpkit.runs.exports.send import Sent
from cdpkit.store.exported import KNOWN

SKIPPED, WITHDRAWN, STAYS = "skipped", "withdrawn", "stays"
FATES = {"row": pl.Int64(), "fate": pl.String(), "reason": pl.String()}


_TAKEN_OFF = ("row", "key", "list", "ours")
_SELDOM = ("kept_on_lists", "unread", "cost")


@dataclass(frozen=True, slots=True)
class ExportCounters:
    """What happened, in numbers of profiles.

    Attributes:
        in_segment: Members of the segment.
        available: Those with consent, an identifier and a value.
        sent: Those that went to the vendor.
        accepted: Those that it took.
        rejected: Those that it refused, or that do not fit its fields, by reason.
        skipped: Those that were left out, by reason.
        in_doubt: Those of whom no answer came, now or in an earlier run.
        withdrawn: Those that were taken off a list, once for each list; they are no members.
        kept_on_lists: Those that left and stay on a list, once for each list, by the goal that keeps them there.
        unread: Values that a processor could not read and emptied, by reason; they are no members.
        cost: What the vendor bills for those who were accepted, and what was spared, in its own unit; no members.
    """

    in_segment: int
    available: int
    sent: int
    accepted: int
    rejected: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    in_doubt: int = 0
    withdrawn: int = 0
    kept_on_lists: Mapping[str, int] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)
    cost: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The counters by name; who stays on lists, what was not read, and what is billed, where there is some."""
        return {name: count for name, count in asdict(self).items() if name not in _SELDOM or count}

    def __post_init__(self) -> None:
        accounted = sum(self.skipped.values()) + self.accepted + sum(self.rejected.values()) + self.in_doubt
        if accounted != self.in_segment:
            raise AssertionError(
                f"{self.in_segment} profiles in the segment, but {accounted} accounted for: this is a defect of cdpkit"
            )


NOTHING: Mapping[str, Any] = ExportCounters(in_segment=0, available=0, sent=0, accepted=0).as_dict()
"""The counters of an export that did not come to its people."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export leaves behind.

    Attributes:
        known: As `KNOWN`: what the goal knows of the profiles that it handled.
        fates: As `FATES`: everybody but those that were not due; withdrawn are listed beside.
        rejected: As `REFUSED` with `value`: who was refused, and which values were not read, and why.
        counters: The same in numbers.
        taken_off: `row`, `key`, `list`, `ours`: who was withdrawn from which list, and whether it was surely the goal
            that took them off.
    """

    known: pl.DataFrame
    fates: pl.DataFrame
    rejected: pl.DataFrame
    counters: Mapping[str, Any]
    taken_off: pl.DataFrame = field(default_factory=pl.DataFrame)


def account(plan: ExportPlan, sent: Sent) -> Exported:
    """Account for everybody in the segment."""
    answers = sent.answered()
    pushed = answers.filter(do=PUSH).select("row", "fate", "reason", "lists")
    withdrawn = _withdrawn(plan, answers.filter((pl.col("do") != PUSH) & (pl.col("fate") == ACCEPTED)))
    refused = pl.concat([pl.DataFrame(schema=REFUSED), *sent.refused])
    left_out = pl.concat([pl.DataFrame(schema=LEFT_OUT), plan.due.skipped, *sent.left_out])
    over = pl.concat([pushed.select("row"), refused.select("row"), left_out.select("row")])
    tried = sent.tried.join(over, on="row", how="anti").select("row", reason=pl.lit(reasons.TRIED_AGAIN.code))
    over = pl.concat([over, tried.select("row")])
    unsent = plan.due.send.join(over, on="row", how="anti").select("row", reason=pl.lit(reasons.NOT_SENT.code))
    skipped = pl.concat([left_out, tried, unsent])
    by_vendor = pushed.filter(fate=REJECTED).select("row", field=pl.lit(None, pl.String), reason="reason")
    not_taken = answers.filter((pl.col("do") != PUSH) & (pl.col("fate") != ACCEPTED))
    kept_on = not_taken.select(
        "row", field=pl.lit(None, pl.String), reason=pl.format(reasons.NOT_TAKEN_OFF.of("{}"), "reason")
    )
    rejected = pl.concat([refused, by_vendor])
    unread = pl.concat([pl.DataFrame(schema=UNREAD), *sent.unread])
    doubt = pl.concat([pushed.filter(fate=IN_DOUBT).select("row"), plan.due.in_doubt])
    fates = [
        pushed.select("row", "fate", "reason"),
        refused.select("row", fate=pl.lit(REJECTED), reason="reason"),
        skipped.select("row", fate=pl.lit(SKIPPED), reason="reason"),
        plan.due.in_doubt.select("row", fate=pl.lit(IN_DOUBT), reason=pl.lit(reasons.SINCE_EARLIER_RUN.code)),
        withdrawn.select("row", fate=pl.lit(WITHDRAWN), reason="list"),
        plan.due.stays.select("row", fate=pl.lit(STAYS), reason=pl.format(reasons.WANTED_BY.of("{}"), "by")),
    ]
    return Exported(
        known=_known(plan, sent, pushed, refused, withdrawn),
        fates=pl.concat([pl.DataFrame(schema=FATES), *fates]),
        rejected=pl.concat([rejected, kept_on, unread], how="diagonal"),
        counters=ExportCounters(
            in_segment=plan.in_segment,
            available=plan.due.available,
            sent=pushed.height,
            accepted=pushed.filter(fate=ACCEPTED).height,
            rejected=counted(rejected["reason"].fill_null(reasons.NO_REASON.code)),
            skipped=counted(skipped["reason"]) | ({reasons.NOT_DUE.code: plan.due.not_due} if plan.due.not_due else {}),
            in_doubt=doubt.height,
            withdrawn=withdrawn.height,
            kept_on_lists=counted(plan.due.stays["by"]),
            unread=counted(unread["reason"]),
            cost=_cost(plan, sent, fates),
        ).as_dict(),
        taken_off=withdrawn,
    )


def _cost(plan: ExportPlan, sent: Sent, fates: Sequence[pl.DataFrame]) -> dict[str, int]:
    """What is billed for the accepted, and spared with them and with those who would have been sent as they were."""
    price, lines = plan.price, pl.concat(fates)
    if price is None:
        return {}
    same = pl.col("reason") == reasons.UNCHANGED_PAYLOAD.code
    over = lines.filter((pl.col("fate") == ACCEPTED) | same.fill_null(value=False)).select("row")
    notes = pl.concat([pl.DataFrame(schema=NOTES), *sent.notes]).join(over, on="row", how="semi")
    used, saved = notes.select(pl.col("cost", "spared").sum()).row(0)
    return {f"{price.unit} used": used, f"{price.unit} saved": saved}


def _withdrawn(plan: ExportPlan, answers: pl.DataFrame) -> pl.DataFrame:
    """`row`, `key`, `list`, `ours`: everybody who was withdrawn; of profiles with the same key the answer names one."""
    leavers = plan.due.withdraw
    told = answers.select("row", list="do", ours=pl.col("lists").list.contains(pl.col("do")))
    keys = leavers.join(told, on=["row", "list"], how="inner").select("key", "list", "ours")
    return leavers.join(keys.unique(["key", "list"]), on=["key", "list"], how="inner").select(*_TAKEN_OFF)


def _known(
    plan: ExportPlan, sent: Sent, pushed: pl.DataFrame, refused: pl.DataFrame, withdrawn: pl.DataFrame
) -> pl.DataFrame:
    notes = pl.concat([pl.DataFrame(schema=NOTES), *sent.notes]).select("row", new="payload", told="fields")
    same = pl.concat([pl.DataFrame(schema=LEFT_OUT), *sent.left_out]).filter(reason=reasons.UNCHANGED_PAYLOAD.code)
    handled = pl.concat(
        [
            pushed.select("row", state="fate", put="lists", new_body=pl.col("fate") == ACCEPTED),
            refused.select("row", state=pl.lit(REJECTED), put=NO_LISTS, new_body=pl.lit(value=False)),
            same.select("row", state=pl.lit(ACCEPTED), put=NO_LISTS, new_body=pl.lit(value=False)),
            sent.tried.select("row", state=pl.lit(TRIED), put=NO_LISTS, new_body=pl.lit(value=True)),
        ]
    )
    lines = handled.join(plan.due.send, on="row", how="left").join(notes, on="row", how="left")
    members = lines.select(
        "row",
        "state",
        "labels",
        "key",
        *after_push(lines, pl.col("state") == TRIED),
        payload=pl.when("new_body").then("new").otherwise("payload"),  # unknown where a killed attempt sent it
        fields=pl.when(state=ACCEPTED).then("told").when(state=REJECTED).then("fields"),  # else nobody knows
    )
    known = pl.concat([members, *_not_sent(plan, withdrawn)], how="diagonal")
    return known.with_columns(
        owes(),
        seq=pl.lit(plan.snapshot.seq, pl.Int64),
        config=pl.lit(plan.goal.due.config, pl.Int64),
        selection=pl.lit(plan.goal.due.selection, pl.Int64),
    ).select(*KNOWN)


def _not_sent(plan: ExportPlan, withdrawn: pl.DataFrame) -> list[pl.DataFrame]:
    """Those that are no members, or were skipped: without the lists that they were taken off."""
    due, late = plan.due, plan.due.withdraw
    for others in (due.left, due.noted, due.send):
        late = late.join(others, on="row", how="anti")
    again = late.group_by("row").agg(pl.col("key").first(), pl.col("list").alias("lists"))
    lines = [
        due.left.with_columns(state=pl.lit(LEFT)),
        completed(again).with_columns(state=pl.lit(LEFT)),
        due.noted.with_columns(pl.col(*MEMBERSHIP).fill_null(NO_LISTS)),
    ]
    return [after_withdrawal(part, withdrawn) for part in lines]
