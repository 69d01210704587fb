"""The commands `sql`, `profiles`, `segments` and `properties`."""

import json
from pathlib import Path

import polars as pl
import pytest

import cdpkit
from tests.cli.shell import call, json_of, refusal_of


@pytest.fixture
def workspace(tmp_path: Path) -> cdpkit.Workspace:
    """Sixty profiles with a list, one of them in gold."""
    ws = cdpkit.create(tmp_path / "ws")
    ws.properties.add("email", type="email", identifier=True)
    ws.properties.add("tags", multi=True)
    rows = pl.DataFrame(
        {
            "email": [f"p{n:02}@example.com" for n in range(60)],
            "plan": ["gold", *["free"] * 59],
            "tags": [["a", 'b"c'], *[None] * 59],
        }
    )
    mappings = [{"from": "plan", "to": "plan"}, {"from": "tags", "to": "tags", "rule": "add"}]
    ws.load(rows, identifiers={"email": "email"}, mappings=mappings)
    return ws


def test_a_query_is_a_table(workspace: cdpkit.Workspace) -> None:
    """Texts to the left, numbers to the right, a dash for what is empty."""
    question = "select plan, count(*) as n, null as gone from profiles group by plan order by n"
    assert call("sql", question, "-w", workspace.path).stdout.splitlines() == [
        "plan   n  gone",
        "gold   1  -",
        "free  59  -",
    ]


def test_a_table_says_that_there_is_more(workspace: cdpkit.Workspace) -> None:
    """Fifty rows, or as many as are asked for."""
    long = call("sql", "select email from profiles", "-w", workspace.path)
    assert (len(long.stdout.splitlines()), "and more" in long.stderr) == (51, True)
    short = call("sql", "select email from profiles", "--limit", "2", "-w", workspace.path)
    assert (len(short.stdout.splitlines()), "and more" in short.stderr) == (3, True)
    assert call("sql", "select email from profiles limit 3", "-w", workspace.path).stderr == ""


def test_a_query_as_csv_and_as_json_has_all_rows(workspace: cdpkit.Workspace) -> None:
    """Lists are JSON inside CSV; times are ISO 8601."""
    question = "select email, tags, created_at from profiles order by email"
    table = pl.read_csv(call("sql", question, "--csv", "-w", workspace.path).stdout.encode())
    assert table.height == 60
    assert json.loads(table["tags"][0]) == ["a", 'b"c']
    assert table["tags"].null_count() == 59
    answer = json_of(call("sql", question, "--json", "-w", workspace.path))
    assert (answer["columns"], answer["more"]) == (["email", "tags", "created_at"], False)
    assert len(answer["rows"]) == 60
    assert answer["rows"][0]["tags"] == ["a", 'b"c']
    assert answer["rows"][0]["created_at"].endswith("+00:00")


def test_every_kind_of_value_has_a_form_in_json(workspace: cdpkit.Workspace) -> None:
    """Whole numbers keep their digits; what JSON has no number for is null."""
    question = (
        "select 170141183460469231731687303715884105::hugeint as big, 1.50::decimal(5,2) as exact, "
        "'nan'::double as none, 'ab'::blob as bytes, {'a': [date '2026-01-31']} as nested, time '12:30' as at"
    )
    (row,) = json_of(call("sql", question, "--json", "-w", workspace.path))["rows"]
    assert row == {
        "big": 170141183460469231731687303715884105,
        "exact": "1.50",
        "none": None,
        "bytes": "6162",
        "nested": {"a": ["2026-01-31"]},
        "at": "12:30:00",
    }


def test_a_query_comes_from_standard_input(workspace: cdpkit.Workspace) -> None:
    """A dash stands for it."""
    assert call("sql", "-", "-w", workspace.path, text="select 1 as one\n").stdout == "one\n  1\n"


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("select emial from profiles", '"email"'),
        ("select cast(email as int) from profiles", "try_cast gives null for it"),
        ("drop table profiles", "no SELECT"),
        ("select interval 3 day", "cast it"),
    ],
)
def test_a_query_that_does_not_work_says_why(question: str, message: str, workspace: cdpkit.Workspace) -> None:
    """Also one that fails when it meets the values; never with a value."""
    told = refusal_of(call("sql", question, "--json", "-w", workspace.path))
    assert message in told
    assert "@example.com" not in told


def test_one_form_at_a_time(workspace: cdpkit.Workspace) -> None:
    """`--csv` and `--json` exclude each other."""
    assert "give one of them" in refusal_of(call("sql", "select 1", "--csv", "--json", "-w", workspace.path))


def test_the_profiles_show_counts_and_the_first_rows(workspace: cdpkit.Workspace) -> None:
    """How many, how many have each property, and ten of them without the columns of the system."""
    lines = call("profiles", "-w", workspace.path).stdout.splitlines()
    assert lines[0] == "60 profiles"
    assert "  tags: 1" in lines
    assert lines[-11].split() == ["email", "tags", "plan"]
    answer = json_of(call("profiles", "--limit", "2", "--json", "-w", workspace.path))
    assert (answer["profiles"], answer["filled"]["plan"], len(answer["rows"])) == (60, 60, 2)
    assert [*answer["rows"][0]][:3] == ["email", "tags", "plan"]
    assert "profile_id" in answer["rows"][0]
    assert call("profiles", "-n", "1", "--csv", "-w", workspace.path).stdout.count("\n") == 2


def test_no_profiles_are_no_profiles(tmp_path: Path) -> None:
    """A new workspace is shown without a fault."""
    ws = cdpkit.create(tmp_path / "ws")
    assert call("profiles", "-w", ws.path).stdout.splitlines()[0] == "0 profiles"
    assert json_of(call("profiles", "--json", "-w", ws.path)) == {"profiles": 0, "filled": {}, "rows": []}


def test_segments_are_defined_counted_listed_and_removed(workspace: cdpkit.Workspace) -> None:
    """`segments` alone lists; defining again changes."""
    at = ("-w", workspace.path)
    assert "No segments yet" in call("segments", *at).stdout
    defined = json_of(call("segments", "define", "gold", "plan = 'gold'", *at, "--json"))
    assert defined == {"name": "gold", "where": "plan = 'gold'", "profiles": 1}
    assert call("segments", "count", "gold", *at).stdout == "1\n"
    assert "59 profiles" in call("segments", "define", "gold", "plan <> 'gold'", *at).stdout
    listed = json_of(call("segments", "--json", *at))["segments"]
    assert listed == [{"name": "gold", "where": "plan <> 'gold'", "profiles": 59}]
    assert "gold" in call("segments", "list", *at).stdout
    assert call("segments", "remove", "gold", *at).exit_code == 0
    message = refusal_of(call("segments", "count", "gold", "--json", *at))
    assert "`cdpkit segments define gold WHERE`" in message


def test_properties_are_added_and_listed(workspace: cdpkit.Workspace) -> None:
    """With type and flags."""
    at = ("-w", workspace.path)
    added = json_of(call("properties", "add", "customer_id", "--identifier", "--pii", "--json", *at))
    assert added == {"name": "customer_id", "type": "text", "multi": False, "identifier": True, "pii": True}
    assert "customer_id" in call("properties", *at).stdout
    named = [each["name"] for each in json_of(call("properties", "list", "--json", *at))["properties"]]
    assert {"customer_id", "email", "plan"} <= {*named}
    assert "there are: " in refusal_of(call("properties", "add", "x", "--type", "txt", "--json", *at))
