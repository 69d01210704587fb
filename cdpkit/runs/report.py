"""Counters in words: what a tired analyst reads first."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from cdpkit.core.reasons import WANTED_BY, Stage, find


class Goal(Protocol):
    """What a report says of a goal."""

    @property
    def name(self) -> str:
        """The goal."""

    @property
    def counters(self) -> Mapping[str, Any]:
        """What happened, in numbers."""

    @property
    def message(self) -> str | None:
        """Why it failed."""

    @property
    def warnings(self) -> Sequence[str]:
        """What a person should look at."""


def report_lines(kind: str, run_id: str, state: str, goals: Iterable[Goal], message: str | None = None) -> list[str]:
    """A headline, and a few lines for each goal."""
    lines = [f"{kind} {run_id}: {state.replace('_', ' ')}", *([f"  {message}"] if message else [])]
    for goal in goals:
        lines += [f"  goal {goal.name!r}", *(f"    {line}" for line in _goal_lines(goal.counters))]
        lines += [f"    failed: {goal.message}"] if goal.message else []
        lines += [f"    warning: {warning}" for warning in goal.warnings]
    return lines


def _goal_lines(counters: Mapping[str, Any]) -> list[str]:
    if "in_segment" in counters:
        return _export_lines(counters)
    if "received" not in counters:
        return [_line(count, name.replace("_", " ")) for name, count in counters.items()]
    lines = [_line(counters["received"], "rows received")]
    if counters["added"]:
        lines.append(_line(counters["added"], "rows added by processors"))
    lines += [
        _line(counters["applied"], "rows applied"),
        _line(counters["unchanged"], "rows unchanged"),
        *_reasons("rows excluded", Stage.EXCLUDED, counters["excluded"]),
        *_reasons("values rejected", Stage.VALUE, counters["rejected"]),
        _line(counters["created"], "profiles created"),
        _line(counters["updated"], "profiles updated"),
    ]
    if counters["multiple_matches"]:
        lines.append(_line(counters["multiple_matches"], "rows matched several profiles"))
    if counters["cut_lists"]:
        lines.append(_line(counters["cut_lists"], "lists cut to their first value"))
    return lines


def _export_lines(counters: Mapping[str, Any]) -> list[str]:
    lines = [
        _line(counters["in_segment"], "profiles in the segment"),
        *_reasons("skipped", Stage.SKIPPED, counters["skipped"]),
        _line(counters["sent"], "sent"),
        _line(counters["accepted"], "accepted"),
        *_reasons("rejected", Stage.REFUSED, counters["rejected"]),
    ]
    if counters["in_doubt"]:
        lines.append(_line(counters["in_doubt"], "in doubt: no answer came, and they are not sent again by themselves"))
    if counters["withdrawn"]:
        lines.append(_line(counters["withdrawn"], "taken off lists"))
    for by, count in counters.get("kept_on_lists", {}).items():
        lines.append(_line(count, f"stay on lists: {find(Stage.STAYS, WANTED_BY.of(by)).words}"))
    return lines


def _reasons(what: str, stage: Stage, counted: Mapping[str, int]) -> list[str]:
    return [_line(count, f"{what}: {find(stage, reason).words}") for reason, count in counted.items()]


def _line(count: int, text: str) -> str:
    return f"{count:>10,}  {text}"
