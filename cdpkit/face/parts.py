"""Frames of one object, of which one is open: leafed through, narrowed down, and a row looked at closely."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from cdpkit.errors import CdpkitError
from cdpkit.face.desk import Desk, Drawn, answers, heard
from cdpkit.face.drawn import drawn
from cdpkit.face.table import Table
from cdpkit.runs.parts import Part
from cdpkit.show.frames import written
from cdpkit.show.text import counted
from cdpkit.show.told import Lines, Told

Find = Callable[[str], pl.Series]
"""Gives the ids of the profiles of which a text is the id or an identifier."""

_NARROWS = {
    "goal": "goal",
    "property": "property",
    "what": "change",
    "fate": "fate",
    "field": "field",
    "reason": "reason",
}
_MOST_VALUES = 100
_UNNAMED = {"changes", "conflicts", "other_values"}
"""The frames that name profiles by their ids alone."""
_LAST = ("created_by", "source_row", "goal", "profile_id")
_MAY_LACK = (*_LAST, "field", "property", "value")
"""The columns that are left out where no row has a value in them."""
_LABELS = {"profile_id": "profile", "what": "change", "created_by": "created by row"}


class PartsDesk(Desk):
    """Holds the frame that is open, and what its rows have to be."""

    def __init__(self, parts: Sequence[Part], find: Find | None = None) -> None:
        """Open the first frame that has rows.

        Args:
            parts: The frames.
            find: Looks for people; None where they cannot be looked for.
        """
        super().__init__()
        self._find = find
        self._open: Part | None = None
        self._table: Table | None = None
        self.show_parts(parts)

    def show_parts(self, parts: Sequence[Part]) -> None:
        """Take other frames in the place of those that there are."""
        self._all, self._open, self._narrowed = tuple(parts), None, dict[str, str]()
        self._person, self._ids = "", pl.Series(dtype=pl.String)
        self._table = None
        self.review()

    def review(self) -> None:
        """See which frames have rows: those that are known by now to have none are left out."""
        self._parts = [part for part in self._all if self.rows_of(part) != 0]
        if self._open not in self._parts:
            ready = [part for part in self._parts if part.later or self.rows_of(part)]
            self._open, self._narrowed, self._table = next(iter(ready or self._parts), None), {}, None

    def rows_of(self, part: Part) -> int | None:
        """How many rows a frame has; None where that is not known yet."""
        return None if part.later else _height(part)

    def is_made(self, part: Part) -> bool:
        """Whether the rows of a frame can be shown without waiting for them; where they cannot, they will come."""
        return part in self._all

    def whom(self, ids: pl.Series) -> pl.Series:
        """What people know profiles by, for their ids."""
        raise NotImplementedError

    @heard
    def open(self, part: str) -> None:
        """Show a frame, all of its rows."""
        for each in self._parts:
            if each.name == part:
                self._open, self._narrowed, self._table = each, {}, None

    @heard
    def narrow(self, column: str, value: str) -> None:
        """Show the rows that have a value in a column; an empty one shows all again."""
        if column in _NARROWS:
            self._narrowed = {**self._narrowed, column: value}
            self._table = None

    @heard
    def find(self, person: str) -> None:
        """Show the rows that are about a person, in every frame; an empty text shows all again."""
        self._person, self._table = person.strip(), None
        if self._find is not None and self._person:
            self._ids = self._find(self._person)

    @answers
    def pick(self, at: int, sort: str, down: bool, where: dict[str, Any]) -> None:
        """Say what is known of a row, counted among those that fit."""
        if self._open is None or (row := self._shown().at(at, sort=sort, down=down, where=where)) is None:
            return
        self.say({"say": "card", "told": drawn(self.card(self._open, row))})

    def card(self, part: Part, row: Mapping[str, Any]) -> Told:
        """What is known of a row: all of it, where nothing else is known."""
        values = [(_LABELS.get(name, name.replace("_", " ")), written(value)) for name, value in row.items()]
        return Told(part.label, [Lines(("what", "value"), values, caption="This row")])

    def drawn_parts(self) -> Drawn:
        """What the browser draws of them: which there are, and the rows of the one that is open."""
        shown: Drawn = {
            "parts": [{"name": part.name, "label": part.label, "rows": self.rows_of(part)} for part in self._parts],
            "open": None if self._open is None else self._open.name,
            "persons": "" if self._find is None else "identifier or profile id",
            "found": "",
            "filters": [],
            "table": None,
            "picks": "Look at this row",
        }
        if self._open is None:
            return shown
        if not self.is_made(self._open):
            return {**shown, "found": "This is being worked out."}
        try:
            frame = self._open.frame()
            table = self.offer("rows", self._shown())
        except CdpkitError as error:
            return {**shown, "found": str(error)}
        if self._person and self._find is not None:
            shown["found"] = f"{counted(self._ids.len(), 'profile')} found"
        return {**shown, "filters": [*self._filters(frame)], "table": table}

    def _filters(self, frame: pl.DataFrame) -> list[Drawn]:
        found = []
        for column, label in _NARROWS.items():
            if column not in frame.columns:
                continue
            values = frame[column].drop_nulls().cast(pl.String).unique().sort().head(_MOST_VALUES).to_list()
            if len(values) > 1:
                found.append(
                    {"column": column, "label": label, "values": values, "value": self._narrowed.get(column, "")}
                )
        return found

    def _shown(self) -> Table:
        """The open frame with the rows that fit, made once."""
        if self._table is None:
            frame = pl.DataFrame() if self._open is None else self._open.frame()
            fits = [pl.col(name).cast(pl.String) == value for name, value in self._narrowed.items() if value]
            if self._person:
                fits.append(self._about(frame))
            narrowed = ids_last(frame.filter(*fits) if fits else frame)
            unnamed = self._open is not None and self._open.name in _UNNAMED and "profile_id" in narrowed.columns
            self._table = Table(lambda: narrowed, labels=_LABELS, whom=self.whom if unnamed else None)
        return self._table

    def _about(self, frame: pl.DataFrame) -> pl.Expr:
        """Whether a row is about the person: by the profile's id, or by a text that is the same."""
        wanted = self._person.lower()
        same = [pl.col(name).str.to_lowercase() == wanted for name, dtype in frame.schema.items() if dtype == pl.String]
        if "profile_id" in frame.columns:
            same.append(pl.col("profile_id").is_in(self._ids.implode()))
        return pl.any_horizontal(same).fill_null(value=False) if same else pl.lit(value=True)


def ids_last(frame: pl.DataFrame) -> pl.DataFrame:
    """The same columns, what is said of rows and people before the numbers and ids that programs know them by.

    Of these, what tells no row from another takes room from all others: one without values, and the only goal.
    """
    idle = {name for name in _MAY_LACK if name in frame.columns and 0 < frame.height == frame[name].null_count()}
    if "goal" in frame.columns and frame["goal"].n_unique() == 1:
        idle.add("goal")
    frame = frame.drop(idle)
    last = [name for name in _LAST if name in frame.columns]
    first = [name for name in ("identifier",) if name in frame.columns]
    return frame.select(*first, pl.exclude(*first, *last), *last) if last else frame


def _height(part: Part) -> int:
    """How many rows there are; one that cannot be read is shown, to say why."""
    try:
        return part.frame().height
    except CdpkitError:
        return 1
