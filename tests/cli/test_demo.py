"""The demo: what it leaves in its folder, what it tells, and what it refuses."""

from pathlib import Path

import pytest
from typer.testing import Result

import cdpkit
from cdpkit.cli import demo_others, demo_sync
from cdpkit.place.bundled import bundled
from cdpkit.sandbox.process import start
from tests.cli.shell import call, json_of, refusal_of

SAMPLES = Path(__file__).parents[2] / "sample_data"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    folder = tmp_path_factory.mktemp("demo") / "my demo"
    return folder, call("demo", folder, "--json")


def test_the_demo_is_one_object_in_json(demo: tuple[Path, Result]) -> None:
    """Standard output holds the object alone, the story is on the other stream."""
    folder, result = demo
    answer = json_of(result)
    assert {*answer} == {"workspace", "connection", "sandbox_port", "profiles", "runs", "undone", "seconds"}
    assert answer["workspace"] == str(folder.resolve())
    assert answer["seconds"] > 0
    assert "crm.csv once more" in result.stderr


def test_the_demo_leaves_a_workspace(demo: tuple[Path, Result]) -> None:
    """Its runs, its profiles and the loads that were taken back are what it says."""
    folder, result = demo
    answer, ws = json_of(result), cdpkit.open(folder)
    assert ws.runs["run_id"].to_list() == answer["runs"]
    assert ws.profiles.collect().height == answer["profiles"] > 2000
    undone = ws.runs.filter(kind="undo")["name"].to_list()
    assert undone == answer["undone"]
    assert ws.segments["gold readers"].count() > 0


def test_the_demo_uses_every_merge_rule_and_every_file(demo: tuple[Path, Result]) -> None:
    """All five rules, all five files, and crm.csv twice, the second time without effect."""
    ws = cdpkit.open(demo[0])
    loads = [ws.run(run_id) for run_id in ws.runs.filter(kind="load").drop_nulls("name")["run_id"]]
    rules = {mapping["rule"] for run in loads for mapping in run.details["mappings"]}
    assert rules == {"set", "set_if_empty", "set_or_clear", "add", "sum"}
    files = [Path(run.details["inputs"][0]["path"]).name for run in loads]
    assert {*files} == {path.name for path in SAMPLES.iterdir() if path.is_file()} - {"make.py"}
    again = loads[1]
    assert files[:2] == ["crm.csv", "crm.csv"]
    assert (again.counters["applied"], again.counters["created"], again.counters["updated"]) == (0, 0, 0)
    assert again.changes.is_empty()


def test_the_demo_copies_notebooks_and_sample_data(demo: tuple[Path, Result]) -> None:
    """What comes with the package is in the folder, byte for byte."""
    for name in ("notebooks", "sample_data"):
        for original in bundled(name).iterdir():
            if original.is_file():
                assert (demo[0] / name / original.name).read_bytes() == original.read_bytes()


def test_the_commands_that_the_demo_ends_with_work(demo: tuple[Path, Result]) -> None:
    """The folder in them is quoted where it has a blank, and `cdpkit runs` lists its runs."""
    folder, result = demo
    assert f'cdpkit runs --workspace "{folder}"' in result.stderr
    assert f'jupyter lab "{folder / "notebooks" / "quickstart.ipynb"}"' in result.stderr
    assert len(json_of(call("runs", "--workspace", folder, "--json"))["runs"]) == len(json_of(result)["runs"])


def test_the_demo_syncs(demo: tuple[Path, Result]) -> None:
    """The first run sends the segment and shows refusals, the second one nobody, the third takes leavers off."""
    ws = cdpkit.open(demo[0])
    first, second, third, *_ = (ws.run(run_id) for run_id in ws.connection("iterable").runs["run_id"])
    users, readers = (goal.counters for goal in first.goals)
    assert users["created"] == 1000
    assert readers["accepted"] == readers["in_segment"] - 2
    assert readers["rejected"] == {"invalidEmails": 1, "forgottenEmails": 1}
    assert sorted(first.rejected["reason"]) == ["forgottenEmails", "invalidEmails"]
    users, readers = (goal.counters for goal in second.goals)
    assert (users["unchanged"], users["updated"]) == (readers["in_segment"], 0)
    assert (readers["sent"], readers["withdrawn"]) == (0, 0)
    assert (third.counters["sent"], third.counters["withdrawn"]) == (0, 3)
    assert demo[1].stderr.count("forgottenEmails") == 2


def test_the_demo_shows_events(demo: tuple[Path, Result]) -> None:
    """What was done in the app is on time lines, and goes to Iterable once."""
    ws = cdpkit.open(demo[0])
    assert ws.events.of_type("app_use").collect().height > 1000
    first, again = (ws.run(run_id).counters for run_id in ws.connection("iterable").runs["run_id"][-2:])
    assert first["accepted"] == first["events"] > 10
    assert again["skipped"] == {"sent_before": first["events"]}


