"""The goals of a connection, as a catalogue over its file."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from cdpkit import vendors
from cdpkit.config import goal_edits, goal_order
from cdpkit.config.connections import ConnectionFile
from cdpkit.config.goal import GoalSettings
from cdpkit.config.goals import read_goal
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.kit.discovery import Discovery
from cdpkit.runs import kinds
from cdpkit.runs.available import Available, available_for
from cdpkit.runs.goal_problems import goal_problems, known_of
from cdpkit.runs.home import Home
from cdpkit.runs.memory import check_handing_over, connection_at_rest, drop, forgotten_goals, hand_over
from cdpkit.show.text import counted
from cdpkit.show.told import Told, told
from cdpkit.workspace.catalogue import Catalogue
from cdpkit.workspace.check_list import CheckList
from cdpkit.workspace.discovered import Discovered
from cdpkit.workspace.goal_rows import GoalRows

_FRAME: dict[str, Any] = {"name": pl.String, "kind": pl.String, "active": pl.Boolean}


class Goals(GoalRows, Catalogue[GoalSettings]):
    """The goals of a connection by name, in the order of its file; a mapping that reads the file each time."""

    def __init__(self, home: Home, file: ConnectionFile) -> None:
        self._home = home
        self._file = file

    def add(self, goal: Mapping[str, Any] | GoalSettings | None = None, /, **keys: Any) -> GoalSettings:
        """Add a goal, by the keys that a connection file has.

        Such as `kind="export_profiles"`, `name="VIPs"`, `segment="vips"`, `target={"lists": ["VIP"]}`,
        `identifiers={"email": "email"}`, `mappings=[{"from": "plan", "to": "plan"}]`.

        Args:
            goal: An `ImportGoal` or `ExportGoal` of `cdpkit.goals`, which editors complete; a mapping; or a goal that
                some connection has.
            keys: More keys, or all of them.

        Raises:
            UnknownNameError: It names a segment that does not exist.
            ConfigurationError: It does not fit, or there is a goal of this name; the message has every misfit.
        """
        new = read_goal(_keys(goal, keys))
        self._check_segment(new)
        self._file.edit(lambda document: goal_edits.add_goal(document, new))
        return self[new.name]

    def change(self, name: str, /, *, expected: GoalSettings | None = None, **changed: Any) -> GoalSettings:
        """Give a goal other values under some keys; the other keys stay, and so does what the goal knows.

        Args:
            name: The goal.
            expected: The goal as it was read. Where somebody else has changed it since, nothing is written.
            changed: By the keys that a connection file has; None takes a key away.

        Raises:
            UnknownNameError: No such goal.
            ConfigurationError: It would not fit.
            ChangedError: It is not as expected; the error has both.
        """
        if changed.get("name", name) != name:
            raise ConfigurationError(f"a goal gets another name with goals.rename({name!r}, name)")
        if changed.get("segment") is not None:
            self._check_segment(self[name].model_copy(update={"segment": changed["segment"]}))
        self._file.edit(lambda document: goal_edits.change_goal(document, name, changed, expected))
        return self[name]

    def replace(
        self,
        name: str,
        goal: Mapping[str, Any] | GoalSettings | None = None,
        /,
        *,
        expected: GoalSettings | None = None,
        **keys: Any,
    ) -> GoalSettings:
        """Put another goal in the place of one; under the same name it keeps what it knows.

        Args:
            name: The goal.
            goal: The other one, as for `add`.
            expected: The goal as it was read. Where somebody else has changed it since, nothing is written.
            keys: As for `add`.

        Raises:
            UnknownNameError: No such goal.
            ConfigurationError: The other does not fit.
            ChangedError: It is not as expected; the error has both.
        """
        new = read_goal(_keys(goal, keys))
        self._check_segment(new)
        self._file.edit(lambda document: goal_edits.replace_goal(document, name, new, expected))
        return self[new.name]

    def move(self, name: str, before: str | None = None) -> None:
        """Put a goal in front of another one, or behind all; inside a kind, goals run in this order.

        Args:
            name: The goal.
            before: The goal that is to follow it; None for none.

        Raises:
            UnknownNameError: No such goal.
        """
        self._file.edit(lambda document: goal_order.move_goal(document, name, before))

    def rename(self, name: str, to: str) -> GoalSettings:
        """Give a goal another name; it keeps what it knows of earlier runs.

        Where the file has the new name already, and no goal of the former one, what is known under that is handed over.

        Raises:
            UnknownNameError: No such goal.
            ConfigurationError: There is a goal of that name, or it knows something of its own.
            ConflictError: A run of the connection is at work.
        """
        if name == to:
            return self[name]
        connection = self._file.name
        with connection_at_rest(self._home, connection):
            gone = name not in self and to in self and name in forgotten_goals(self._home, connection, self)
            check_handing_over(self._home, connection, name, to)
            if not gone:
                self._file.edit(lambda document: goal_edits.change_goal(document, name, {"name": to}))
            hand_over(self._home, connection, name, to)
        return self[to]

    def forget(self, name: str) -> None:
        """Drop what is known of a goal that is gone, or of one that shall begin anew; nobody is touched at the vendor.

        Whom it put on lists counts from then on as put there by others.

        Raises:
            UnknownNameError: Nothing is known of such a goal.
            ConflictError: A run of the connection is at work.
        """
        connection = self._file.name
        known = [*self, *forgotten_goals(self._home, connection, self)]
        if name not in known:
            raise UnknownNameError("goal", name, known)
        with connection_at_rest(self._home, connection):
            drop(self._home, connection, name)

    def copy(self, name: str) -> GoalSettings:
        """Copy a goal as `name (copy)`, switched off and without what the other knows.

        Raises:
            UnknownNameError: No such goal.
        """
        made: list[str] = []
        self._file.edit(lambda document: made.append(goal_edits.copy_goal(document, name)))
        return self[made[0]]

    def activate(self, name: str, active: bool = True) -> GoalSettings:
        """Switch a goal on or off.

        Raises:
            UnknownNameError: No such goal.
        """
        self._file.edit(lambda document: goal_edits.set_active(document, name, active))
        return self[name]

    def remove(self, name: str) -> None:
        """Remove a goal and what it knows; nothing is touched at the vendor.

        Raises:
            UnknownNameError: No such goal.
            ConflictError: A run of the connection is at work.
        """
        with connection_at_rest(self._home, self._file.name):
            self._file.edit(lambda document: goal_edits.remove_goal(document, name))
            drop(self._home, self._file.name, name)

    def problems(
        self, goal: str | Mapping[str, Any] | GoalSettings, discovery: Discovered | Discovery | None = None
    ) -> CheckList:
        """What has to be mended before a goal can run, told at once: the vendor is not asked.

        Each problem has its places in the goal's keys as `at`, such as `("mappings", 2, "to")`. Rows that are only
        half filled in are told about by themselves, and the others all the same.

        Args:
            goal: The name of one, or the keys of one that is being filled in.
            discovery: What `conn.discover()` found; without it, what only the vendor can tell is left out, and
                `conn.check()` tells it.

        Raises:
            UnknownNameError: No such goal.
        """
        found = discovery.found.discovery if isinstance(discovery, Discovered) else discovery
        known = known_of(self._home, self._file.name, found)
        given = self[goal] if isinstance(goal, str) else goal
        return CheckList(f"goal {_called(given)!r}", goal_problems(known, given))

    def available(self, goal: str | Mapping[str, Any] | GoalSettings) -> Available | None:
        """How many profiles there are for a goal now, of its segment; None for a goal that serves no segment.

        Args:
            goal: The name of one, or one that is being filled in.

        Raises:
            UnknownNameError: No such goal, or it names a segment that does not exist.
            ConfigurationError: It does not fit, or the segment cannot be computed.
        """
        given = self[goal] if isinstance(goal, str) else read_goal(_keys(goal, {}))
        self._check_segment(given)
        return available_for(known_of(self._home, self._file.name, None), given)

    @property
    def offered(self) -> tuple[dict[str, Any], ...]:
        """The goals with which a connection may begin, as keys to complete and to give to `add`.

        One for each kind of which there is none yet and that the vendor can do: an import of everybody, and an export.
        """
        file, there = self._file.read(), self._home.settings.read().catalogue()
        vendor, had = vendors.get(file.vendor), {goal.kind for goal in file.goals}
        new = (kinds.get(name) for name in kinds.names() if name not in had)
        offers = (kind.offer(vendor, there) for kind in sorted(new, key=lambda kind: kind.order))
        return tuple(offer for offer in offers if offer is not None)

    def frame(self) -> pl.DataFrame:
        """`name`, `kind`, `active`: one line a goal."""
        return pl.DataFrame(self._lines(), schema=_FRAME, orient="row")

    def __getitem__(self, name: str) -> GoalSettings:
        return self._file.read().goal(name)

    def __iter__(self) -> Iterator[str]:
        return iter([goal.name for goal in self._file.read().goals])

    def __len__(self) -> int:
        return len(self._file.read().goals)

    def _told(self) -> Told:
        lines = self._lines()
        return told(counted(len(lines), "goal"), list(_FRAME), lines)

    def _check_segment(self, goal: GoalSettings) -> None:
        """Refuse a segment that does not exist."""
        segment, known = getattr(goal, "segment", None), self._home.settings.read().segments
        if isinstance(segment, str) and segment not in known:
            raise UnknownNameError("segment", segment, known, f"add it with ws.segments.add({segment!r}, where)")

    def _lines(self) -> list[tuple[str, str, bool]]:
        return [(goal.name, goal.kind, goal.active) for goal in self._file.read().goals]


def _called(goal: Mapping[str, Any] | GoalSettings) -> str:
    return str(goal.name if isinstance(goal, GoalSettings) else goal.get("name", ""))


def _keys(goal: Mapping[str, Any] | GoalSettings | None, more: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a goal, however it is given."""
    given = goal.given() if isinstance(goal, GoalSettings) else {} if goal is None else goal
    if not isinstance(given, Mapping):
        raise ConfigurationError(
            f"a goal is an ImportGoal or ExportGoal of cdpkit.goals, or its keys, not a {type(goal).__name__}"
        )
    return {**given, **more}
