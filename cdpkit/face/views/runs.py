"""The history: every run, and the one that is chosen below them."""

from typing import Any

import polars as pl

from cdpkit.face.desk import Drawn, heard
from cdpkit.face.run import RunDesk
from cdpkit.face.table import Table
from cdpkit.face.view import View
from cdpkit.show.text import counted
from cdpkit.workspace.runs import Runs

_SECONDS = (pl.col("finished_at") - pl.col("started_at")).dt.total_milliseconds() / 1000


class RunsDesk(RunDesk):
    """The history, latest first."""

    def __init__(self, runs: Runs) -> None:
        super().__init__()
        self._runs = runs
        frame = pl.DataFrame(runs).reverse()
        shown = frame.select(
            "run_id", "started_at", "kind", "name", pl.col("state").str.replace_all("_", " "), seconds=_SECONDS
        )
        self._history = Table(lambda: shown, labels={"run_id": "run", "started_at": "started (UTC)"})

    def view(self) -> Drawn:
        """See `Desk`."""
        return {
            "title": counted(self._runs.height, "run"),
            "runs": self.offer("runs", self._history),
            **super().view(),
        }

    @heard
    def choose(self, at: int, sort: str, down: bool, where: dict[str, Any]) -> None:
        """Show a run, counted among those that fit."""
        row = self._history.at(at, sort=sort, down=down, where=where)
        if row is not None:
            self.show_run(self._runs[row["run_id"]])


VIEW = View(of=(Runs,), desk=RunsDesk, web="runs")
