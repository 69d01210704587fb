"""One more kind of goal is two files: everything that knows of kinds finds them, and nothing else is touched."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdpkit.config import goals
from cdpkit.errors import ConfigurationError
from cdpkit.runs import kinds
from tests.runs.sync.place import EMAIL, Place, pros
from tests.runs.sync.place import place as made

NAME = "note_profiles"
FILES = Path(__file__).parent / "another"
NOTE: dict[str, Any] = {
    "kind": NAME,
    "name": "Notes",
    "rows": [{"email": "pro1@example.com", "plan": "pro", "note": "called"}],
    "identifiers": EMAIL,
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A connection in an installation that has a kind more, with a goal of it beside an export."""
    for package in (goals, kinds):
        found = [*package.__path__, str(FILES / package.__name__.rpartition(".")[2])]
        monkeypatch.setattr(package, "__path__", found)
    with made(tmp_path) as found_place:
        found_place.load(*pros(1, plan="free"))
        found_place.exporting(mappings=[{"from": "note", "to": "note"}])
        found_place.conn.goals.add(**NOTE)
        yield found_place
    for package in (goals, kinds):
        sys.modules.pop(f"{package.__name__}.{NAME}", None)
        monkeypatch.delattr(package, NAME, raising=False)


def test_it_is_read_from_the_file_and_checked(place: Place) -> None:
    """Its own model says what it may hold, its own function what is wrong with it; what it adds later goals may use."""
    assert place.conn.goals["Notes"].kind == NAME
    assert place.conn.check() == []
    with pytest.raises(
        ConfigurationError, match="goal 'Notes' does not fit: there is no key 'segment' here; the keys are: kind, n"
    ):
        place.conn.goals.add(**NOTE, segment="pros")
    with pytest.raises(ConfigurationError, match=r"write one of: .*'import_profiles', 'note_pro"):
        place.conn.goals.add(**NOTE | {"kind": "import_weather"})
    place.conn.goals.change("Notes", **NOTE | {"identifiers": {"email": "mail"}})
    assert next(problem.what for problem in place.conn.check()) == "there is no property 'mail'"


def test_it_is_previewed_run_in_its_order_and_taken_back(place: Place) -> None:
    """An export after it sends what it stores, in the preview as in the run."""
    preview = place.conn.preview()
    assert [goal.name for goal in preview.goals] == ["Notes", "Pros"]
    assert preview.changes["property"].to_list() == ["plan", "note"]
    assert preview.sends["body"].str.contains("called").to_list() == [True]

    run = place.conn.run(preview=preview)
    assert [(goal.kind, goal.state) for goal in run.goals] == [(NAME, "succeeded"), ("export_profiles", "succeeded")]
    assert place.people()["pro1@example.com"]["note"] == "called"

    undone = place.ws.undo(run.id)
    assert undone.counters["values_restored"] == 2
    assert list(undone.goals[0].warnings) == ["goal 'Pros' sent 1 people; that is not taken back"]
    assert place.ws.profiles.collect()["note"].to_list() == [None]
