"""What is wrong with a goal that is being filled in: found while the vendor is not asked, with the places in its keys.

It is what a check finds. A row that cannot be read as it stands is left out for the rest, so that the other rows are
told about all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic_core import PydanticUndefined

from cdpkit.config.goal import GoalSettings
from cdpkit.config.goals import read_goal, settings_of
from cdpkit.config.vendor_settings import readable_settings
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.kit.discovery import Discovery
from cdpkit.problem import At, Problem
from cdpkit.runs import kinds
from cdpkit.runs.home import Home
from cdpkit.runs.session import Known, read_connection

_ROUNDS = 20
"""A goal that cannot be read after so many rounds of leaving rows out is told about as far as it was read."""
_PAIR = [{"from": "?", "to": "?"}]
_EVENTS = [{"type": "?", "time": "?"}]
_STAND_IN = {"name": "goal", "segment": "?", "identifiers": _PAIR, "parameters": _PAIR, "events": _EVENTS}
"""What stands for keys that have to be given, and are not; problems of their places are not told."""


def known_of(home: Home, connection: str, discovery: Discovery | None) -> Known:
    """What is known of a connection, while the vendor is not asked.

    Raises:
        UnknownNameError: There is no such connection, or no such vendor.
        ConfigurationError: The file does not fit.
    """
    file, vendor = read_connection(home, connection)
    settings = readable_settings(vendor.settings, file.settings, home.root.nearby)
    return Known(home, connection, file, vendor, settings, discovery)


def goal_problems(known: Known, given: Mapping[str, Any] | GoalSettings) -> list[Problem]:
    """Every problem of a goal with its places; none where it can run, as far as can be told.

    Args:
        known: The connection. Without a discovery, what only the vendor can tell is left out.
        given: The goal, or keys that a person is just filling in.
    """
    keys = given.given() if isinstance(given, GoalSettings) else dict(given)
    rows = {key: list(range(len(value))) for key, value in keys.items() if isinstance(value, list | tuple)}
    found, gone = list[Problem](), list[At]()
    for _ in range(_ROUNDS):
        try:
            goal = read_goal(keys)
        except ConfigurationError as error:
            misfits = [_placed(problem, rows) for problem in error.problems]
            found += misfits
            before = [problem.at[-1] for problem in error.problems if problem.at]  # of two that clash, one stays
            gone += [place for problem in misfits for place in problem.at]
            if isinstance(error, UnknownNameError) or not _without(keys, rows, before):
                return found
            gone += [(key,) for key, value in _STAND_IN.items() if keys.get(key) == value]
        else:
            planned = [name for other in _before(known, goal) for name in kinds.get(other.kind).adds(other)]
            lacking = kinds.get(goal.kind).problems(known, goal, planned)
            told = (_placed(problem, rows) for problem in lacking)
            return found + [problem for problem in told if not _all_in(problem.at, gone)]
    return found


def _before(known: Known, goal: GoalSettings) -> Sequence[GoalSettings]:
    """The active goals that run before one."""
    active = kinds.in_run_order(each for each in known.connection.goals if each.active)
    order = kinds.get(goal.kind).order
    names = [each.name for each in active]
    end = names.index(goal.name) if goal.name in names else sum(kinds.get(each.kind).order <= order for each in active)
    return active[:end]


def _placed(problem: Problem, rows: Mapping[str, list[int]]) -> Problem:
    """A problem with the positions that its rows have in what was given."""

    def original(at: At) -> At:
        key, nth = (*at, None, None)[:2]
        if isinstance(key, str) and isinstance(nth, int) and nth < len(rows.get(key, ())):
            return (key, rows[key][nth], *at[2:])
        return at

    return replace(problem, at=tuple(map(original, problem.at)))


def _without(keys: dict[str, Any], rows: dict[str, list[int]], places: Sequence[At]) -> bool:
    """Leave out what cannot be read; False where nothing more can be left out."""
    numbers = {(str(at[0]), at[1]) for at in places if len(at) > 1 and isinstance(at[1], int)}
    whole = {str(at[0]) for at in places if at} - {key for key, _ in numbers}
    left = False
    for key, nth in sorted(numbers, reverse=True):
        if key in rows and nth < len(rows[key]):
            keys[key] = [*keys[key][:nth], *keys[key][nth + 1 :]]
            del rows[key][nth]
            left = True
            if not keys[key] and key in _STAND_IN:
                keys[key] = _STAND_IN[key]
    for key in whole:
        left = _let_go(keys, key) or left
    return left


def _let_go(keys: dict[str, Any], key: str) -> bool:
    """Take a key away, or let something stand for it that has to be given; False where neither can be."""
    fields = settings_of(keys["kind"]).model_fields if isinstance(keys.get("kind"), str) else {}
    if key in fields and key in _STAND_IN and fields[key].default is PydanticUndefined:
        if keys.get(key) == _STAND_IN[key]:
            return False
        keys[key] = _STAND_IN[key]
        return True
    return keys.pop(key, None) is not None and key != "kind"


def _all_in(places: Sequence[At], gone: Sequence[At]) -> bool:
    """Whether all places are among those of which something was told already."""
    return bool(places) and all(any(place[: len(at)] == at for at in gone) for place in places)
