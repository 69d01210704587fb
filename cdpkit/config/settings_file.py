"""`cdpkit.toml` itself: read as `Settings`, written back with its comments kept."""

import tomllib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import tomlkit
from pydantic import ValidationError

from cdpkit.config import toml_file
from cdpkit.config.part import misfits
from cdpkit.config.settings import FORMAT, Settings
from cdpkit.config.taken import check_names
from cdpkit.core.properties import Property
from cdpkit.errors import ConfigurationError, WorkspaceError
from cdpkit.place import Place

FILE_NAME = "cdpkit.toml"

Document = toml_file.Document


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
    check_names(
        [each.to_property() for each in settings.properties],
        [each.to_type().name for each in settings.event_types],
        {name: [each.to_property() for each in group.properties] for name, group in settings.groups.items()},
    )
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
