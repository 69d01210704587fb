"""Goals that import groups as a connection file holds them: which type, where their ids stand, and what is stored."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt

from cdpkit.config.goal import GoalSettings, Pairs, PairSettings, Steps
from cdpkit.config.goals.enrich_profiles import EnrichGoalSettings, fitting_pause, one_target
from cdpkit.config.goals.import_profiles import ImportGoalSettings, ImportMappingSettings
from cdpkit.config.part import Filled

GROUP_ID = "group_id"
ASKING = ("segment", "parameters", "pause", "max_requests", "budget", "repeat_in_doubt")
"""The keys that are about asking, of a vendor that is paid for each question."""


class ImportGroupsGoalSettings(GoalSettings):
    """A goal that makes groups and fills their properties.

    Attributes:
        group: The type of the groups, as the workspace knows it.
        id: The field that holds the id of each.
        create_groups: Whether an id that is not known makes a group.
        source: The vendor's own options.
        mappings: What is stored in properties of the groups, in order; a property is the target of at most one.
        processors: Steps on the rows before the groups are found.
        segment: Of a vendor that is asked about people, each question paid: about whom.
        parameters: Of such a vendor: pairs of property and parameter, by what it is asked.
        pause: Likewise, as of goals that enrich: how long nobody is asked about again.
        max_requests: Likewise: most requests of a run.
        budget: Likewise: most that these may cost.
        repeat_in_doubt: Likewise: ask about those again of whom no answer came.
    """

    typed: ClassVar[str] = "ImportGroupsGoal"
    hint: ClassVar[str] = "the vendor's own options go into source = { ... }"

    kind: Literal["import_groups"]
    group: Filled
    id: Filled
    create_groups: StrictBool = True
    source: Mapping[str, Any] = Field(default={})
    mappings: Annotated[tuple[ImportMappingSettings, ...], AfterValidator(one_target)] = ()
    processors: Steps = ()
    segment: Filled | None = None
    parameters: Pairs | None = None
    pause: Annotated[str, AfterValidator(fitting_pause)] = "6 months"
    max_requests: Annotated[StrictInt, Field(ge=0)] = 10_000
    budget: Annotated[float, Field(ge=0)] | None = None
    repeat_in_doubt: StrictBool = False

    @property
    def about(self) -> str:
        """The type of the groups."""
        return self.group

    @property
    def asking(self) -> tuple[str, ...]:
        """The keys that were given and are about asking, which costs money."""
        return tuple(key for key in ASKING if getattr(self, key) != type(self).model_fields[key].default)

    def pulled(self) -> ImportGoalSettings:
        """The same as a goal that imports: the groups take the place of profiles."""
        return ImportGoalSettings(
            kind="import_profiles",
            name=self.name,
            guards=self.guards,
            source=self.source,
            create_profiles=self.create_groups,
            identifiers=(PairSettings.model_validate({"from": self.id, "to": GROUP_ID}),),
            mappings=self.mappings,
            processors=self.processors,
        )

    def asked(self) -> EnrichGoalSettings:
        """The same as a goal that asks; it names a segment and parameters."""
        keys = ("name", "guards", "source", "mappings", "processors", *ASKING)
        return EnrichGoalSettings(kind="enrich_profiles", **{key: getattr(self, key) for key in keys})


SETTINGS = ImportGroupsGoalSettings
