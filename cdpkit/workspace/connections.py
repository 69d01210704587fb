"""Connections: each a file in the workspace, a vendor and goals; checked, previewed and run."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from cdpkit import vendors
from cdpkit.config import goal_edits
from cdpkit.config.connections import ConnectionFile, ConnectionFiles, ConnectionSettings
from cdpkit.config.goal import GoalSettings
from cdpkit.config.goals import read_goal
from cdpkit.config.vendor_settings import settings_problems
from cdpkit.errors import ConfigurationError, refuse
from cdpkit.problem import Problem
from cdpkit.runs.check import check_connection, discover
from cdpkit.runs.compaction import compact_when_due
from cdpkit.runs.home import Home
from cdpkit.runs.preview import Preview
from cdpkit.runs.preview_sync import of_connection, preview_connection
from cdpkit.runs.progress import Observer, observer
from cdpkit.runs.run import SYNC, Run, history
from cdpkit.runs.sync import SyncRequest, run_connection


class Connection:
    """A connection to a vendor: what its file says, read each time.

    Attributes:
        name: The name of its file.
    """

    def __init__(self, home: Home, name: str) -> None:
        self._home = home
        self.name = name

    @property
    def settings(self) -> ConnectionSettings:
        """The file: vendor, settings (secrets as references), labels, objectives, goals."""
        return self._file.read()

    @property
    def vendor(self) -> str:
        """The name of its vendor."""
        return self.settings.vendor

    @property
    def enabled(self) -> bool:
        """Whether it is on."""
        return self.settings.enabled

    @property
    def goals(self) -> Mapping[str, GoalSettings]:
        """Its goals by name, in the order of the file."""
        return {goal.name: goal for goal in self.settings.goals}

    @property
    def fields(self) -> pl.DataFrame:
        """`name`, `type`: the vendor's fields, asked for now.

        Raises:
            CdpkitError: The settings do not fit, or the vendor cannot be asked.
        """
        found = [(field.name, field.type) for field in discover(self._home, self.name).fields]
        return pl.DataFrame(found, schema={"name": pl.String, "type": pl.String}, orient="row")

    @property
    def lists(self) -> pl.DataFrame:
        """`id`, `name`, `kind`, `target` (whether people can be put on it): the vendor's lists, asked for now.

        Raises:
            CdpkitError: The settings do not fit, or the vendor cannot be asked.
        """
        found = [(item.id, item.name, item.kind, item.target) for item in discover(self._home, self.name).lists]
        schema = {"id": pl.String, "name": pl.String, "kind": pl.String, "target": pl.Boolean}
        return pl.DataFrame(found, schema=schema, orient="row")

    def add_goal(self, **goal: Any) -> GoalSettings:
        """Add a goal, by the keys that a connection file has.

        Such as `kind="export_profiles"`, `name="VIPs"`, `segment="vips"`, `target={"lists": ["VIP"]}`,
        `identifiers={"email": "email"}`, `mappings=[{"from": "plan", "to": "plan"}]`.

        Raises:
            ConfigurationError: It does not fit, or there is a goal of this name; the message has every misfit.
        """
        new = read_goal(goal)
        self._file.edit(lambda document: goal_edits.add_goal(document, new))
        return self.goals[new.name]

    def replace_goal(self, name: str, /, **goal: Any) -> GoalSettings:
        """Put another goal in the place of one; under the same name it keeps what it knows.

        Raises:
            UnknownNameError: No such goal.
            ConfigurationError: The other does not fit.
        """
        new = read_goal(goal)
        self._file.edit(lambda document: goal_edits.replace_goal(document, name, new))
        return self.goals[new.name]

    def remove_goal(self, name: str) -> None:
        """Remove a goal; nothing is touched at the vendor.

        Raises:
            UnknownNameError: No such goal.
        """
        self._file.edit(lambda document: goal_edits.remove_goal(document, name))

    def copy_goal(self, name: str) -> GoalSettings:
        """Copy a goal as `name (copy)`, switched off and without what the other knows.

        Raises:
            UnknownNameError: No such goal.
        """
        made: list[str] = []
        self._file.edit(lambda document: made.append(goal_edits.copy_goal(document, name)))
        return self.goals[made[0]]

    def activate(self, goal: str, active: bool = True) -> None:
        """Switch a goal on or off.

        Raises:
            UnknownNameError: No such goal.
        """
        self._file.edit(lambda document: goal_edits.set_active(document, goal, active))

    def enable(self, enabled: bool = True) -> None:
        """Switch the connection on or off."""
        self._file.edit(lambda document: goal_edits.set_enabled(document, enabled))

    def check(self) -> list[Problem]:
        """Every problem with its fix; an empty list where the connection can run.

        Settings, secrets, credentials, objectives and goals are looked at; the vendor is asked.

        Raises:
            ConfigurationError: The file cannot be read as a connection.
        """
        return check_connection(self._home, self.name)

    def preview(self, goal: str | None = None, *, full: bool = False) -> Preview:
        """What a run would do, worked out by its own plan; nothing is stored, nothing is sent.

        Args:
            goal: Only this goal; None for all active ones, each on what those before it would leave.
            full: As for `run`.

        Raises:
            CdpkitError: Something does not fit, or the vendor cannot be reached or refuses.
        """
        return preview_connection(self._home, self.name, SyncRequest(goal, full))

    def run(
        self,
        goal: str | None = None,
        full: bool = False,
        force: bool = False,
        preview: Preview | None = None,
        resend_in_doubt: bool = False,
        *,
        progress: bool | Observer | None = None,
    ) -> Run:
        """Run the goals: imports first, then exports. A failed run is a value; `raise_for_state()` raises.

        A run that was killed is gone on with, under its id, where its goals are as they were.

        Args:
            goal: Only this goal; None for all active ones.
            full: Apply rows again although they were seen before, and send everybody.
            force: Run although the connection is off.
            preview: Carry out exactly what this preview showed; all other arguments are left out then.
            resend_in_doubt: Send those again of whom no answer came to an earlier run.
            progress: True for lines of text, or a function that is given each `RunEvent`.

        Raises:
            UnknownNameError: No such goal.
            ConfigurationError: The file does not fit, the connection is off, or no goal is active.
            ConflictError: A preview is to be carried out, and somebody else has committed since.
        """
        request, prepared = SyncRequest(goal, full, force, resend_in_doubt), None
        if preview is not None:
            if goal is not None or full or resend_in_doubt:
                raise ConfigurationError("a preview holds its goals and options; give nothing else but force")
            prepared = of_connection(preview, self._home)
            request = SyncRequest(prepared.request.goal, prepared.request.full, force)
            preview.keep()
        run = run_connection(self._home, self.name, request, observer(progress), prepared)
        compact_when_due(self._home)
        return run

    @property
    def runs(self) -> pl.DataFrame:
        """Its runs, oldest first."""
        return history(self._home).filter(kind=SYNC, name=self.name)

    @property
    def _file(self) -> ConnectionFile:
        return ConnectionFiles(self._home.root).get(self.name)

    def __repr__(self) -> str:
        settings = self.settings
        goals = ", ".join(goal.name + ("" if goal.active else " (off)") for goal in settings.goals) or "no goals"
        return f"Connection({self.name!r}, {settings.vendor}, {'on' if settings.enabled else 'off'}: {goals})"


_FRAME: Mapping[str, pl.DataType] = {
    "name": pl.String(),
    "vendor": pl.String(),
    "enabled": pl.Boolean(),
    "goals": pl.List(pl.String()),
}


class Connections(Mapping[str, Connection]):
    """All connections by name."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def connect(
        self,
        vendor: str,
        name: str,
        settings: Mapping[str, Any] | None = None,
        *,
        labels: tuple[str, ...] = (),
        objectives: tuple[str, ...] = (),
        description: str = "",
    ) -> Connection:
        """Make a connection; `Workspace.connect` tells the rest."""
        declared = vendors.get(vendor).settings
        given = dict(settings or {})
        problems = settings_problems(declared, given, self._home.root.local, whole=False)
        refuse("the connection does not fit", problems)
        ConnectionFile(self._home.root, name).create(
            vendor, given, labels=labels, objectives=objectives, description=description
        )
        return self[name]

    def frame(self) -> pl.DataFrame:
        """`name`, `vendor`, `enabled`, `goals`: one line a connection."""
        lines = [(name, c.vendor, c.enabled, list(c.goals)) for name, c in self.items()]
        return pl.DataFrame(lines, schema=_FRAME, orient="row")

    def __getitem__(self, name: str) -> Connection:
        ConnectionFiles(self._home.root).get(name)
        return Connection(self._home, name)

    def __iter__(self) -> Iterator[str]:
        return iter(ConnectionFiles(self._home.root).names())

    def __len__(self) -> int:
        return len(ConnectionFiles(self._home.root).names())

    def __repr__(self) -> str:
        return repr(self.frame())
