"""Import goals as a connection file holds them: what is pulled, under which names and by which rules it is stored."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, StrictBool, model_validator

from cdpkit.config.event_mappings import EventMappingSettings
from cdpkit.config.goal import GoalSettings, Pairs, Steps, named_twice, places_of
from cdpkit.config.part import Filled, Part, misfit
from cdpkit.core.goal import OnMultiple, Rule
from cdpkit.problem import At


class ImportMappingSettings(Part):
    """`from` a field of the source `to` a property, merged by `rule`."""

    source: Filled = Field(alias="from")
    target: Filled = Field(alias="to")
    rule: Rule = Rule.SET


class ImportGoalSettings(GoalSettings):
    """A goal that enriches or creates profiles.

    Attributes:
        source: The vendor's own options.
        segment: Whom a vendor is asked about that is asked about given people; no other vendor takes one.
        identifiers: Pairs of field and property; all must match at once.
        mappings: What is stored, in order; a property is the target of at most one, `save_lists_to` included.
        processors: Steps on the rows before matching.
        events: What the rows become on time lines beside that; one for each type.
        save_lists_to: The property that takes the names of a person's lists.
        save_lists_rule: Whether they join the names there (`add`) or replace them (`set_or_clear`).
    """

    typed: ClassVar[str] = "ImportGoal"
    hint: ClassVar[str] = "the vendor's own options go into source = { ... }"

    kind: Literal["import_profiles"]
    source: Mapping[str, Any] = Field(default={})
    segment: Filled | None = None
    create_profiles: StrictBool = True
    on_multiple_matches: OnMultiple = OnMultiple.NEWEST
    identifiers: Pairs
    mappings: tuple[ImportMappingSettings, ...] = ()
    processors: Steps = ()
    events: tuple[EventMappingSettings, ...] = ()
    save_lists_to: Filled | None = None
    save_lists_rule: Literal["add", "set_or_clear"] = "add"

    @model_validator(mode="after")
    def _one_target(self) -> "ImportGoalSettings":
        places: list[At] = [("mappings", nth, "to") for nth in range(len(self.mappings))]
        targets = [mapping.target for mapping in self.mappings]
        if self.save_lists_to:
            places, targets = [*places, ("save_lists_to",)], [*targets, self.save_lists_to]
        twice = named_twice(targets)
        if twice:
            what = f"property {twice!r} is the target of two mappings (save_lists_to counts as one)"
            raise misfit(what, "keep one", at=[places[nth] for nth in places_of(twice, targets)])
        return self


SETTINGS = ImportGoalSettings
