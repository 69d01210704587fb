"""The commands about how connections are set up."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import cdpkit
from cdpkit.cli import app


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    """A workspace with a connection of two goals."""
    made = cdpkit.create(tmp_path / "w")
    made.properties.add("email", type="email", identifier=True)
    made.segments.add("all", "true")
    (made.path / "key.txt").write_text("sk-7", encoding="utf-8")
    conn = made.connect("iterable", "news", {"api_key": "file:key.txt"})
    conn.goals.add(kind="import_profiles", name="In", source={"all": True}, identifiers={"email": "email"})
    conn.goals.add(kind="export_profiles", name="Out", segment="all", identifiers={"email": "email"})
    return made


def said(ws: cdpkit.Workspace, *words: str) -> Any:
    """What a command says, as an object."""
    done = CliRunner().invoke(app, [*words, "--workspace", str(ws.path), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_connections_are_listed_shown_and_changed(ws: cdpkit.Workspace) -> None:
    """With how they stand; what is not named stays."""
    said(ws, "connections", "change", "news", "--title", "The news", "--label", "a", "--label", "b", "--favorite")
    (line,) = said(ws, "connections")["connections"]
    assert (line["title"], line["labels"], line["favorite"], line["import"]) == ("The news", ["a", "b"], True, "ready")
    assert said(ws, "connections", "show", "news")["status"]["export"] == {"state": "ready", "problems": []}
    said(ws, "connections", "change", "news", "--off")
    assert ws.connection("news").enabled is False
    assert ws.connection("news").labels == ("a", "b")
    shown = CliRunner().invoke(app, ["connections", "show", "news", "--workspace", str(ws.path)])
    assert "switch it on with `cdpkit connections change CONNECTION --on`" in shown.stdout


def test_goals_are_listed_switched_copied_renamed_moved_and_removed(ws: cdpkit.Workspace) -> None:
    """By the verbs of the catalogue."""
    said(ws, "goals", "off", "news", "In")
    assert said(ws, "goals", "copy", "news", "Out")["name"] == "Out (copy)"
    said(ws, "goals", "on", "news", "Out (copy)")
    said(ws, "goals", "rename", "news", "Out (copy)", "More")
    assert said(ws, "goals", "move", "news", "More", "--before", "In")["goals"] == ["More", "In", "Out"]
    said(ws, "goals", "remove", "news", "Out")
    goals = said(ws, "goals", "list", "news")["goals"]
    assert [(goal["name"], goal["active"]) for goal in goals] == [("More", True), ("In", False)]


def test_vendors_are_searched() -> None:
    """Words find those in which all of them occur; where none is, it is said."""
    found = CliRunner().invoke(app, ["vendors", "iter", "--json"])
    assert [vendor["name"] for vendor in json.loads(found.stdout)["vendors"]] == ["iterable"]
    none = CliRunner().invoke(app, ["vendors", "nobody", "knows"])
    assert none.stdout.startswith("No vendor is called or told of like that")
