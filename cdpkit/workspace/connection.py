"""A connection: a file in the workspace, a vendor and goals; checked, previewed and run."""

from collections.abc import Mapping, Sequence
from datetime import date
from threading import Event
from typing import Any

import polars as pl

from cdpkit.config.goal import GoalSettings
from cdpkit.errors import CdpkitError, ConfigurationError
from cdpkit.runs.check import check_connection, discover
from cdpkit.runs.compaction import compact_when_due
from cdpkit.runs.exchange import Exchange, exchange_of
from cdpkit.runs.exports.touchpoints import read_touchpoints
from cdpkit.runs.guard import read_allowed
from cdpkit.runs.home import Home
from cdpkit.runs.login import PATIENCE, forget_login
from cdpkit.runs.preview import Preview, keep
from cdpkit.runs.preview_sync import of_connection, preview_connection
from cdpkit.runs.progress import Observer, shown
from cdpkit.runs.run import SYNC, Run, history
from cdpkit.runs.status import Status, status_of
from cdpkit.runs.stopping import stopping
from cdpkit.runs.sync import SyncRequest, run_connection
from cdpkit.show.face import Shown, face_of
from cdpkit.show.lookup import looked_up
from cdpkit.show.told import Told, of_text
from cdpkit.workspace.check_list import CheckList
from cdpkit.workspace.connection_told import connection_told
from cdpkit.workspace.described import Described
from cdpkit.workspace.discovered import Discovered
from cdpkit.workspace.goals import Goals
from cdpkit.workspace.login import log_in
from cdpkit.workspace.runs import Runs


