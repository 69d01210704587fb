"""How a connection stands, told without asking the vendor: for each direction ready, off, or what has to be mended."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from cdpkit import vendors
from cdpkit.config.connections import ConnectionFiles, ConnectionSettings
from cdpkit.config.vendor_settings import settings_problems
from cdpkit.errors import CdpkitError, problems_of
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.vendor import Direction, Vendor
from cdpkit.problem import Problem, each_once
from cdpkit.runs import kinds
from cdpkit.runs.check import is_off
from cdpkit.runs.goal_problems import goal_problems, known_of
from cdpkit.runs.home import Home
from cdpkit.runs.run import FAILED, RUNNING, SKIPPED, SYNC, history
from cdpkit.runs.session import objective_problems
from cdpkit.show.astext import AsText
from cdpkit.show.tells import Tells
from cdpkit.show.text import counted
from cdpkit.show.told import Told

State = Literal["ready", "off", "error"]
"""`ready`: it would run. `off`: the connection is off, or no goal of the direction is active. `error`: something has to
be mended, or the last run of it failed."""

READY: Literal["ready"] = "ready"
OFF: Literal["off"] = "off"
ERROR: Literal["error"] = "error"


@dataclass(frozen=True, slots=True)
class Arrow(AsText):
    """How one direction of a connection stands.

    Attributes:
        direction: `import` or `export`, as seen from the workspace.
        state: One of `State`.
        problems: What is missing, or has to be mended: each with its places in the connection file as `at`, such as
            `("goals", "VIPs", "segment")`; none where it is ready.
    """

    direction: Direction
    state: State
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Status(Tells):
    """How a connection stands, an arrow for each direction that its vendor has.

    Attributes:
        connection: Its name.
        arrows: Imports first.
    """

    connection: str
    arrows: tuple[Arrow, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is missing or has to be mended in either direction, each once."""
        return tuple(each_once(problem for arrow in self.arrows for problem in arrow.problems))

    def __getitem__(self, direction: str) -> Arrow:
        """The arrow of a direction, `import` or `export`.

        Raises:
            KeyError: The vendor has no such direction.
        """
        return {arrow.direction: arrow for arrow in self.arrows}[direction]  # type: ignore[index]  # any text may come

    def __iter__(self) -> Iterator[Arrow]:
        return iter(self.arrows)

    def as_dict(self) -> dict[str, Any]:
        """Direction to `state` and `problems` (where, what, fix)."""
        return {
            arrow.direction: {
                "state": arrow.state,
                "problems": [{"where": each.where, "what": each.what, "fix": each.fix} for each in arrow.problems],
            }
            for arrow in self.arrows
        }

    def line(self) -> str:
        """All arrows in a line."""
        return ", ".join(f"{arrow.direction} {arrow.state}" for arrow in self.arrows)

    def _told(self) -> Told:
        said = [str(problem) for problem in self.problems]
        parts = [Told(counted(len(said), "thing to mend", "things to mend"), said)] if said else []
        return Told(f"Connection {self.connection!r}: {self.line()}", parts)


def status_of(home: Home, name: str, runs: pl.DataFrame | None = None, discovery: Discovery | None = None) -> Status:
    """How a connection stands; nobody is asked.

    Args:
        home: The workspace.
        name: The connection.
        runs: The history, for whoever asks of several connections.
        discovery: What the vendor has, where it was asked lately.

    Raises:
        UnknownNameError: No such connection.
    """
    try:
        file = ConnectionFiles(home.root).get(name).read()
        vendor = vendors.get(file.vendor)
    except CdpkitError as error:
        ConnectionFiles(home.root).get(name)
        wrong = tuple(problems_of(error, "the file", "mend it"))
        return Status(name, tuple(Arrow(direction, ERROR, wrong) for direction in ("import", "export")))
    everywhere = [*objective_problems(home, file), *settings_problems(vendor.settings, file.settings, home.root.nearby)]
    off = [] if file.enabled else [is_off(name)]
    by_goal = _last_run(home, file, name, runs)
    known = known_of(home, name, discovery)
    arrows = []
    for direction in _directions(vendor):
        goals = [goal for goal in file.goals if goal.active and kinds.get(goal.kind).direction == direction]
        own = [] if goals else [_no_goal(file, direction)]
        for goal in goals:
            own += [problem.below("goals", goal.name) for problem in goal_problems(known, goal)]
            own += by_goal.get(goal.name, [])
        found = tuple(each_once([*off, *everywhere, *own]))
        arrows.append(Arrow(direction, OFF if off or not goals else ERROR if found else READY, found))
    return Status(name, tuple(arrows))


def _directions(vendor: Vendor) -> Sequence[Direction]:
    return vendor.directions


def _no_goal(file: ConnectionSettings, direction: Direction) -> Problem:
    off = [goal.name for goal in file.goals if kinds.get(goal.kind).direction == direction]
    add = "add one with conn.goals.add(...)"
    fix = f"switch one on with conn.goals.activate({off[0]!r}), or {add}" if off else add
    return Problem("goals", f"no {direction} goal is active", fix).located()


def _last_run(home: Home, file: ConnectionSettings, name: str, runs: pl.DataFrame | None) -> dict[str, list[Problem]]:
    """What failed in the last run of each goal that has ended, by goal."""
    wanted = {goal.name for goal in file.goals}
    if not wanted:
        return {}
    ended = (history(home) if runs is None else runs).filter(kind=SYNC, name=name)
    ended = ended.filter(~pl.col("state").is_in([RUNNING, SKIPPED])).tail(_LOOKED_AT)
    found: dict[str, list[Problem]] = {}
    for line in ended.select("run_id", "goals").reverse().iter_rows(named=True):
        for goal in json.loads(line["goals"]):
            if goal["name"] in wanted - found.keys():
                found[goal["name"]] = [_failed(line["run_id"], goal)] if goal["state"] == FAILED else []
        if found.keys() == wanted:
            break
    return found


_LOOKED_AT = 50
"""So many of the last runs are looked through for those of a goal."""


def _failed(run: str, goal: Mapping[str, Any]) -> Problem:
    why = f": {goal['message']}" if goal["message"] else ""
    fix = "mend it, then run the connection again"
    return Problem(f"goal {goal['name']!r}", f"it failed in run {run}{why}", fix).about(("goals", goal["name"]))
