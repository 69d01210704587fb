"""Goals that import timeline events as a connection file holds them: what is pulled, and what is made of it."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, StrictBool

from cdpkit.config.event_mappings import EventMappingSettings
from cdpkit.config.goal import GoalSettings, Pairs, Steps
from cdpkit.config.goals.import_profiles import ImportMappingSettings
from cdpkit.config.part import misfit
from cdpkit.core.goal import OnMultiple


def _some(events: tuple[EventMappingSettings, ...]) -> tuple[EventMappingSettings, ...]:
    if not events:
        raise misfit("is empty", 'give at least one such as { type = "order", time = "createdAt", mappings = "*" }')
    return events


class ImportEventsGoalSettings(GoalSettings):
    """A goal that puts a vendor's events on the time lines of profiles.

    Attributes:
        source: The vendor's own options.
        create_profiles: Whether an event of somebody without match makes a profile.
        on_multiple_matches: What a row with several matches does.
        identifiers: Pairs of field and property; all must match at once.
        events: What the rows become; one for each type.
        mappings: What is stored of them in properties of the profile beside that, in order.
        processors: Steps on the rows before matching.
    """

    typed: ClassVar[str] = "ImportEventsGoal"
    hint: ClassVar[str] = "the vendor's own options go into source = { ... }"

    kind: Literal["import_events"]
    source: Mapping[str, Any] = Field(default={})
    create_profiles: StrictBool = True
    on_multiple_matches: OnMultiple = OnMultiple.NEWEST
    identifiers: Pairs
    events: Annotated[tuple[EventMappingSettings, ...], AfterValidator(_some)]
    mappings: tuple[ImportMappingSettings, ...] = ()
    processors: Steps = ()


SETTINGS = ImportEventsGoalSettings
