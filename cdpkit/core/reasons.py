"""Why rows, values and people are left out, each reason once: what counters, reports, warnings and the manual read.

Tables and counters hold a reason's `code`. One that needs a detail, such as the name of a processor, is written
`code:detail`. Vendors refuse people in words of their own, which stand in the place of a code.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Stage(StrEnum):
    """What a reason is a reason for."""

    EXCLUDED = "excluded"
    """A row of an import that reaches no profile, or leaves nothing in it."""
    VALUE = "value"
    """A value of an import that is rejected."""
    SKIPPED = "skipped"
    """A member of a segment who is not sent."""
    REFUSED = "refused"
    """A member who does not fit the vendor, or whom it refuses."""
    IN_DOUBT = "in_doubt"
    """A member who was sent, and of whom no answer came."""
    STAYS = "stays"
    """Somebody who left and stays on a list."""
    KEPT = "kept"
    """What an undo leaves as it is."""


_SERIOUS = (Stage.VALUE, Stage.REFUSED, Stage.IN_DOUBT, Stage.KEPT)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason.

    Attributes:
        code: As it is stored.
        stage: What it is a reason for.
        words: As people read it behind a number: "12 rows excluded: no consent"; `{detail}` where it has one.
        needs_attention: Whether a run with it ends with warnings.
    """

    code: str
    stage: Stage
    words: str
    needs_attention: bool

    def of(self, detail: str) -> str:
        """The code with a detail."""
        return f"{self.code}:{detail}"


def _excluded(code: str, words: str, *, needs_attention: bool = False) -> Reason:
    return Reason(code, Stage.EXCLUDED, words, needs_attention)


def _value(code: str, words: str) -> Reason:
    return Reason(code, Stage.VALUE, words, needs_attention=True)


def _skipped(code: str, words: str) -> Reason:
    return Reason(code, Stage.SKIPPED, words, needs_attention=False)


def _serious(stage: Stage, code: str, words: str) -> Reason:
    return Reason(code, stage, words, needs_attention=True)


ROW_WITHOUT_IDENTIFIER = _excluded(
    "missing_identifier", "without an identifier that could be read", needs_attention=True
)
NOT_CHANGED = _excluded("not_changed", "seen before under this goal, not applied again")
NO_MATCH = _excluded("no_match", "match no profile, and this goal may not create")
MULTIPLE_MATCHES = _excluded("multiple_matches", "match several profiles")
ROW_WITHOUT_CONSENT = _excluded("no_consent", "no consent")
ALL_REJECTED = _excluded("all_rejected", "every value was rejected", needs_attention=True)
MALFORMED_LINE = _excluded(
    "malformed_line",
    "lines whose quotes do not pair, with more or fewer fields than the header, or that are no JSON object",
    needs_attention=True,
)
UNREADABLE_LINE = _excluded("unreadable_line", "lines that could not be read", needs_attention=True)
ROW_REMOVED = _excluded("processor", "removed by the processor {detail}")
DROPPED = _excluded("dropped", "refused values that a person has dropped")

UNREAD = _value("processor", "could not be read by the processor {detail}")
WOULD_LOSE_DIGITS = _value(
    "would_lose_digits", "would lose digits as a number; ws.properties.change(name, type='text') keeps them as written"
)
NOT_FINITE = _value("not_finite", "not a finite number")
NOT_WHOLE = _value("not_a_whole_number", "not a whole number")
NOT_DECIMAL = _value("not_a_decimal_number", "not a decimal number")
NOT_BOOLEAN = _value("not_true_or_false", "not true or false")
NOT_EMAIL = _value("not_an_email_address", "not an e-mail address")
NOT_A_DATE = _value("not_a_date", "not a date (YYYY-MM-DD)")
NOT_A_DATETIME = _value("not_a_date_and_time", "not a date and time (ISO 8601)")
NO_SUCH_DATE = _value("no_such_date", "no such date")
SKIPPED_HOUR = _value("skipped_hour", "an hour that {detail} skips")
NOT_A_CHOICE = _value("not_a_choice", "not one of {detail}")
NESTED = _value("nested_value", "a nested value")
NO_TEXT_FORM = _value("no_text_form", "has no text form")
NOT_UTF8 = _value("not_utf8", "not UTF-8 text")
OUT_OF_RANGE = _value("out_of_range", "out of range")
EVENT_WITHOUT_TIME = _value("event_without_time", "an event without a time that could be read")
SUM_OUT_OF_RANGE = _value("sum_out_of_range", "the sum would be out of range")

