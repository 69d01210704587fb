"""A preview is looked at in numbers and row by row; windows come from frames that are made once."""

import json
from pathlib import Path
from typing import Any

import pytest

from cdpkit.face import bundle, views
from cdpkit.face.views.preview import PreviewDesk
from cdpkit.runs.preview import Preview
from tests.face.views.looking import HOSTILE, Looking, previewed, workspace
from tests.runs.sync.place import place


@pytest.fixture
def preview(tmp_path: Path) -> Preview:
    return previewed(workspace(tmp_path))


@pytest.fixture
def looking(preview: Preview) -> Looking:
    return known(preview)


def known(preview: Preview) -> Looking:
    """Its view, after all was worked out."""
    looking = Looking(PreviewDesk(preview))
    looking.desk.work.wait()
    return looking


def test_it_tells_what_becomes_of_the_rows(looking: Looking) -> None:
    """Each number with a bar, in the words of the report."""
    numbers = looking.last["told"]["parts"][0]
    lines = {row[0]: row[1]["text"] for row in numbers["rows"]}
    assert lines["rows received"] == "4"
    assert lines["rows excluded: without an identifier that could be read"] == "1"
    assert lines["profiles created"] == "1"
    assert lines["profiles updated"] == "1"


def test_there_is_a_frame_for_all_that_has_rows(looking: Looking) -> None:
    """How many rows each has is said; frames without rows are left out."""
    assert [(part["name"], part["rows"]) for part in looking.last["parts"]] == [
        ("changes", 2),
        ("creates", 1),
        ("excluded", 1),
        ("rejected", 2),
    ]


def test_a_change_is_marked(looking: Looking) -> None:
    """What was, what happens to it in a word and a sign, and what will be."""
    assert [row[1:5] for row in looking.rows()] == [
        ["plan", "free", "~ changed", HOSTILE],
        ["points", "0", "~ changed", "10"],
    ]


def test_rows_are_narrowed_down_by_property_and_reason(looking: Looking) -> None:
    """All come back with the empty choice."""
    looking.do("narrow", column="property", value="points")
    assert [row[1] for row in looking.rows()] == ["points"]
    looking.do("narrow", column="property", value="")
    assert len(looking.rows()) == 2
    shown = looking.do("open", part="rejected")
    reasons = next(each for each in shown["filters"] if each["column"] == "reason")
    assert reasons["values"] == ["not a whole number", "not an e-mail address"]
    looking.do("narrow", column="reason", value="not a whole number")
    assert [row[2] for row in looking.rows()] == ["many"]


def test_a_person_is_found_by_an_identifier_in_every_frame(looking: Looking) -> None:
    """Whatever its case: the changes of a profile, and one that would be created."""
    looking.do("find", person="OLD1@example.com")
    assert looking.rows() == []
    looking.do("find", person="OLD0@example.com")
    assert len(looking.rows()) == 2
    looking.do("find", person="New@example.com")
    looking.do("open", part="creates")
    assert [row[0] for row in looking.rows()] == ["new@example.com"]


def test_a_row_leads_to_the_profile_now_and_then(looking: Looking) -> None:
    """Its changes first, then the values that stay."""
    card = looking.pick(0)
    assert card["parts"][0]["rows"][0] == ["plan", "free", "~ changed", HOSTILE]
    assert ["email", "old0@example.com", "", ""] in card["parts"][0]["rows"]


def test_what_may_be_saved_has_no_value_of_anybody(looking: Looking) -> None:
    """Rows are messages that are kept nowhere."""
    looking.do("find", person="old0@example.com")
    looking.pick(0)
    kept = json.dumps(looking.shown)
    assert "@example.com" not in kept
    assert HOSTILE not in kept