def test_the_demo_syncs_with_a_second_vendor(demo: tuple[Path, Result]) -> None:
    """Subscribers come with the lists that they are on, and the segment goes onto one."""
    ws = cdpkit.open(demo[0])
    (run_id,) = ws.connection("campaign_monitor").runs["run_id"]
    subscribers, readers = (goal.counters for goal in ws.run(run_id).goals)
    assert subscribers["received"] == demo_others.PEOPLE
    assert subscribers["applied"] + subscribers["unchanged"] == demo_others.PEOPLE
    assert readers["accepted"] == readers["in_segment"] > 0
    names = ws.profiles.select("newsletter_lists").collect()["newsletter_lists"].drop_nulls().explode()
    assert "Customers" in names.to_list()
    command = f"--people {demo_others.PEOPLE} --limits-factor {demo_others.LIMITS_FACTOR}\n"
    assert command in demo[1].stderr


def test_the_demo_reads_and_writes_files(demo: tuple[Path, Result]) -> None:
    """The file that was dropped once, and the segment into a file with its columns in order."""
    ws = cdpkit.open(demo[0])
    first, second = (ws.run(run_id) for run_id in ws.connection("files").runs["run_id"])
    dropped, readers = (goal.counters for goal in first.goals)
    assert dropped["received"] > 100
    assert readers["accepted"] == readers["in_segment"] > 0
    assert [goal.counters.get("received", goal.counters.get("sent")) for goal in second.goals] == [0, 0]
    (path,) = (demo[0] / "files" / "out").iterdir()
    assert path.read_text(encoding="utf-8").startswith("email,first_name,interests\n")
    assert path.name == f"gold-{first.id}.csv"


def test_the_demo_syncs_with_all_vendors(demo: tuple[Path, Result]) -> None:
    """Contacts and users come in, the segment goes out, and Acxiom is asked about the best customers, once each."""
    ws = cdpkit.open(demo[0])
    assert set(ws.connections) == {"iterable", "files", *demo_others.NAMES}
    for name in ("activecampaign", "braze"):
        (run_id,) = ws.connection(name).runs["run_id"]
        people, readers = (goal.counters for goal in ws.run(run_id).goals)
        assert people["applied"] + people["unchanged"] > 0
        assert readers["accepted"] == readers["in_segment"] > 0
    asked, at_once = (ws.run(run_id).counters for run_id in ws.connection("acxiom").runs["run_id"])
    assert asked["requests"] == asked["billed"] == asked["in_segment"] > asked["updated"] > 0
    assert (at_once["in_segment"], at_once["requests"]) == (1, 1)
    secrets = {path.read_text(encoding="utf-8") for path in demo[0].glob("*.*_*")}
    assert len(secrets) == 6
    assert not any(secret in demo[1].output for secret in secrets)


def test_the_demo_s_key_is_a_reference(demo: tuple[Path, Result]) -> None:
    """The connection's file says where the key is; the key is in a file of its own, and in nothing that is shown."""
    folder, result = demo
    key = (folder / "sandbox.key").read_text(encoding="utf-8")
    connection = (folder / "connections" / "iterable.toml").read_text(encoding="utf-8")
    assert 'api_key = "file:sandbox.key"' in connection
    assert f':{json_of(result)["sandbox_port"]}"' in connection
    assert key not in connection + result.output


def test_the_demo_s_connection_goes_on_working(demo: tuple[Path, Result]) -> None:
    """The sandbox is started again at the port that the demo names, with its users as they were at first."""
    folder, result = demo
    port = json_of(result)["sandbox_port"]
    assert f"  cdpkit sandbox iterable --port {port} --limits-factor 100\n" in result.stderr
    assert f'  cdpkit run iterable --full --workspace "{folder}"\n' in result.stderr
    file = folder / "connections" / "iterable.toml"
    connection = file.read_text(encoding="utf-8")
    with start("iterable", limits_factor=100, job_polls=0) as again:  # elsewhere: other tests may be at that port
        other = demo_sync.port_of(again)
        file.write_text(connection.replace(f":{port}", f":{other}"), encoding="utf-8")
        goals = json_of(call("preview", "iterable", "--full", "--workspace", folder, "--json"))["goals"]
    file.write_text(connection, encoding="utf-8")
    assert goals[0]["counters"]["received"] == 1000
    assert goals[1]["counters"]["sent"] == goals[1]["counters"]["in_segment"] > 0


def test_the_sandbox_goes_elsewhere_when_its_port_is_taken() -> None:
    """Two demos at once do not meet."""
    with demo_sync.started() as one, demo_sync.started() as other:
        assert demo_sync.port_of(one) != demo_sync.port_of(other)


def test_the_demo_tells_nobody_s_values(demo: tuple[Path, Result]) -> None:
    """No address stands in the story, although all of them are invented."""
    assert "@" not in demo[1].stderr


def test_a_second_demo_changes_nothing(demo: tuple[Path, Result]) -> None:
    """It is refused, says how to go on, and loses nothing."""
    folder = demo[0]
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    message = refusal_of(call("demo", folder, "--json"))
    assert str(folder) in message
    assert "cdpkit demo OTHER_PATH" in message
    assert "delete" in message
    assert before == {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_the_demo_refuses_a_folder_with_other_things(tmp_path: Path) -> None:
    """Nothing is put into a folder that is in use for something else."""
    (tmp_path / "mine.txt").write_text("mine")
    assert call("demo", tmp_path).exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
