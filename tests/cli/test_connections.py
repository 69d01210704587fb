"""The commands about connections, against an imitation of Iterable: what they print and how they end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import polars as pl
import pytest

import cdpkit
from cdpkit import vendors
from cdpkit.runs.home import Home
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.iterable.settings import API_KEY
from cdpkit.sandbox.server import Site, running
from tests.cli.shell import call, json_of, refusal_of

PEOPLE = 30
READERS = ["ann@example.com", "bob@example.com", "forgotten.1@example.com"]


@pytest.fixture
def site() -> Iterator[Site]:
    with running("iterable", options=Options(people=PEOPLE, limits_factor=1000), job_polls=0) as one:
        yield one


def base_url(site: Site) -> str:
    return site.addresses["iterable"]["base_url"]


@pytest.fixture
def workspace(tmp_path: Path, site: Site) -> cdpkit.Workspace:
    """Three readers, one of whom Iterable refuses; the connection `news` imports everybody and exports them."""
    ws = cdpkit.create(tmp_path / "ws")
    ws.properties.add("email", type="email", identifier=True)
    rows = pl.DataFrame({"email": READERS, "plan": ["gold"] * len(READERS)})
    ws.load(rows, identifiers={"email": "email"}, mappings=[{"from": "plan", "to": "plan"}])
    ws.segments.add("gold", "plan = 'gold'")
    (ws.path / "key").write_text(API_KEY)
    settings = {"base_url": base_url(site), "api_key": "file:key", "limits_factor": 1000}
    connection = ws.connect("iterable", "news", settings)
    connection.goals.add(
        kind="import_profiles",
        name="Users",
        source={"all": True},
        identifiers={"email": "email"},
        mappings=[{"from": "tier", "to": "tier"}],
    )
    connection.goals.add(
        kind="export_profiles",
        name="Readers",
        segment="gold",
        target={"lists": ["VIP"], "on_leave": True},
        identifiers={"email": "email"},
        mappings=[{"from": "plan", "to": "plan"}],
    )
    return ws


def test_vendors_are_listed_with_their_settings() -> None:
    """Each with its directions, and each setting with its help and whether it is a secret."""
    listed = json_of(call("vendors", "--json"))["vendors"]
    assert [vendor["name"] for vendor in listed] == list(vendors.names())
    iterable = next(vendor for vendor in listed if vendor["name"] == "iterable")
    assert (iterable["title"], iterable["directions"]) == ("Iterable", ["import", "export"])
    settings = {setting["name"]: setting for setting in iterable["settings"]}
    assert [*settings] == ["base_url", "api_key", "project_type", "limits_factor", "allow_http"]
    assert (settings["api_key"]["secret"], settings["api_key"]["required"]) == (True, True)
    assert settings["project_type"]["choices"] == ["email", "userid", "hybrid"]
    assert [option["name"] for option in iterable["options"]["import"]] == [
        "all",
        "lists",
        "purchases",
        "custom_events",
        "last_days",
    ]
    assert iterable["things"] == [{"name": "lists", "singular": "list", "plural": "lists"}]
    assert all(setting["help"] for setting in iterable["settings"])


def test_vendors_in_words_fit_eighty_columns() -> None:
    """Names, directions and settings stand in it."""
    text = call("vendors").stdout
    assert max(map(len, text.splitlines())) <= 80
    assert all(word in text for word in ("iterable: ", "import, export", "api_key", "limits_factor", "env:NAME"))


def test_check_finds_nothing(workspace: cdpkit.Workspace) -> None:
    """No problem is an empty list, a sentence for people, and status 0."""
    ready = {"import": "ready", "export": "ready"}
    found = json_of(call("check", "news", "-w", workspace.path, "--json"))
    assert found == {"connection": "news", "status": ready, "problems": []}
    assert call("check", "news", "-w", workspace.path).stdout == "Connection 'news' can run.\n"


def test_check_names_every_problem_with_its_fix(workspace: cdpkit.Workspace) -> None:
    """It ends with 1, and names the lists that there are."""
    file = workspace.path / "connections" / "news.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"VIP"', '"VIPs"'), encoding="utf-8")
    workspace.segments.remove("gold")
    problems = json_of(call("check", "news", "-w", workspace.path, "--json"), status=1)["problems"]
    assert [{*problem} for problem in problems] == [{"where", "what", "fix"}] * 2
    told = call("check", "news", "-w", workspace.path)
    assert told.exit_code == 1
    assert "no list 'VIPs' at Iterable; there are: " in told.stdout
    assert "`cdpkit segments define gold WHERE`" in told.stdout


def test_a_preview_counts_and_changes_nothing(workspace: cdpkit.Workspace, site: Site) -> None:
    """Counters for each goal, or for the one that is named."""
    answer = json_of(call("preview", "news", "-w", workspace.path, "--json"))
    assert answer["connection"] == "news"
    counters = {goal["name"]: goal["counters"] for goal in answer["goals"]}
    assert (counters["Users"]["received"], counters["Users"]["created"]) == (PEOPLE, PEOPLE)
    assert (counters["Readers"]["in_segment"], counters["Readers"]["sent"]) == (3, 3)
    only = json_of(call("preview", "news", "--goal", "Readers", "-w", workspace.path, "--json"))
    assert [(goal["name"], goal["estimate"]) for goal in only["goals"]] == [("Readers", {"calls": 2, "seconds": 1})]
    assert workspace.runs["kind"].to_list() == ["load"]
    called = site.gates["iterable"].calls.counted()
    assert "GET /api/lists" in called
    assert "POST /api/users/bulkUpdate" not in called


def test_a_preview_in_words_shows_what_would_change(workspace: cdpkit.Workspace) -> None:
    """The report, and below it existing profiles by property, where there are such."""
    assert "30  profiles created" in (first := call("preview", "news", "-w", workspace.path).stdout)
    assert "Existing profiles" not in first
    call("run", "news", "-w", workspace.path)
    rows = pl.DataFrame({"email": workspace.profiles.collect()["email"], "tier": "none"})
    workspace.load(rows, identifiers={"email": "email"}, mappings=[{"from": "tier", "to": "tier"}])
    again = call("preview", "news", "--full", "-w", workspace.path).stdout
    assert "Existing profiles that would change, by property:" in again
    assert "tier" in again.rpartition(":")[2]


def test_a_run_gives_id_state_and_goals(workspace: cdpkit.Workspace, site: Site) -> None:
    """One object on standard output; stages and the report go to the other stream."""
    result = call("run", "news", "--workspace", workspace.path, "--json")
    answer = json_of(result)
    assert [*answer] == ["id", "state", "goals"]
    assert answer["id"] == workspace.runs["run_id"][-1]
    assert answer["state"] == "succeeded_with_warnings"
    assert [[*goal] for goal in answer["goals"]] == [["name", "state", "counters"]] * 2
    users, readers = (goal["counters"] for goal in answer["goals"])
    assert users["created"] == PEOPLE
    assert (readers["accepted"], readers["rejected"]) == (2, {"forgottenEmails": 1})
    assert "send     Readers: 3 of 3 people\n" in result.stderr
    assert "rejected: forgottenEmails" in result.stderr
    state = httpx.get(base_url(site) + "/_sandbox/state", trust_env=False).json()
    assert state["people"] == PEOPLE + 2


def test_a_run_in_words_is_its_report(workspace: cdpkit.Workspace) -> None:
    """The report on standard output, the stages on the other stream; a second run sends only who was refused."""
    first = call("run", "news", "-w", workspace.path)
    assert first.exit_code == 0
    assert "2  accepted" in first.stdout
    assert "send     " not in first.stdout
    assert "send     " in first.stderr
    again = json_of(call("run", "news", "-w", workspace.path, "--json"))
    assert again["goals"][1]["counters"]["skipped"] == {"not_due": 2}


@pytest.mark.parametrize(("flags", "sent"), [([], 1), (["--full"], 3), (["--resend-in-doubt"], 1)])
def test_full_sends_everybody(flags: list[str], sent: int, workspace: cdpkit.Workspace) -> None:
    """Without it only those are sent who are due; of one goal alone where it is named."""
    call("run", "news", "-w", workspace.path)
    goals = json_of(call("run", "news", "--goal", "Readers", *flags, "-w", workspace.path, "--json"))["goals"]
    assert [(goal["name"], goal["counters"]["sent"]) for goal in goals] == [("Readers", sent)]


def test_a_failed_run_ends_with_1(workspace: cdpkit.Workspace) -> None:
    """The object says failed, the report says why, and so does `cdpkit runs`; the key is nowhere."""
    (workspace.path / "key").write_text("0123456789abcdef0123456789abcdef")
    result = call("run", "news", "-w", workspace.path, "--json")
    answer = json_of(result, status=1)
    assert (answer["state"], [goal["state"] for goal in answer["goals"]]) == ("failed", ["failed", "failed"])
    assert "Iterable does not take the API key" in result.stderr
    text = call("runs", "-w", workspace.path).stdout
    assert "sync news" in text
    assert "Iterable does not take the API key" in " ".join(text.split())
    assert "0123456789abcdef" not in result.output + text


def test_runs_shows_each_goal_of_a_sync(workspace: cdpkit.Workspace) -> None:
    """The connection, and state and numbers of each goal, in eighty columns; all counters as JSON."""
    workspace.connection("news").goals.copy("Readers")
    workspace.connection("news").goals.activate("Readers (copy)")
    call("run", "news", "-w", workspace.path)
    lines = call("runs", "-w", workspace.path).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].endswith("sync news")
    assert lines[2].split("  ", maxsplit=2)[1:][0] == "succeeded: Users"
    assert lines[3].strip() == "succeeded with warnings: Readers    2 accepted, 1 rejected"
    assert lines[4].strip().endswith("2 accepted, 1 rejected")
    newest = json_of(call("runs", "-w", workspace.path, "--json"))["runs"][0]
    assert (newest["kind"], newest["name"]) == ("sync", "news")
    assert newest["goals"][1]["counters"]["rejected"] == {"forgottenEmails": 1}


@pytest.mark.parametrize(
    "command", [["check", "nws"], ["preview", "nws"], ["run", "nws"], ["run", "news", "--goal", "x"]]
)
def test_what_does_not_exist_is_wrong_use(command: list[str], workspace: cdpkit.Workspace) -> None:
    """The message names what exists; the history stays as it is."""
    message = refusal_of(call(*command, "-w", workspace.path, "--json"))
    assert "there are: news" in message or "there are: Readers, Users" in message
    assert workspace.runs["kind"].to_list() == ["load"]


def test_a_connection_that_is_off_runs_by_force(workspace: cdpkit.Workspace) -> None:
    """Without `--force` it is refused, with the way to switch it on."""
    workspace.connection("news").enable(False)
    off = call("run", "news", "-w", workspace.path)
    assert off.exit_code == 2
    assert "`cdpkit connections change CONNECTION --on`, or run with --force" in off.stderr
    assert call("run", "news", "--force", "-w", workspace.path).exit_code == 0


def test_a_run_beside_another_one_is_skipped(workspace: cdpkit.Workspace) -> None:
    """It is recorded as skipped, which is no failure."""
    with ExitStack() as held:
        assert Home.open(workspace.path).claim("connection-news", held)
        answer = json_of(call("run", "news", "-w", workspace.path, "--json"))
    assert (answer["state"], [goal["state"] for goal in answer["goals"]]) == ("skipped", ["skipped", "skipped"])


def test_an_interrupt_stops_a_run_that_resume_ends(workspace: cdpkit.Workspace, site: Site) -> None:
    """Ctrl+C ends with 1 and an object that says stopped; resume goes on under the same id."""
    fault = {"endpoint": "POST /api/users/bulkUpdate", "kind": "slow", "seconds": 1.0}
    httpx.post(base_url(site) + "/_sandbox/faults", json=fault, trust_env=False)
    command = [sys.executable, "-c", "from cdpkit.cli import main; main()", "run", "news", "--json", "-w"]
    with subprocess.Popen(
        [*command, str(workspace.path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stderr is not None
        assert any(line.startswith("send") for line in process.stderr)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    stopped = json.loads(out)
    assert (process.returncode, stopped["state"]) == (1, "stopped")
    assert f"cdpkit resume {stopped['id']}" in err
    resumed = json_of(call("resume", stopped["id"], "-w", workspace.path, "--json"))
    assert (resumed["id"], resumed["state"]) == (stopped["id"], "succeeded_with_warnings")
    assert resumed["goals"][1]["counters"]["accepted"] == 2


def test_only_what_was_stopped_is_resumed(workspace: cdpkit.Workspace) -> None:
    """A run that has ended, and one that does not exist, are wrong use."""
    ended = call("resume", workspace.runs["run_id"][0], "-w", workspace.path, "--json")
    unknown = call("resume", "nothing", "-w", workspace.path)
    assert "only a sync that was stopped is gone on with" in refusal_of(ended)
    assert unknown.exit_code == 2
    assert workspace.runs["run_id"][0] in unknown.stderr


def test_fields_lists_them_and_adds_rows_for_those_that_a_goal_does_not_map(workspace: cdpkit.Workspace) -> None:
    """All of the vendor; those left for a goal with proposals; and rows in one go, with a rule and a prefix."""
    at = ("-w", workspace.path, "--json")
    everything = json_of(call("fields", "news", *at))
    assert {"name": "tier", "type": "string", "lists": []} in everything["fields"]
    left = json_of(call("fields", "news", "--goal", "Users", *at))
    names = [each["name"] for each in left["remaining"]]
    assert "firstName" in names
    assert not {"tier", "email"} & {*names}
    added = json_of(call("fields", "news", "--goal", "Users", "--add", "--prefix", "its_", *at))
    assert (added["added"], added["remaining"]) == (names, [])
    goal = workspace.connection("news").goals["Users"]
    assert [row.target for row in goal.mappings][:1] == ["tier"]  # type: ignore[attr-defined]
    assert "--goal NAME" in refusal_of(call("fields", "news", "--add", *at))
