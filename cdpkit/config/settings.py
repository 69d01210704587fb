"""`cdpkit.toml`: what a workspace knows beside its tables. Read as models, written back with its comments kept."""

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Annotated, Any

import tomlkit
from pydantic import AfterValidator, Field, ValidationError

from cdpkit.config import toml_file
from cdpkit.config.guards import GuardSettings
from cdpkit.config.part import Part, misfit, misfits
from cdpkit.config.taken import check_names
from cdpkit.core.events.types import BUILT_IN_EVENTS, EventProperty, EventType
from cdpkit.core.properties import (
    BUILT_IN,
    GROUP_BUILT_IN,
    Property,
    PropertyType,
)
from cdpkit.errors import ConfigurationError, UnknownNameError, WorkspaceError
from cdpkit.place import Place

FILE_NAME = "cdpkit.toml"
FORMAT = 5
"""The version of the workspace layout that this package writes; older ones are brought up to it when they are opened.

A new table, a new column, or anything else that changes on disk makes it one more.
"""

Document = toml_file.Document


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

    def catalogue(self, group: str = "") -> dict[str, Property]:
        """All properties by name, the built-in ones first: of profiles, or of the groups of a type.

        Raises:
            UnknownNameError: There is no such type of groups; names those that there are.
        """
        if group and group not in self.groups:
            raise UnknownNameError("group type", group, self.groups, f"add it with ws.groups.define({group!r}, link)")
        settings, built_in = (self.groups[group].properties, GROUP_BUILT_IN) if group else (self.properties, BUILT_IN)
        return {prop.name: prop for prop in (*built_in, *(each.to_property() for each in settings))}

    def types(self) -> dict[str, EventType]:
        """All types of timeline events by name, the built-in ones first."""
        return {**BUILT_IN_EVENTS, **{each.name: each.to_type() for each in self.event_types}}


class SettingsFile:
    """The file of a workspace; every change is one atomic replacement under a lock."""

    def __init__(self, root: Place) -> None:
        self.root = root
        self.path = root / FILE_NAME

    def create(self) -> None:
        """Write the file of a new workspace."""
        document = tomlkit.document()
        document.add(
            tomlkit.comment("A cdpkit workspace. Names of properties and segments are used by notebooks and loads.")
        )
        document.add("format", tomlkit.item(FORMAT))
        document.add("keep_days", tomlkit.item(30))
        document.add("zone", tomlkit.item("UTC"))
        toml_file.replace(self.path, tomlkit.dumps(document))

    def read(self) -> Settings:
        """The settings as they are now.

        Raises:
            WorkspaceError: There is no file, it is no TOML, or it was written by a newer version.
            ConfigurationError: A setting does not fit; the message names it.
        """
        return self._parse(self._text())

    def format(self) -> int:
        """The version of the layout in which the workspace is written, whatever else the file says.

        Raises:
            WorkspaceError: As `read`.
            ConfigurationError: It says none.
        """
        text = self._text()
        found = _values(text).get("format")
        return found if isinstance(found, int) and found <= FORMAT else self._parse(text).format

    def reach(self, number: int) -> None:
        """Say in which version of the layout the workspace is written from now on."""
        self.edit(lambda document: document.update(format=number))

    def edit(self, change: Callable[[Document], None]) -> Settings:
        """Change the file; nobody else's change is lost and a change that does not fit is not written."""
        return toml_file.edit(self.path, self._text, change, self._parse)

    def _text(self) -> str:
        try:
            text = toml_file.read(self.path)
            _values(text)
        except FileNotFoundError as error:
            raise WorkspaceError(
                f"{self.root} is no cdpkit workspace: it has no {FILE_NAME}; make one with cdpkit.create(path)"
            ) from error
        except NotADirectoryError as error:
            raise WorkspaceError(f"{self.root} is a file; a workspace is a folder, give its path") from error
        except (UnicodeDecodeError, OSError) as error:
            raise WorkspaceError(f"{self.path} cannot be read; restore it from a backup or from git") from error
        except tomllib.TOMLDecodeError as error:
            raise WorkspaceError(f"{self.path} is damaged: {error}; mend that line, or restore the file") from error
        if not text.strip():
            raise WorkspaceError(f"{self.path} is empty; restore it from a backup or from git")
        return text

    def _parse(self, text: str) -> Settings:
        values = _values(text)
        found = values.get("format")
        if isinstance(found, int) and found > FORMAT:
            raise WorkspaceError(
                f"{self.root} was written by a newer cdpkit (format {found}, this one reads up to {FORMAT}); "
                "upgrade cdpkit"
            )
        try:
            return _settings(text)
        except ValidationError as error:
            raise ConfigurationError(str(self.path), misfits(error, values)) from error


@lru_cache(maxsize=4)
def _values(text: str) -> Mapping[str, Any]:
    """What a text holds; kept, because the file is read time and again, and may have thousands of properties."""
    return toml_file.parse(text)


@lru_cache(maxsize=4)
def _settings(text: str) -> Settings:
    """The settings in a text, kept likewise; nobody can change them."""
    settings = Settings.model_validate(_values(text))
    check_names(settings)
    return settings


def add_property(document: Document, prop: Property, group: str = "") -> None:
    """Append a property to the catalogue of profiles, or to that of a type of groups."""
    document = document["groups"][group] if group else document
    table = tomlkit.table()
    table.update({"name": prop.name, "type": prop.type.value})
    table.update({flag: True for flag in ("multi", "identifier", "pii") if getattr(prop, flag)})
    if "properties" not in document:
        document.append("properties", tomlkit.aot())
    document["properties"].append(table)


def put_property(document: Document, name: str, prop: Property | None) -> None:
    """Put a property in the place of the one of its name, keeping its place; None takes it out."""
    entries = document.get("properties", [])
    at = next((index for index, entry in enumerate(entries) if entry["name"] == name), None)
    if at is None:
        if prop is not None:
            add_property(document, prop)
    elif prop is None:
        del entries[at]
        if not entries:
            del document["properties"]
    else:
        entries[at]["type"] = prop.type.value
        for flag in ("multi", "identifier", "pii"):
            if getattr(prop, flag):
                entries[at][flag] = True
            else:
                entries[at].pop(flag, None)
