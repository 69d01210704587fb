"""What was refused is mended where it is looked at: in groups, a line or all of them, and taken again."""

import json
from pathlib import Path
from typing import Any

import pytest

import cdpkit
from cdpkit.face import bundle
from cdpkit.face.rejects import RejectsDesk
from cdpkit.face.run import RunDesk
from tests.face.views.looking import Looking, workspace
from tests.runs.sync.place import place

ROWS = [
    {"email": "old0@example.com", "points": "1,000"},
    {"email": "old1@example.com", "points": "2,000"},
    {"email": "old2@example.com", "points": "many"},
    {"email": "nobody", "points": "1"},
]


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    return workspace(tmp_path)


def refused(ws: cdpkit.Workspace) -> cdpkit.Run:
    return ws.load(ROWS, {"email": "email"}, [{"from": "points", "to": "points"}])


def points(ws: cdpkit.Workspace) -> list[object]:
    return ws.profiles.sort("email").collect()["points"].to_list()


class Mending(Looking):
    """What the workbench of a run has shown and said; it is told through the run's view."""

    def __init__(self, run: cdpkit.Run) -> None:
        super().__init__(RunDesk(run))
        self.do("look_at_rejects")

    @property
    def bench(self) -> Any:
        return self.last["run"]["rejects"]

    def tell(self, do: str, **given: Any) -> Any:
        """Click in the workbench, and wait until what that began has ended."""
        self.desk.hear({"do": "rejects", "message": {"do": do, **given}})
        desk: Any = self.desk
        desk._rejects.work.wait()
        return self.bench


def test_refused_values_are_in_groups_and_one_of_them_is_shown(ws: cdpkit.Workspace) -> None:
    """By reason and field, the most first; the lines of the group with the person first and the ids last."""
    mending = Mending(refused(ws))
    assert [(each["words"], each["field"], each["lines"]) for each in mending.bench["groups"]] == [
        ("not a whole number", "points", 3),
        ("not an e-mail address", "email", 1),
    ]
    mending.tell("group", goal="load", reason="not_a_whole_number", field="points")
    assert mending.bench["table"]["rows"] == 3
    columns = [each["label"] for each in mending.bench["table"]["columns"]]
    assert columns == ["person", "value", "corrected", "source row", "profile", "line"]


def test_values_are_mended_one_by_one_and_all_at_once_and_stored_again(ws: cdpkit.Workspace) -> None:
    """What does not fit says so and stays; the rest is stored in a load of its own, and listed no more."""
    run = refused(ws)
    mending = Mending(run)
    mending.tell("group", goal="load", reason="not_a_whole_number", field="points")
    mending.tell("replace", old=",", new="")
    assert mending.bench["said"].startswith("Corrected 2 more lines")
    mending.tell("pick", at=2, sort="", down=False, where={})
    line = mending.said[-1]["line"]
    assert (line["value"], line["identifier"], line["mendable"]) == ("many", "old2@example.com", True)
    mending.tell("mend", line=line["line"], value="lots", property="")
    assert "does not fit" in mending.bench["failed"]
    mending.tell("mend", line=line["line"], value="12", property="")
    assert mending.bench["goals"] == [{"name": "load", "sends": False, "lines": 4, "mended": 3, "dropped": 0}]
    mending.tell("take", goal="load")
    assert mending.bench["run"]["state"] == "succeeded"
    assert points(ws) == [1000, 2000, 12]
    assert [each["lines"] for each in mending.bench["groups"]] == [1]
    assert ws.runs.last.details["mends"] == run.id


def test_what_is_given_up_is_listed_no_more(ws: cdpkit.Workspace) -> None:
    """One value, or a whole group; corrections can be forgotten before they are taken."""
    run = refused(ws)
    mending = Mending(run)
    mending.tell("mend", line=int(run.rejects.filter(value="many").frame["line"][0]), value="3", property="")
    mending.tell("group", goal="load", reason="not_a_whole_number", field="points")
    mending.tell("drop", line=None)
    assert (mending.bench["goals"][0]["mended"], mending.bench["goals"][0]["dropped"]) == (0, 3)
    mending.tell("forget")
    assert mending.bench["goals"][0]["dropped"] == 0
    mending.tell("drop", line=int(run.rejects.filter(value="many").frame["line"][0]))
    mending.tell("take", goal="load")
    assert sorted(run.rejects.frame["value"]) == ["1,000", "2,000", "nobody"]
    assert points(ws) == [0, 1, 2]


def test_what_may_be_saved_has_no_value_of_anybody(ws: cdpkit.Workspace) -> None:
    """Lines and corrections are messages that are kept nowhere; the twin has the first lines."""
    run = refused(ws)
    mending = Mending(run)
    mending.tell("pick", at=0, sort="", down=False, where={})
    mending.tell("replace", old=",", new="")
    kept = json.dumps(mending.shown)
    assert "@example.com" not in kept
    assert "1,000" not in kept
    for text in bundle(run.rejects).values():
        assert "old0@example.com" in text
        assert "1,000" in text


def test_people_whom_a_vendor_refused_are_mended_and_sent_alone(tmp_path: Path) -> None:
    """Where nothing is mended all who are listed are sent; nobody can be given up."""
    with place(tmp_path) as at:
        at.ws.properties.add("shoe")
        people = {"a": "forty", "b": "41", "c": "many"}
        at.load(
            *(
                {"customer": name, "email": f"{name}@example.com", "plan": "pro", "shoe": size}
                for name, size in people.items()
            )
        )
        at.exporting(mappings=[{"from": "shoe", "to": "points"}])
        run = at.conn.run()
        looking = Looking(RejectsDesk(run.rejects))
        goal = looking.last["goals"][0]
        assert (goal["sends"], goal["lines"], goal["mended"]) == (True, 2, 0)
        looking.desk.hear({"do": "drop", "line": None})
        assert "due as long as they are members" in looking.last["failed"]
        line = int(run.rejects.filter(identifier="a@example.com").frame["line"].item())
        looking.do("mend", line=line, value="40", property="")
        shown = looking.do("take", goal=goal["name"])
        assert shown["run"]["state"] == "succeeded"
        assert [each["lines"] for each in shown["groups"]] == [1]
        assert at.people()["a@example.com"]["points"] == 40
