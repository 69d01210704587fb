"""Whom a vendor is asked about that is paid for each question (semantics, section 12): due, paused, shared or spared.

A question is about a profile and one class of documents, `about`. What was asked before is known as lines of the
ledger; of a profile and class the line with the highest `number` holds.
"""

from dataclasses import dataclass
from datetime import datetime
from math import inf

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.reasons import Reason

QUESTION = {"row": pl.Int64(), "about": pl.String(), "fingerprint": pl.Int64()}
"""A question: the same `fingerprint` is the same question, whoever it is about."""

MAYBE, BILLED, UNPAID = "maybe", "billed", "not"
"""What is known of the price of a request: `maybe` from before it is sent until it is answered."""

MATCHED, NOBODY, DERIVED, PORTRAIT, SEVERAL, DECEASED, OPTED_OUT, REFUSED, FAILED, UNSENT, IN_DOUBT = (
    "matched", "nobody", "derived", "portrait", "several", "deceased", "opted_out", "refused", "failed", "unsent",
    "in_doubt",
)  # fmt: skip
"""What came of a request; none is known of one that was only written down."""

BELOW_CONFIDENCE, UNKNOWN_CONFIDENCE = "below_confidence", "unknown_confidence"
"""Why a match is not imported, beside what came of its request."""

IN_WORDS = {
    MATCHED: "found",
    NOBODY: "nobody was found",
    DERIVED: "nobody was found: an id worked out from the question is no match",
    PORTRAIT: "nobody was found: a document made up by statistics is no match",
    SEVERAL: "several candidates: nothing is imported",
    DECEASED: "deceased: nothing is imported",
    OPTED_OUT: "opted out at the vendor: nothing is imported, and nobody asks again",
    REFUSED: "refused by the vendor as they are",
    FAILED: "the vendor failed; asked again by the next run",
    UNSENT: "not sent; asked by the next run",
    IN_DOUBT: "no answer came: perhaps billed, and not asked again before the pause is over",
    BELOW_CONFIDENCE: "found, and below the least confidence: nothing is imported",
    UNKNOWN_CONFIDENCE: "found, and it is not known how surely: nothing is imported",
}
"""What came of questions, as people read it behind a number."""

ASKED_BEFORE = {**QUESTION, "number": pl.Int64(), "sent_at": pl.Datetime("us", "UTC"), "state": pl.String()}
ASKED_BEFORE |= {"outcome": pl.String()}
"""What is known of a request, as far as it decides."""

_CALENDAR = {"days": "d", "months": "mo", "years": "y"}


@dataclass(frozen=True, slots=True)
class Pause:
    """How long nobody is asked about again.

    Attributes:
        number: So many...
        unit: ...days, months or years: calendar units in UTC, counted from the time of sending.
    """

    number: int
    unit: str

    def ends(self, sent_at: pl.Expr) -> pl.Expr:
        """When it is over; the last day of a month where that day is not there."""
        return sent_at.dt.offset_by(f"{self.number}{_CALENDAR[self.unit]}")