def test_frames_are_made_once(preview: Preview, looking: Looking, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many windows are looked at, and in the twin too."""
    bundle(preview)

    def refuse(_preview: Preview) -> Any:
        raise AssertionError("it is made already")

    monkeypatch.setattr(Preview, "changes", property(refuse))
    monkeypatch.setattr(Preview, "excluded", property(refuse))
    assert len(looking.rows()) == 2
    looking.do("open", part="excluded")
    assert looking.rows() == [["without an identifier that could be read", "3"]]


def test_the_twin_is_complete(preview: Preview) -> None:
    """The numbers, and the first rows of each frame, in text and HTML."""
    shown = bundle(preview)
    for text in shown.values():
        for said in ("rows received", "Values that change: 2", "Profiles to be created: 1", "not a whole number"):
            assert said in text
    assert repr(preview) == preview.report()


def test_what_would_be_sent_is_shown_with_a_payload(tmp_path: Path) -> None:
    """As the vendor is given it; one person at a time, as a message."""
    with place(tmp_path) as at:
        at.load({"customer": "1", "email": "pro1@example.com", "plan": "pro"})
        at.exporting()
        preview = at.conn.preview()
        looking = known(preview)
        assert [part["name"] for part in looking.last["parts"]] == ["sends"]
        lines = looking.pick(0)["parts"][0]["rows"]
        assert ["email", "pro1@example.com"] in lines
        assert "A payload, as it would be sent" in bundle(preview)["text/plain"]
        assert "@example.com" not in json.dumps(looking.shown)


def test_it_is_there_at_once_and_the_rest_comes_piece_by_piece(preview: Preview) -> None:
    """Frames that are not made yet say so; what takes the longest comes last."""
    looking = Looking(PreviewDesk(preview))
    looking.desk.work.wait()
    first, seen = looking.shown[0], [*map(str, looking.shown)]
    assert first["told"] == {"headline": "Preview of a load: nothing is stored", "parts": []}
    assert first["rest"]
    assert not looking.last["rest"]
    unknown = [sum(part["rows"] is None for part in shown["parts"]) for shown in looking.shown]
    assert unknown[0] > 1
    assert unknown == sorted(unknown, reverse=True)
    assert unknown[-1] == 0
    captions = [at for at, text in enumerate(seen) if "How rows match" in text]
    assert captions[0] > 0
    assert any("rows received" in text for text in seen[: captions[0]])


def test_the_twin_follows_once_all_is_known(preview: Preview) -> None:
    """What stands beside the view until then says that more will come."""
    view = views.view_of(preview)
    assert view.first is not None
    assert "being worked out" in str(view.first(preview))
    told = list[str]()
    desk = view.desk(preview)
    desk.once_known(lambda: told.append(bundle(preview)["text/plain"]))
    desk.work.wait()
    desk.once_known(lambda: told.append("at once"))
    assert told[1:] == ["at once"]
    assert "Values that change: 2" in told[0]


def test_rows_name_the_person_first_and_ids_last(looking: Looking) -> None:
    """A change is of a person whom people know; the lookup is for the rows in sight alone."""
    columns = [column["name"] for column in looking.last["table"]["columns"]]
    assert columns[:2] == ["person", "property"]
    assert columns[-2:] == ["source_row", "profile_id"]
    assert {row[0] for row in looking.rows()} == {"old0@example.com"}


def test_other_mappings_are_tried_on_the_same_rows(looking: Looking) -> None:
    """Side by side with those of the preview: in numbers, and value by value; what does not fit says so."""
    rows = looking.do("suppose", on=True)["what_if"]["rows"]
    assert [(row["from"], row["to"], row["rule"]) for row in rows] == [
        ("plan", "plan", "set"),
        ("points", "points", "set"),
    ]
    looking.do("suppose_row", row=rows[1]["id"], name="rule", value="sum")
    looking.do("suppose_without", row=rows[0]["id"])
    shown = looking.do("compare")
    told = shown["what_if"]["told"]
    assert told["headline"].startswith("Two previews: ")
    assert told["parts"][0]["caption"] == "Values set, in profiles"
    assert shown["open"] == "other_values"
    values = {(row[0], row[1]): (row[3], row[4]) for row in looking.rows()}
    assert values[None, "plan"] == ("pro", None)
    assert values["old0@example.com", "plan"] == (HOSTILE, None)
    assert "preview.again(mappings=[{'from': 'points'" in shown["what_if"]["code"]
    looking.do("suppose_row", row=rows[1]["id"], name="from", value="nothing")
    looking.desk.hear({"do": "compare"})
    looking.desk.work.wait()
    assert "'nothing'" in looking.last["failed"]
    assert "@example.com" not in json.dumps(looking.shown)
    assert looking.do("suppose", on=False)["what_if"] == {"rows": None}
