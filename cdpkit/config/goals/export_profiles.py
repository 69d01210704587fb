"""Export goals as a connection file holds them: whose profiles are sent, and which values fill which fields."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, StrictBool, model_validator

from cdpkit.config.goal import GoalSettings, Pairs, Steps
from cdpkit.config.part import Filled, Part, misfit

_TAKES = {
    "property": ("from",),
    "identifier": ("from",),
    "segments": ("segments",),
    "viewed_interactions": (),
    "permission_level": (),
    "text": ("text",),
}
_NEEDS = {"property": "from", "text": "text"}


class ExportMappingSettings(Part):
    """A value and the vendor's field that it fills.

    Attributes:
        value: What is sent. A `property` needs `from`; an `identifier` is the one named by `from`, else the
            profile's id; `segments` are those named, else all; a `text` needs `text`.
        target: In the file `to`: the vendor's field.
        join: What stands between several values that are sent as one text; None for the vendor's own way.
        send_empty: Clear the vendor's field where the value is empty.
    """

    value: Literal["property", "identifier", "segments", "viewed_interactions", "permission_level", "text"] = "property"
    source: Filled | None = Field(default=None, alias="from")
    text: Filled | None = None
    segments: tuple[Filled, ...] | None = None
    target: Filled = Field(alias="to")
    join: str | None = None
    send_empty: StrictBool = False

    @model_validator(mode="after")
    def _what_the_value_takes(self) -> "ExportMappingSettings":
        given = {"from": self.source, "text": self.text, "segments": self.segments}
        surplus = [key for key, value in given.items() if value is not None and key not in _TAKES[self.value]]
        if surplus:
            fitting = next(value for value, keys in _TAKES.items() if surplus[0] in keys)
            raise misfit(f'value = "{self.value}" takes no {surplus[0]}; remove it, or write value = "{fitting}"')
        needed = _NEEDS.get(self.value)
        if needed and given[needed] is None:
            raise misfit(f'value = "{self.value}" needs the key {needed}; add it')
        if self.segments == ():
            raise misfit("segments is empty; name segments, or remove the key to send all")
        return self


def _one_field_each(mappings: tuple[ExportMappingSettings, ...]) -> tuple[ExportMappingSettings, ...]:
    names = Counter(mapping.target for mapping in mappings)
    twice = [name for name, times in names.items() if times > 1]
    if twice:
        raise misfit(f"two of them fill the vendor's field {twice[0]!r}; keep one")
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
