"""Goals that ask a vendor about people, as a connection file holds them: whom, by what, and how much that may cost."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, StrictBool, StrictInt, model_validator

from cdpkit.config.goal import GoalSettings, Pairs, Steps, named_twice, places_of
from cdpkit.config.goals.import_profiles import ImportMappingSettings
from cdpkit.config.part import Filled, misfit
from cdpkit.core.asking import Pause

_MOST = 10_000
_PAUSE = re.compile(r"[1-9]\d{0,4} (day|month|year)s?")


def fitting_pause(text: str) -> str:
    """A text that says how long nobody is asked about again."""
    if not _PAUSE.fullmatch(text):
        raise misfit("is no pause", "write a number of days, months or years, such as '6 months'")
    return text


def one_target(mappings: tuple[ImportMappingSettings, ...]) -> tuple[ImportMappingSettings, ...]:
    """Mappings of which no two have the same property."""
    targets = [mapping.target for mapping in mappings]
    twice = named_twice(targets)
    if twice:
        at = [(nth, "to") for nth in places_of(twice, targets)]
        raise misfit(f"property {twice!r} is the target of two mappings", "keep one", at=at)
    return mappings


class EnrichGoalSettings(GoalSettings):
    """A goal that asks a vendor about the profiles of a segment, and stores what it answers.

    Attributes:
        segment: Whom it asks about.
        parameters: Pairs of property and the vendor's parameter: by what it asks.
        mappings: What is stored of the answers, in order; a property is the target of at most one.
        source: The vendor's own options.
        pause: How long nobody is asked about again, from the time of sending: days, months or years.
        max_requests: Most requests of a run; of 24 hours, where the goal is asked in real time.
        budget: Most that these may cost, in the currency of the connection's price; None for no such limit.
        repeat_in_doubt: Ask about those again, inside the pause, of whom no answer came; they may be paid twice.
        batch: Asked in runs of the connection, about the whole segment.
        real_time: Asked by a watch as soon as a commit changes a parameter, about those alone whose it was.
        processors: Steps on the answers before they are stored.
    """

    typed: ClassVar[str] = "EnrichGoal"
    hint: ClassVar[str] = "the vendor's own options go into source = { ... }"

    kind: Literal["enrich_profiles"]
    segment: Filled
    parameters: Pairs
    mappings: Annotated[tuple[ImportMappingSettings, ...], AfterValidator(one_target)] = ()
    source: Mapping[str, Any] = Field(default={})
    pause: Annotated[str, AfterValidator(fitting_pause)] = "6 months"
    max_requests: Annotated[StrictInt, Field(ge=0)] = _MOST
    budget: Annotated[float, Field(ge=0)] | None = None
    repeat_in_doubt: StrictBool = False
    batch: StrictBool = True
    real_time: StrictBool = False
    processors: Steps = ()

    @model_validator(mode="after")
    def _asked_at_all(self) -> Self:
        if not self.batch and not self.real_time:
            raise misfit("neither batch nor real_time is on", "switch one on, or the whole goal off (active = false)")
        return self

    @property
    def in_runs(self) -> bool:
        """Whether a run of its connection carries it out."""
        return self.batch

    @property
    def paused(self) -> Pause:
        """The pause, as the core reckons with it."""
        number, unit = self.pause.split()
        return Pause(int(number), f"{unit.removesuffix('s')}s")


SETTINGS = EnrichGoalSettings
