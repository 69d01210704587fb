"""The form side of documented features of connections, row by row: what is asked for, and what a click does.

What only the browser knows is looked at there, in `views/test_features_in_the_browser.py`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cdpkit
from cdpkit.config.connections import ConnectionFile
from cdpkit.face.desks.connection import ConnectionDesk
from cdpkit.face.desks.gallery import GalleryDesk
from tests.face.clicking import BOTH, VENDORS, Clicking, Form, every_vendor
from tests.face.vendor import Office, office


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> cdpkit.Workspace:
    return every_vendor(cdpkit.create(tmp_path_factory.mktemp("features") / "w"))


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made


def test_f1_f2_f5_f6_the_gallery_has_every_vendor_with_its_directions(ws: cdpkit.Workspace) -> None:
    """And every connection; choosing a vendor opens the form of a new one."""
    click = Clicking(GalleryDesk(ws))
    assert {line["name"] for line in click.shown["connections"]} >= set(VENDORS)
    vendors = {each["name"]: each["directions"] for each in _hear(click, "gallery", adding=True)["vendors"]}
    assert vendors["acxiom"] == ["import"]
    assert [vendors[name] for name in BOTH] == [["import", "export"]] * 4
    opened = _hear(click, "connect", vendor="iterable")["connection"]
    assert (opened["name"], opened["vendor"]) == ("iterable-2", "Iterable")
    ws.connections.remove("iterable-2")


def _hear(click: Clicking, do: str, **given: Any) -> dict[str, Any]:
    click.desk.hear({"do": do, **given})
    return click.shown


def test_f7_f9_f10_f11_f15_f16_f17_f57_the_head_is_told_and_stored_on_save(at: Office) -> None:
    """Nothing of it is in the file before."""
    at.ws.objectives.add("ads")
    at.ws.objectives.add("news")
    click = Clicking(at.desk())
    told = {"title": "Mails", "favorite": True, "labels": ["a", "b"], "description": "All mails", "enabled": False}
    for key, value in {**told, "objectives": ["ads", "news"]}.items():
        click("tell", key=key, value=value)
    assert at.conn.title == "news"
    assert len(click.shown["unsaved"]) == 6
    assert click.shown["objectives"] == ["ads", "news"]
    click("save")
    assert click.shown["unsaved"] == []
    assert (at.conn.title, at.conn.favorite, at.conn.labels) == ("Mails", True, ("a", "b"))
    assert (at.conn.description, at.conn.enabled, at.conn.objectives) == ("All mails", False, ("ads", "news"))


def test_f18_f22_f33_to_f38_each_direction_says_what_it_lacks_and_leads_there(at: Office) -> None:
    """Off without a goal, ready with one, and to be mended where something is wrong: with the goal in which it is."""
    click = Clicking(at.desk())
    state = {each["direction"]: each["state"] for each in click.shown["status"]}
    assert state == {"import": "ready", "export": "off"}
    (fix,) = next(each["fix"] for each in click.shown["status"] if each["direction"] == "export")
    assert "no export goal is active" in fix["text"]
    at.conn.goals.change("Subscribers", identifiers=[{"from": "email", "to": "gone"}])
    click("discard")
    broken = next(each for each in click.shown["status"] if each["direction"] == "import")
    assert broken["state"] == "error"
    assert {fix["goal"] for fix in broken["fix"]} == {0}
    at.conn.goals.change("Subscribers", active=False)
    click("discard")
    assert "no import goal is active" in str(next(iter(click.shown["status"]))["fix"])
    click("set", name="api_key", value="env:THERE_IS_NONE_OF_THIS_NAME")
    with pytest.warns(UserWarning, match="leads to no secret"):
        click("save")
    assert "THERE_IS_NONE_OF_THIS_NAME" in str(click.shown["status"])


def test_f20_f21_f39_f43_f54_to_f56_set_up_and_run_has_it_all(at: Office) -> None:
    """Settings, history and counts; who was imported twice counts once."""
    click = Clicking(at.desk())
    assert click("run")["run"]["state"] == "succeeded"
    people = at.ws.profiles.collect().height
    at.conn.run(full=True)
    click = Clicking(at.desk())
    assert [each["n"] for each in click.shown["exchange"]] == [people, 0]
    assert click.shown["history"]["rows"] == 2
    assert next(each["value"] for each in click.shown["settings"] if each["name"] == "api_key").startswith("file:")


@pytest.mark.parametrize("vendor", BOTH)
def test_f23_f24_f32_goals_are_offered_and_there_may_be_several(ws: cdpkit.Workspace, vendor: str) -> None:
    """The first of a kind has the name that is offered, a further one one of its own; F25 to F30 are clicked on."""
    form = Form(ws, vendor)
    title = form.shown["vendor"]
    assert form.shown["offers"] == {
        "import_profiles": "Import data into cdpkit",
        "export_profiles": f"Export data to {title}",
    }
    for kind in ("import_profiles", "export_profiles", "import_profiles"):
        form("add_goal", kind=kind)
    names = [tab["name"] for tab in form.shown["tabs"]]
    assert names == ["Import data into cdpkit", f"Export data to {title}", "Import profiles"]
    form("fill", id=form.shown["tabs"][0]["id"], key="active", value=False)
    form("fill", id=form.shown["tabs"][0]["id"], key="name", value="Mine")
    form("copy_goal", id=form.shown["tabs"][0]["id"])
    form("move_goal", id=form.shown["tabs"][0]["id"], to=3)
    form("remove_goal", id=form.shown["tabs"][2]["id"])
    assert [(tab["name"], tab["active"]) for tab in form.shown["tabs"]] == [
        ("Mine (copy)", False),
        (f"Export data to {title}", True),
        ("Mine", False),
    ]


def test_f31_kinds_stand_in_the_order_in_which_they_run(ws: cdpkit.Workspace) -> None:
    """Imports before exports, whatever the order of the goals."""
    named = [each["kind"] for each in Form(ws, "iterable").shown["kinds"]]
    assert named == sorted(named, key=lambda kind: kind.startswith("export"))
    assert {"import_profiles", "export_profiles"} <= set(named)


def test_f44_to_f51_a_schedule_that_stands_in_the_file_is_told(at: Office) -> None:
    """Each of its forms in words; it stays as it is when the form is saved."""
    file: ConnectionFile = at.conn.file
    before = file.path.local.read_text("utf-8")
    forms = {
        'every = "15 minutes"': "every: 15 minutes",
        "times_per_day = 4": "times per day: 4",
        'days_of_week = ["mon", "fri"]\nat = "01:30"': "days of week: mon, fri, at: 01:30",
        'days_of_month = [1, "last"]\nat = "01:30"': "days of month: 1, last, at: 01:30",
        'weekday_of_month = "first mon"\nat = "01:30"': "weekday of month: first mon, at: 01:30",
    }
    for written, told in forms.items():
        file.path.local.write_text(f"{before}\n[schedule]\n{written}\n", "utf-8")
        click = Clicking(ConnectionDesk(at.conn))
        assert click.shown["schedule"] == told
        click("tell", key="description", value=told)
        click("save")
        assert click.shown["failed"] == ""
        assert written in file.path.local.read_text("utf-8")


SETTINGS = {
    "acxiom": ("client_id", "client_secret"),
    "activecampaign": ("base_url", "api_key"),
    "campaign_monitor": ("client_id", "client"),
    "braze": ("base_url", "api_key", "s3_access_key_id", "s3_secret_access_key", "bucket"),
    "iterable": ("api_key",),
}
"""F112, F130, F131, F145, F162 to F166, F177."""


@pytest.mark.parametrize("vendor", VENDORS)
def test_f112_f130_f131_f162_to_f166_f177_what_a_vendor_is_set_up_with(ws: cdpkit.Workspace, vendor: str) -> None:
    """Each setting has help; secrets are secrets, and what is chosen among things at the vendor can be asked for."""
    form = Form(ws, vendor)
    asked = form.settings
    assert set(SETTINGS[vendor]) <= set(asked)
    assert all(asked[name]["help"] for name in SETTINGS[vendor])
    assert {name for name in asked if "secret" in name or name == "api_key"} <= {
        name for name, each in asked.items() if each["secret"]
    }
    chosen = [each for each in asked.values() if each["kind"] == "chosen"]
    assert [each["offered"] for each in chosen] == [None] * len(chosen)


def test_f131_f163_f166_hints_stand_where_they_are_needed(ws: cdpkit.Workspace) -> None:
    """Where a key is found, what it may have to do, and what has to be the same elsewhere."""
    assert "Settings > Developer" in Form(ws, "activecampaign").settings["base_url"]["help"]
    braze = Form(ws, "braze").settings
    needed = "users.track users.export.segment campaigns.list campaigns.details segments.list segments.details"
    assert all(each in braze["api_key"]["help"] for each in needed.split())
    assert "Partner Integrations" in braze["bucket"]["help"]


def test_f144_f146_somebody_logs_in_and_out_by_clicking(ws: cdpkit.Workspace) -> None:
    """The page is said in a message, and is in nothing that a notebook keeps; a Stop ends the waiting."""
    form = Form(ws, "campaign_monitor")
    assert form.shown["login"] == {"waiting": False}
    assert Form(ws, "iterable").shown["login"] is None
    form("set", name="client_id", value="1234")
    form("keep_secret", name="client_secret", value="env:PATH")
    form("set", name="client_secret", value="env:PATH")
    form("save")
    assert form.shown["failed"] == ""
    form.desk.hear({"do": "log_in"})
    assert form.shown["login"] == {"waiting": True}
    said = form.said[-1]
    assert said["address"].startswith("https://")
    assert "127.0.0.1" in said["redirect"]
    assert said["address"] not in str(form.shown)
    form("stop")
    assert form.shown["login"] == {"waiting": False}
    assert "nobody was logged in" in form.shown["failed"]
    form("log_out")
    assert form.said[-1]["address"] == ""
