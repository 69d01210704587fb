"""The catalogue of connections."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from cdpkit.config.connections import ConnectionFile, ConnectionFiles, ConnectionSettings
from cdpkit.config.token_file import forget
from cdpkit.errors import CdpkitError
from cdpkit.runs.home import Home
from cdpkit.runs.run import history
from cdpkit.runs.status import Status, status_of
from cdpkit.show.text import counted
from cdpkit.show.told import Told, told
from cdpkit.workspace.catalogue import Catalogue
from cdpkit.workspace.connection import Connection
from cdpkit.workspace.connection_edits import check_settings

_FRAME: Mapping[str, pl.DataType] = {
    "name": pl.String(),
    "vendor": pl.String(),
    "enabled": pl.Boolean(),
    "goals": pl.List(pl.String()),
    "title": pl.String(),
    "favorite": pl.Boolean(),
    "labels": pl.List(pl.String()),
    "import": pl.String(),
    "export": pl.String(),
}
_TOLD = ("name", "title", "vendor", "enabled", "import", "export", "goals", "labels")


class Connections(Catalogue[Connection]):
    """All connections by name; a mapping that looks into the folder each time."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def add(
        self,
        vendor: str,
        name: str | None = None,
        settings: Mapping[str, Any] | None = None,
        *,
        title: str = "",
        favorite: bool = False,
        labels: Sequence[str] = (),
        objectives: Sequence[str] = (),
        description: str = "",
    ) -> Connection:
        """Make a connection to a vendor; it is a file in the folder `connections`, switched on and without goals.

        Args:
            vendor: Its name, such as `iterable`.
            name: How the connection is called; the vendor's name where it is left out.
            settings: The vendor's settings; secrets as references: `env:NAME`, `file:path`, `keyring:service/name`.
            title: How people call it; its name, where this is left out.
            favorite: Whether it is shown first.
            labels: For finding it.
            objectives: It processes those who consented to at least one; everyone, where it names none.
            description: For people.

        Raises:
            UnknownNameError: No such vendor.
            ConfigurationError: There is a connection of this name, or a setting does not fit.
        """
        given, called = dict(settings or {}), vendor if name is None else name
        check_settings(self._home, vendor, given, given)
        ConnectionFile(self._home.root, called).create(
            vendor,
            given,
            title=title,
            favorite=favorite,
            labels=labels,
            objectives=objectives,
            description=description,
        )
        return self[called]

    def change(
        self,
        name: str,
        settings: Mapping[str, Any] | None = None,
        *,
        title: str | None = None,
        favorite: bool | None = None,
        labels: Sequence[str] | None = None,
        objectives: Sequence[str] | None = None,
        description: str | None = None,
        enabled: bool | None = None,
        expected: ConnectionSettings | None = None,
    ) -> Connection:
        """Change what is given of a connection; the rest of its file stays, goals and comments among it.

        Args:
            name: The connection; it stays, since runs and what goals know are kept under it.
            settings: The settings to change, by name; None takes one away.
            title: How people call it from now on; empty for by its name.
            favorite: Whether it is shown first.
            labels: In the place of those it has.
            objectives: Likewise.
            description: Likewise.
            enabled: Whether it is on.
            expected: What `conn.file.read()` said when it was looked at. Where what is to be changed was changed by
                somebody else since, nothing is written.

        Raises:
            UnknownNameError: No such connection.
            ConfigurationError: A setting does not fit.
            ChangedError: What is to be changed is not as expected; it has both.
        """
        connection = self[name]
        connection.change(
            settings,
            title=title,
            favorite=favorite,
            labels=labels,
            objectives=objectives,
            description=description,
            enabled=enabled,
            expected=expected,
        )
        return connection

    def remove(self, name: str) -> None:
        """Delete the file of a connection and what its login kept; its runs stay, and nothing is touched at the vendor.

        Raises:
            UnknownNameError: No such connection.
        """
        self[name].file.remove()
        forget(self._home.root, name)

    def frame(self) -> pl.DataFrame:
        """One line a connection, favorites first.

        `name`, `vendor`, `enabled`, `goals`, `title`, `favorite`, `labels`; `import` and `export` are `ready`, `off` or
        `error`, and null where the vendor has no such direction. Of a file that cannot be read only the name is known.
        """
        runs = history(self._home)
        lines = [_line(connection, status_of(self._home, name, runs)) for name, connection in self.items()]
        frame = pl.DataFrame(lines, schema=_FRAME, orient="row")
        return frame.sort("favorite", descending=True, nulls_last=True, maintain_order=True)

    def __getitem__(self, name: str) -> Connection:
        ConnectionFiles(self._home.root).get(name)
        return Connection(self._home, name)

    def __iter__(self) -> Iterator[str]:
        return iter(ConnectionFiles(self._home.root).names())

    def __len__(self) -> int:
        return len(ConnectionFiles(self._home.root).names())

    def _told(self) -> Told:
        frame = self.frame()
        unread = pl.when(pl.col("vendor").is_null()).then(pl.lit("its file cannot be read")).otherwise("vendor")
        lines = frame.with_columns(unread.alias("vendor")).select(_TOLD)
        shown = [name for name in _TOLD if name not in {"title", "labels"} or _any(lines[name])]
        return told(counted(len(lines), "connection"), shown, lines.select(shown).rows())


def _any(values: pl.Series) -> bool:
    """Whether there is something to show in a column."""
    return any(value not in (None, "", []) for value in values.to_list())


def _line(connection: Connection, status: Status) -> tuple[object, ...]:
    arrows = {arrow.direction: arrow.state for arrow in status}
    states = (arrows.get("import"), arrows.get("export"))
    try:
        said = connection.file.read()
    except CdpkitError:
        return connection.name, None, None, [], None, None, [], *states
    goals = [goal.name for goal in said.goals]
    return connection.name, said.vendor, said.enabled, goals, said.title, said.favorite, list(said.labels), *states
