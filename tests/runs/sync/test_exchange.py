"""What a connection has exchanged, who is available for a goal, and what its runs did by goal."""

from typing import Any

import pytest

from cdpkit.errors import UnknownNameError
from tests.runs.sync.place import Place, pros


def numbers(place: Place) -> tuple[int, int]:
    """Profiles imported and exported until now; SQL says the same."""
    found = place.conn.exchange
    rows = place.ws.sql("from exchange where connection = 'news'").fetchall()
    assert rows == [("news", found.imported, found.exported)]
    return found.imported, found.exported


def test_a_profile_counts_once_however_often_it_is_exchanged(place: Place) -> None:
    """F54 to F56: created, changed or accepted; unchanged and refused ones do not count, loads do not either."""
    place.load(*pros(1, 2), *pros(3, plan="free"))
    place.exporting()
    place.importing(identifiers={"email": "email"}, create_profiles=False)
    assert numbers(place) == (0, 0)
    place.conn.run().raise_for_state()
    assert numbers(place) == (0, 2)
    place.write({"email": "pro1@example.com", "firstName": "Ann"})
    place.conn.run(full=True).raise_for_state()
    assert numbers(place) == (1, 2)
    place.write({"email": "pro1@example.com", "firstName": "Anna"})
    place.load(*pros(3))
    run = place.conn.run()
    assert numbers(place) == (1, 3)
    place.ws.undo(run.id)
    assert numbers(place) == (1, 3)
    assert "3 profiles exported" in repr(place.conn.exchange)


def test_a_connection_counts_by_itself(place: Place) -> None:
    """One whose name begins like another's has its own numbers, and one that is gone keeps them."""
    place.load(*pros(1, 2))
    place.exporting()
    place.conn.run().raise_for_state()
    settings = dict(place.conn.file.read().settings)
    place.ws.connect("iterable", "new", settings)
    place.ws.connect("iterable", "newsletter", settings)
    place.ws.connections.remove("news")
    assert place.ws.sql("from exchange").fetchall() == [("new", 0, 0), ("news", 0, 2), ("newsletter", 0, 0)]


def test_who_is_available_for_a_goal_is_counted(place: Place) -> None:
    """F114, F133, F179: of the segment those who consent, have an identifier, and a value to send."""
    place.ws.properties.add("tier")
    place.load(*pros(1, 2, 3), {"customer": "c4", "email": None, "plan": "pro"}, *pros(5, plan="free"))
    consent = [{"from": "consented_objectives"}, {"from": "tier"}]
    rows = {"customer": ["c1", "c2", "c4"], "consented_objectives": [["mail"], [], ["mail"]], "tier": ["a", "b", None]}
    place.ws.load(rows, {"customer": "customer"}, consent)
    name = place.exporting(mappings=[{"from": "tier", "to": "tier"}])
    found = place.conn.goals.available(name)
    assert found is not None
    assert (found.in_segment, found.consenting, found.identified, found.with_value, found.available) == (4, 4, 3, 2, 2)
    place.ws.objectives.add("mail")
    place.conn.change(objectives=["mail"])
    found = place.conn.goals.available(name)
    assert found is not None
    assert (found.in_segment, found.consenting, found.identified, found.with_value, found.available) == (4, 2, 3, 2, 1)
    assert repr(found).startswith("1 profile available\n")
    draft: dict[str, Any] = {
        "kind": "export_profiles",
        "name": "d",
        "segment": "pros",
        "identifiers": {"email": "email"},
    }
    drafted = place.conn.goals.available(draft)
    assert drafted is not None
    assert (drafted.with_value, drafted.available) == (4, 1)
    assert place.conn.goals.available(place.importing()) is None
    with pytest.raises(UnknownNameError, match="no segment 'none'"):
        place.conn.goals.available(draft | {"segment": "none"})


def test_runs_are_told_by_goal(place: Place) -> None:
    """F39 to F41: a line for each goal of each run, and the last five created of a run, as they are now."""
    place.write({"email": "ann@example.com", "firstName": "Ann"})
    place.importing()
    place.load(*pros(1))
    place.exporting()
    run = place.conn.run()
    frame = place.conn.runs.by_goal()
    assert frame.select(
        "run_id", "goal", "goal_kind", "state", "received", "created", "accepted", "excluded"
    ).rows() == [
        (run.id, "Subscribers", "import_profiles", "succeeded", 1, 1, None, 0),
        (run.id, "Pros", "export_profiles", "succeeded", None, None, 1, None),
    ]
    assert run.created["email"].to_list() == ["ann@example.com"]
    assert place.ws.runs.by_goal().height == 3
