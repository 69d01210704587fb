"""The slow and obvious reference: source rows merge into profiles one by one (semantics 1 to 5 and 13)."""

from typing import TYPE_CHECKING

from cdpkit.core.properties import Property
from tests.model import undo
from tests.model.merge import Merge
from tests.model.runs import Load, ModelRun

if TYPE_CHECKING:
    from tests.model.delta import Record, Unit

__all__ = ["Load", "Model", "ModelRun"]


class Model:
    """Profiles, and what the goals have seen of their sources.

    Attributes:
        profiles: Profile row, in creation order and never reused -> property -> value; None is empty.
        updated_seq: Profile row -> number of the load or undo that last changed or created it.
        seq: The number of the last load or undo, from 1.
        next_row: The row of the next created profile.
        seen: Goal -> unit -> the records of the import delta.
    """

    def __init__(self, properties: list[Property]) -> None:
        self.properties = {property_.name: property_ for property_ in properties}
        self.profiles: dict[int, dict[str, object]] = {}
        self.updated_seq: dict[int, int] = {}
        self.seq = 0
        self.next_row = 0
        self.seen: dict[str, dict[Unit, list[Record]]] = {}

    def load(self, load: Load) -> ModelRun:
        """Merge the rows of one source."""
        self.seq += 1
        merge = Merge(self, load)
        for number, row in enumerate(load.rows):
            merge.run.fates[number] = merge.row(number, row)
        merge.finish()
        return merge.run

    def undo(self, *run: ModelRun) -> list[undo.Conflict]:
        """Take a run back, its commits oldest first; hand back what could not be, as (profile row, property)."""
        self.seq += 1
        return undo.undo(run, self.profiles, self.updated_seq, self.seq)
