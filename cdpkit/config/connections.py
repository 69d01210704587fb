"""`connections/<name>.toml`: one file a connection, that forms, editors and git share."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import tomlkit
from pydantic import Field, StrictBool, ValidationError, model_validator
from tomlkit.exceptions import TOMLKitError

from cdpkit.config import toml_file
from cdpkit.config.goal import ADD_GOAL, GoalSettings
from cdpkit.config.goals import AnyGoal
from cdpkit.config.part import Filled, Part, misfit, misfits
from cdpkit.config.schedule import ScheduleSettings
from cdpkit.config.toml_file import Document
from cdpkit.core.names import check_name
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.place import Place
from cdpkit.show.astext import AsText

FOLDER = "connections"
_ENDING = ".toml"

_CONNECT = "add it with ws.connect(vendor, name=name)"
_NAME = re.compile(r"[A-Za-z0-9_-]+")


class ConnectionSettings(Part):
    """A connection file.

    Attributes:
        vendor: The name of a vendor.
        enabled: Whether it runs on schedule.
        title: How people call it; its name, where this is empty.
        favorite: Shown first.
        labels: For finding it.
        description: For people.
        objectives: It processes those who consented to at least one; everyone, where it names none.
        settings: The vendor's own, secrets as references. Since somebody may have written a secret there, they are
            neither in the repr nor in `model_dump`.
        schedule: When it runs by itself.
        goals: In the order of the file.
    """

    hint: ClassVar[str] = "the vendor's own settings go below [settings]"

    vendor: Filled
    enabled: StrictBool = True
    title: str = ""
    favorite: StrictBool = False
    labels: tuple[Filled, ...] = ()
    description: str = ""
    objectives: tuple[Filled, ...] = ()
    settings: Mapping[str, Any] = Field(default={}, repr=False, exclude=True)
    schedule: ScheduleSettings | None = None
    goals: tuple[AnyGoal, ...] = ()

    @model_validator(mode="after")
    def _one_goal_a_name(self) -> "ConnectionSettings":
        seen: set[str] = set()
        for goal in self.goals:
            name = goal.name.strip().casefold()
            if name in seen:
                raise misfit(f"there is a goal {goal.name!r} already (upper and lower case are the same)", "rename one")
            seen.add(name)
        return self

    def goal(self, name: str) -> GoalSettings:
        """The goal of this name.

        Raises:
            UnknownNameError: There is none; names those that exist.
        """
        for goal in self.goals:
            if goal.name == name:
                return goal
        raise UnknownNameError("goal", name, [goal.name for goal in self.goals], ADD_GOAL)


class ConnectionFile(AsText):
    """The file of a connection in a workspace; every change is one atomic replacement under a lock."""

    def __init__(self, root: Place, name: str) -> None:
        self.name = name
        self.path = root / FOLDER / f"{name}{_ENDING}"
        self._root = root

    def create(
        self,
        vendor: str,
        settings: Mapping[str, Any] | None = None,
        *,
        enabled: bool = True,
        title: str = "",
        favorite: bool = False,
        labels: Sequence[str] = (),
        description: str = "",
        objectives: Sequence[str] = (),
    ) -> ConnectionSettings:
        """Write the file of a new connection.

        Args:
            vendor: The name of a vendor.
            settings: The vendor's own; `settings_problems` says whether they fit, and finds literal secrets.
            enabled: Whether it runs on schedule.
            title: How people call it.
            favorite: Whether it is shown first.
            labels: For finding it.
            description: For people.
            objectives: The consents it asks for.

        Raises:
            ConfigurationError: There is a connection of this name already, or something does not fit.
        """
        self._check_name()
        check_name("connection", self.name)
        document = tomlkit.document()
        document.add(tomlkit.comment("Secrets are given as references: env:NAME, file:path or keyring:service/name."))
        document.add("vendor", tomlkit.item(vendor))
        document.add("enabled", tomlkit.item(enabled))
        more = {
            "title": title,
            "favorite": favorite,
            "labels": list(labels),
            "description": description,
            "objectives": list(objectives),
        }
        document.update({key: value for key, value in more.items() if value})
        document.add(tomlkit.nl())
        document.add("settings", tomlkit.item(dict(settings or {})))
        text = tomlkit.dumps(document)
        created = self._validated(text)
        with self.path.claim(wait=True):
            taken = [name for name in self._names() if name.casefold() == self.name.casefold()]
            if taken:
                raise ConfigurationError(
                    f"there is a connection {taken[0]!r} already; "
                    f"change it with ws.connections.change({taken[0]!r}, ...), or choose another name"
                )
            toml_file.replace(self.path, text)
        return created

    def read(self) -> ConnectionSettings:
        """The connection as it is now.

        Raises:
            UnknownNameError: There is none of this name; names those that exist.
            ConfigurationError: The file is damaged or does not fit; the message has the file and every place.
        """
        return self._validated(self._text())

    def edit(self, change: Callable[[Document], None]) -> ConnectionSettings:
        """Change the file; nobody else's change is lost and a change that does not fit is not written.

        Raises:
            UnknownNameError: There is no connection of this name; names those that exist.
            ConfigurationError: The file is damaged, or the changed one does not fit.
        """
        self._text()  # where there is none, no lock is left behind
        try:
            return toml_file.edit(self.path, self._text, change, self._validated)
        except (TOMLKitError, tomllib.TOMLDecodeError) as error:
            raise ConfigurationError(f"{self.path} cannot be changed by a program; change it in an editor") from error

    def parse(self, document: Document) -> ConnectionSettings:
        """What a document says, while it is being changed.

        Raises:
            ConfigurationError: It does not fit.
        """
        return self._validated(tomlkit.dumps(document))

    def remove(self) -> None:
        """Delete the file.

        Raises:
            UnknownNameError: There is no connection of this name; names those that exist.
        """
        if self.name not in self._names():
            raise UnknownNameError("connection", self.name, self._names(), _CONNECT)
        with self.path.claim(wait=True):
            self.path.delete()

    def __repr__(self) -> str:
        return f"ConnectionFile({str(self.path)!r})"

    def _text(self) -> str:
        self._check_name()
        try:
            text = toml_file.read(self.path)
            toml_file.parse(text)
        except FileNotFoundError:
            raise UnknownNameError("connection", self.name, self._names(), _CONNECT) from None
        except UnicodeDecodeError:
            raise ConfigurationError(f"{self.path} is no UTF-8 text; save it as UTF-8, or restore it") from None
        except OSError as error:
            raise ConfigurationError(f"{self.path} cannot be read; check who may read it, or restore it") from error
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{self.path} is damaged: {error}; mend that line, or restore the file") from error
        return text

    def _validated(self, text: str) -> ConnectionSettings:
        values = toml_file.parse(text)
        try:
            return ConnectionSettings.model_validate(values)
        except ValidationError as error:
            raise ConfigurationError(str(self.path), misfits(error, values)) from error

    def _names(self) -> tuple[str, ...]:
        return _names_in(self._root)

    def _check_name(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ConfigurationError(
                f"connection name {self.name!r} may only have letters, digits, '_' and '-'; rename it"
            )


class ConnectionFiles:
    """All connections of a workspace."""

    def __init__(self, root: Place) -> None:
        self._root = root

    def names(self) -> tuple[str, ...]:
        """Their names, sorted."""
        return _names_in(self._root)

    def get(self, name: str) -> ConnectionFile:
        """The file of this name.

        Raises:
            UnknownNameError: There is none; names those that exist.
        """
        if name not in self.names():
            raise UnknownNameError("connection", name, self.names(), _CONNECT)
        return ConnectionFile(self._root, name)


def _names_in(root: Place) -> tuple[str, ...]:
    files = (file.name for file in (root / FOLDER).list())
    return tuple(name.removesuffix(_ENDING) for name in files if name.endswith(_ENDING))
