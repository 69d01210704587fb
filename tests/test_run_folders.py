"""What runs keep on disk while they are at work, and how long it stays."""

import os
from pathlib import Path

import polars as pl

import cdpkit
from cdpkit.runs.folder import GoalFolder

LONG_AGO = 1_000_000_000


def folder_of(ws: cdpkit.Workspace, run: str, *, old: bool = False) -> Path:
    folder = GoalFolder.of(ws._home.root, run, 0)
    folder.keep("state.json", {"pages": 1})
    top = folder.path.local.parent
    if old:
        os.utime(top, (LONG_AGO, LONG_AGO))
    return top


def keeping(ws: cdpkit.Workspace, days: int) -> None:
    path = ws.path / "cdpkit.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("keep_days = 30", f"keep_days = {days}"), encoding="utf-8")


def loaded(tmp_path: Path) -> tuple[cdpkit.Workspace, str]:
    ws = cdpkit.create(tmp_path / "ws")
    ws.properties.add("email", "email", identifier=True)
    return ws, ws.load(pl.DataFrame({"email": ["ann@example.com"]}), {"email": "email"}).id


def test_what_a_run_fetched_stays_as_long_as_the_workspace_keeps(tmp_path: Path) -> None:
    """With 30 days it is there after a compaction, with none it is gone."""
    ws, run = loaded(tmp_path)
    folder = folder_of(ws, run, old=True)
    ws.compact()
    assert folder.is_dir()
    keeping(ws, 0)
    ws.compact()
    assert not folder.exists()


def test_what_a_forgotten_preview_fetched_is_swept_after_a_day(tmp_path: Path) -> None:
    """A folder that no run of the history has goes; one that was made just now may be a preview at work."""
    ws, _ = loaded(tmp_path)
    forgotten, at_work = folder_of(ws, "forgotten", old=True), folder_of(ws, "at-work")
    ws.compact()
    assert (forgotten.exists(), at_work.exists()) == (False, True)
