"""Taking a run back (semantics 13)."""

from tests.model.runs import ModelRun
from tests.model.values import same

Conflict = tuple[int, str | None]
"""Profile row, and the property; None for a created profile that something touched since."""


def undo(
    run: ModelRun, profiles: dict[int, dict[str, object]], updated_seq: dict[int, int], seq: int
) -> list[Conflict]:
    """Restore in place what still is as the run left it; hand back the rest."""
    conflicts: list[Conflict] = []
    for (row, name), (before, after, _, _) in run.changes.items():
        if row in profiles and same(profiles[row][name], after):
            profiles[row][name] = before
            updated_seq[row] = seq
        else:
            conflicts.append((row, name))
    for row in run.created:
        if updated_seq.get(row) == run.seq:
            del profiles[row], updated_seq[row]
        else:
            conflicts.append((row, None))
    return conflicts
