"""Export goals as a connection file holds them: whose profiles are sent, and which values fill which fields."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, StrictBool, model_validator

from cdpkit.config.goal import GoalSettings, Pairs, Steps
from cdpkit.config.part import NO_CHOICE, Filled, Part, misfit
from cdpkit.core.export_values import VALUE_TYPES, ValueType
from cdpkit.problem import nearest_first


def _value_type(name: str) -> str:
    if name not in VALUE_TYPES:
        near = nearest_first(name, VALUE_TYPES)
        raise misfit(NO_CHOICE, f"write one of: {', '.join(map(repr, near))}")
    return name


class ExportMappingSettings(Part):
    """A value and the vendor's field that it fills.

    Attributes:
        value: What is sent: one of `VALUE_TYPES`, which say what they take of `from`, `text` and `segments`.
        target: In the file `to`: the vendor's field.
        join: What stands between several values that are sent as one text; None for the vendor's own way.
        send_empty: Clear the vendor's field where the value is empty.
    """

    value: Annotated[str, AfterValidator(_value_type)] = "property"
    source: Filled | None = Field(default=None, alias="from")
    text: Filled | None = None
    segments: tuple[Filled, ...] | None = None
    target: Filled = Field(alias="to")
    join: str | None = None
    send_empty: StrictBool = False

    @property
    def type(self) -> ValueType:
        """The type of its value."""
        return VALUE_TYPES[self.value]

    @model_validator(mode="after")
    def _what_the_value_takes(self) -> "ExportMappingSettings":
        given = {"from": self.source, "text": self.text, "segments": self.segments}
        surplus = [key for key, value in given.items() if value is not None and key not in self.type.takes]
        if surplus:
            fitting = next(each.name for each in VALUE_TYPES.values() if surplus[0] in each.takes)
            raise misfit(f'value = "{self.value}" takes no {surplus[0]}', f'remove it, or write value = "{fitting}"')
        needed = next((key for key in self.type.needs if given[key] is None), None)
        if needed:
            raise misfit(f'value = "{self.value}" needs the key {needed}', "add it")
        if self.segments == ():
            raise misfit("segments is empty", "name segments, or remove the key to send all")
        return self


def _one_field_each(mappings: tuple[ExportMappingSettings, ...]) -> tuple[ExportMappingSettings, ...]:
    names = Counter(mapping.target for mapping in mappings)
    twice = [name for name, times in names.items() if times > 1]
    if twice:
        at = [(nth, "to") for nth, mapping in enumerate(mappings) if mapping.target == twice[0]]
        raise misfit(f"two of them fill the vendor's field {twice[0]!r}", "keep one", at=at)
    return mappings


class ExportGoalSettings(GoalSettings):
    """A goal that sends a segment's profiles to the vendor.

    Attributes:
        segment: The name of the segment.
        target: The vendor's own options.
        create: Whether the vendor may create a person where none matches.
        identifiers: Pairs of property and the vendor's identifier.
        mappings: What is sent, in the order in which the vendor gets it.
        skip_unchanged_payload: Leave out a profile whose body equals the last one the vendor accepted.
        processors: Steps on the rows before sending.
    """

    typed: ClassVar[str] = "ExportGoal"
    hint: ClassVar[str] = "the vendor's own options go into target = { ... }"

    kind: Literal["export_profiles"]
    segment: Filled
    target: Mapping[str, Any] = Field(default={})
    create: StrictBool = True
    identifiers: Pairs
    mappings: Annotated[tuple[ExportMappingSettings, ...], AfterValidator(_one_field_each)] = ()
    skip_unchanged_payload: StrictBool = False
    processors: Steps = ()


SETTINGS = ExportGoalSettings
