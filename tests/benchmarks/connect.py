"""A connection of a workspace to a vendor on loopback, its goals, and how long the stages of its runs take."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from time import perf_counter

from cdpkit.config.goals.export_profiles import ExportGoalSettings
from cdpkit.kit.discovery import Discovery, VendorField
from cdpkit.runs.exports.goal import ExportGoal, resolve_export
from cdpkit.runs.progress import RunEvent
from cdpkit.runs.run import Run
from cdpkit.runs.session import Session, driver_for, read_connection
from cdpkit.workspace import Workspace
from cdpkit.workspace.connection import Connection
from tests.benchmarks.data import RULES
from tests.benchmarks.sink import FIELDS

NAME = "vendor"
NOWHERE = "http://127.0.0.1:9"
FAST = 10_000.0
"""Multiplies the vendor's rates where its quota is not what is measured."""

SENT = ("plan", "country", "city", "points", "balance", "subscribed", "signup_date", "tags")
"""The eight fields of every export."""

KNOWN = Discovery(tuple(VendorField(name, kind) for name, kind in FIELDS.items()))
"""What discovery finds at the sink, but for its list."""


@dataclass
class Phases:
    """An observer that tells how long each stage of a run took.

    The first is `open`, all before the run's first word; the last is `end`, all after its last.
    """

    _marks: list[tuple[str, float]] = field(default_factory=lambda: [("open", perf_counter())])
    _last: float = 0.0

    def __call__(self, event: RunEvent) -> None:
        """Hear of a step of the run."""
        self._last = perf_counter()
        if event.stage != self._marks[-1][0]:
            self._marks.append((event.stage, self._last))

    def seconds(self) -> Mapping[str, float]:
        """Seconds by stage; to be asked when the run has ended."""
        marks = [*self._marks, ("end", self._last), ("", perf_counter())]
        return {stage: after - at for (stage, at), (_, after) in pairwise(marks)}


@dataclass(frozen=True)
class Synced:
    """A run that has ended, and how long its stages took."""

    run: Run
    phases: Mapping[str, float]


def connect(ws: Workspace, base_url: str, key: str = "key", factor: float = FAST) -> Connection:
    """A connection without goals."""
    (ws.path / "key.txt").write_text(key)
    return ws.connect("iterable", NAME, {"base_url": base_url, "api_key": "file:key.txt", "limits_factor": factor})


def add_export(
    conn: Connection, ws: Workspace, name: str, where: str, fields: tuple[str, ...] = SENT
) -> ExportGoalSettings:
    """An export of eight fields of everybody for whom an expression holds."""
    ws.segments.add(name, where)
    goal = conn.goals.add(
        kind="export_profiles",
        name=name,
        segment=name,
        target={"create_fields": True},
        identifiers={"email": "email"},
        mappings=[{"from": column, "to": column} for column in fields],
    )
    assert isinstance(goal, ExportGoalSettings)
    return goal


def add_import(conn: Connection) -> None:
    """An import of all subscribers under the four rules."""
    conn.goals.add(
        kind="import_profiles",
        name="everybody",
        source={"all": True},
        identifiers={"email": "email"},
        mappings=[dict(rule) for rule in RULES],
    )


def resolved(ws: Workspace, name: str) -> ExportGoal:
    """An export goal as its plan needs it; nobody is called for that."""
    connection, vendor = read_connection(ws._home, NAME)
    driver, settings = driver_for(ws._home, NAME, connection, vendor)
    session = Session(ws._home, NAME, connection, vendor, settings, KNOWN, driver)
    goal = ws.connection(NAME).goals[name]
    assert isinstance(goal, ExportGoalSettings)
    return resolve_export(session, goal, full=False, resend_in_doubt=False)
