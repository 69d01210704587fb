"""A run that is looked at, and taken back where somebody says so twice."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from cdpkit.face.desk import Drawn, heard
from cdpkit.face.drawn import drawn
from cdpkit.face.parts import PartsDesk
from cdpkit.face.rejects import RejectsDesk
from cdpkit.runs.compaction import compact_when_due
from cdpkit.runs.parts import Part, worded
from cdpkit.runs.profile_card import profile_card
from cdpkit.runs.profile_find import called
from cdpkit.runs.rejects.rejects import Rejects
from cdpkit.runs.run import UNDO, Run, find_run
from cdpkit.runs.run_shown import home_of, numbers_of, parts
from cdpkit.runs.run_told import title
from cdpkit.runs.undo import UndoLook, look_at_undo, undo_run
from cdpkit.runs.whom import persons
from cdpkit.show.frames import first_rows
from cdpkit.show.tells import told_of
from cdpkit.show.told import Told

_NOTHING = Told("")


class RunDesk(PartsDesk):
    """A run; None until one is chosen."""

    def __init__(self, run: Run | None = None) -> None:
        super().__init__((), self._called)
        self.run: Run | None = None
        self._rejects: RejectsDesk | None = None
        if run is not None:
            self.show_run(run)

    def show_run(self, run: Run) -> None:
        """Take a run in the place of the one that is shown."""
        self.run, self._undo, self._numbers = run, _NOTHING, drawn(numbers_of(run))
        self._rejects = None
        self.show_parts(parts(run))

    def view(self) -> Drawn:
        """See `Desk`."""
        return {"run": self.drawn_run()}

    def drawn_run(self) -> Drawn | None:
        """What the browser draws of the run."""
        if self.run is None:
            return None
        return {
            "id": self.run.id,
            "state": self.run.state,
            "title": title(self.run),
            "told": self._numbers,
            "can_undo": self.run.seq is not None and self.run.finished_at is not None and self.run.kind != UNDO,
            "undo": drawn(self._undo) if self._undo.headline else None,
            "can_mend": self.run.finished_at is not None
            and any(goal.counters.get("rejected") for goal in self.run.goals),
            "rejects": None if self._rejects is None else self._rejects.drawn(),
            **self.drawn_parts(),
        }

    def carry_out(self, given: dict[str, Any]) -> None:
        """See `Desk`; what is meant for the workbench goes there."""
        if given.get("do") != "rejects":
            super().carry_out(given)
        elif self._rejects is not None and isinstance(given.get("message"), Mapping):
            self._rejects.carry_out(dict(given["message"]))

    @heard
    def look_at_rejects(self) -> None:
        """Read what was refused and nobody has made good since, to mend it."""
        run = self.run
        if run is not None:
            self.start("Reading what was refused", lambda _stop, _tell: run.rejects, self._mending)

    @heard
    def again(self) -> None:
        """Read the run anew: one that is at work has more to show by now."""
        if self.run is not None:
            self.show_run(find_run(home_of(self.run), self.run.id))

    @heard
    def look_at_undo(self) -> None:
        """Work out what taking the run back would do; nothing is changed."""
        run = self.run
        if run is not None:
            self.start(
                "Looking at what would go back", lambda _stop, _tell: look_at_undo(home_of(run), run.id), self._looked
            )

    @heard
    def leave(self) -> None:
        """Take nothing back."""
        self._undo = _NOTHING

    @heard
    def undo(self) -> None:
        """Take the run back; what that would do was shown before."""
        run = self.run
        if run is None or not self._undo.headline:
            return
        home = home_of(run)

        def job(_stop: object, _tell: object) -> Run:
            undone = undo_run(home, run.id, reimport=False)
            compact_when_due(home)
            return undone

        self.start("Taking back", job, self.show_run)

    def card(self, part: Part, row: Mapping[str, Any]) -> Told:
        """All that is known of a profile; the row itself where it is about none that there is by now."""
        if self.run is None or (profile_id := row.get("profile_id")) is None:
            return super().card(part, row)
        return told_of(profile_card(home_of(self.run), profile_id, {}))

    def _mending(self, rejects: "Rejects[Run]") -> None:
        desk = RejectsDesk(rejects)
        desk.within(self)
        self._rejects = desk
        desk.join(lambda _: self._changed(), self.say)

    def _looked(self, look: UndoLook | None) -> None:
        self._undo = _told(look)

    def whom(self, ids: pl.Series) -> pl.Series:
        """See `PartsDesk`; as the profiles are now."""
        if self.run is None:
            return super().whom(ids)
        home = home_of(self.run)
        return persons(home, home.tables.snapshot().profiles(), ids)

    def _called(self, text: str) -> pl.Series:
        if self.run is None:
            return pl.Series(dtype=pl.String)
        home = home_of(self.run)
        return called(home, home.tables.snapshot().profiles(), text)


def _told(look: UndoLook | None) -> Told:
    """What taking a run back would do, what stays first."""
    if look is None:
        return Told("Take this run back?", ["The property is of its old type again, with the values that it had."])
    return Told(
        "Take this run back?",
        [
            first_rows(worded(look.conflicts), caption=f"What stays as it is: {look.conflicts.height:,}"),
            *look.stays,
            f"Values that go back to what they were: {look.values:,}.",
            f"Profiles that the run created, and that are deleted: {look.deleted:,}.",
            *([f"Timeline events that go, or are what they were: {look.events:,}."] if look.events else []),
        ],
    )