@dataclass(frozen=True, slots=True)
class Asking:
    """What decides who is asked about.

    Attributes:
        now: The time.
        pause: Between requests about a profile.
        again: Ask about those again of whom no answer came, also inside the pause.
        full: Ask also about those again of whom nothing has changed, once the pause is over.
        most: Most requests.
    """

    now: datetime
    pause: Pause
    again: bool = False
    full: bool = False
    most: float = inf


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked about, and who is not.

    Attributes:
        ask: `QUESTION`, and `nth`: requests by number from 0; the same for those that share one.
        shared: `QUESTION`, and `number` of the request that has asked the same about somebody else.
        left: `row`, `about`, `reason` of the others.
    """

    ask: pl.DataFrame
    shared: pl.DataFrame
    left: pl.DataFrame

    @property
    def requests(self) -> int:
        """How many requests there would be."""
        return self.ask["nth"].n_unique()


def who_is_asked(questions: pl.DataFrame, before: pl.DataFrame, asking: Asking) -> Asked:
    """Decide about each question.

    Args:
        questions: `QUESTION`, a row and class at most once.
        before: `ASKED_BEFORE`: all requests of the account, each with what is known of it last.
        asking: What decides.
    """
    paid = before.filter(pl.col("state") != UNPAID)
    holding = paid.filter(asking.pause.ends(pl.col("sent_at")) > asking.now)
    whose = ["row", "about"]
    known = questions.select(*QUESTION)
    for name, lines in (("last", before), ("paid", paid), ("held", holding)):
        told = _strongest(lines, whose).select(
            *whose, *(pl.col(each).alias(f"{name} {each}") for each in ("fingerprint", "state", "outcome"))
        )
        known = known.join(told, on=whose, how="left", maintain_order="left")
    gone = before.filter(pl.col("outcome") == OPTED_OUT)["row"].unique()
    verdicts = known.with_columns(_verdict(asking, gone))
    equal = _strongest(holding, ["fingerprint"]).select("fingerprint", "number", "state")
    found = verdicts.filter(pl.col("reason").is_null()).select(*QUESTION)
    found = found.join(equal, on="fingerprint", how="left", maintain_order="left")
    doubtful = pl.col("state").eq(MAYBE).fill_null(value=False)
    waiting = found.filter(doubtful & (not asking.again))
    free = found.filter(pl.col("number").is_null() | (doubtful & asking.again)).select(*QUESTION)
    shared = found.filter(pl.col("number").is_not_null() & ~doubtful).select(*QUESTION, "number")
    ask, over = _within(free, asking.most)
    left = verdicts.filter(pl.col("reason").is_not_null()).select("row", "about", "reason")
    return Asked(ask, shared, pl.concat([left, _reasoned(waiting, reasons.ASKED_IN_DOUBT), over]).sort("row", "about"))


def _strongest(lines: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Of several lines the last one, but that one without an answer gives way to one that was paid."""
    ordered = lines.sort(pl.col("state") != MAYBE, "number") if "state" in lines.columns else lines
    return ordered.unique(by, keep="last", maintain_order=True)


def _verdict(asking: Asking, gone: pl.Series) -> pl.Expr:
    """The reason for which nobody is asked; null where somebody is."""
    same_as = {name: pl.col(f"{name} fingerprint") == pl.col("fingerprint") for name in ("last", "paid", "held")}
    held = pl.col("held state").is_not_null()
    doubtful = pl.col("held state") == MAYBE
    cases = (
        (pl.col("row").is_in(gone.implode()), reasons.OPTED_OUT),
        ((pl.col("last outcome") == REFUSED) & same_as["last"], reasons.REFUSED_BEFORE),
        (held & doubtful & (not asking.again), reasons.ASKED_IN_DOUBT),
        (held & ~doubtful & ~same_as["held"], reasons.CHANGED_IN_PAUSE),
        (held & ~doubtful, reasons.IN_PAUSE),
        (~held & (pl.col("paid state") == BILLED) & same_as["paid"] & (not asking.full), reasons.SAME_QUESTION),
    )
    words = [pl.when(case).then(pl.lit(why.code, pl.String)) for case, why in cases]
    return pl.coalesce(words).alias("reason")


def _within(free: pl.DataFrame, most: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """As many questions as there may be requests, whole profiles alone, in the order of their rows."""
    ordered = free.sort("row", "about")
    first = ordered.select(pl.col("fingerprint").is_first_distinct()).to_series()
    numbered = ordered.with_columns(new=first.cast(pl.Int64))
    needs = numbered.group_by("row", maintain_order=True).agg(pl.col("new").sum())
    fits = needs.select("row", fits=pl.col("new").cum_sum() <= most)
    marked = numbered.join(fits, on="row", how="left", maintain_order="left")
    ask = marked.filter("fits").select(*QUESTION)
    return _nth(ask), _reasoned(marked.filter(~pl.col("fits")), reasons.OVER_CAP)


def _nth(ask: pl.DataFrame) -> pl.DataFrame:
    """Requests numbered in the order in which they come first."""
    firsts = ask.select(pl.col("fingerprint").unique(maintain_order=True)).with_row_index("nth")
    return ask.join(firsts.cast({"nth": pl.Int64}), on="fingerprint", how="left", maintain_order="left")


def _reasoned(lines: pl.DataFrame, why: Reason) -> pl.DataFrame:
    return lines.select("row", "about", reason=pl.lit(why.code, pl.String))
