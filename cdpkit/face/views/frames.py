"""A frame of a preview or a run, to leaf through."""

from cdpkit.face.desk import Desk, Drawn
from cdpkit.face.table import Table
from cdpkit.face.view import View
from cdpkit.runs.frame_view import FrameView


class FrameDesk(Desk):
    """A table."""

    def __init__(self, view: FrameView) -> None:
        super().__init__()
        self._name = view.name
        self._table = Table(lambda: view.frame)

    def view(self) -> Drawn:
        """See `Desk`."""
        return {"name": self._name, "rows": self.offer("rows", self._table)}


VIEW = View(of=(FrameView,), desk=FrameDesk, web="frames")
