"""A preview: what becomes of everything, in numbers, and every row behind them."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from cdpkit.face.desk import Drawn
from cdpkit.face.drawn import drawn
from cdpkit.face.parts import PartsDesk
from cdpkit.face.view import View
from cdpkit.runs.parts import Part
from cdpkit.runs.preview import Preview, home_of, numbers_of, parts, plans_of
from cdpkit.runs.preview_told import payload_told
from cdpkit.runs.profile_find import called
from cdpkit.show.frames import written
from cdpkit.show.told import Lines, Told


class PreviewDesk(PartsDesk):
    """A preview that is looked at; nothing is stored or sent."""

    def __init__(self, preview: Preview) -> None:
        self.preview = preview
        self._snapshot = plans_of(preview)[0].snapshot
        super().__init__(parts(preview), self._called)
        self._told = drawn(numbers_of(preview))

    def view(self) -> Drawn:
        """See `Desk`."""
        return {"told": self._told, **self.drawn_parts()}

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


VIEW = View(of=(Preview,), desk=PreviewDesk, web="sheet")
