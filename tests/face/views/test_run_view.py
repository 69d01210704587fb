"""A run is understood by looking: its numbers and times, its rows, and what taking it back would leave."""

import json
from pathlib import Path

import pytest

import cdpkit
from cdpkit.face import bundle
from cdpkit.face.run import RunDesk
from cdpkit.face.views.profile import ProfileDesk
from cdpkit.face.views.runs import RunsDesk
from tests.face.views.looking import HOSTILE, MAPPINGS, Looking, loaded, workspace


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    return workspace(tmp_path)


def test_it_tells_states_numbers_and_times(ws: cdpkit.Workspace) -> None:
    """A bar for each stage begins where the one before it ended."""
    run = loaded(ws)
    told = Looking(RunDesk(run)).last["run"]["told"]
    assert told["headline"] == "Load: succeeded with warnings"
    goal, stages = told["parts"][1:3]
    assert goal["caption"] == "Goal 'load': succeeded with warnings"
    assert [row[0] for row in stages["rows"]] == ["match", "merge", "commit"]
    bars = [row[1] for row in stages["rows"]]
    ends = [bar["before"] + bar["percent"] for bar in bars]
    assert [bar["before"] for bar in bars[1:]] == pytest.approx(ends[:-1], abs=0.02)
    assert ends[-1] == pytest.approx(100, abs=0.02)


def test_rows_are_there_and_large_frames_only_when_asked_for(ws: cdpkit.Workspace) -> None:
    """The changes of a run are read when somebody opens them."""
    looking = Looking(RunDesk(loaded(ws)))
    parts = {part["name"]: part["rows"] for part in looking.last["run"]["parts"]}
    assert parts == {"rejected": 2, "excluded": 1, "created": 1, "updated": 1, "changes": None, "rows": None}
    looking.do("open", part="changes")
    assert [row[3] for row in looking.rows()] == ["~ changed", "~ changed"]


def test_a_row_leads_to_the_card_of_the_profile(ws: cdpkit.Workspace) -> None:
    """With what set each value."""
    looking = Looking(RunDesk(loaded(ws)))
    looking.do("open", part="updated")
    card = looking.pick(0)
    assert card["headline"].startswith("Profile ")
    assert any(HOSTILE in row for row in card["parts"][0]["rows"])
    assert "@example.com" not in json.dumps(looking.shown)


def test_conflicts_are_shown_before_a_run_is_taken_back(ws: cdpkit.Workspace) -> None:
    """Nothing is taken back before somebody has seen them and says so; then the run of the undo is shown."""
    run = loaded(ws)
    ws.load([{"email": "old0@example.com", "points": 99}], {"email": "email"}, MAPPINGS[1:])
    looking = Looking(RunDesk(run))
    looking.do("undo")
    assert ws.runs.height == 3
    undo = looking.do("look_at_undo")["run"]["undo"]
    assert undo["parts"][0]["caption"] == "What stays as it is: 1"
    assert undo["parts"][0]["rows"][0][1:] == ["points", "changed again since"]
    assert ws.runs.height == 3
    assert looking.do("leave")["run"]["undo"] is None
    looking.do("look_at_undo")
    shown = looking.do("undo")["run"]
    assert ws.runs.last.kind == "undo"
    assert shown["id"] == ws.runs.last.id
    assert next(part["name"] for part in shown["parts"]) == "conflicts"


def test_what_cannot_be_taken_back_says_why(ws: cdpkit.Workspace) -> None:
    """In the words of the undo itself."""
    run = loaded(ws)
    looking = Looking(RunDesk(run))
    ws.undo(run.id)
    looking.desk.hear({"do": "look_at_undo"})
    looking.desk.work.wait()
    assert "was taken back by run" in looking.last["failed"]


def test_the_history_leads_to_a_run(ws: cdpkit.Workspace) -> None:
    """Latest first; the one that is chosen stands below."""
    loaded(ws)
    looking = Looking(RunsDesk(ws.runs))
    assert looking.last["title"] == "2 runs"
    assert looking.last["run"] is None
    assert [row[4] for row in looking.rows("runs")] == ["succeeded with warnings", "succeeded"]
    shown = looking.do("choose", at=1, sort="", down=False, where={})["run"]
    assert shown["id"] == ws.runs["run_id"][0]


def test_a_profile_shows_all_that_is_known_of_it(ws: cdpkit.Workspace) -> None:
    """Values with what set them, and what touched it."""
    run = loaded(ws)
    card = ws.profile(email="old0@example.com")
    looking = Looking(ProfileDesk(card))
    assert [part["name"] for part in looking.last["parts"]] == ["earlier", "runs"]
    assert any(run.id in row for row in looking.rows())
    for text in bundle(card).values():
        assert "Values: 4" in text


def test_a_run_prints_its_report_and_shows_its_twin(ws: cdpkit.Workspace) -> None:
    """What may come into a log has no values; what is shown has the first rows of each frame."""
    run = loaded(ws)
    assert repr(run) == run.report()
    for text in bundle(run).values():
        for said in ("How long it took", "Rejected: 2", "Created last: 1", "new@example.com"):
            assert said in text
