"""What a run refused, on a workbench: in groups, mended or given up, and taken again."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from cdpkit.errors import ConfigurationError
from cdpkit.face.desk import Desk, Drawn, answers, heard
from cdpkit.face.table import Table
from cdpkit.runs.parts import worded
from cdpkit.runs.progress import Observer
from cdpkit.runs.rejects.rejects import Rejects
from cdpkit.runs.run import Run
from cdpkit.show.frames import first_rows, written
from cdpkit.show.tells import told_of
from cdpkit.show.told import Told
from cdpkit.transport.stop import Stop

_GROUP = ("goal", "reason", "field")
_FIRST = ("identifier", "field", "value", "mended", "dropped", "reason", "property", "goal", "source_row", "profile_id")
_OF_LINE = ("line", "identifier", "field", "property", "value", "mended", "mendable")
_LABELS = {"identifier": "person", "mended": "corrected", "dropped": "given up", "profile_id": "profile"}
_FEW = 50
"""So many groups are listed."""


class RejectsDesk(Desk):
    """The lines, and the corrections of them that were not taken yet; those lie in the kernel alone."""

    def __init__(self, rejects: "Rejects[Run]") -> None:
        super().__init__()
        self._rejects = rejects
        self._group: tuple[str | None, ...] | None = None
        self._table: Table | None = None
        self._said = ""
        self._run: Run | None = None

    def view(self) -> Drawn:
        """See `Desk`."""
        groups = self._rejects.groups
        return {
            "title": told_of(self._rejects).headline,
            "groups": self._groups(groups.head(_FEW)),
            "chosen": self._group is not None,
            "goals": [self._goal(each) for each in groups["goal"].unique(maintain_order=True)],
            "table": self.offer("rejects", self._shown()),
            "said": self._said,
            "run": None if self._run is None else {"state": self._run.state, "report": self._run.report()},
        }

    @heard
    def group(self, goal: str, reason: str, field: str | None) -> None:
        """Show the lines of one group; of the one that is shown already, all again."""
        asked = (goal, reason, field)
        self._group = None if self._group == asked else asked
        self._table, self._said = None, ""

    @answers
    def pick(self, at: int, sort: str, down: bool, where: dict[str, Any]) -> None:
        """Say all of a line, counted among those that fit; it is kept nowhere."""
        row = self._shown().at(at, sort=sort, down=down, where=where)
        if row is not None:
            self.say({"say": "line", "line": self._line(row)})

    @heard
    def mend(self, line: int, value: str, property: str) -> None:
        """Correct a value; of somebody whom the vendor refused as a whole, that of a property."""
        self._take(self._rejects.mend({line: value}, property or None), "Corrected 1 line.")

    @heard
    def replace(self, old: str, new: str) -> None:
        """Put a text in the place of another one in all values that are shown; those are taken that fit then."""
        if not old:
            raise ConfigurationError("there is nothing to look for; say which text is to be replaced")
        before = _mended(self._rejects)
        text = pl.when(self._here()).then(pl.col("value").str.replace_all(old, new, literal=True))
        mended = self._rejects.mend(text)
        n = _mended(mended) - before
        self._take(mended, f"Corrected {n:,} more lines; the others have no such text, or do not fit even so.")

    @heard
    def drop(self, line: int | None) -> None:
        """Give a value up; without a line all that are shown."""
        which = self._here() if line is None else pl.col("line") == line
        self._take(self._rejects.drop(which), "Given up what was chosen; it is taken off the list with the next step.")

    @heard
    def forget(self) -> None:
        """Read what is refused anew, without the corrections that were made here."""
        self._take(self._rejects.anew(corrected=False), "")

    @heard
    def take(self, goal: str) -> None:
        """Take what was mended or given up of a goal again: stored, or sent to those people alone."""
        own = self._rejects.filter(goal=goal)
        sends = own.exports

        def job(stop: Stop, tell: Observer) -> Run:
            again = own.send_again if sends else own.load_again
            return again(progress=tell, stop=stop)

        self._run = None
        self.start("Sending again" if sends else "Storing again", job, self._taken)

    def _taken(self, run: Run) -> None:
        self._run = run
        self._take(self._rejects.anew(), "")

    def _take(self, rejects: "Rejects[Run]", said: str) -> None:
        self._rejects, self._table, self._said = rejects, None, said

    def _here(self) -> pl.Expr:
        """Whether a line is of the group that is shown."""
        if self._group is None:
            return pl.lit(value=True)
        return pl.all_horizontal(
            pl.col(name).eq_missing(value) for name, value in zip(_GROUP, self._group, strict=True)
        )

    def _shown(self) -> Table:
        if self._table is None:
            frame = worded(self._rejects.frame.filter(self._here()))
            same = {name for name in _GROUP if frame[name].n_unique() == 1} if self._group is not None else set()
            if frame["goal"].n_unique() == 1:
                same.add("goal")
            if frame["property"].eq_missing(frame["field"]).all():
                same.add("property")
            first = [name for name in _FIRST if name not in same]
            given_up = pl.when("dropped").then(pl.lit("✕ given up")).alias("dropped")
            shown = frame.with_columns(given_up).select(*first, "line")
            gone = [
                name for name in first if shown[name].null_count() == shown.height and name not in ("value", "mended")
            ]
            self._table = Table(lambda: shown.drop(gone), labels=_LABELS)
        return self._table

    def _groups(self, groups: pl.DataFrame) -> list[Drawn]:
        """Groups with their reasons in words."""
        words = worded(groups)["reason"]
        return [
            {**group, "words": words[at], "chosen": self._group == tuple(group[name] for name in _GROUP)}
            for at, group in enumerate(groups.to_dicts())
        ]

    def _goal(self, name: str) -> Drawn:
        """What can be done with the lines of a goal."""
        own = self._rejects.filter(goal=name)
        counts = own.groups
        return {
            "name": name,
            "sends": own.exports,
            "lines": own.count,
            "mended": counts["mended"].sum(),
            "dropped": counts["dropped"].sum(),
        }

    def _line(self, row: Mapping[str, Any]) -> Drawn:
        line = self._rejects.filter(line=row["line"])
        whole = line.frame.row(0, named=True)
        words = worded(line.frame)["reason"][0]
        return {
            **{
                name: whole[name] for name in ("line", "identifier", "field", "property", "value", "mended", "mendable")
            },
            "reason": words,
            "sends": line.exports,
            "properties": [] if whole["property"] else list(line.properties),
            "source_row": None if whole["source_row"] is None else written(whole["source_row"]),
        }


def _mended(rejects: "Rejects[Run]") -> int:
    return int(rejects.groups["mended"].sum())


def rejects_told(rejects: "Rejects[Run]") -> Told:
    """The groups, and the first lines."""
    told = told_of(rejects)
    frame = worded(rejects.frame).select(*(name for name in _FIRST if name not in ("mended", "dropped")), "line")
    return Told(told.headline, [*told.parts, first_rows(frame, caption="The first of them")] if frame.height else [])
