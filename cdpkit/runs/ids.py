"""Ids and times of runs."""

import difflib
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from cdpkit.errors import ConfigurationError, UnknownNameError

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: digits and letters but for i, l, o and u, which are taken for others."""
_MISREAD = str.maketrans("ilo", "110")
_EPOCH_MS = 1_577_836_800_000
"""2020 in Unix time."""
_TIME, _DRAWN = 8, 4
"""How many digits tell the time in milliseconds, until 2054, and how many are drawn."""
_NAMED = 5


def run_id() -> str:
    """Twelve digits and letters that sort by the time at which they were made, behind the UUIDs of earlier versions.

    Runs of different hours differ in the first four, runs of different seconds in the first six.
    """
    drawn = "".join(secrets.choice(_DIGITS) for _ in range(_DRAWN))
    return _digits(time.time_ns() // 1_000_000 - _EPOCH_MS) + drawn


def time_of(run: str) -> datetime:
    """When the id of a run was made, in UTC and to the second."""
    number = 0
    for digit in run[:_TIME]:
        number = number << 5 | _DIGITS.index(digit)
    return datetime.fromtimestamp((number + _EPOCH_MS) // 1000, UTC)


def now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def named_run(given: object, ids: Sequence[str]) -> str:
    """The id that a person means: the whole of it, or any beginning that no other has; case does not matter.

    Args:
        given: What the person gave.
        ids: Those of all runs, oldest first.

    Raises:
        UnknownNameError: None begins like this; names the latest, and those that look like it first.
        ConfigurationError: It is no text, or several begin like this; names them.
    """
    if not isinstance(given, str):
        raise ConfigurationError(
            f"a run is named by itself, or by its id, a text such as run.id; this is a {type(given).__name__}"
        )
    written = given.strip().lower()
    readings = (written, written.translate(_MISREAD))
    if exact := next((reading for reading in readings if reading in ids), None):
        return exact
    found = [each for each in ids if written and each.startswith(readings)]
    if len(found) > 1:
        told = ", ".join(reversed(found[-_NAMED:]))
        more = f", and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
        raise ConfigurationError(f"{len(found):,} runs begin with {given!r}: {told}{more}; write more of the id")
    if not found:
        near = difflib.get_close_matches(readings[1], ids, _NAMED, 0.7)
        raise UnknownNameError("run", given, {*near, *ids[-_NAMED:]}, "look at ws.runs, which lists all of them")
    return found[0]


def _digits(number: int) -> str:
    return "".join(_DIGITS[number >> 5 * place & 31] for place in reversed(range(_TIME)))
