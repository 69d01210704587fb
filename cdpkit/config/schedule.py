"""When a connection runs by itself, as its file says it."""

import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, PlainValidator, StrictBool, StrictInt, model_validator

from cdpkit.config.part import Part, misfit

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY = re.compile(r"[1-9]\d{0,4} (minutes?|hours?)")
_AT = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_NTH = re.compile(rf"(first|second|third|fourth|last) ({'|'.join(_WEEKDAYS)})")


def _every(text: str) -> str:
    if not _EVERY.fullmatch(text):
        raise misfit("is no number of minutes or hours", 'write one such as "15 minutes" or "2 hours"')
    return text


def _at(text: str) -> str:
    if not _AT.fullmatch(text):
        raise misfit("is no time of day", 'write one such as "01:30", from "00:00" to "23:59"')
    return text


def _nth(text: str) -> str:
    if not _NTH.fullmatch(text):
        raise misfit(
            "is no weekday of a month",
            f'write first, second, third, fourth or last, and a day of {", ".join(_WEEKDAYS)}, such as "first mon"',
        )
    return text


def _day_of_month(day: Any) -> int | Literal["last"]:
    if day == "last":
        return "last"
    if isinstance(day, bool) or not isinstance(day, int) or not 1 <= day <= 31:  # noqa: PLR2004 - days of a month
        raise misfit("is no day of a month", 'write one from 1 to 31, or "last"')
    return day


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise misfit("is no name of a time zone", 'write one such as "Europe/Brussels" or "UTC"') from None
    return name


def _several(days: tuple[Any, ...]) -> tuple[Any, ...]:
    if not days:
        raise misfit("is empty", "name at least one day")
    if len(set(days)) < len(days):
        raise misfit("names a day twice", "keep one")
    return days


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DayOfMonth = Annotated[int | Literal["last"], PlainValidator(_day_of_month)]


class ScheduleSettings(Part):
    """The table `[schedule]`: one of the five forms below, with what it needs.

    Attributes:
        every: `"15 minutes"`, `"2 hours"`.
        times_per_day: So many times, evenly spaced over the day.
        days_of_week: At `at` on these days.
        days_of_month: Likewise; a day that a month does not have is skipped, "last" is its last one.
        weekday_of_month: Likewise, such as `"first mon"`.
        at: The time of day, `"01:30"`; needed by the three forms that name days.
        timezone: Where `at` is read and the day begins.
        catch_up: Run once where runs were missed.
    """

    every: Annotated[str, AfterValidator(_every)] | None = None
    times_per_day: Annotated[StrictInt, Field(ge=1, le=1440)] | None = None
    days_of_week: Annotated[tuple[Weekday, ...], AfterValidator(_several)] | None = None
    days_of_month: Annotated[tuple[DayOfMonth, ...], AfterValidator(_several)] | None = None
    weekday_of_month: Annotated[str, AfterValidator(_nth)] | None = None
    at: Annotated[str, AfterValidator(_at)] | None = None
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    catch_up: StrictBool = False

    @model_validator(mode="after")
    def _one_form(self) -> "ScheduleSettings":
        evenly = ("every", "times_per_day")
        forms = (*evenly, "days_of_week", "days_of_month", "weekday_of_month")
        given = [form for form in forms if getattr(self, form) is not None]
        if len(given) != 1:
            if given:
                raise misfit(f"has {' and '.join(given)}", "keep one")
            raise misfit("says no time", f"give one of {', '.join(forms)}")
        if given[0] in evenly and self.at is not None:
            raise misfit(f"{given[0]} has no time of day", "remove at")
        if given[0] not in evenly and self.at is None:
            raise misfit(f"{given[0]} needs a time of day", 'add one such as at = "01:30"')
        return self
