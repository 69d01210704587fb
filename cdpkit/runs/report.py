"""Counters in words: what a tired analyst reads first."""

from collections.abc import Iterable, Mapping
from typing import Any

_EXCLUDED = {
    "missing_identifier": "without an identifier that could be read",
    "not_changed": "seen before under this goal, not applied again",
    "no_match": "match no profile, and this goal may not create",
    "multiple_matches": "match several profiles",
    "all_rejected": "every value was rejected",
    "no_consent": "no consent",
    "ragged_line": "lines with more or fewer fields than the header",
}


def report_lines(kind: str, run_id: str, state: str, goals: Iterable[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """A headline, and a few lines for each goal."""
    lines = [f"{kind} {run_id}: {state.replace('_', ' ')}"]
    for name, counters in goals:
        lines += [f"  goal {name!r}", *(f"    {line}" for line in _goal_lines(counters))]
    return lines


def _goal_lines(counters: Mapping[str, Any]) -> list[str]:
    if "received" not in counters:
        return [f"{count:>10,}  {name.replace('_', ' ')}" for name, count in counters.items()]
    lines = [f"{counters['received']:>10,}  rows received"]
    if counters["added"]:
        lines.append(f"{counters['added']:>10,}  rows added by processors")
    lines += [
        f"{counters['applied']:>10,}  rows applied",
        f"{counters['unchanged']:>10,}  rows unchanged",
        *(f"{n:>10,}  rows excluded: {_EXCLUDED.get(reason, reason)}" for reason, n in counters["excluded"].items()),
        *(f"{n:>10,}  values rejected: {reason}" for reason, n in counters["rejected"].items()),
        f"{counters['created']:>10,}  profiles created",
        f"{counters['updated']:>10,}  profiles updated",
    ]
    if counters["multiple_matches"]:
        lines.append(f"{counters['multiple_matches']:>10,}  rows matched several profiles")
    if counters["cut_lists"]:
        lines.append(f"{counters['cut_lists']:>10,}  lists cut to their first value")
    return lines
