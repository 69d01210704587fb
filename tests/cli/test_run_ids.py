"""Runs are named in the command line as in Python: by any beginning of the id that no other has."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cdpkit
from cdpkit.cli import app


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    """One load."""
    made = cdpkit.create(tmp_path / "w")
    made.properties.add("email", type="email", identifier=True)
    made.load([{"email": "a@example.com"}], {"email": "email"})
    return made


def undo(ws: cdpkit.Workspace, run: str) -> Result:
    return CliRunner().invoke(app, ["undo", run, "--workspace", str(ws.path), "--json"])


def test_an_undo_takes_the_beginning_of_an_id_and_tells_the_whole(ws: cdpkit.Workspace) -> None:
    """In any case, so that it can be typed."""
    done = undo(ws, ws.runs.last.id[:8].upper())
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["undoes"] == ws.runs["run_id"][0]
    assert ws.profiles.collect().is_empty()


def test_a_beginning_of_several_names_them(ws: cdpkit.Workspace) -> None:
    """And says what to do."""
    ws.load([{"email": "b@example.com"}], {"email": "email"})
    refused = undo(ws, ws.runs.last.id[0])
    assert refused.exit_code == 2
    assert all(run in refused.stderr for run in ws.runs["run_id"])
    assert "write more of the id" in " ".join(refused.stderr.split())
