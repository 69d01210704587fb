"""Goals that could not do all that they were asked: counters, messages, and values that were emptied on their way."""

from pathlib import Path

import pytest

from cdpkit.core.fates import NOTHING
from cdpkit.errors import RunFailedError
from cdpkit.runs.exports.outcome import NOTHING as NOBODY
from tests.runs.sync.place import Place, at_stage, pros

MADE = [{"from": "firstName", "to": "nickname"}]


def test_a_value_that_a_step_cannot_read_is_listed(place: Place) -> None:
    """With the person, the field, the value and the step, in the preview too; the person is sent without it."""
    place.load(*({**person, "note": note} for person, note in zip(pros(1, 2), ("31.01.2024", "soon"), strict=True)))
    place.exporting(
        mappings=[{"from": "note", "to": "day"}, {"from": "plan", "to": "plan"}],
        processors=[{"processor": "parse_dates", "fields": ["day"], "formats": ["%d.%m.%Y"]}],
    )
    preview = place.conn.preview()
    assert preview.rejected.select("field", "value", "reason").rows() == [("day", "soon", "processor:parse_dates")]
    run = place.conn.run()
    assert run.state == "succeeded_with_warnings"
    assert run.rejected.select("identifier", "field", "value", "reason").rows() == [
        ("pro2@example.com", "day", "soon", "processor:parse_dates")
    ]
    assert run.counters["accepted"] == 2
    assert run.counters["unread"] == {"processor:parse_dates": 1}
    assert "could not be read by the processor parse_dates, which emptied the field (field 'day')" in run.report()
    people = {person["email"]: person for person in place.people().values()}
    assert "day" in people["pro1@example.com"]
    assert "day" not in people["pro2@example.com"]


def test_a_goal_that_is_refused_has_counters_all_the_same(place: Place) -> None:
    """All zero, so that a program need not ask; its report says why and no zeros."""
    place.importing(identifiers={"nothing": "email"})
    place.exporting(identifiers={"nothing": "email"})
    run = place.conn.run()
    assert [goal.state for goal in run.goals] == ["failed", "failed"]
    assert [dict(goal.counters) for goal in run.goals] == [dict(NOTHING), dict(NOBODY)]
    assert run.counters["accepted"] == run.counters["created"] == 0
    assert " 0 " not in run.report()


def test_a_vendor_that_cannot_be_reached_is_told_once(place: Place, tmp_path: Path) -> None:
    """However many goals wait for it."""
    (tmp_path / "workspace" / "key.txt").write_text("another")
    place.importing()
    place.exporting()
    run = place.conn.run()
    with pytest.raises(RunFailedError) as caught:
        run.raise_for_state()
    message = run.details["message"]
    assert str(caught.value) == f"run {run.id} is failed: {message}"
    assert run.report().count(message) == 1


def test_properties_that_a_sync_made_go_with_its_undo(place: Place) -> None:
    """As those of a load: where nobody has a value then, and nothing but the goal itself uses them."""
    place.write({"email": "ann@example.com", "firstName": "Ann"})
    place.importing(mappings=MADE)
    place.ws.undo(place.conn.run())
    assert "nickname" not in place.ws.properties
    run = place.conn.run()
    place.ws.segments.add("named", "nickname is not null")
    place.ws.undo(run)
    assert "nickname" in place.ws.properties


def test_properties_of_a_resumed_sync_are_not_forgotten(place: Place) -> None:
    """Those that a goal had made before the run was stopped go with the undo of all of it."""
    place.write({"email": "ann@example.com", "firstName": "Ann"})
    place.importing(mappings=MADE)
    place.exporting()
    place.load(*pros(1))

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.conn.run(progress=at_stage("select", stop))
    run = place.ws.resume(place.ws.runs.last)
    assert run.details["new_properties"][0]["name"] == "nickname"
    place.ws.undo(run)
    assert "nickname" not in place.ws.properties
