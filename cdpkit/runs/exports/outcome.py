"""What an export leaves behind: what the goal knows of every profile now, the fates, and the counters."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from cdpkit.core.due import LEFT, MAYBE, THEIRS, TRIED
from cdpkit.core.fates import counted
from cdpkit.core.outcome import ACCEPTED, IN_DOUBT, REJECTED
from cdpkit.runs.exports.journal import PUSH
from cdpkit.runs.exports.plan import ExportPlan
from cdpkit.runs.exports.render import LEFT_OUT, REFUSED
from cdpkit.runs.exports.send import Sent
from cdpkit.store.exported import KNOWN

SKIPPED, WITHDRAWN = "skipped", "withdrawn"
FATES = {"row": pl.Int64(), "fate": pl.String(), "reason": pl.String()}


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
    """

    in_segment: int
    available: int
    sent: int
    accepted: int
    rejected: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    in_doubt: int = 0
    withdrawn: int = 0

    def __post_init__(self) -> None:
        accounted = sum(self.skipped.values()) + self.accepted + sum(self.rejected.values()) + self.in_doubt
        if accounted != self.in_segment:
            raise AssertionError(
                f"{self.in_segment} profiles in the segment, but {accounted} accounted for: this is a defect of cdpkit"
            )


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export leaves behind.

    Attributes:
        known: As `KNOWN`: what the goal knows of the profiles that it handled.
        fates: As `FATES`: everybody but those that were not due; withdrawn are listed beside.
        rejected: As `REFUSED`: who was refused, and why.
        counters: The same in numbers.
    """

    known: pl.DataFrame
    fates: pl.DataFrame
    rejected: pl.DataFrame
    counters: ExportCounters


def account(plan: ExportPlan, sent: Sent) -> Exported:
    """Account for everybody in the segment."""
    answers = sent.answered()
    pushed = answers.filter(do=PUSH).select("row", "fate", "reason", "lists")
    withdrawn = _withdrawn(plan, answers.filter((pl.col("do") != PUSH) & (pl.col("fate") == ACCEPTED)))
    refused = pl.concat([pl.DataFrame(schema=REFUSED), *sent.refused])
    left_out = pl.concat([pl.DataFrame(schema=LEFT_OUT), plan.due.skipped, *sent.left_out])
    over = pl.concat([pushed.select("row"), refused.select("row"), left_out.select("row")])
    unsent = plan.due.send.join(over, on="row", how="anti").select("row", reason=pl.lit("not_sent"))
    skipped = pl.concat([left_out, unsent])
    by_vendor = pushed.filter(fate=REJECTED).select("row", field=pl.lit(None, pl.String), reason="reason")
    not_taken = answers.filter((pl.col("do") != PUSH) & (pl.col("fate") != ACCEPTED))
    kept_on = not_taken.select("row", field=pl.lit(None, pl.String), reason=pl.lit("withdraw: ") + pl.col("reason"))
    rejected = pl.concat([refused, by_vendor])
    doubt = pl.concat([pushed.filter(fate=IN_DOUBT).select("row"), plan.due.in_doubt])
    fates = [
        pushed.select("row", "fate", "reason"),
        refused.select("row", fate=pl.lit(REJECTED), reason="reason"),
        skipped.select("row", fate=pl.lit(SKIPPED), reason="reason"),
        plan.due.in_doubt.select("row", fate=pl.lit(IN_DOUBT), reason=pl.lit("since an earlier run")),
        withdrawn.select("row", fate=pl.lit(WITHDRAWN), reason="list"),
    ]
    return Exported(
        known=_known(plan, sent, pushed, refused, withdrawn),
        fates=pl.concat([pl.DataFrame(schema=FATES), *fates]),
        rejected=pl.concat([rejected, kept_on]),
        counters=ExportCounters(
            in_segment=plan.in_segment,
            available=plan.due.available,
            sent=pushed.height,
            accepted=pushed.filter(fate=ACCEPTED).height,
            rejected=counted(rejected["reason"].fill_null("no reason given")),
            skipped=counted(skipped["reason"]) | ({"not_due": plan.due.not_due} if plan.due.not_due else {}),
            in_doubt=doubt.height,
            withdrawn=withdrawn.height,
        ),
    )


def _withdrawn(plan: ExportPlan, answers: pl.DataFrame) -> pl.DataFrame:
    """`row`, `list`: everybody who was withdrawn; of profiles with the same key the answer names one."""
    leavers = plan.due.withdraw
    keys = leavers.join(answers.select("row", list="do"), on=["row", "list"], how="semi")
    return leavers.join(keys, on=["key", "list"], how="semi").select("row", "list")


def _known(
    plan: ExportPlan, sent: Sent, pushed: pl.DataFrame, refused: pl.DataFrame, withdrawn: pl.DataFrame
) -> pl.DataFrame:
    none = pl.lit([], pl.List(pl.String))
    payloads = pl.concat(
        [
            pl.DataFrame(schema={"row": pl.Int64(), "new": pl.Int64()}),
            *(part.rename({"payload": "new"}) for part in sent.payloads),
        ]
    )
    same = pl.concat([pl.DataFrame(schema=LEFT_OUT), *sent.left_out]).filter(reason="unchanged_payload")
    handled = pl.concat(
        [
            pushed.select("row", state="fate", lists="lists", new_body=pl.col("fate") == ACCEPTED),
            refused.select("row", state=pl.lit(REJECTED), lists=none, new_body=pl.lit(value=False)),
            same.select("row", state=pl.lit(ACCEPTED), lists=none, new_body=pl.lit(value=False)),
            sent.tried.select("row", state=pl.lit(TRIED), lists=none, new_body=pl.lit(value=True)),
        ]
    )
    lines = handled.join(plan.due.send, on="row", how="left").join(payloads, on="row", how="left")
    members = lines.select(
        "row",
        "state",
        "labels",
        "key",
        payload=pl.when("new_body").then("new").otherwise("payload"),  # unknown where a killed attempt sent it
        lists=_lists_now() if _any_list(lines) else none,
    )
    known = pl.concat([members, *_not_sent(plan, withdrawn)], how="diagonal")
    own = pl.col("lists").list.eval(~pl.element().str.starts_with(THEIRS)).list.any()
    return known.with_columns(
        seq=pl.lit(plan.snapshot.seq, pl.Int64),
        config=pl.lit(plan.goal.due.config, pl.Int64),
        selection=pl.lit(plan.goal.due.selection, pl.Int64),
        owes=own.fill_null(value=False),
    ).select(*KNOWN)


def _any_list(lines: pl.DataFrame) -> bool:
    """Whether anybody is, was, or may be on a list; most goals have none, and lists of a million people take time."""
    columns = [pl.col(name).list.len().max() for name in ("lists", "held", "owed", "theirs", "enter")]
    return bool(lines.select(pl.max_horizontal(columns)).item())


def _lists_now() -> pl.Expr:
    """The lists that people are on now: those that stay, those they were put on, and those they may be on."""
    none = pl.lit([], pl.List(pl.String))
    put = pl.col("lists").fill_null(none)
    before = pl.col("theirs").list.eval(pl.element().str.strip_prefix(THEIRS))
    ours = put.list.set_difference(before)
    of_others = pl.col("theirs").list.set_intersection(put.list.eval(pl.lit(THEIRS) + pl.element()))
    asked = pl.when(state=TRIED).then(pl.col("enter").list.set_difference(before)).fill_null(none)
    owed = pl.concat_list("owed", asked.list.eval(pl.lit(MAYBE) + pl.element()))
    maybe = owed.list.set_difference(put.list.eval(pl.lit(MAYBE) + pl.element()))
    return pl.concat_list(pl.col("held").fill_null(none), ours, of_others, maybe).list.unique(maintain_order=True)


def _not_sent(plan: ExportPlan, withdrawn: pl.DataFrame) -> list[pl.DataFrame]:
    """Those that are no members, or were skipped: without the lists that they were taken off."""
    due, none = plan.due, pl.lit([], pl.List(pl.String))
    off = withdrawn.group_by("row").agg(pl.col("list").alias("off"))
    late = due.withdraw
    for others in (due.left, due.noted, due.send):
        late = late.join(others, on="row", how="anti")
    again = late.group_by("row").agg(pl.col("key").first(), pl.col("list").alias("lists"))
    lines = [
        due.left.select("row", "key", "lists", state=pl.lit(LEFT)),
        again.select("row", "key", "lists", state=pl.lit(LEFT)),
        due.noted,
    ]
    gone = pl.col("off").fill_null(none)
    gone = pl.concat_list(gone, gone.list.eval(pl.lit(MAYBE) + pl.element()))
    without = pl.col("lists").fill_null(none).list.set_difference(gone)
    return [part.join(off, on="row", how="left").with_columns(lists=without).drop("off") for part in lines]
