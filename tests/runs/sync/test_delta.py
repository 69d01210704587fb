"""Who is sent: those who are new to the goal, changed, or whose last attempt failed; and everybody is accounted for."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from tests.runs.sync.place import LIST, PLAN, Place, address, goal, pros

POINTS = {"from": "points", "to": "points"}


def adds_up(counters: Mapping[str, Any]) -> bool:
    """Whether everybody in the segment is skipped, accepted, rejected or in doubt."""
    skipped, rejected = sum(counters["skipped"].values()), sum(counters["rejected"].values())
    total: int = skipped + counters["accepted"] + rejected + counters["in_doubt"]
    return bool(total == counters["in_segment"])


def test_only_changed_profiles_are_sent_again(place: Place) -> None:
    """A profile is sent when it changed, with all its mapped values; `full` sends everybody."""
    place.load(*({**person, "points": 1} for person in pros(1, 2, 3)))
    place.exporting(mappings=[PLAN, POINTS])
    assert place.conn.run().counters["accepted"] == 3
    again = place.conn.run().counters
    assert (again["sent"], again["skipped"], again["available"]) == (0, {"not_due": 3}, 3)
    assert adds_up(again)

    place.write({"email": "pro2@example.com", "plan": "elsewhere"})
    place.load({"customer": "c2", "points": 2})
    preview = place.conn.preview()
    assert preview.sends["email"].to_list() == ["pro2@example.com"]
    assert place.conn.run().counters["accepted"] == 1
    assert place.people()["pro2@example.com"]["plan"] == "pro"
    assert place.people()["pro2@example.com"]["points"] == 2

    place.load(*pros(4))
    assert place.conn.run().counters["accepted"] == 1
    full = place.conn.run(full=True).counters
    assert (full["accepted"], full["skipped"]) == (4, {})


def test_a_profile_that_changed_elsewhere_is_sent_with_what_it_has(place: Place) -> None:
    """A change of a property that is not mapped makes a profile due as well: the watermark is a commit's number."""
    place.load(*pros(1, 2))
    place.exporting()
    place.conn.run().raise_for_state()
    place.load({"customer": "c1", "points": 7})
    assert place.conn.run().counters["accepted"] == 1


def test_changed_mappings_send_everybody_again(place: Place) -> None:
    """What the vendor has would be another body; a changed name of the segment or option alone sends nobody."""
    place.load(*({**person, "points": 1} for person in pros(1, 2)))
    name = place.exporting()
    place.conn.run().raise_for_state()
    place.conn.goals.change(name, **goal(place, name, mappings=[PLAN, POINTS]))
    assert place.conn.run().counters["accepted"] == 2
    place.conn.goals.change(name, **goal(place, name, target={"lists": [LIST], "on_leave": True}))
    assert place.conn.run().counters["sent"] == 0


def test_who_failed_is_sent_again(place: Place) -> None:
    """Whoever the vendor refused is due in each run until it takes them; the others are not sent again."""
    place.load(*pros(1), {"customer": "x", "email": "forgotten.7@example.com", "plan": "pro"})
    place.exporting()
    first, second = place.conn.run(), place.conn.run()
    for run in (first, second):
        assert run.counters["rejected"] == {"forgottenEmails": 1}
        assert run.state == "succeeded_with_warnings"
        assert run.rejected.select("goal", "field", "reason").rows() == [("Pros", None, "forgottenEmails")]
        assert run.rejected["profile_id"].null_count() == 0
    assert (first.counters["accepted"], second.counters["accepted"], second.counters["sent"]) == (1, 0, 1)
    place.load({"customer": "x", "email": "pro9@example.com"})
    assert place.conn.run().counters["accepted"] == 1
    assert place.members() == address(1, 9)


@pytest.mark.usefixtures("hurried")
def test_a_run_that_breaks_off_sends_the_rest_later(place: Place) -> None:
    """What was accepted before the vendor went down is not sent again by the next run; the others are."""
    place.load(*pros(*range(2500)))
    place.exporting(target={})
    place.fault("/api/users/bulkUpdate", "500", times=12, skip=1)
    broken = place.conn.run()
    assert broken.state == "failed"
    assert broken.counters["accepted"] == 1000
    assert broken.counters["skipped"] == {"tried_again_next_run": 1500}
    assert adds_up(broken.counters)
    assert broken.excluded.group_by("reason").len().rows() == [("tried_again_next_run", 1500)]
    place.gate.faults.clear()
    rest = place.conn.run()
    assert (rest.state, rest.counters["accepted"], rest.counters["skipped"]) == ("succeeded", 1500, {"not_due": 1000})
    assert len(place.people()) == 2500


