"""What a watch keeps of each goal: up to which commit it has looked, and whose turn is still to come."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass

from cdpkit.place import Place
from cdpkit.place.sealed import sealed
from cdpkit.runs.home import Home
from cdpkit.runs.kept import KeptError, kept_json

_FOLDER, _GOALS = "watch", "goals"


@dataclass(frozen=True, slots=True)
class Seen:
    """How far a watch is with a goal.

    Attributes:
        version: The version of the profiles up to which it has looked.
        seq: And the sequence number of that version.
        rows: The rows of the profiles that have changed, in ascending order, as far as nothing has come of it yet.
        later: Those whose turn has not come, such as in a pause, likewise.
    """

    version: int
    seq: int
    rows: tuple[int, ...] = ()
    later: tuple[int, ...] = ()


def seen(home: Home, connection: str) -> dict[str, Seen]:
    """What is kept of the goals of a connection, by name.

    What is damaged is put aside: the watch begins anew with what changes from then on.
    """
    with suppress(KeptError):
        found = kept_json(_place(home, connection))
        goals = {} if found is None else found[_GOALS]
        return {
            name: Seen(of["version"], of["seq"], tuple(of["rows"]), tuple(of["later"])) for name, of in goals.items()
        }
    return {}


def due(home: Home, connection: str, goal: str) -> tuple[int, ...]:
    """The rows of the profiles that have changed, and of which nothing has come yet."""
    found = seen(home, connection).get(goal)
    return () if found is None else found.rows


def keep(home: Home, connection: str, goals: Mapping[str, Seen]) -> None:
    """Keep that in the place of what was kept."""
    place = _place(home, connection)
    if goals:
        place.write([sealed({_GOALS: {name: asdict(of) for name, of in goals.items()}})])
    else:
        place.delete()


def rename(home: Home, connection: str, goal: str, to: str | None) -> None:
    """Keep under another name what is kept of a goal; None for no longer."""
    goals = seen(home, connection)
    if goal in goals:
        of = goals.pop(goal)
        keep(home, connection, goals if to is None else {**goals, to: of})


def _place(home: Home, connection: str) -> Place:
    return home.root / _FOLDER / f"{connection}.json"
