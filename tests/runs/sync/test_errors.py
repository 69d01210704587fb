"""What goes wrong: a clear message with what exists and how to mend it, an unchanged store, a true history."""

import json
from collections.abc import Callable

import pytest

from cdpkit.config import goal_edits
from cdpkit.runs.run import Run
from cdpkit.sandbox.iterable.settings import EU_API_KEY
from tests.runs.sync.place import LIST, Place, at_stage, pros

NOBODY = "pro1@example.com"


def settings(place: Place, **changed: str) -> None:
    """Write other settings into the connection's file."""
    place.conn.file.edit(lambda document: document["settings"].update(changed))


def refused(place: Place, *words: str, goals: bool = True, progress: Callable[..., None] | None = None) -> Run:
    """Run, and see that it fails with these words, that nothing is stored, and that the history says the same."""
    store, runs = place.store(), place.ws.runs.height
    run = place.conn.run(progress=progress)
    messages = [goal.message or "" for goal in run.goals] if goals else [run.details["message"]]
    assert run.state == "failed"
    for word in words:
        assert word in messages[0]
    assert place.store() == store
    history = place.ws.runs
    assert history.height == runs + 1
    line = history.row(-1, named=True)
    assert (line["run_id"], line["state"], line["seq"]) == (run.id, "failed", None)
    told = (
        [goal["message"] for goal in json.loads(line["goals"])] if goals else [json.loads(line["details"])["message"]]
    )
    assert told == messages
    assert {goal.state for goal in run.goals} == {"failed"}
    assert messages[0] in run.report()
    for secret in (place.key, EU_API_KEY, NOBODY):
        assert secret not in run.report() + line["goals"] + line["details"]
    return run


def test_a_wrong_key(place: Place) -> None:
    """The message names the setting, the address, and what kind of key is needed."""
    place.importing()
    (place.ws.path / "key.txt").write_text("c0ffee00c0ffee00c0ffee00c0ffee99")
    run = refused(
        place,
        "does not take the API key",
        "api_key",
        "server-side key",
        place.conn.settings["base_url"],
        goals=False,
    )
    assert "c0ffee99" not in run.report()
    (problem,) = place.conn.check()
    assert "does not take the API key" in problem.what


def test_a_key_of_the_other_data_centre(place: Place) -> None:
    """A key of the EU data centre at the US host is told apart as a possible cause, with both addresses."""
    place.importing()
    (place.ws.path / "key.txt").write_text(EU_API_KEY)
    refused(place, "EU data centre", "https://api.eu.iterable.com", "https://api.iterable.com", goals=False)


def test_a_missing_secret(place: Place) -> None:
    """The message names the reference that leads nowhere; nobody is called."""
    place.importing()
    settings(place, api_key="env:CDPKIT_NO_SUCH_VARIABLE")
    refused(place, "settings.api_key", "CDPKIT_NO_SUCH_VARIABLE", "set", goals=False)
    assert place.gate.calls.counted() == {}


def test_a_list_that_is_not_there(place: Place) -> None:
    """The message of an import and of an export names the lists that there are."""
    place.load(*pros(1))
    place.importing(source={"lists": ["Newletter"]})
    refused(place, "'Newletter'", "Newsletter (id 501)", "VIP (id 502)", "choose one of these")
    place.conn.goals.remove("Subscribers")
    place.exporting(target={"lists": ["VIPs"]})
    refused(place, "'VIPs'", "VIP (id 502)", "choose one of these")


def test_a_list_on_which_nobody_can_be_put(place: Place) -> None:
    """A saved query is no target; the message names those that are."""
    place.load(*pros(1))
    place.exporting(target={"lists": ["Recent buyers"]})
    refused(place, "'Recent buyers'", "Dynamic", "Newsletter, VIP")


def test_a_field_that_is_not_there(place: Place) -> None:
    """The message names the vendor's fields, and for an export the properties."""
    place.load(*pros(1))
    place.importing(mappings=[{"from": "fristName", "to": "first_name"}])
    refused(place, "'fristName'", "firstName")
    place.conn.goals.remove("Subscribers")
    place.exporting(mappings=[{"from": "plaan", "to": "plan"}])
    refused(place, "'plaan'", "plan", "ws.properties.add('plaan')")