def test_everybody_in_the_segment_is_accounted_for(place: Place) -> None:
    """Without identifier, without value, not due, refused by us, refused by the vendor, accepted: once each."""
    place.ws.properties.add("shoe")
    place.load(
        {"customer": "none", "email": None, "plan": "pro", "shoe": "41"},
        {"customer": "empty", "email": "empty@example.com", "plan": "pro", "shoe": None},
        {"customer": "wrong", "email": "wrong@example.com", "plan": "pro", "shoe": "forty"},
        {"customer": "gone", "email": "forgotten.1@example.com", "plan": "pro", "shoe": "42"},
        {"customer": "odd", "email": "a(b)@example.com", "plan": "pro", "shoe": "42"},
        {"customer": "good", "email": "good@example.com", "plan": "pro", "shoe": "43"},
    )
    place.exporting(mappings=[{"from": "shoe", "to": "points"}])
    run = place.conn.run()
    assert run.counters == {
        "in_segment": 6,
        "available": 4,
        "sent": 3,
        "accepted": 1,
        "rejected": {"type_clash": 1, "forgottenEmails": 1, "invalidEmails": 1},
        "skipped": {"missing_identifier": 1, "no_value": 1},
        "in_doubt": 0,
        "withdrawn": 0,
    }
    ids = dict(place.ws.profiles.select("profile_id", "customer").collect().rows())
    refused = {ids[line["profile_id"]]: (line["field"], line["reason"]) for line in run.rejected.to_dicts()}
    assert refused == {
        "wrong": ("points", "type_clash"),
        "gone": (None, "forgottenEmails"),
        "odd": (None, "invalidEmails"),
    }
    left_out = {ids[line["profile_id"]]: line["reason"] for line in run.excluded.to_dicts()}
    assert left_out == {"none": "missing_identifier", "empty": "no_value"}
    rows = place.ws._home.tables.scan("run_rows").filter(pl.col("run_id") == run.id).collect()
    assert rows.height == rows["row"].n_unique() == 6
    assert place.members() == {"good@example.com"}
    second = place.conn.run().counters
    assert second["skipped"] == {"missing_identifier": 1, "no_value": 1, "not_due": 1}
    assert adds_up(second)


def test_a_goal_without_properties_sends_every_member(place: Place) -> None:
    """Who has no value in any mapped property is left out only where properties are mapped."""
    place.load({"customer": "a", "email": "a@example.com", "plan": "pro"})
    place.exporting(mappings=[])
    assert place.conn.run().counters["accepted"] == 1
    assert place.members() == {"a@example.com"}
    place.exporting(name="Text", target={}, mappings=[{"value": "text", "text": "cdpkit", "to": "source"}])
    assert place.conn.run("Text").counters["accepted"] == 1
    assert place.people()["a@example.com"]["source"] == "cdpkit"


def test_one_who_may_not_be_created_is_left_out(place: Place) -> None:
    """With `create` off the vendor's people are looked up first, and only they are sent."""
    place.write({"email": "PRO1@example.com"})
    place.load(*pros(1, 2))
    place.exporting(create=False)
    run = place.conn.run()
    assert (run.counters["accepted"], run.counters["skipped"]) == (1, {"no_match_at_vendor": 1})
    assert run.excluded["reason"].to_list() == ["no_match_at_vendor"]
    assert set(place.people()) == place.members() == address(1)
    place.write({"email": "pro2@example.com"})
    assert place.conn.run().counters["accepted"] == 1


def test_an_unchanged_payload_is_not_sent(place: Place) -> None:
    """With the option a due profile whose body is the last accepted one is left out, and counted."""
    place.load(*pros(1, 2))
    place.exporting(skip_unchanged_payload=True)
    place.conn.run().raise_for_state()
    place.load({"customer": "c1", "points": 3}, {"customer": "c2", "points": 3})
    place.load({"customer": "c2", "plan": "pro+"})
    place.ws.segments.change("pros", "plan in ('pro', 'pro+')")
    calls = place.calls("POST /api/users/bulkUpdate")
    run = place.conn.run()
    assert (run.counters["accepted"], run.counters["skipped"]) == (1, {"unchanged_payload": 1})
    assert place.calls("POST /api/users/bulkUpdate") == calls + 1
    assert place.conn.run().counters["skipped"] == {"not_due": 2}
    assert place.conn.run(full=True).counters["accepted"] == 2


def test_the_last_payload_is_known_after_an_interrupt_too(place: Place) -> None:
    """Whoever was sent before an interrupt and changes back later is sent: the vendor has the body in between."""
    place.load(*pros(1))
    place.exporting(skip_unchanged_payload=True, mappings=[POINTS, PLAN])
    place.load({"customer": "c1", "points": 1})
    place.conn.run().raise_for_state()
    place.load({"customer": "c1", "points": 2})

    def interrupt(event: Any) -> None:
        if event.stage == "send" and event.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.conn.run(progress=interrupt)
    assert place.conn.run().counters["accepted"] == 1
    place.load({"customer": "c1", "points": 1})
    assert place.conn.run().counters["accepted"] == 1
    assert place.people()["pro1@example.com"]["points"] == 1
