"""Taking a run back (semantics 13); a run of several goals has several commits."""

from collections.abc import Sequence

from tests.model.runs import ModelRun
from tests.model.values import same

Conflict = tuple[int, str | None]
"""Profile row, and the property; None for a created profile that something touched since."""


def undo(
    runs: Sequence[ModelRun], profiles: dict[int, dict[str, object]], updated_seq: dict[int, int], seq: int
) -> list[Conflict]:
    """Restore in place what still is as the commits of one run, oldest first, left it; hand back the rest."""
    made = {row: run.seq for run in runs for row in run.created}
    restored: dict[tuple[int, str], object] = {}
    conflicts: list[Conflict] = []
    for row, name in dict.fromkeys(key for run in runs for key in run.changes):
        if row not in profiles:
            conflicts += [] if row in made else [(row, name)]
            continue
        value, stopped = _back(runs, row, name, profiles[row][name])
        conflicts += [(row, name)] if stopped else []
        if not same(value, profiles[row][name]):
            restored[row, name] = value
    for row in sorted(made.keys() & profiles.keys()):
        own = {run.seq for run in runs} >= set(range(made[row], updated_seq[row] + 1))
        if own and row not in {conflicting for conflicting, _ in conflicts}:
            del profiles[row], updated_seq[row]
        else:
            conflicts.append((row, None))
    for (row, name), value in restored.items():
        if row in profiles:
            profiles[row][name] = value
            updated_seq[row] = seq
    return conflicts


def _back(runs: Sequence[ModelRun], row: int, name: str, value: object) -> tuple[object, bool]:
    """A value before the commits, and whether one of them did not find it as it left it and so ended the way back."""
    for run in reversed(runs):
        if (row, name) in run.changes:
            before, after, _, _ = run.changes[row, name]
            if not same(value, after):
                return value, True
            value = before
    return value, False
