"""What the file of a connection says of it, and how that is changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from cdpkit import vendors
from cdpkit.config import goal_edits
from cdpkit.config.connections import ConnectionFile, ConnectionFiles, ConnectionSettings
from cdpkit.config.vendor_settings import shown_settings
from cdpkit.runs.home import Home
from cdpkit.show.tells import Tells
from cdpkit.workspace.connection_edits import change_file


class Described(Tells):
    """A connection as its file describes it: read each time."""

    def __init__(self, home: Home, name: str) -> None:
        self._home = home
        self.name = name

    @property
    def file(self) -> ConnectionFile:
        """Its file: `path`, and `read()`, which gives all that it says.

        Raises:
            UnknownNameError: It was removed.
        """
        return ConnectionFiles(self._home.root).get(self.name)

    @property
    def settings(self) -> dict[str, Any]:
        """The vendor's settings as the file has them: secrets as references; what may be a secret itself is masked."""
        given = self.file.read()
        return shown_settings(vendors.get(given.vendor).settings, given.settings)

    @property
    def vendor(self) -> str:
        """The name of its vendor."""
        return self.file.read().vendor

    @property
    def enabled(self) -> bool:
        """Whether it is on."""
        return self.file.read().enabled

    @property
    def title(self) -> str:
        """How people call it; its name, where nothing else was said."""
        return self.file.read().title or self.name

    @property
    def favorite(self) -> bool:
        """Whether it is shown first."""
        return self.file.read().favorite

    @property
    def labels(self) -> tuple[str, ...]:
        """For finding it."""
        return self.file.read().labels

    @property
    def objectives(self) -> tuple[str, ...]:
        """It processes those who consented to at least one; everyone, where it names none."""
        return self.file.read().objectives

    @property
    def description(self) -> str:
        """For people."""
        return self.file.read().description

    def change(
        self,
        settings: Mapping[str, Any] | None = None,
        *,
        title: str | None = None,
        favorite: bool | None = None,
        labels: Sequence[str] | None = None,
        objectives: Sequence[str] | None = None,
        description: str | None = None,
        enabled: bool | None = None,
        expected: ConnectionSettings | None = None,
    ) -> None:
        """Change what is given: `ws.connections.change` with the same arguments.

        Raises:
            ConfigurationError: A setting does not fit.
            ChangedError: What is to be changed is not as expected; the error has both.
        """
        change_file(
            self._home,
            self.file,
            settings,
            {
                "title": title,
                "favorite": favorite,
                "labels": labels,
                "objectives": objectives,
                "description": description,
                "enabled": enabled,
            },
            expected,
        )

    def enable(self, enabled: bool = True) -> None:
        """Switch the connection on or off."""
        self.file.edit(lambda document: goal_edits.set_enabled(document, enabled))
