"""The command `load`: the options of the Python call, a preview, progress and the report."""

import shlex
from pathlib import Path

import pytest

import cdpkit
from tests.cli.shell import call, json_of, refusal_of

LINES = "E-Mail,plan,points,a=b\nann@example.com,gold,5,x\nbob@example.com,free,7,\nbob@example.com,pro,1,y\n"


@pytest.fixture
def workspace(tmp_path: Path) -> cdpkit.Workspace:
    """One identifier, and beside it a file."""
    ws = cdpkit.create(tmp_path / "ws")
    ws.properties.add("email", type="email", identifier=True)
    (tmp_path / "people.csv").write_text(LINES, encoding="utf-8")
    return ws


def load(ws: cdpkit.Workspace, *more: object) -> list[object]:
    """The command for the file, on whose e-mail rows are matched."""
    return ["load", ws.path.parent / "people.csv", "--id", "E-Mail=email", "-w", ws.path, *more]


def test_a_file_is_loaded(workspace: cdpkit.Workspace) -> None:
    """The report on standard output, the stages on the other stream."""
    result = call(*load(workspace, "--map", "plan", "--map", "points=score"))
    assert result.exit_code == 0
    assert "2  profiles created" in result.stdout
    assert "commit   2 profiles created" in result.stderr
    assert workspace.sql("select plan, score from profiles order by email").fetchall() == [("gold", 5), ("pro", 1)]


def test_a_load_is_one_object(workspace: cdpkit.Workspace) -> None:
    """The run's id, state and counters."""
    answer = json_of(call(*load(workspace, "--map", "plan", "--json")))
    assert [*answer] == ["id", "kind", "state", "goals"]
    assert answer["id"] == workspace.runs["run_id"][-1]
    assert answer["goals"][0]["counters"]["created"] == 2


def test_a_preview_stores_nothing(workspace: cdpkit.Workspace) -> None:
    """It counts what would be."""
    looked = call(*load(workspace, "--map", "plan", "--preview"))
    assert "nothing is stored" in looked.stdout
    answer = json_of(call(*load(workspace, "--map", "plan", "--preview", "--json")))
    assert (answer["state"], answer["goals"][0]["counters"]["created"]) == ("preview", 2)
    assert workspace.runs.is_empty()


def test_rules_are_given_for_all_or_for_one_property(workspace: cdpkit.Workspace) -> None:
    """A rule with a property in front is that property's."""
    rules = ["--rule", "set_if_empty", "--rule", "score=sum"]
    assert call(*load(workspace, "--map", "plan", "--map", "points=score", *rules)).exit_code == 0
    bob = workspace.sql("select plan, score from profiles where email = 'bob@example.com'").fetchall()
    assert bob == [("free", 8)]


def test_a_field_may_hold_an_equals_sign(workspace: cdpkit.Workspace) -> None:
    """What stands behind the last one is the property."""
    assert call(*load(workspace, "--map", "a=b=note")).exit_code == 0
    assert workspace.sql("select count(note) from profiles").fetchall() == [(2,)]


def test_all_options_of_the_python_call_are_there(workspace: cdpkit.Workspace) -> None:
    """Processors by name or as JSON, a goal that remembers, no new profiles, several matches, and once more in full."""
    split = '{"processor": "split", "fields": ["plan"], "separator": "|"}'
    steps = ["--processor", "trim", "--processor", split]
    given = ["--map", "plan", *steps, "--goal", "crm", "--on-multiple-matches", "all"]
    assert "2  profiles created" in call(*load(workspace, *given)).stdout
    assert "seen before" in call(*load(workspace, *given)).stdout
    full = json_of(call(*load(workspace, *given, "--full", "--json")))["goals"][0]["counters"]
    assert full["checked"] == 3
    none = json_of(call("load", "sample:crm.csv", "--id", "email", "--no-create", "--json", "-w", workspace.path))
    assert none["goals"][0]["counters"]["created"] == 0


def test_a_sample_is_found_by_name(workspace: cdpkit.Workspace) -> None:
    """In any folder; one that does not exist is answered with those that do."""
    answer = json_of(call("load", "sample:newsletter.csv", "--id", "email", "--json", "-w", workspace.path))
    assert answer["goals"][0]["counters"]["created"] > 1000
    assert "no sample 'crm.cvs'; there are: crm.csv" in refusal_of(
        call("load", "sample:crm.cvs", "--id", "email", "--json", "-w", workspace.path)
    )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--map", "plan", "--rule", "plann=sum"], "no mapped property 'plann'; there are: plan"),
        (["--map", "plan", "--rule", "sum", "--rule", "add"], "--rule is given for all properties 2 times (sum, add)"),
        (["--map", "plan", "--rule", "summ"], "summ"),
        (["--map", "plann"], "plann"),
        (["--processor", "{oops"], "--processor takes a name or a JSON object"),
        (["--processor", "trimm"], "trim"),
    ],
)
def test_what_does_not_fit_is_said(more: list[str], message: str, workspace: cdpkit.Workspace) -> None:
    """Nothing is stored."""
    assert message in refusal_of(call(*load(workspace, *more, "--json")))
    assert workspace.runs.is_empty()


def test_an_identifier_that_is_missing_is_answered_with_a_command(tmp_path: Path) -> None:
    """Somebody who has only the command line can do what the message says."""
    ws = cdpkit.create(tmp_path / "ws")
    message = refusal_of(call("load", "sample:crm.csv", "--id", "email", "--json", "-w", ws.path))
    assert "`cdpkit properties add email" in message
    assert "ws." not in message


def test_what_peek_advises_can_be_given_to_load(workspace: cdpkit.Workspace) -> None:
    """A look at a file says how it is read, as options that read it like this again."""
    file = workspace.path.parent / "export.csv"
    file.write_bytes("E-Mail;Umsatz\nann@example.com;1.234,56\nbj\u00f6rn@example.com;2,5\n".encode("cp1252"))
    looked = call("peek", file)
    assert looked.exit_code == 0
    assert "--read decimal=, --read thousands=." in looked.stdout
    assert "read={" not in looked.stdout
    again = shlex.split(looked.stdout.splitlines()[-1].partition(": ")[2])
    columns = ["--id", "E-Mail=email", "--map", "Umsatz=revenue"]
    assert call("load", file, *columns, *again, "-w", workspace.path).exit_code == 0
    assert workspace.sql("select max(revenue) from profiles").fetchall() == [(1234.56,)]
    told = json_of(call("peek", file, *again, "--json"))
    assert [each["type"] for each in told["fields"]] == ["email", "decimal"]
    assert told["read"]["separator"] == ";"
