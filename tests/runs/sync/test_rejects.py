"""What a sync refused: mended in the profile and sent alone, or stored by the rules of its import."""

import polars as pl
import pytest

from cdpkit.errors import ConfigurationError
from cdpkit.runs.progress import RunEvent
from tests.runs.sync.place import Place, address, pros

SHOE = [{"from": "shoe", "to": "points"}]


def shoes(place: Place, **sizes: str) -> str:
    """Customers who pay, with sizes of shoes as texts, of which the vendor takes numbers alone; returns the goal."""
    place.ws.properties.add("shoe")
    place.load(
        *(
            {"customer": name, "email": f"{name}@example.com", "plan": "pro", "shoe": size}
            for name, size in sizes.items()
        )
    )
    return place.exporting(mappings=SHOE)


def test_mended_people_are_stored_and_sent_alone(place: Place) -> None:
    """Neither the others who were refused nor those who became due since; the history says of which run they are."""
    goal = shoes(place, a="forty", b="41", c="many")
    run = place.conn.run()
    rejects = run.rejects
    assert rejects.groups.select("goal", "reason", "field", "lines", "mendable").rows() == [
        (goal, "type_clash", "points", 2, 2)
    ]
    assert rejects.frame.select("identifier", "property", "value").sort("identifier").rows() == [
        ("a@example.com", "shoe", "forty"),
        ("c@example.com", "shoe", "many"),
    ]
    place.load({"customer": "d", "email": "d@example.com", "plan": "pro", "shoe": "42"})
    line = rejects.filter(identifier="a@example.com").frame["line"].item()
    again = rejects.mend({line: 40}).send_again()
    assert again.counters["accepted"] == again.counters["in_segment"] == 1
    assert again.details["asked"]["refused_by"] == run.id
    assert {mail: person["points"] for mail, person in place.people().items()} == {
        "a@example.com": 40,
        "b@example.com": 41,
    }
    load = place.ws.run(place.ws.runs.filter(kind="load")["run_id"][-1])
    assert load.details["mends"] == run.id
    assert run.rejects.frame["identifier"].to_list() == ["c@example.com"]
    rest = place.conn.run()
    assert rest.counters["accepted"] == 1
    assert rest.counters["rejected"] == {"type_clash": 1}
    assert run.rejects.count == 0
    assert rest.rejects.frame["identifier"].to_list() == ["c@example.com"]


def test_without_corrections_all_who_are_listed_are_sent(place: Place) -> None:
    """Perhaps the vendor was what had to be mended."""
    shoes(place, a="forty", b="41")
    run = place.conn.run()
    place.load({"customer": "a", "shoe": "40"})
    place.load({"customer": "b", "shoe": "44"})
    again = run.rejects.send_again()
    assert again.counters["accepted"] == 1
    assert place.people()["b@example.com"]["points"] == 41
    assert run.rejects.count == 0


def test_a_person_whom_the_vendor_refused_as_a_whole_is_mended_by_naming_a_property(place: Place) -> None:
    """The vendor names no field, so the correction does."""
    place.load(*pros(1), {"customer": "c9", "email": "forgotten.7@example.com", "plan": "pro"})
    place.exporting()
    run = place.conn.run()
    (line,) = run.rejects.frame["line"]
    with pytest.raises(ConfigurationError, match="says not which property"):
        run.rejects.mend({line: "pro9@example.com"})
    run.rejects.mend({line: "pro9@example.com"}, property="email").send_again()
    assert set(place.people()) == address(1, 9)
    assert run.rejects.count == 0


def test_corrections_of_people_fit_their_property(place: Place) -> None:
    """And people whom a vendor refused are not dropped: they are due as long as they are members."""
    shoes(place, a="forty")
    rejects = place.conn.run().rejects
    with pytest.raises(ConfigurationError, match="line 0: the correction does not fit its property"):
        rejects.mend({0: "nobody"}, property="email")
    with pytest.raises(ConfigurationError, match="line 0: people whom a vendor refused are due"):
        rejects.drop()
    with pytest.raises(ConfigurationError, match=r"is an export; send_again\(\)"):
        rejects.mend({0: "40"}).load_again()


def test_a_run_of_some_people_that_was_stopped_goes_on_with_them_alone(place: Place) -> None:
    """Resumed by its id, it is the same run; a run of all does not go on with it."""
    shoes(place, a="forty", b="many")
    run = place.conn.run()
    mended = run.rejects.filter(identifier="a@example.com").mend(pl.lit("40"))

    def interrupt(event: RunEvent) -> None:
        if event.stage == "select":
            raise KeyboardInterrupt

    with pytest.raises(BaseException, match="Stopped"):
        mended.send_again(progress=interrupt)
    stopped = place.conn.runs.last
    assert stopped.state == "stopped"
    again = place.ws.resume(stopped)
    assert again.id == stopped.id
    assert again.counters["accepted"] == again.counters["in_segment"] == 1
    assert set(place.people()) == {"a@example.com"}


def test_a_value_that_an_import_refused_reaches_its_profile_alone(place: Place) -> None:
    """By the merge rule of the goal, in the profile that the person has here; nothing is fetched again."""
    place.write({"email": "ann@example.com", "note": "x"}, {"email": "bob@example.com", "note": "7"})
    place.ws.properties.add("note", type="number")
    place.importing(mappings=[{"from": "note", "to": "note", "rule": "set_or_clear"}])
    run = place.conn.run()
    assert run.rejected["identifier"].to_list() == ["ann@example.com"]
    load = run.rejects.mend({0: "5"}).load_again()
    assert load.kind == "load"
    assert place.ws.profile(email="ann@example.com").values.filter(property="note")["value"].to_list() == ["5"]
    assert run.rejects.count == 0
    assert place.conn.run().counters["excluded"] == {"not_changed": 2}
    assert place.ws.profiles.filter(pl.col("note") == 5).collect().height == 1
