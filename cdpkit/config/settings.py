"""What a workspace knows beside its tables, as models of what stands in `cdpkit.toml`."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from cdpkit.config.guards import GuardSettings
from cdpkit.config.part import Part, misfit
from cdpkit.core.events.types import BUILT_IN_EVENTS, EventProperty, EventType
from cdpkit.core.properties import (
    BUILT_IN,
    GROUP_BUILT_IN,
    Property,
    PropertyType,
)
from cdpkit.errors import UnknownNameError

FORMAT = 5
"""The version of the workspace layout that this package writes; older ones are brought up to it when they are opened.

A new table, a new column, or anything else that changes on disk makes it one more.
"""


class PropertySettings(Part):
    """One property of the catalogue."""

    name: str
    type: PropertyType = PropertyType.TEXT
    multi: bool = False
    identifier: bool = False
    pii: bool = False

    def to_property(self) -> Property:
        """As the core knows it."""
        return Property(self.name, self.type, self.multi, self.identifier, self.pii)


class ObjectiveSettings(Part):
    """A purpose for which data is used, and whether people have to consent to it."""

    needs_consent: bool = True
    description: str = ""


def _memory(text: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]*(\.[0-9]+)? ?([KMGT]i?B|%)", text):
        raise misfit("is no amount of memory", "write one such as '4 GB', or a share such as '50%'")
    return text


class EventPropertySettings(Part):
    """A property of a type of timeline events; it may hold properties itself."""

    name: str
    type: PropertyType = PropertyType.TEXT
    multiple: bool = False
    identifier: bool = False
    properties: "tuple[EventPropertySettings, ...]" = ()

    def to_property(self) -> EventProperty:
        """As the core knows it."""
        inner = tuple(each.to_property() for each in self.properties)
        return EventProperty(self.name, self.type, self.multiple, self.identifier, inner)


class EventTypeSettings(Part):
    """A type of timeline events."""

    name: str
    label: str = ""
    properties: tuple[EventPropertySettings, ...] = ()

    def to_type(self) -> EventType:
        """As the core knows it."""
        return EventType(self.name, tuple(each.to_property() for each in self.properties), self.label)


class GroupSettings(Part):
    """A type of groups: the property of profiles that holds the id of theirs, and what is known of each."""

    link: str
    label: str = ""
    properties: tuple[PropertySettings, ...] = ()


class Settings(Part):
    """The whole file.

    Attributes:
        format: The version of the workspace layout.
        keep_days: How long old versions, changes and orphaned files stay.
        zone: The time zone in which texts without one are read.
        properties: The catalogue, built-in properties left out.
        segments: Name to SQL expression over `profiles`.
        event_types: The types of timeline events, built-in ones left out.
        groups: The types of groups, by name.
        objectives: By name; connections are linked to them.
        expose_segments: Whether names of segments may be sent to vendors.
        properties_at: The commit whose change of the catalogue was the last to be written here; kept by the workspace.
        guards: How much a load or a goal may change before a person has to look.
        sql_seconds: How long a query, a segment or an SQL step may compute.
        sql_memory: What it may hold: an amount such as `4 GB`, or a share of the machine's memory such as `50%`.
    """

    format: int
    keep_days: Annotated[float, Field(ge=0)] = 30
    zone: str = "UTC"
    properties: tuple[PropertySettings, ...] = ()
    segments: Mapping[str, str] = {}
    event_types: tuple[EventTypeSettings, ...] = ()
    groups: Mapping[str, GroupSettings] = {}
    objectives: Mapping[str, ObjectiveSettings] = {}
    expose_segments: bool = False
    properties_at: int = 0
    guards: GuardSettings = GuardSettings()
    sql_seconds: Annotated[float, Field(ge=0.001)] = 600
    sql_memory: Annotated[str, AfterValidator(_memory)] = "50%"

    def group(self, name: str) -> GroupSettings:
        """A type of groups.

        Raises:
            UnknownNameError: There is no such type; names those that there are.
        """
        if name not in self.groups:
            raise UnknownNameError(
                "group type", name, self.groups, f"add it with ws.groups.define({name!r}, link='PROPERTY')"
            )
        return self.groups[name]

    def catalogue(self, group: str = "") -> dict[str, Property]:
        """All properties by name, the built-in ones first: of profiles, or of the groups of a type.

        Raises:
            UnknownNameError: There is no such type of groups; names those that there are.
        """
        own, built_in = (self.group(group).properties, GROUP_BUILT_IN) if group else (self.properties, BUILT_IN)
        return {prop.name: prop for prop in (*built_in, *(each.to_property() for each in own))}

    def types(self) -> dict[str, EventType]:
        """All types of timeline events by name, the built-in ones first."""
        return {**BUILT_IN_EVENTS, **{each.name: each.to_type() for each in self.event_types}}
