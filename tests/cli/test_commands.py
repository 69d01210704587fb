"""The command line: what it prints and how it ends."""

import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import cdpkit
from cdpkit.cli import main
from tests.cli.shell import call, commands, json_of, refusal_of


@pytest.fixture
def workspace(tmp_path: Path) -> cdpkit.Workspace:
    """Two loads: the second one changes what the first one stored."""
    ws = cdpkit.create(tmp_path / "ws")
    ws.properties.add("email", type="email", identifier=True)
    for plan in ("free", "gold"):
        frame = pl.DataFrame({"email": ["a@example.com", "b@example.com"], "plan": [plan, plan]})
        ws.load(frame, identifiers={"email": "email"}, mappings=[{"from": "plan", "to": "plan"}], goal=f"to {plan}")
    return ws


def test_the_version_is_the_package_s() -> None:
    """`cdpkit --version` names package and version."""
    assert call("--version").stdout == f"cdpkit {cdpkit.__version__}\n"


def test_the_entry_point_is_installed() -> None:
    """The script that the installation made starts the same command line."""
    script = Path(sys.executable).with_name("cdpkit.exe" if sys.platform == "win32" else "cdpkit")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"cdpkit {cdpkit.__version__}"


def test_the_entry_point_ends_with_a_status(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`cdpkit.cli:main` reads the arguments of the process."""
    monkeypatch.setattr(sys, "argv", ["cdpkit", "runs", "--workspace", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2


COMMANDS = {
    *("demo", "init", "doctor", "manual"),
    *("load", "peek", "runs", "rejects", "undo", "verify", "watch"),
    *("sql", "profiles"),
    *("segments list", "segments define", "segments count", "segments remove"),
    *("groups list", "groups define", "groups remove"),
    *("groups list", "groups define", "groups remove"),
    *("properties list", "properties add"),
    *("vendors", "fields", "login", "check", "preview", "run", "resume"),
    *("connections list", "connections show", "connections change"),
    *(f"goals {what}" for what in ("list", "on", "off", "copy", "rename", "move", "remove")),
    "sandbox",
}


def test_only_what_is_built_is_offered() -> None:
    """Commands that do not exist yet are absent."""
    assert {*commands()} == COMMANDS


def test_help_names_every_command() -> None:
    """`cdpkit --help` ends well and lists the commands."""
    result = call("--help")
    assert result.exit_code == 0
    assert all(name.split()[0] in result.stdout for name in COMMANDS)


def test_init_makes_a_workspace_that_opens(tmp_path: Path) -> None:
    """The folder and its parents are made."""
    result = call("init", tmp_path / "deep" / "ws")
    assert result.exit_code == 0
    assert cdpkit.open(tmp_path / "deep" / "ws").runs.is_empty()


def test_init_leaves_what_is_there_alone(tmp_path: Path) -> None:
    """A folder with a workspace, or with anything else in it, is refused as wrong use."""
    call("init", tmp_path / "ws")
    (tmp_path / "notes.txt").write_text("mine")
    again, other = call("init", tmp_path / "ws"), call("init", tmp_path)
    assert (again.exit_code, other.exit_code) == (2, 2)
    assert "already" in again.stderr
    assert "not empty" in other.stderr


def test_init_below_a_file_ends_with_a_message(tmp_path: Path) -> None:
    """What the system refuses is said in a line, without a traceback."""
    (tmp_path / "file").write_text("")
    result = call("init", tmp_path / "file" / "ws")
    assert result.exit_code in {1, 2}
    assert result.stderr.startswith("cdpkit: ")
    assert "Traceback" not in result.output


def test_runs_lists_the_newest_first(workspace: cdpkit.Workspace) -> None:
    """Each run is an object with its times and the counters of its goals."""
    runs = json_of(call("runs", "--workspace", workspace.path, "--json"))["runs"]
    assert [run["name"] for run in runs] == ["to gold", "to free"]
    assert {*runs[0]} == {"id", "kind", "name", "state", "started_at", "finished_at", "goals"}
    assert [*runs[0]["goals"][0]] == ["name", "state", "counters"]
    assert runs[0]["goals"][0]["counters"]["updated"] == 2
    assert runs[0]["started_at"] <= runs[0]["finished_at"]


def test_runs_fits_eighty_columns(workspace: cdpkit.Workspace) -> None:
    """Whole ids, which `undo` takes, and no line that a terminal would break."""
    workspace.load(
        pl.DataFrame({"email": ["c@example.com"]}), identifiers={"email": "email"}, goal="a goal with a long name " * 4
    )
    workspace.undo(workspace.runs["run_id"][1])
    text = call("runs", "--workspace", workspace.path).stdout
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert all(run_id in text for run_id in workspace.runs["run_id"])
    assert lines[1].endswith("undo")
    assert "2 values back" in text


def test_rejects_lists_what_a_run_refused_in_groups(workspace: cdpkit.Workspace) -> None:
    """By a beginning of its id, without a value of anybody."""
    workspace.properties.add("size", type="number")
    run = workspace.load([{"mail": "ann@example.com", "size": "huge"}], {"mail": "email"}, [{"from": "size"}])
    text = call("rejects", run.id, "--workspace", workspace.path).stdout
    assert "not a whole number" in text
    assert "huge" not in text
    found = json_of(call("rejects", run.id, "--workspace", workspace.path, "--json"))
    assert (found["id"], found["lines"]) == (run.id, 1)
    assert [(each["reason"], each["field"]) for each in found["groups"]] == [("not_a_whole_number", "size")]


def test_runs_says_when_there_are_none(tmp_path: Path) -> None:
    """An empty history is a sentence for people and an empty list for programs."""
    call("init", tmp_path / "ws")
    assert call("runs", "--workspace", tmp_path / "ws").stdout == "No runs yet.\n"
    assert json_of(call("runs", "--workspace", tmp_path / "ws", "--json")) == {"runs": []}


def test_runs_shows_why_one_failed(workspace: cdpkit.Workspace) -> None:
    """The message of a refused preview stands below its run."""
    rows = pl.DataFrame({"email": ["d@example.com"]})
    preview = workspace.preview_load(rows, identifiers={"email": "email"}, goal="late")
    workspace.load(rows, identifiers={"email": "email"})
    with pytest.raises(cdpkit.errors.ConflictError):
        workspace.load(preview=preview)
    text = call("runs", "--workspace", workspace.path).stdout
    assert re.search(r"load late\n {2}failed\n {2}somebody else has committed", text)


def test_the_workspace_is_looked_for_in_the_current_folder(
    workspace: cdpkit.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without `--workspace` it is the folder one is in."""
    monkeypatch.chdir(workspace.path)
    assert len(json_of(call("runs", "--json"))["runs"]) == 2


@pytest.mark.parametrize("command", [["runs"], ["undo", "some-id"]])
def test_a_folder_without_workspace_is_wrong_use(command: list[str], tmp_path: Path) -> None:
    """The message names the folder and what to do."""
    message = refusal_of(call(*command, "--workspace", tmp_path, "--json"))
    assert str(tmp_path.resolve()) in message
    assert "cdpkit init" in message
    assert "Traceback" not in message


def test_undo_takes_a_load_back(workspace: cdpkit.Workspace) -> None:
    """The answer names both runs and counts the conflicts."""
    last = workspace.runs["run_id"][-1]
    answer = json_of(call("undo", last, "--workspace", workspace.path, "--json"))
    assert {*answer} == {"id", "kind", "state", "goals", "undoes", "conflicts"}
    assert (answer["kind"], answer["undoes"], answer["conflicts"]) == ("undo", last, 0)
    assert answer["id"] == cdpkit.open(workspace.path).runs["run_id"][-1]
    assert workspace.profiles.collect()["plan"].to_list() == ["free", "free"]


def test_undo_counts_what_it_left(workspace: cdpkit.Workspace) -> None:
    """Profiles that a later load has changed stay, as conflicts."""
    answer = json_of(call("undo", workspace.runs["run_id"][0], "--workspace", workspace.path, "--json"))
    assert answer["conflicts"] == 2
    assert answer["state"] == "succeeded_with_warnings"


def test_undo_in_words(workspace: cdpkit.Workspace) -> None:
    """Without `--json` it is the run's report."""
    result = call("undo", workspace.runs["run_id"][-1], "--workspace", workspace.path)
    assert result.exit_code == 0
    assert "2  values restored" in result.stdout


@pytest.mark.parametrize(("flags", "applied"), [([], 0), (["--reimport"], 2)])
def test_undone_rows_come_back_only_with_reimport(flags: list[str], applied: int, workspace: cdpkit.Workspace) -> None:
    """`--reimport` forgets that the rows were seen."""
    assert call("undo", workspace.runs["run_id"][-1], *flags, "--workspace", workspace.path).exit_code == 0
    frame = pl.DataFrame({"email": ["a@example.com", "b@example.com"], "plan": ["gold", "gold"]})
    mappings = [{"from": "plan", "to": "plan"}]
    again = workspace.load(frame, identifiers={"email": "email"}, mappings=mappings, goal="to gold")
    assert again.counters["applied"] == applied


def test_undo_of_a_run_that_is_not_there(workspace: cdpkit.Workspace) -> None:
    """The message lists the runs that are, and names the command that lists all."""
    message = refusal_of(call("undo", "nothing", "--workspace", workspace.path, "--json"))
    assert all(run_id in message for run_id in workspace.runs["run_id"])
    assert "`cdpkit runs`" in message
    assert "ws." not in message


def test_undo_without_an_id_is_wrong_use() -> None:
    """What is missing on the command line ends with 2 as well."""
    assert call("undo").exit_code == 2
