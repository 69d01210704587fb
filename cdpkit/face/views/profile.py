"""A profile: its values with what set them, where it is, and what touched it."""

from cdpkit.face.desk import Drawn
from cdpkit.face.drawn import drawn
from cdpkit.face.parts import PartsDesk
from cdpkit.face.view import View
from cdpkit.runs.parts import Held, parts_in
from cdpkit.runs.profile_card import ProfileCard
from cdpkit.show.tells import told_of


class ProfileDesk(PartsDesk):
    """Everything that is known of one profile."""

    def __init__(self, card: ProfileCard) -> None:
        super().__init__(
            parts_in(
                Held(), (("earlier", "All changes", lambda: card.earlier), ("runs", "All runs", lambda: card.runs))
            )
        )
        self._told = drawn(told_of(card))

    def view(self) -> Drawn:
        """See `Desk`."""
        return {"told": self._told, **self.drawn_parts()}


VIEW = View(of=(ProfileCard,), desk=ProfileDesk, web="sheet")
