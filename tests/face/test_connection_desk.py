"""What a click in the form of a connection does, told to its desk: no kernel and no browser."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdpkit.face.desks.connection import ConnectionDesk
from cdpkit.face.desks.gallery import GalleryDesk
from tests.face.clicking import Clicking
from tests.face.vendor import IMPORT, Office, office

SENTINEL = "sk-sentinel-81f3"


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office; secrets of this user go into the test's own folder."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with office(tmp_path) as made:
        yield made


def test_a_mapping_is_checked_while_it_is_typed_and_stored_when_it_is_saved(at: Office) -> None:
    """What is wrong stands at its row and key; what is right is in the file, a mapping a line."""
    click = Clicking(at.desk())
    goal = click("open", id=0)["goal"]["id"]
    click("add_row", id=goal, key="mappings", values={})
    row = click.rows[-1]["id"]
    assert "problems" not in click.rows[-1]
    click("set_row", id=goal, key="mappings", row=row, name="from", value="pointz")
    click("set_row", id=goal, key="mappings", row=row, name="to", value="score")
    assert click.rows[-1]["problems"]["from"].startswith("no field 'pointz'; there are: points")
    click("set_row", id=goal, key="mappings", row=row, name="to", value="plan")
    assert "target of two mappings" in click.rows[-1]["problems"]["to"]
    assert click("save")["failed"]
    click("set_row", id=goal, key="mappings", row=row, name="from", value="points")
    click("set_row", id=goal, key="mappings", row=row, name="to", value="score")
    assert "problems" not in click.rows[-1]
    assert click("save")["unsaved"] == []
    assert at.conn.goals["Subscribers"].given()["mappings"][-1] == {"from": "points", "to": "score", "rule": "set"}
    lines = at.conn.file.path.local.read_text("utf-8").splitlines()
    assert [line for line in lines if "score" in line] == ['    {from = "points", to = "score", rule = "set"},']


def test_remaining_fields_get_rows_with_rule_and_prefix(at: Office) -> None:
    """The next empty row begins with the prefix, and a property that exists is told as such."""
    click = Clicking(at.desk())
    goal = click("open", id=0)["goal"]["id"]
    assert "existing property 'plan'" in click.rows[1]["notice"]
    left = click.shown["goal"]["remaining"]
    click("set_prefix", id=goal, prefix="it_")
    click("add_remaining", id=goal, rule="set_if_empty")
    assert len(click.rows) == 2 + left
    assert click.shown["goal"]["remaining"] == 0
    assert {row["values"]["rule"] for row in click.rows[2:]} == {"set_if_empty"}
    assert all(row["values"]["to"].startswith("it_") for row in click.rows[2:])
    click("add_row", id=goal, key="mappings", values={})
    assert click.rows[-1]["values"]["to"] == "it_"


def test_names_that_are_alike_are_proposed(at: Office) -> None:
    """And become rows when somebody says so."""
    at.ws.properties.add("last_name")
    click = Clicking(at.desk())
    goal = click("open", id=0)["goal"]["id"]
    suggested = click("suggest", id=goal)["goal"]["suggested"]
    assert ("lastName", "last_name") in [(each["field"], each["property"]) for each in suggested]
    click("accept", id=goal, fields=["lastName"])
    assert click.rows[-1]["values"] == {"from": "lastName", "to": "last_name"}
    assert click.shown["goal"]["suggested"] is None


def test_an_edit_from_outside_is_shown_and_not_written_over(at: Office) -> None:
    """Both are there to be looked at; then either is taken."""
    click = Clicking(at.desk())
    goal = click("open", id=0)["goal"]["id"]
    click("fill", id=goal, key="create_profiles", value=False)
    at.conn.goals.change("Subscribers", on_multiple_matches="skip")
    before = at.conn.file.path.local.read_bytes()
    clash = click("save")["clash"]
    assert at.conn.file.path.local.read_bytes() == before
    assert clash["lines"] == [{"key": "on_multiple_matches", "read": "-", "now": "skip"}]
    click("keep_mine")
    assert click.shown["clash"] is None
    click("save")
    assert click.shown["failed"] == ""
    assert at.conn.goals["Subscribers"].given()["create_profiles"] is False
    at.conn.goals.change("Subscribers", on_multiple_matches="all")
    click("fill", id=goal, key="create_profiles", value=True)
    click("save")
    click("discard")
    assert click.shown["unsaved"] == []
    assert at.conn.goals["Subscribers"].given()["on_multiple_matches"] == "all"


def test_a_secret_is_kept_outside_the_workspace_and_never_shown(at: Office, tmp_path: Path) -> None:
    """The file has a reference, what is drawn has it too; the secret is in a file that its owner alone may read."""
    desk = ConnectionDesk(at.conn)
    click = Clicking(desk)
    click("keep_secret", name="api_key", value=SENTINEL)
    click("save")
    told = json.dumps(click.shown) + json.dumps(click.said) + repr(vars(desk))
    assert SENTINEL not in told
    everything = [path for path in at.ws.path.rglob("*") if path.is_file()]
    assert [path for path in everything if SENTINEL.encode() in path.read_bytes()] == []
    reference = at.conn.settings["api_key"]
    assert reference.startswith("file:")
    kept = Path(reference.removeprefix("file:"))
    assert tmp_path / "config" in kept.parents
    assert kept.read_text("utf-8") == SENTINEL
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "does not take the API key" in click("check")["checked"][0]


def test_goals_are_begun_renamed_ordered_and_removed(at: Office) -> None:
    """Nothing of it is stored before it is saved; the file then has them in this order."""
    click = Clicking(at.desk())
    click("add_goal", kind="export_profiles")
    new = click.shown["tab"]
    assert click.shown["goal"]["name"] == "Export data to Iterable"
    click("fill", id=new, key="segment", value="gold")
    click("fill", id=new, key="name", value="Gold")
    click("copy_goal", id=0)
    click("move_goal", id=new, to=0)
    assert list(at.conn.goals) == ["Subscribers"]
    click("save")
    assert click.shown["failed"] == ""
    assert list(at.conn.goals) == ["Gold", "Subscribers", "Subscribers (copy)"]
    click("fill", id=0, key="name", value="People")
    click("remove_goal", id=click.shown["tabs"][2]["id"])
    click("save")
    assert list(at.conn.goals) == ["Gold", "People"]
    assert click.shown["tab"] == new


def test_a_run_is_what_was_previewed_and_is_counted(at: Office) -> None:
    """With its state, its numbers and the history; nothing runs that is not stored."""
    click = Clicking(at.desk())
    click("tell", key="description", value="x")
    assert "save first" in click("run")["failed"]
    click("save")
    assert "would be" in click("preview")["preview"]
    assert click("run")["run"]["state"] == "succeeded"
    assert click.shown["preview"] is None
    assert click.shown["exchange"][0]["n"] == at.ws.profiles.collect().height
    assert click.shown["history"]["rows"] == 1
    click.desk.hear(
        {"do": "window", "table": "history", "asked": 1, "start": 0, "n": 9, "sort": "", "down": False, "where": {}}
    )
    assert click.said[-1]["rows"][0][0] == at.ws.runs.last.id


def test_the_code_of_a_form_does_the_same(at: Office) -> None:
    """Run on another workspace it makes the same connection, the secret as a reference."""
    click = Clicking(at.desk())
    click("tell", key="labels", value=["mail"])
    click("code")
    code = click.said[-1]["text"]
    assert at.key not in code
    at.conn.file.remove()
    exec(code, {"ws": at.ws})  # noqa: S102 - it is what a person would do
    assert at.conn.labels == ("mail",)
    assert at.conn.goals["Subscribers"].given() == IMPORT
    click("open", id=0)


def test_a_property_is_made_where_it_is_needed(at: Office) -> None:
    """One on which rows are matched has to be there before; it is made with its type."""
    click = Clicking(at.desk())
    goal = click("open", id=0)["goal"]["id"]
    click("add_row", id=goal, key="identifiers", values={"from": "userId", "to": "customer"})
    assert click.shown["tabs"][0]["problems"] == 1
    click("make_property", name="customer", type="text", several=False, identifier=True)
    assert at.ws.properties["customer"].identifier
    assert click.shown["tabs"][0]["problems"] == 0
    click("make_property", name="customer", type="number", several=False, identifier=False)
    assert "customer" in click.shown["failed"]


def test_the_gallery_makes_a_connection_and_opens_its_form(at: Office) -> None:
    """Switched off until it is set up; messages go to the form that is open."""
    desk = GalleryDesk(at.ws)
    click = Clicking(desk)
    assert [line["name"] for line in click.shown["connections"]] == ["news"]
    desk.hear({"do": "gallery", "adding": True})
    assert "Iterable" in [each["title"] for each in click.shown["vendors"]]
    desk.hear({"do": "connect", "vendor": "iterable"})
    assert click.shown["connection"]["name"] == "iterable"
    assert not at.ws.connections["iterable"].enabled
    desk.hear({"do": "tell", "key": "title", "value": "Mine"})
    desk.hear({"do": "save"})
    assert at.ws.connections["iterable"].title == "Mine"
    click.shown.clear()
    desk.hear({"do": "back"})
    assert {line["title"] for line in click.shown["connections"]} == {"Mine", ""}
