"""Goals that export timeline events as a connection file holds them: whose, of which types and times."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StrictInt, model_validator

from cdpkit.config.goal import GoalSettings, Pairs
from cdpkit.config.part import Filled, misfit


def _moment(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise misfit("is no date or time", 'write one such as "2026-01-31" or "2026-01-31T08:00:00"') from None
    return text


_Moment = Annotated[str, AfterValidator(_moment)]


class ExportEventsGoalSettings(GoalSettings):
    """A goal that sends the timeline events of a segment's profiles, each once.

    Attributes:
        segment: Whose events are sent.
        target: The vendor's own options.
        identifiers: Pairs of property and the vendor's identifier.
        types: The types that are sent; all of them, where it is empty.
        since: The first time of events that are sent; None for no bound.
        until: The first time of events that are not sent any more; None for no bound.
        last_days: Events of so many days before the run alone; not beside `since` and `until`.
    """

    typed: ClassVar[str] = "ExportEventsGoal"
    hint: ClassVar[str] = "the vendor's own options go into target = { ... }"

    kind: Literal["export_events"]
    segment: Filled
    target: Mapping[str, Any] = Field(default={})
    identifiers: Pairs
    types: tuple[Filled, ...] = ()
    since: _Moment | None = None
    until: _Moment | None = None
    last_days: Annotated[StrictInt, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_period(self) -> "ExportEventsGoalSettings":
        if self.last_days is not None and (self.since is not None or self.until is not None):
            raise misfit("has last_days beside since or until", "keep one of them", at=[("last_days",)])
        return self

    def between(self, zone: str) -> tuple[datetime | None, datetime | None]:
        """The bounds that are dates, those without a zone read in this one."""
        found = (None if text is None else datetime.fromisoformat(text) for text in (self.since, self.until))
        aware = [each if each is None or each.tzinfo else each.replace(tzinfo=ZoneInfo(zone)) for each in found]
        since, until = (None if each is None else each.astimezone(UTC) for each in aware)
        return since, until


SETTINGS = ExportEventsGoalSettings
