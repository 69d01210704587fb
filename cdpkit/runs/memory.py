"""What the tables know of a connection's goals beside the file: who was sent and listed, and which rows were seen.

It lies in the partitions of three tables, under `<connection>/<goal>`, and in what a watch keeps. Each table is changed
in one commit; where a process is killed between them, the same call does what is left.
"""

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager

from cdpkit.errors import ConfigurationError, ConflictError
from cdpkit.problem import Problem
from cdpkit.runs.home import Home
from cdpkit.runs.watch import kept
from cdpkit.store.data_file import DataFile
from cdpkit.store.table import Table
from cdpkit.store.tables import GOAL_ROWS, GOAL_UNITS
from cdpkit.store.tables.event_exports import EVENT_EXPORTS

_TABLES = (GOAL_ROWS, GOAL_UNITS, EVENT_EXPORTS)
_ATTEMPTS = 100


@contextmanager
def connection_at_rest(home: Home, connection: str) -> Iterator[None]:
    """No run of the connection is at work meanwhile.

    Raises:
        ConflictError: One is.
    """
    with ExitStack() as held:
        if not home.claim(f"connection-{connection}", held):
            raise ConflictError(f"a run of connection {connection!r} is at work; repeat the call when it has ended")
        yield


def forgotten_goals(home: Home, connection: str, there: Collection[str]) -> list[str]:
    """The goals that something is known of and that the connection does not have any more."""
    keys = {str(file.partition) for name in _TABLES for file in home.tables.open(name).files()}
    own = [key.partition("/") for key in keys if "/" in key]
    return sorted(goal for name, _, goal in own if name == connection and goal not in there)


def forgotten_problems(home: Home, connection: str, there: Collection[str]) -> list[Problem]:
    """That something is known of goals that are gone, and what to do about it."""
    return [
        Problem(
            "goals",
            f"goal {goal!r} is gone, and what it knows is still there: whom it sent, and whom it put on lists",
            f"hand it over with conn.goals.rename({goal!r}, new_name), or drop it with conn.goals.forget({goal!r})",
        )
        for goal in forgotten_goals(home, connection, there)
    ]


def check_handing_over(home: Home, connection: str, name: str, to: str) -> None:
    """Refuse to mix what two goals know.

    Raises:
        ConfigurationError: Something is known of both.
    """
    old, new = (f"{connection}/{goal}" for goal in (name, to))
    for table in _TABLES:
        known = {file.partition for file in home.tables.open(table).files()}
        if {old, new} <= known:
            raise ConfigurationError(
                f"goal {to!r} has run and knows something of its own; drop that with conn.goals.forget({to!r}), or "
                f"what is known of {name!r} with conn.goals.forget({name!r})"
            )


def hand_over(home: Home, connection: str, name: str, to: str) -> None:
    """Let one goal know what another one knew."""
    for table in _TABLES:
        _replace(home, table, f"{connection}/{name}", f"{connection}/{to}")
    kept.rename(home, connection, name, to)


def drop(home: Home, connection: str, name: str) -> None:
    """Forget what a goal knows."""
    for table in _TABLES:
        _replace(home, table, f"{connection}/{name}", None)
    kept.rename(home, connection, name, None)


def _replace(home: Home, name: str, key: str, new: str | None) -> None:
    """Put the files of a partition under another key, or away; again where others commit in between."""
    home.tables.roll_forward()
    for _ in range(_ATTEMPTS):
        table = home.tables.open(name)
        files = [file for file in table.files() if file.partition == key]
        if not files:
            return
        added = [] if new is None else [_copy(table, file, new) for file in files]
        try:
            table.commit(added, files, transactions={})
        except ConflictError:
            continue
        return
    raise ConflictError(f"the table {name!r} is written to all the time; repeat the call")


def _copy(table: Table, file: DataFile, key: str) -> DataFile:
    carried = [name for name in table.schema if name in file.columns]
    return table.write(table.scan([file], carried).collect(), partition=key)