def test_a_segment_that_is_not_there(place: Place) -> None:
    """The message names the segments."""
    place.ws.segments.add("prros", "true")
    place.exporting(segment="prros")
    place.ws.segments.remove("prros")
    refused(place, "'prros'", "pros", "ws.segments.add('prros', where)")


def test_a_web_page_instead_of_an_answer(place: Place) -> None:
    """A login page in between is called what it is, with the setting to look at."""
    place.load(*pros(1))
    place.importing()
    place.fault("/api/lists", "html")
    refused(place, "GET /api/lists", "text/html instead of JSON", "base_url", goals=False)
    place.fault("/api/export/start", "html")
    refused(place, "POST /api/export/start", "text/html instead of JSON", "base_url")
    place.conn.goals.remove("Subscribers")
    place.exporting()
    place.fault("/api/users/bulkUpdate", "html")
    run = refused(place, "POST /api/users/bulkUpdate", "text/html instead of JSON", "base_url")
    assert run.counters["skipped"] == {"tried_again_next_run": 1}
    assert place.conn.run().counters["accepted"] == 1


def test_a_web_page_instead_of_people(place: Place) -> None:
    """A page of people that is a web page fails the goal; it is not read as people, and nobody is left out quietly."""
    place.write({"email": "a@example.com", "firstName": "Ann"})
    place.importing()
    place.fault("/_files/{folder}/{file}", "html")
    refused(place, "text/html")
    place.conn.goals.remove("Subscribers")
    place.importing(source={"lists": ["Colleagues"]}, create_profiles=True)
    place.fault("/api/lists/getUsers", "html")
    refused(place, "text/html")


def test_a_list_that_vanishes_while_people_are_fetched(place: Place) -> None:
    """The import names the list that is gone and those that there are, and stores nothing."""
    place.write({"email": "a@example.com", "firstName": "Ann"})
    place.importing(source={"lists": ["VIP"]})
    gone = at_stage("pull", lambda: place.drop_list("VIP"))
    refused(place, "'VIP' (id 502) is gone", "Newsletter (id 501)", progress=gone)


@pytest.mark.usefixtures("hurried")
def test_a_list_that_vanishes_while_people_are_sent(place: Place) -> None:
    """The export names the list that is gone; those who were not put on it are sent again later."""
    place.load(*pros(1))
    name = place.exporting()
    gone = at_stage("send", lambda: place.drop_list(LIST))
    run = refused(place, "504", "is gone", "VIP (id 502)", progress=gone)
    assert run.counters["skipped"] == {"tried_again_next_run": 1}
    place.conn.file.edit(lambda document: goal_edits.remove_goal(document, name))
    place.exporting(target={"lists": ["VIP"]})
    assert place.conn.run().counters["accepted"] == 1
    assert place.members("VIP") == {"pro1@example.com"}


@pytest.mark.usefixtures("hurried")
def test_a_vendor_that_is_down(place: Place) -> None:
    """A vendor that keeps failing is named with the call and what it answered; a later run goes well."""
    place.write({"email": "a@example.com", "firstName": "Ann"})
    place.importing()
    place.fault("/api/export/jobs", "503", times=6)
    refused(place, "Iterable", "GET /api/export/jobs", "503")
    assert place.conn.run().counters["created"] == 1


def test_every_problem_is_found_before_a_run(place: Place) -> None:
    """`check` names every goal's problems with their fixes, and none when they are mended."""
    place.importing(source={"lists": ["Nowhere"]}, mappings=[{"from": "nothing", "to": "first_name"}])
    place.ws.segments.add("nobody", "false")
    place.exporting(segment="nobody", identifiers={"plan": "email"})
    place.ws.segments.remove("nobody")
    problems = place.conn.check()
    where = {problem.where.split(":")[0] for problem in problems}
    assert where == {"goal 'Subscribers'", "goal 'Pros'"}
    assert len(problems) == 4
    assert all(problem.what and problem.fix for problem in problems)
    for goal in list(place.conn.goals):
        place.conn.goals.remove(goal)
    place.importing()
    assert place.conn.check() == []
