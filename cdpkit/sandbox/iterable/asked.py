"""What an export is asked for: which data, which times, which fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cdpkit.sandbox.iterable.answers import refuse
from cdpkit.sandbox.iterable.project import shown_time

_FORMATS = (
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y-%m-%dT%H:%M:%S%z",
)
_FAMILIES = ("email", "push", "inApp", "inbox", "sms", "webPush", "embedded", "whatsApp", "rcs")
_OTHERS = {"purchase", "customEvent", "hostedUnsubscribeClick", "journeyExit"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an export is asked for.

    Attributes:
        data: The name of the type of data.
        start: The first time that is in it, as rows show times; None for no bound.
        end: The first time that is not in it any more; None for no bound.
        only: The fields that are in it; none for all.
        omit: The fields that are not in it.
    """

    data: str
    start: str | None
    end: str | None
    only: frozenset[str]
    omit: frozenset[str]

    def takes(self, name: str) -> bool:
        """Whether a field is in it; an object's name stands for what is in the object."""
        names = {name, name.split(".", maxsplit=1)[0]}
        return (not self.only or bool(names & self.only)) and not names & self.omit


def asked(data: Any, start: Any, end: Any, only: Sequence[str], omit: Sequence[str], days: Any, now: float) -> Asked:
    """What the parameters of an export mean.

    Raises:
        AnswerError: One of them is missing or not understood.
    """
    if not isinstance(data, str) or not (data == "user" or data in _OTHERS or data.startswith(_FAMILIES)):
        raise refuse("BadParams", f"Invalid dataTypeName: {data}")
    if start is not None or end is not None:
        first, last = _moment("startDateTime", start), _moment("endDateTime", end)
    else:
        first, last = _range("Today" if days is None else days, now)
    return Asked(data, first, last, _names(only), _names(omit))


def _names(given: Sequence[str]) -> frozenset[str]:
    return frozenset(name.strip() for part in given for name in part.split(",") if name.strip())


def _moment(name: str, given: Any) -> str | None:
    if given is None:
        return None
    for form in _FORMATS:
        try:
            found = datetime.strptime(str(given).strip(), form)  # noqa: DTZ007 - without a zone it is UTC
        except ValueError:
            continue
        return shown_time((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    raise refuse("BadParams", f"Invalid {name}: {given}")


def _range(days: str, now: float) -> tuple[str | None, str | None]:
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    bounds = {
        "Today": (today, None),
        "Yesterday": (today - timedelta(days=1), today),
        "BeforeToday": (None, today),
        "All": (None, None),
    }
    if days not in bounds:
        raise refuse("BadParams", f"Invalid range: {days}; there are {', '.join(bounds)}")
    first, last = bounds[days]
    return (shown_time(first.timestamp()) if first else None), (shown_time(last.timestamp()) if last else None)
