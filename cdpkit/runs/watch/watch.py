"""A watch: looks whether somebody has committed, and carries out the goals that follow what was changed.

What is due is kept before it is acted upon, and until something has come of it. So a watch that is killed misses
nothing; and as each kind of goal knows by itself what it has done, it does nothing twice either.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from threading import Event

import polars as pl

from cdpkit.config.connections import ConnectionFiles
from cdpkit.config.goal import GoalSettings
from cdpkit.errors import CdpkitError, ConfigurationError, ConflictError
from cdpkit.runs import kinds
from cdpkit.runs.home import Home
from cdpkit.runs.kind import Following
from cdpkit.runs.progress import Observer
from cdpkit.runs.run import SKIPPED, SUCCEEDED, WITH_WARNINGS, Run
from cdpkit.runs.session import read_connection
from cdpkit.runs.sync import SyncRequest, run_connection
from cdpkit.runs.watch.changed import changed_since, from_now
from cdpkit.runs.watch.kept import Seen, keep, rename, seen
from cdpkit.store import sql
from cdpkit.store.tables import PROFILES

EVERY = 0.2
"""Seconds after which it is looked again whether somebody has committed."""

EVERYTHING = 1.0
"""Seconds after which goals, pauses and failures are looked at although nobody has."""

AGAIN = 3600.0
"""Seconds after which those are looked at again whose turn had not come, such as in a pause."""

FIRST, LONGEST = 1.0, 300.0
"""Seconds after which a goal is tried again that has failed: the first time, and at most."""

_NAME = "watch"


@dataclass(slots=True)
class _Turn:
    """When a goal is tried again, by the machine's clock.

    Attributes:
        waiting: When those are looked at again whose turn had not come.
        failed: Not before this moment, because it has failed.
        pause: And how long it was waited for last.
    """

    waiting: float = 0.0
    failed: float = 0.0
    pause: float = 0.0


@dataclass(slots=True)
class Watch:
    """Follows the commits to a workspace.

    Attributes:
        home: The workspace.
        show: Is told how far a run is.
        ended: Is given each run when it has ended.
        stop: Ends the watch, and a run that is under way.
        clock: Seconds since some moment.
    """

    home: Home
    show: Observer
    ended: Callable[[Run], None]
    stop: Event
    clock: Callable[[], float] = time.monotonic
    _turns: dict[str, _Turn] = field(default_factory=dict)
    _version: int = -1
    _all: float = 0.0

    def follow(self, seconds: float | None) -> None:
        """Look again and again.

        Args:
            seconds: For how long; 0 for one look, None until it is stopped.

        Raises:
            ConflictError: Another watch follows this workspace.
            ConfigurationError: No goal of a connection that is on runs in real time.
        """
        with ExitStack() as held:
            if not self.home.claim(_NAME, held):
                raise ConflictError("another watch follows this workspace; one is enough")
            if not list(self._followed()):
                raise ConfigurationError(
                    "no active goal runs in real time; give one real_time = true, or switch its connection on"
                )
            ends = None if seconds is None else self.clock() + seconds
            with suppress(KeyboardInterrupt):  # what a run keeps that is interrupted, the next one goes on with
                while not self.stop.is_set():
                    if self._is_due():
                        self.look()
                    left = EVERY if ends is None else min(EVERY, ends - self.clock())
                    if left <= 0:
                        return
                    self.stop.wait(left)

    def _is_due(self) -> bool:
        """Whether somebody has committed, or it is time for all else that may have changed."""
        version, now = self.home.tables.open(PROFILES).version, self.clock()
        if version == self._version and now < self._all:
            return False
        self._version, self._all = version, now + EVERYTHING
        return True

    def look(self) -> None:
        """Look once, at all goals, and carry out those for which somebody is due."""
        for name, goal, following in self._followed():
            if self.stop.is_set():
                return
            self._look_at(name, goal, following)

    def _followed(self) -> Iterator[tuple[str, GoalSettings, Following]]:
        """The goals that run in real time, with their connections; what cannot be read is told of by its check."""
        for name in ConnectionFiles(self.home.root).names():
            try:
                connection, _ = read_connection(self.home, name)
            except CdpkitError:
                continue
            for goal in connection.goals if connection.enabled else ():
                following = kinds.get(goal.kind).follows(goal)
                if goal.active and following is not None:
                    yield name, goal, following
                else:
                    rename(self.home, name, goal.name, None)  # it begins anew when it is switched on again

    def _look_at(self, name: str, goal: GoalSettings, following: Following) -> None:
        """See who has changed, keep that, and run the goal where it is somebody's turn."""
        key, now = f"{name}/{goal.name}", self.clock()
        turn = self._turns.setdefault(key, _Turn())
        kept = seen(self.home, name).get(goal.name)
        found, changed = changed_since(self.home, kept or from_now(self.home), following.properties, key)
        tried = found.later if found.later and turn.waiting <= now else ()
        asked = self._members(following, changed).append(pl.Series("row", tried, pl.Int64)).unique()
        waiting = following.waits(self.home, name, asked) if asked.len() else asked
        ready = asked.filter(~asked.is_in(waiting.implode()))
        found = replace(found, rows=_union(found.rows, ready), later=_union(_without(found.later, ready), waiting))
        turn.waiting = now + AGAIN if tried else turn.waiting
        if found != kept:
            self._keep(name, goal, found)
        if found.rows and turn.failed <= now and not self.home.at_work(f"connection-{name}", surely=False):
            run = run_connection(
                self.home, name, SyncRequest(goal=goal.name, real_time=True), self.show, stop=self.stop
            )
            self._take(name, goal, following, found, run)
            self.ended(run)

    def _take(self, name: str, goal: GoalSettings, following: Following, found: Seen, run: Run) -> None:
        """See what has come of those who were due."""
        turn = self._turns[f"{name}/{goal.name}"]
        if run.state in (SUCCEEDED, WITH_WARNINGS):
            left = following.left(self.home, run.id, f"{name}/{goal.name}")
            self._keep(name, goal, replace(found, rows=(), later=_union(found.later, left)))
            turn.failed = turn.pause = 0.0
        elif run.state != SKIPPED:
            turn.pause = min(max(FIRST, 2 * turn.pause), LONGEST)
            turn.failed = self.clock() + turn.pause

    def _keep(self, name: str, goal: GoalSettings, found: Seen) -> None:
        keep(self.home, name, {**seen(self.home, name), goal.name: found})

    def _members(self, following: Following, rows: pl.Series) -> pl.Series:
        """Those of some profiles who are in the segment; all, where it cannot be computed, which the run then tells."""
        if rows.is_empty():
            return rows
        try:
            where = self.home.settings.read().segments[following.segment]
            profiles = self.home.tables.snapshot().profiles().filter(pl.col("row").is_in(rows.implode()))
            return sql.segment_rows(profiles, where, limits=self.home.limits())["row"]
        except (CdpkitError, KeyError):
            return rows


def _union(rows: tuple[int, ...], more: pl.Series) -> tuple[int, ...]:
    return tuple(sorted({*rows, *more.to_list()})) if more.len() else rows


def _without(rows: tuple[int, ...], some: pl.Series) -> tuple[int, ...]:
    return tuple(sorted({*rows} - {*some.to_list()})) if some.len() else rows
