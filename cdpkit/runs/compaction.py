"""Compaction as a step of its own, after a run is recorded."""

import warnings
from collections.abc import Collection
from datetime import timedelta

import polars as pl

from cdpkit.errors import WorkspaceError
from cdpkit.place.foreign import translated
from cdpkit.runs.folder import RUNS_FOLDER, remove_run_folder
from cdpkit.runs.home import Home
from cdpkit.runs.ids import now
from cdpkit.runs.run import history
from cdpkit.store.compact import compact, due, vacuum
from cdpkit.store.small_files import crowded
from cdpkit.store.tables import EVENTS

PREVIEWS_STAY = 1.0
"""Days after which a folder that no run of the history has is nobody's."""

SWEPT_STAYS = 1.0
"""Days for which a workspace that lies far away is not looked through again, which takes many calls."""


def compact_when_due(home: Home) -> None:
    """Fold patches into the base when they have become many, or small files of events have, which need no patch.

    Far away the files of events wait for the patches, because looking takes calls. What the next process asks first
    there is left together.

    What was done before is stored, so a workspace that cannot be compacted is a warning and no error.
    """
    whose, far = due(home.tables.snapshot()), home.root.far
    if whose or (not far and crowded(home.tables.open(EVENTS))):
        try:
            compact_workspace(home, whose, sweep=not far or home.swept.written() < now() - timedelta(days=SWEPT_STAYS))
        except WorkspaceError as error:
            warnings.warn(f"the workspace was not compacted: {error}", UserWarning, stacklevel=3)
    home.tables.gather()


@translated("the workspace cannot be compacted")
def compact_workspace(home: Home, whose: Collection[str] | None = None, *, sweep: bool = True) -> bool:
    """Fold patches into the base, of all or as `due` names them; delete what no kept version needs, if not later."""
    folded = compact(home.tables, whose)
    if not sweep:
        return folded
    if home.root.far:
        home.swept.write([])
    vacuum(home.tables, home.settings.read().keep_days)
    runs = history(home)
    home.sweep_locks(runs.filter(pl.col("finished_at").is_not_null())["run_id"])
    _sweep_folders(home, runs)
    return folded


def _sweep_folders(home: Home, runs: pl.DataFrame) -> None:
    """Remove what old runs fetched, and what previews fetched that nobody carried out."""
    kept_since = now() - timedelta(days=home.settings.read().keep_days)
    ended = dict(runs.select("run_id", "finished_at").rows())
    for folder in (home.root / RUNS_FOLDER).list():
        finished = ended.get(folder.name)
        if folder.name in ended:
            old = finished is not None and finished < kept_since
        else:
            old = folder.written() < now() - timedelta(days=PREVIEWS_STAY)
        if old:
            remove_run_folder(home.root, folder.name)
