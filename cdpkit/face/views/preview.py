"""A preview: what becomes of everything, in numbers, and every row behind them."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from cdpkit.errors import CdpkitError
from cdpkit.face.desk import Drawn, heard
from cdpkit.face.drawn import drawn
from cdpkit.face.parts import PartsDesk
from cdpkit.face.view import View
from cdpkit.face.what_if import Supposing
from cdpkit.runs.parts import Part
from cdpkit.runs.preview import Preview, headline_of, home_of, numbers_of, parts, plans_of
from cdpkit.runs.preview_told import payload_told
from cdpkit.runs.profile_find import called
from cdpkit.runs.progress import Observer
from cdpkit.runs.whom import persons
from cdpkit.show.frames import written
from cdpkit.show.told import Lines, Told
from cdpkit.transport.stop import Hearing, Stop

_LAST = ("changes", "near_misses")
"""The frames that take the longest where there are many profiles."""


class PreviewDesk(PartsDesk):
    """A preview that is looked at; nothing is stored or sent.

    It is there at once. What takes long where there are many profiles is worked out in the background, and shown piece
    by piece.
    """

    def __init__(self, preview: Preview) -> None:
        self.preview = preview
        self._snapshot = plans_of(preview)[0].snapshot
        self._made, self._wrong = dict[str, int](), dict[str, str]()
        self._told, self._tell = drawn(Told(headline_of(preview))), list[Callable[[], None]]()
        self.supposing = Supposing(preview)
        super().__init__(parts(preview), self._called)
        self.work_out()

    def view(self) -> Drawn:
        """See `Desk`."""
        return {
            "told": self._told,
            "rest": not self._is_known,
            "what_if": self.supposing.drawn(),
            **self.drawn_parts(),
            **({"found": self._wrong[self._open.name]} if self._open and self._open.name in self._wrong else {}),
        }

    @heard
    def work_out(self) -> None:
        """Work out what is not known yet."""
        self.start("Working out what would happen", self._work_out, lambda _: None)

    @heard
    def suppose(self, on: bool) -> None:
        """Begin to try an import under other mappings, or no longer."""
        self.supposing.begin(on=on)
        self._all = parts(self.preview)
        self.review()

    @heard
    def supposed_import(self, goal: str) -> None:
        """Take another import of the preview."""
        self.supposing.take(goal)

    @heard
    def suppose_row(self, row: int | None, name: str, value: str) -> None:
        """Fill in something of a mapping; without a row in a new one."""
        self.supposing.fill(row, name, value)

    @heard
    def suppose_without(self, row: int) -> None:
        """Take a mapping away."""
        self.supposing.remove(row)

    @heard
    def compare(self) -> None:
        """Work out what the other mappings would do, beside what these do."""

        def job(_stop: Stop, _tell: Observer) -> tuple[Part, ...]:
            return self.supposing.compare()

        self.start("Working out the other mappings", job, self._compared)

    def _compared(self, more: tuple[Part, ...]) -> None:
        for part in more:
            self._made[part.name] = part.frame().height
        self._all = (*more, *parts(self.preview))
        self._open = None
        self.review()

    def once_known(self, tell: Callable[[], None]) -> None:
        """See `Desk`."""
        with self._lock:
            if not self._is_known:
                self._tell.append(tell)
                return
        tell()

    def rows_of(self, part: Part) -> int | None:
        """See `PartsDesk`."""
        return self._made.get(part.name)

    def is_made(self, part: Part) -> bool:
        """See `PartsDesk`."""
        return part.name in self._made and part.name not in self._wrong

    def whom(self, ids: pl.Series) -> pl.Series:
        """See `PartsDesk`; as the profiles are before."""
        return persons(home_of(self.preview), self._snapshot.profiles(), ids)

    @property
    def _is_known(self) -> bool:
        return all(part.name in self._made for part in parts(self.preview)) and "matching" in self._made

    def _work_out(self, stop: Stop, _tell: Observer) -> None:
        """Make one frame after the other, those that take long last; each is shown once it is there."""
        hearing, all_parts = Hearing(stop), parts(self.preview)
        if not self._made:
            self._show_numbers(looked_up=False)
        for part in sorted(all_parts, key=lambda part: (part.name in _LAST, part.name == "near_misses")):
            hearing.check()
            if part.name == "near_misses" and "matching" not in self._made:
                self._show_numbers(looked_up=True)
                hearing.check()
            if part.name not in self._made:
                self._make(part)
        for tell in self._tell:
            tell()
        self._tell.clear()

    def _show_numbers(self, *, looked_up: bool) -> None:
        try:
            told = drawn(numbers_of(self.preview, looked_up=looked_up))
        except CdpkitError as error:
            told = drawn(Told(headline_of(self.preview), [str(error)]))
        with self._lock:
            self._told = told
            if looked_up:
                self._made["matching"] = 0
        self._changed()

    def _make(self, part: Part) -> None:
        try:
            height, wrong = part.frame().height, ""
        except CdpkitError as error:
            height, wrong = 1, str(error)
        with self._lock:
            self._made[part.name] = height
            if wrong:
                self._wrong[part.name] = wrong
            self.review()
        self._changed()

    def card(self, part: Part, row: Mapping[str, Any]) -> Told:
        """A payload, or a profile before and after; the row itself where it is about none."""
        if part.name == "sends":
            told = Told(f"To be sent: profile {row['profile_id']}", payload_told(pl.DataFrame([row])))
        elif row.get("profile_id") is None:
            told = super().card(part, row)
        else:
            told = self._profile(row["profile_id"])
        return told

    def _profile(self, profile_id: str) -> Told:
        """Each value of a profile as it is, and as it would be."""
        held = self._snapshot.profiles().filter(pl.col("profile_id") == profile_id).collect()
        changes = next(part for part in parts(self.preview) if part.name == "changes").frame()
        lines = [
            (name, *map(written, row))
            for name, *row in changes.filter(profile_id=profile_id).select("property", "before", "what", "after").rows()
        ]
        changed = {name for name, *_ in lines}
        held_values = held.drop("row").row(0, named=True) if held.height else {}
        lines += [(name, written(value), "", "") for name, value in held_values.items() if name not in changed]
        return Told(
            f"Profile {profile_id}", [Lines(("property", "now", "change", "then"), lines, caption="Now and then")]
        )

    def _called(self, text: str) -> pl.Series:
        return called(home_of(self.preview), self._snapshot.profiles(), text)


def _first(preview: Preview) -> Told:
    return Told(headline_of(preview), ["The rest is being worked out, and will stand here."])


VIEW = View(of=(Preview,), desk=PreviewDesk, web="preview", first=_first)
