"""Catalogues are counted in the background; what cannot be counted says why, in its place."""

import json
from pathlib import Path

import pytest

import cdpkit
from cdpkit.face import bundle, views
from tests.face.views.looking import Looking, workspace


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    return workspace(tmp_path)


def counted(thing: object) -> Looking:
    """Its view, after it was counted."""
    looking = Looking(views.view_of(thing).desk(thing))
    looking.desk.work.wait()
    assert looking.last["failed"] == ""
    return looking


def test_properties_tell_how_filled_they_are(ws: cdpkit.Workspace) -> None:
    """With a bar, and the most frequent values; of one that tells who somebody is, none."""
    ws.properties.add("empty")
    ws.properties.change("points", pii=True)
    looking = counted(ws.properties)
    table = looking.last["told"]["parts"][0]
    lines = {row[0]: row for row in table["rows"]}
    assert lines["plan"][2]["text"] == "3"
    assert lines["plan"][2]["percent"] == 100
    assert lines["plan"][5] == "free (100%)"
    assert lines["empty"][3] == "0.0%"
    assert lines["email"][5] == ""
    assert lines["points"][5] == ""
    assert "@example.com" not in json.dumps(looking.shown)


def test_segments_tell_who_is_in_them_now_and_errors_stand_in_place(ws: cdpkit.Workspace) -> None:
    """The others are counted all the same."""
    ws.segments.add("some", "points > 0")
    ws.segments.add("broken", "points > 1")
    path = ws.path / "cdpkit.toml"
    path.write_text(path.read_text("utf-8").replace("points > 1", "nothing > 1"), encoding="utf-8")
    lines = {row[0]: row for row in counted(ws.segments).last["told"]["parts"][0]["rows"]}
    assert lines["some"][2]["text"] == "2"
    assert lines["some"][3] == ""
    assert "segment 'broken'" in lines["broken"][3]
    assert "segment 'broken'" in bundle(ws.segments)["text/html"].replace("&#x27;", "'")


def test_a_sample_of_a_segment_is_said_and_kept_nowhere(ws: cdpkit.Workspace) -> None:
    """The people in it, those who are known first."""
    ws.segments.add("some", "points > 0")
    looking = counted(ws.segments)
    looking.do("sample", name="some")
    rows = looking.said[-1]["told"]["parts"][0]["rows"]
    assert [row[0] for row in rows] == ["old1@example.com", "old2@example.com"]
    assert "@example.com" not in json.dumps(looking.shown)


def test_objectives_tell_how_many_consent(ws: cdpkit.Workspace) -> None:
    """Of all profiles."""
    ws.objectives.add("news")
    row = counted(ws.objectives).last["told"]["parts"][0]["rows"][0]
    assert row[0] == "news"
    assert row[2] == {"text": "0", "before": 0, "percent": 0, "kind": 0}


def test_an_empty_catalogue_says_how_to_add_something(ws: cdpkit.Workspace) -> None:
    """In the view and in its twin."""
    for thing, call in ((ws.segments, "ws.segments.add"), (ws.objectives, "ws.objectives.add")):
        assert call in str(counted(thing).last["told"]["parts"])
        assert call in bundle(thing)["text/plain"]


def test_a_segment_shows_some_of_those_in_it(ws: cdpkit.Workspace) -> None:
    """In its twin."""
    shown = bundle(ws.segments.add("some", "points > 0"))
    assert "Segment 'some': 2 profiles" in shown["text/plain"]
    assert "old1@example.com" in shown["text/html"]
