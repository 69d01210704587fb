"""What a connection's form does at the vendor: look, check, preview and run, each with a Stop."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from cdpkit.errors import ConfigurationError
from cdpkit.face.desk import Drawn, heard
from cdpkit.face.desks.base import OfConnection
from cdpkit.face.table import Table
from cdpkit.runs.preview import Preview
from cdpkit.runs.progress import Observer
from cdpkit.runs.run import Run
from cdpkit.show.cells import cell
from cdpkit.transport.stop import Stop
from cdpkit.workspace.connection import Connection
from cdpkit.workspace.discovered import Discovered
from cdpkit.workspace.runs import lines_of

_HISTORY = 1000


class RunningDesk(OfConnection):
    """What takes long; it is done in a thread of its own, with what is stored and not with what was filled in."""

    def __init__(self, conn: Connection) -> None:
        super().__init__(conn)
        self._checked: list[str] | None = None
        self._preview: Preview | None = None
        self._run: Run | None = None
        self._history: Table | None = None
        self._exchange: list[Drawn] | None = None

    def running(self) -> Drawn:
        """What the browser draws of it."""
        return {
            "checked": self._checked,
            "preview": None if self._preview is None else self._preview.report(),
            "run": None
            if self._run is None
            else {"id": self._run.id, "state": self._run.state, "report": self._run.report()},
            "history": self.offer("history", self._past()),
            "exchange": self._counts(),
            "goes_on": not self.work.at_work and self._goes_on(),
        }

    @heard
    def look(self) -> None:
        """Ask the vendor for its fields and lists, once."""

        def job(_stop: Stop, _tell: Observer) -> Discovered:
            return self.conn.discover()

        self.start(f"Asking {self.vendor.title} for its fields and lists", job, self._looked)

    @heard
    def check(self) -> None:
        """Look for everything that keeps the connection from running."""
        self.start("Checking", lambda _stop, _tell: list(self.conn.check()), self._checked_now)

    @heard
    def preview(self) -> None:
        """Work out what a run would do."""
        self._refuse_unsaved()
        self.start("Preview", lambda stop, _tell: self.conn.preview(stop=stop), self._previewed)

    @heard
    def run(self) -> None:
        """Run the connection, as it is stored; exactly what a preview has shown, where there is one."""
        self._refuse_unsaved()
        preview, self._preview = self._preview, None

        def job(stop: Stop, tell: Observer) -> Run:
            return self.conn.run(preview=preview, progress=tell, stop=stop)

        self._run = None
        self.start("Running", job, self._ran)

    def finished(self, message: Mapping[str, Any]) -> None:
        """See `OfConnection`."""
        self._history = self._exchange = None
        super().finished(message)

    def _looked(self, found: Discovered) -> None:
        self.found = found
        self.forget_problems()

    def _checked_now(self, problems: list[Any]) -> None:
        self._checked = [str(problem) for problem in problems]

    def _previewed(self, preview: Preview) -> None:
        self._preview = preview

    def _ran(self, run: Run) -> None:
        self._run = run
        self.finished({"state": run.state})

    def _refuse_unsaved(self) -> None:
        if self.form.unsaved:
            raise ConfigurationError(f"save first, for this is not stored yet: {', '.join(self.form.unsaved)}")

    def _counts(self) -> list[Drawn]:
        """How many profiles were exchanged, each counted once."""
        if self._exchange is None:
            exchange = self.conn.exchange
            self._exchange = [
                {"label": "Profiles imported: created or changed", "n": exchange.imported},
                {"label": "Profiles exported: taken by the vendor", "n": exchange.exported},
            ]
        return self._exchange

    def _goes_on(self) -> bool:
        """Whether a run was stopped, so that the next one goes on with it."""
        runs = self.conn.runs
        return runs.height > 0 and runs.get_column("state")[-1] in {"stopped", "running"}

    def _past(self) -> Table:
        """The history, latest first."""
        if self._history is None:
            lines = lines_of(self.conn.runs, _HISTORY)
            frame = pl.DataFrame(
                [[*map(cell, row)] for row in lines.rows], schema=dict.fromkeys(lines.header, pl.String), orient="row"
            )
            self._history = Table(lambda: frame)
        return self._history