WITHOUT_CONSENT = _skipped("no_consent", "no consent")
WITHOUT_IDENTIFIER = _skipped("missing_identifier", "without the identifier that the vendor needs")
WITHOUT_VALUE = _skipped("no_value", "without a value in any mapped property")
NO_MATCH_AT_VENDOR = _skipped("no_match_at_vendor", "not known to the vendor, and this goal may not create")
NOT_DUE = _skipped("not_due", "unchanged since they were sent")
UNCHANGED_PAYLOAD = _skipped("unchanged_payload", "would be sent as they were sent last")
SENT_BEFORE = _skipped("sent_before", "sent before by this goal")
NOT_SENT = _skipped("not_sent", "not sent, because the goal failed before")
TRIED_AGAIN = Reason(
    "tried_again_next_run",
    Stage.SKIPPED,
    "sent, and no answer came; the next run sends them again, since twice does no harm",
    needs_attention=True,
)
REMOVED = _skipped("processor", "removed by the processor {detail}")

WITHOUT_PARAMETERS = _skipped("missing_parameters", "without what a question needs")
IN_PAUSE = _skipped("in_pause", "asked before, and the pause is not over")
CHANGED_IN_PAUSE = _skipped("changed_in_pause", "changed since they were asked about, and the pause is not over")
SAME_QUESTION = _skipped("same_question", "unchanged since they were asked about")
REFUSED_BEFORE = _skipped("refused_before", "refused by the vendor as they are, and unchanged since")
OPTED_OUT = _skipped("opted_out_at_vendor", "opted out at the vendor, and never asked about again")
OVER_CAP = _skipped("over_cap", "left for a later run: the goal may make no more requests in one")
ASKED_IN_DOUBT = Reason(
    "asked_in_doubt",
    Stage.SKIPPED,
    "asked before without an answer, which may have been billed; not asked again before the pause is over",
    needs_attention=True,
)

TYPE_CLASH = _serious(Stage.REFUSED, "type_clash", "a value does not fit the type of the vendor's field")
UNREAD_TO_SEND = _serious(
    Stage.REFUSED, "processor", "could not be read by the processor {detail}, which emptied the field"
)
TOO_LARGE = _serious(Stage.REFUSED, "too_large", "larger than the vendor takes")
NOT_TAKEN_OFF = _serious(Stage.REFUSED, "withdraw", "not taken off the list: {detail}")
NO_REASON = _serious(Stage.REFUSED, "no_reason", "the vendor gave no reason")

BEFORE_KILL = _serious(Stage.IN_DOUBT, "before_kill", "no answer came before the run was killed")
BEFORE_FAILURE = _serious(Stage.IN_DOUBT, "before_failure", "no answer came before the run failed")
SINCE_EARLIER_RUN = _serious(Stage.IN_DOUBT, "since_earlier_run", "no answer came to an earlier run")

WANTED_BY = Reason("wanted_by", Stage.STAYS, "kept there by {detail}", needs_attention=False)

CREATED_AND_CHANGED = _serious(Stage.KEPT, "changed_since_created", "changed since it was created")
CHANGED_AGAIN = _serious(Stage.KEPT, "changed_again", "changed again since")
PROFILE_GONE = _serious(Stage.KEPT, "profile_gone", "the profile is gone")

REASONS: tuple[Reason, ...] = tuple(each for each in list(globals().values()) if isinstance(each, Reason))
"""All of them, in the order above."""

_KNOWN = {(reason.stage, reason.code): reason for reason in REASONS}


def of_stage(stage: Stage) -> tuple[Reason, ...]:
    """The reasons of a stage."""
    return tuple(reason for reason in REASONS if reason.stage is stage)


def find(stage: Stage, text: str) -> Reason:
    """The reason that a text stands for, its detail in the words; one that is not known here is in its own words."""
    reason = _KNOWN.get((stage, text))
    if reason is not None:
        return reason
    code, _, detail = text.partition(":")
    family = _KNOWN.get((stage, code))
    if family is None or not detail:
        return Reason(text, stage, text, stage in _SERIOUS)
    return replace(family, code=text, words=family.words.replace("{detail}", detail.strip()))


def need_attention(stage: Stage, texts: Iterable[str]) -> bool:
    """Whether a person should look at a run with these reasons."""
    return any(find(stage, text).needs_attention for text in texts)
