"""A preview is the run's own plan, stopped before anything is stored or sent."""

import json
from collections.abc import Callable

import polars as pl
import pytest

from cdpkit.errors import ConfigurationError, ConflictError
from cdpkit.runs.preview import Preview
from tests.runs.sync.place import LIST, Place, address, goal, pros

SENDING = ("POST /api/users/bulkUpdate", "POST /api/lists/subscribe", "POST /api/lists/unsubscribe")


def told(frame: pl.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return sorted(frame.select("goal", *columns).rows(), key=repr)


def test_a_preview_is_what_the_run_does(place: Place) -> None:
    """Changes, creations, sends, withdrawals, exclusions, rejections and counters are the run's, in both directions."""
    place.write(
        {"email": "pro1@example.com", "firstName": "Ann", "note": "12"},
        {"email": "pro2@example.com", "firstName": "Bob", "note": "many"},
        {"email": "new@example.com", "firstName": "Eva", "note": "7"},
    )
    place.ws.properties.add("note", type="number")
    place.load(*({**person, "points": 5} for person in pros(1, 2, 3, 4)))
    place.importing(mappings=[{"from": "firstName", "to": "first_name"}, {"from": "note", "to": "note"}])
    place.exporting(
        target={"lists": [LIST], "on_leave": True},
        mappings=[{"from": "points", "to": "points"}, {"from": "plan", "to": "points2"}],
    )
    place.conn.run().raise_for_state()
    place.write(
        {"email": "pro3@example.com", "firstName": "Joe", "note": "1"}, {"email": "new2@example.com", "note": "no"}
    )
    place.load(*pros(1, plan="free"))
    place.load(
        {"customer": "x1", "email": None, "plan": "pro", "points": 1},
        {"customer": "x2", "email": "x2@example.com", "plan": "pro", "points": 8},
        {"customer": "c2", "email": "pro2@example.com", "plan": "pro", "points": None},
    )
    store, calls = place.store(), place.calls("POST /api/users/bulkUpdate")

    preview = place.conn.preview()
    assert place.store() == store
    assert place.calls("POST /api/users/bulkUpdate") == calls
    before = sum(map(place.calls, SENDING))
    run = place.conn.run()

    assert preview.counters == run.counters
    assert [goal.estimate for goal in preview.goals] == [
        {},
        {"calls": sum(map(place.calls, SENDING)) - before, "seconds": 1},
    ]
    assert [goal.counters for goal in preview.goals] == [goal.counters for goal in run.goals]
    columns = ["property", "before", "after", "rule"]  # the vendor's rows come in another order each time
    assert sorted(preview.changes.select(columns).rows(), key=repr) == sorted(
        run.changes.select(columns).rows(), key=repr
    )
    existing = preview.changes.drop_nulls("profile_id")
    assert set(existing["profile_id"]) <= set(run.changes["profile_id"])
    assert told(preview.excluded, "profile_id", "reason") == told(run.excluded, "profile_id", "reason")
    assert told(preview.rejected, "field", "value", "reason") == told(run.rejected, "field", "value", "reason")
    assert preview.creates.height == run.counters["created"] == 1
    assert preview.sends.height == run.counters["sent"]
    assert preview.withdraws.select("email", "list").rows() == [("pro1@example.com", LIST)]
    fates = place.ws.sql("select fate, row, reason from run_rows").pl()
    assert fates.filter(fate="withdrawn").height == run.counters["withdrawn"] == 1
    people = place.people()
    for line in preview.sends.iter_rows(named=True):
        sent = json.loads(line["body"])["dataFields"]
        assert {name: people[line["email"]][name] for name in sent} == sent
        assert (line["lists"] == [LIST]) == (line["email"] == "x2@example.com")


def test_each_goal_sees_the_store_as_those_before_would_leave_it(place: Place) -> None:
    """Whom the import would create, the export would send, with values and properties that are not stored yet."""
    place.write({"email": "ann@example.com", "firstName": "Ann"}, {"email": "bob@example.com", "firstName": "Bob"})
    place.importing(mappings=[{"from": "firstName", "to": "plan"}])
    place.importing(name="Again", mappings=[{"from": "firstName", "to": "first_name"}])
    place.ws.segments.add("anns", "plan = 'Ann'")
    place.exporting(segment="anns", mappings=[{"from": "plan", "to": "plan"}])
    preview = place.conn.preview()
    assert [goal.counters.get("created") for goal in preview.goals] == [2, 0, None]
    assert preview.sends["email"].to_list() == ["ann@example.com"]
    assert preview.sends["profile_id"].null_count() == 0
    assert place.store()[1] == []
    run = place.conn.run(preview=preview)
    assert [goal.counters for goal in run.goals] == [goal.counters for goal in preview.goals]
    assert set(place.ws.profiles.collect()["profile_id"]) >= set(preview.sends["profile_id"])
    assert place.people()["ann@example.com"]["plan"] == "Ann"
    assert place.members() == {"ann@example.com"}


def test_a_run_carries_out_exactly_what_its_preview_showed(place: Place) -> None:
    """What the vendor or the segment has become since does not matter: nothing is fetched or worked out again."""
    place.write({"email": "ann@example.com", "firstName": "Ann"})
    place.load(*pros(1))
    place.importing()
    place.exporting()
    preview = place.conn.preview()
    place.write({"email": "ann@example.com", "firstName": "Anna"})
    place.ws.segments.change("pros", "false")
    jobs = place.calls("POST /api/export/start")
    run = place.conn.run(preview=preview)
    assert place.calls("POST /api/export/start") == jobs
    assert run.counters == preview.counters
    assert place.ws.profiles.filter(pl.col("email") == "ann@example.com").collect()["first_name"].to_list() == ["Ann"]
    assert place.members() == address(1)
    assert place.ws.run(run.id).state == "succeeded"


Change = Callable[[Place], object]
CHANGES: dict[str, Change] = {
    "a load": lambda place: place.load(*pros(9)),
    "another goal": lambda place: place.importing(name="Third"),
    "another mapping": lambda place: place.conn.goals.change("Pros", **goal(place, "Pros", mappings=[])),
    "another key": lambda place: place.conn.file.edit(lambda d: d["settings"].update(api_key="env:ELSEWHERE")),
    "another run": lambda place: place.conn.run("Pros"),
    "the same preview": lambda place: place.conn.run(preview=place.conn.preview("Pros")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_preview_is_refused_when_something_has_changed_since(place: Place, change: str) -> None:
    """After somebody else's commit, sends, or change of the connection, nothing is stored or sent."""
    place.load(*pros(1))
    place.exporting()
    preview = place.conn.preview("Pros")
    CHANGES[change](place)
    store, people, runs = place.store(), place.people(), place.ws.runs.height
    with pytest.raises(ConflictError, match="preview it again"):
        place.conn.run(preview=preview)
    assert (place.store(), place.people(), place.ws.runs.height) == (store, people, runs)


def test_a_preview_is_carried_out_once(place: Place) -> None:
    """The same preview a second time is refused, also where it had nothing to do."""
    place.load(*pros(1))
    place.exporting()
    for _ in range(2):
        preview = place.conn.preview()
        place.conn.run(preview=preview).raise_for_state()
        with pytest.raises(ConflictError, match="preview it again"):
            place.conn.run(preview=preview)


def test_a_preview_belongs_to_its_connection(place: Place) -> None:
    """Previews of loads, of other connections and of other workspaces are refused, and so are further options."""
    place.load(*pros(1))
    place.exporting()
    frame = pl.DataFrame({"email": ["a@example.com"]})
    of_load = place.ws.preview_load(frame, {"email": "email"})
    with pytest.raises(ConfigurationError, match=r"ws\.load\(preview=preview\)"):
        place.conn.run(preview=of_load)
    preview = place.conn.preview()
    with pytest.raises(ConfigurationError, match="preview holds its goals"):
        place.conn.run(preview=preview, full=True)
    other = place.ws.connect("iterable", name="other", settings=dict(place.conn.settings))
    other.goals.add(**goal(place, "Pros"))
    with pytest.raises(ConfigurationError, match="preview of connection 'news'"):
        other.run(preview=preview)


def test_a_discarded_preview_leaves_nothing_behind(place: Place) -> None:
    """What was fetched and worked out for it goes with it."""
    place.write({"email": "ann@example.com", "firstName": "Ann"})
    place.importing()
    before = {path for path in place.ws.path.rglob("*") if path.is_file()}
    preview: Preview | None = place.conn.preview()
    assert preview is not None
    assert preview.creates.height == 1
    del preview
    after = {path for path in place.ws.path.rglob("*") if path.is_file() and path.suffix != ".lock"}
    assert after - before == set()


def test_an_export_may_send_what_an_import_before_it_is_going_to_add(place: Place) -> None:
    """A property that does not exist yet is no problem for check and preview, and the run sends it."""
    place.write({"email": "pro1@example.com", "firstName": "Ann", "nick": "Annie"})
    place.load(*pros(1))
    place.importing(mappings=[{"from": "nick", "to": "nickname"}])
    place.exporting(mappings=[{"from": "nickname", "to": "called"}])
    assert place.conn.check() == []
    preview = place.conn.preview()
    assert [json.loads(body)["dataFields"] for body in preview.sends["body"]] == [{"called": "Annie"}]
    run = place.conn.run(preview=preview)
    run.raise_for_state()
    assert place.people()["pro1@example.com"]["called"] == "Annie"


def test_an_import_is_tried_under_other_mappings_on_what_was_fetched(place: Place) -> None:
    """The vendor is not asked again; it is carried out only once the goal in the file is like what was tried."""
    place.write({"email": "pro1@example.com", "firstName": "Ann"}, {"email": "new@example.com", "firstName": "Eva"})
    place.ws.properties.add("first_name")
    place.load(*pros(1))
    name = place.importing()
    place.exporting()
    preview = place.conn.preview()
    calls = place.gate.calls.counted()
    rows = [{"from": "firstName", "to": "plan"}]
    other = preview.again(mappings=rows)
    found = preview.compare(other)
    assert place.gate.calls.counted() == calls
    assert [goal.name for goal in other.goals] == [name]
    assert found.summary.select("property", "only_here", "only_there").rows() == [
        ("email", 0, 0),
        ("first_name", 2, 0),
        ("plan", 0, 2),
    ]
    with pytest.raises(ConflictError, match="not as the preview has it"):
        place.conn.run(preview=other)
    with pytest.raises(ConfigurationError, match="lastName"):
        preview.again(mappings=[{"from": "lastName", "to": "plan"}])
    place.conn.replace_goal(name, **goal(place, name, mappings=rows))
    run = place.conn.run(preview=other)
    assert run.counters["created"] == 1
    assert set(place.ws.profiles.collect()["plan"]) == {"Ann", "Eva"}
