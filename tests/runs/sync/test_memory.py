"""What goals know of earlier runs: kept where they are renamed, visible and droppable where they are gone."""

import pytest

from cdpkit.errors import ConfigurationError, UnknownNameError
from tests.runs.sync.place import Place, address, pros


def renamed_in_file(place: Place, name: str, to: str) -> None:
    file = place.conn.file.path.local
    file.write_text(file.read_text().replace(f'name = "{name}"', f'name = "{to}"'))


def test_a_renamed_goal_keeps_what_it_knows(place: Place) -> None:
    """Nobody is sent again, no row is applied again, and leavers are taken off."""
    place.load(*pros(1, 2))
    place.exporting()
    place.importing(mappings=[{"from": "plan", "to": "plan"}])
    place.conn.run().raise_for_state()
    place.conn.run().raise_for_state()
    place.conn.goals.rename("Pros", "Payers")
    place.conn.goals.rename("Subscribers", "People")
    run = place.conn.run()
    assert run.counters["sent"] == 0
    assert run.counters["excluded"] == {"not_changed": run.counters["received"]}
    place.load(*pros(1, plan="free"))
    assert place.conn.run(goal="Payers").counters["withdrawn"] == 1
    assert place.members() == address(2)


def test_a_goal_that_was_renamed_in_the_file_is_told_and_its_memory_handed_over(place: Place) -> None:
    """`check` names the goal that is gone and both ways to mend it; `rename` hands over."""
    place.load(*pros(1, 2))
    place.exporting()
    place.conn.run().raise_for_state()
    renamed_in_file(place, "Pros", "Payers")
    found = str(place.conn.check())
    assert "goal 'Pros' is gone" in found
    assert "conn.goals.rename('Pros', new_name)" in found
    assert place.conn.goals.rename("Pros", "Payers").name == "Payers"
    assert not place.conn.check()
    assert place.conn.run().counters["sent"] == 0


def test_what_two_goals_know_is_not_mixed(place: Place) -> None:
    """The new goal has run meanwhile: one memory has to be dropped first."""
    place.load(*pros(1))
    place.exporting()
    place.conn.run().raise_for_state()
    renamed_in_file(place, "Pros", "Payers")
    place.conn.run().raise_for_state()
    with pytest.raises(ConfigurationError, match="knows something of its own"):
        place.conn.goals.rename("Pros", "Payers")
    place.conn.goals.forget("Pros")
    assert not place.conn.check()
    with pytest.raises(UnknownNameError, match="no goal 'Pros'; there are: Payers"):
        place.conn.goals.forget("Pros")
    assert place.conn.run().counters["sent"] == 0
    place.conn.goals.forget("Payers")
    assert place.conn.run().counters["sent"] == 1


def test_removing_a_goal_drops_what_it_knows_and_touches_nobody(place: Place) -> None:
    """One that is added later under its name knows nothing."""
    place.load(*pros(1))
    place.exporting()
    place.conn.run().raise_for_state()
    place.conn.goals.remove("Pros")
    assert place.members() == address(1)
    place.exporting()
    assert not place.conn.check()
    assert place.conn.run().counters["sent"] == 1
