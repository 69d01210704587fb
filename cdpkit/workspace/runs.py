"""The history as a frame that shows itself, and hands out its runs."""

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from cdpkit.errors import ConfigurationError
from cdpkit.runs.by_goal import by_goal
from cdpkit.runs.home import Home
from cdpkit.runs.numbers import counter_text
from cdpkit.runs.run import Run, find_run
from cdpkit.show.bar import Bar
from cdpkit.show.face import Faced
from cdpkit.show.tells import Tells
from cdpkit.show.text import counted
from cdpkit.show.told import Lines, Told

if TYPE_CHECKING:
    from polars._plr import PyDataFrame

_SHOWN = 20
_COLUMNS = ("run_id", "started (UTC)", "seconds", "what", "state", "numbers")


class Runs(Faced, Tells, pl.DataFrame):  # type: ignore[misc]  # Polars' own HTML takes a private option
    """Every run once, oldest first; a frame, of which `last` and `["beginning of an id"]` are runs.

    What is made of it is a frame as any other.
    """

    def __init__(self, home: Home, history: pl.DataFrame) -> None:
        """Hold a history, or some of it."""
        super().__init__(history)
        self._home = home

    @classmethod
    def _from_pydf(cls, py_df: "PyDataFrame") -> pl.DataFrame:
        return pl.DataFrame._from_pydf(py_df)  # noqa: SLF001 - so Polars makes a frame of another one

    @property
    def last(self) -> Run:
        """The run that began last.

        Raises:
            ConfigurationError: There is none yet.
        """
        if self.is_empty():
            raise ConfigurationError("there are no runs yet; ws.load(...) and conn.run() make them")
        return find_run(self._home, self.get_column("run_id")[-1])

    def by_goal(self) -> pl.DataFrame:
        """One line for each goal of each run, oldest first: what happened, by goal.

        `run_id`, `kind`, `name`, `started_at`, `finished_at` of the run; `goal`, `goal_kind`, `state`, `message`, and
        its numbers: `received`, `applied`, `unchanged`, `excluded`, `created`, `updated`, `in_segment`, `sent`,
        `accepted`, `skipped`, `withdrawn`, `in_doubt`, `rejected`; null where a goal has no such number.
        """
        return by_goal(self)

    def __getitem__(self, key: Any) -> Any:
        """As of any frame; a text that is no column is a run, by any beginning of its id that no other has.

        Raises:
            UnknownNameError: No such run.
        """
        if isinstance(key, str) and key not in self.columns:
            return find_run(self._home, key)
        return super().__getitem__(key)

    def _ipython_key_completions_(self) -> list[str]:
        return [*self.columns, *self.get_column("run_id").reverse()]

    def _told(self) -> Told:
        more = f"; the last {_SHOWN}, latest first:" if self.height > _SHOWN else ""
        return Told(f"{counted(self.height, 'run')}{more}", [lines_of(self, _SHOWN)])


def lines_of(history: pl.DataFrame, last: int) -> Lines:
    """The last runs, latest first: id, time, what it was, state, and the numbers that people look for first."""
    runs = history.tail(last).reverse()
    took = [
        None if ended is None else (ended - began).total_seconds()
        for began, ended in runs.select("started_at", "finished_at").iter_rows()
    ]
    longest = max(filter(None, took), default=0)
    return Lines(
        _COLUMNS,
        [
            (
                run["run_id"],
                f"{run['started_at']:%Y-%m-%d %H:%M}",
                None if seconds is None else Bar(round(seconds, 2), longest),
                " ".join(filter(None, (run["kind"], run["name"]))),
                run["state"].replace("_", " "),
                "; ".join(filter(None, (counter_text(goal["counters"]) for goal in json.loads(run["goals"])))),
            )
            for run, seconds in zip(runs.iter_rows(named=True), took, strict=True)
        ],
    )
