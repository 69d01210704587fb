"""What a shell completes: commands, options, and names of what a workspace has."""

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import cdpkit
from cdpkit.cli import app
from cdpkit.sandbox.iterable.settings import API_KEY
from tests.cli.shell import call

SHELLS = ("bash", "zsh", "fish")


def completed(words: str, shell: str = "bash") -> list[str]:
    """What a shell is told when the cursor is behind these words."""
    asked = {
        "_CDPKIT_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
        "_TYPER_COMPLETE_ARGS": words,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    told = CliRunner().invoke(app, [], env=asked).stdout
    return told.strip().splitlines()


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> cdpkit.Workspace:
    """A connection with a goal, a segment and a run, in the folder one is in."""
    ws = cdpkit.create(tmp_path / "ws")
    ws.properties.add("email", type="email", identifier=True)
    ws.load(pl.DataFrame({"email": ["a@example.com"]}), identifiers={"email": "email"}, goal="crm export")
    ws.segments.add("gold readers", "email is not null")
    (ws.path / "news.key").write_text(API_KEY)
    connection = ws.connect("iterable", "news", {"api_key": "file:news.key"})
    connection.goals.add(
        kind="export_profiles",
        name="Gold readers",
        segment="gold readers",
        target={"lists": ["VIP"]},
        identifiers={"email": "email"},
        mappings=[],
    )
    monkeypatch.chdir(ws.path)
    return ws


@pytest.mark.parametrize("shell", SHELLS)
def test_commands_and_options_are_completed(shell: str) -> None:
    """Those that begin as what is typed."""
    assert any("profiles" in line for line in completed("cdpkit prof", shell))
    assert any("--reimport" in line for line in completed("cdpkit undo --re", shell))
    assert any("define" in line for line in completed("cdpkit segments def", shell))


@pytest.mark.parametrize("shell", SHELLS)
def test_names_of_the_workspace_are_completed(shell: str, workspace: cdpkit.Workspace) -> None:
    """Connections, their goals, segments, runs, and goals of loads."""
    run = workspace.runs["run_id"][-1]
    assert any("news" in line for line in completed("cdpkit run n", shell))
    assert any("Gold" in line for line in completed("cdpkit run news --goal G", shell))
    assert any("gold" in line for line in completed("cdpkit segments count g", shell))
    assert any(run in line for line in completed("cdpkit undo ", shell))
    assert any("crm" in line for line in completed("cdpkit load x.csv --goal c", shell))


def test_names_without_a_workspace_are_those_of_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Vendors, topics, processors and types; nothing and no message where a workspace would be needed."""
    monkeypatch.chdir(tmp_path)
    assert completed("cdpkit sandbox it") == ["iterable"]
    assert completed("cdpkit manual proc") == ["processors"]
    assert completed("cdpkit load x.csv --processor tri") == ["trim"]
    assert completed("cdpkit properties add x --type da") == ["date", "datetime"]
    for words in ("cdpkit run ", "cdpkit undo ", "cdpkit segments count ", "cdpkit run x --goal "):
        assert completed(words) == []


def test_a_workspace_elsewhere_is_looked_into(workspace: cdpkit.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as it is named."""
    monkeypatch.chdir(workspace.path.parent)
    assert completed("cdpkit run -w ws n") == ["news"]


def test_bash_is_given_what_it_can_insert(workspace: cdpkit.Workspace) -> None:
    """A blank in a name would end the word."""
    assert completed("cdpkit segments count g") == ["gold\\ readers"]
    assert workspace.segments["gold readers"].count() == 1


def test_the_options_that_set_completion_up_are_there() -> None:
    """They come with the library of the command line."""
    shown = call("--help").stdout
    assert "--install-completion" in shown
    assert "--show-completion" in shown