class Connection(Described):
    """A connection to a vendor: what its file says, read each time.

    Attributes:
        name: The name of its file.
    """

    @looked_up
    def goals(self) -> Goals:
        """Its goals by name, in the order of the file."""
        return Goals(self._home, self.file)

    def add_goal(self, goal: Mapping[str, Any] | GoalSettings | None = None, /, **keys: Any) -> GoalSettings:
        """Add a goal: `ImportGoal`, `ExportGoal`, or the keys that a connection file has; `goals.add` tells more.

        Raises:
            ConfigurationError: It does not fit, or there is a goal of this name; the message has every misfit.
        """
        return self.goals.add(goal, **keys)

    def replace_goal(
        self,
        name: str,
        goal: Mapping[str, Any] | GoalSettings | None = None,
        /,
        *,
        expected: GoalSettings | None = None,
        **keys: Any,
    ) -> GoalSettings:
        """Put another goal in the place of one: `goals.replace` with the same arguments.

        Raises:
            UnknownNameError: No such goal.
            ConfigurationError: The other does not fit.
            ChangedError: It is not as expected; the error has both.
        """
        return self.goals.replace(name, goal, expected=expected, **keys)

    def discover(self) -> Discovered:
        """Ask the vendor once for its fields, its lists, and what else there is to choose.

        The answer is what it was when it was asked, for as long as it is kept; asking again is the way to refresh it.

        Raises:
            CdpkitError: The settings do not fit, or the vendor cannot be asked.
        """
        return Discovered(self.name, discover(self._home, self.name))

    @property
    def fields(self) -> pl.DataFrame:
        """`name`, `type`, `lists` (the names of the lists that have it; empty where everybody has it).

        The vendor's fields, asked for now; `discover` asks for fields and lists at once.

        Raises:
            CdpkitError: The settings do not fit, or the vendor cannot be asked.
        """
        return self.discover().fields

    @property
    def lists(self) -> pl.DataFrame:
        """`id`, `name`, `kind`, `target` (whether people can be put on it): the vendor's lists, asked for now.

        Raises:
            CdpkitError: The settings do not fit, or the vendor cannot be asked.
        """
        return self.discover().lists

    def touchpoints(self, after: date, goal: str | None = None) -> pl.DataFrame:
        """Who opened or clicked which mails to the lists of an export goal, where the vendor tells that.

        Args:
            after: A moment, in UTC where it has no zone, or a day; what was at it or before is left out.
            goal: An export goal; None for all that are active.

        Returns:
            `id` (the same whenever it is read), `type`, `time`, `contact` (the vendor's id), `email`, `campaign`,
            `lists` (ids): one line an event, by time.

        Raises:
            UnknownNameError: No such goal.
            ConfigurationError: The vendor does not tell, or no list is named.
            CdpkitError: The settings do not fit, or the vendor cannot be asked.
        """
        return read_touchpoints(self._home, self.name, after, goal)

    @property
    def status(self) -> Status:
        """How it stands, an arrow for imports and one for exports: ready, off, or what has to be mended.

        The workspace alone tells it: settings, secrets, objectives, goals, the last run. `check` asks the vendor too.

        Raises:
            UnknownNameError: It was removed.
        """
        return status_of(self._home, self.name)

    def form(self) -> Shown:
        """The form in which it is set up, its goals are filled in, and it is run: shown as the last line of a cell.

        Raises:
            ConfigurationError: The packages that notebooks need are not installed.
        """
        return face_of(self)

    def check(self) -> CheckList:
        """Every problem with its fix; an empty list where the connection can run.

        Settings, secrets, credentials, objectives and goals are looked at; the vendor is asked.

        Raises:
            ConfigurationError: The file cannot be read as a connection.
        """
        with stopping("nothing was changed"):
            return CheckList(f"connection {self.name!r}", check_connection(self._home, self.name))

    def login(self, *, port: int | None = None, timeout: float = PATIENCE, browser: bool = True) -> None:
        """Log in by the vendor's page, which is opened in a browser; what that gives is kept out of the file.

        Args:
            port: Where the browser is sent back to on this machine; None for what the settings say, or a free one.
            timeout: Seconds for which you are waited for.
            browser: Open the page; its address is shown in any case.

        Raises:
            ConfigurationError: The vendor has no such login, a setting does not fit, or the port is taken.
            CredentialsError: The access was refused there.
            UnavailableError: Nobody came back in time.
        """
        log_in(self._home, self.name, port=port, timeout=timeout, browser=browser)

    def reset_login(self) -> None:
        """Forget the login, so that somebody has to log in again; nothing is touched at the vendor.

        Raises:
            UnknownNameError: The connection was removed.
        """
        forget_login(self._home, self.name)

    def preview(self, goal: str | None = None, *, full: bool = False, stop: Event | None = None) -> Preview:
        """What a run would do, worked out by its own plan; nothing is stored, nothing is sent.

        Args:
            goal: Only this goal; None for all active ones, each on what those before it would leave.
            full: As for `run`.
            stop: Ends it when it is set, from whichever thread.

        Raises:
            CdpkitError: Something does not fit, or the vendor cannot be reached or refuses.
            Stopped: It was ended by `stop`, or by an interrupt.
        """
        with stopping("nothing was stored or sent"):
            return preview_connection(self._home, self.name, SyncRequest(goal, full), stop)

    def run(
        self,
        goal: str | None = None,
        full: bool = False,
        force: bool = False,
        preview: Preview | None = None,
        resend_in_doubt: bool = False,
        *,
        allow: str | Sequence[str] = (),
        progress: bool | Observer | None = None,
        stop: Event | None = None,
    ) -> Run:
        """Run the goals: imports first, then exports. A failed run is a value; `raise_for_state()` raises.

        A run that was killed is gone on with, under its id, where its goals are as they were.

        Args:
            goal: Only this goal; None for all active ones.
            full: Apply rows again although they were seen before, and send everybody.
            force: Run although the connection is off.
            preview: Carry out exactly what this preview showed; all other arguments but `allow` are left out then.
            resend_in_doubt: Send those again of whom no answer came to an earlier run.
            allow: The guards that are not to stop it, such as "withdrawals" (topic `guards`); kept in the history.
            progress: True for lines of text, or a function that is given each `RunEvent`.
            stop: Ends the run when it is set, from whichever thread; it is returned as `stopped` then, and
                the next run goes on where it was.

        Raises:
            UnknownNameError: No such goal.
            ConfigurationError: The file does not fit, the connection is off, or no goal is active.
            ConflictError: A preview is to be carried out, and somebody else has committed since.
        """
        allowed = read_allowed(allow)
        request, prepared = SyncRequest(goal, full, force, resend_in_doubt, allow=allowed), None
        if preview is not None:
            if goal is not None or full or resend_in_doubt:
                raise ConfigurationError("a preview holds its goals and options; give nothing else but force")
            prepared = of_connection(preview, self._home)
            request = SyncRequest(prepared.request.goal, prepared.request.full, force, allow=allowed)
            keep(preview)
        with (
            shown(progress) as show,
            stopping("conn.run() or ws.resume(run_id) goes on where it was"),
        ):
            run = run_connection(self._home, self.name, request, show, prepared, stop)
        compact_when_due(self._home)
        return run

    @looked_up
    def runs(self) -> Runs:
        """Its runs, oldest first; as `ws.runs`."""
        return Runs(self._home, history(self._home).filter(kind=SYNC, name=self.name))

    @property
    def exchange(self) -> Exchange:
        """How many profiles it has imported and exported, each counted once however often it was."""
        return exchange_of(self._home, self.name)

    def _told(self) -> Told:
        try:
            runs = self.runs
            return connection_told(self.name, self.file.read(), runs, status_of(self._home, self.name, runs))
        except CdpkitError as error:
            return of_text(f"Connection({self.name!r}): {error}")


def home_of(conn: Connection) -> Home:
    """The workspace of a connection."""
    return conn._home  # noqa: SLF001 - who has a connection has no use for it
