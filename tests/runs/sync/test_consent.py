"""Consent: a connection that is linked to objectives processes only those who consented, in both directions."""

import pytest

from cdpkit.core.consent import CONSENTED, REFUSED
from tests.runs.sync.place import LIST, PLAN, Place, address, pros

NEWS = "newsletter"


def linked(place: Place, *objectives: str) -> None:
    """Link the connection to objectives."""
    place.conn.file.edit(lambda document: document.update(objectives=list(objectives)))


def consent(place: Place, customer: str, consented: list[str], refused: list[str] | None = None) -> None:
    place.load({"customer": customer, CONSENTED: consented, REFUSED: refused or []})


def test_only_those_who_consented_are_sent_and_who_withdraws_consent_leaves(place: Place) -> None:
    """No consent and refused consent are counted; a withdrawn consent takes the person off the list, once."""
    place.ws.objectives.add(NEWS)
    linked(place, NEWS)
    place.load(*pros(1, 2, 3))
    consent(place, "c1", [NEWS, "other"])
    consent(place, "c2", [NEWS])
    place.exporting()
    run = place.conn.run()
    assert (run.counters["accepted"], run.counters["skipped"], run.counters["available"]) == (2, {"no_consent": 1}, 2)
    assert run.excluded["reason"].to_list() == ["no_consent"]
    assert set(place.people()) == place.members() == address(1, 2)

    consent(place, "c2", [NEWS], [NEWS])
    preview = place.conn.preview()
    assert preview.withdraws["email"].to_list() == ["pro2@example.com"]
    left = place.conn.run()
    assert left.counters == preview.counters
    assert (left.counters["withdrawn"], left.counters["skipped"]) == (1, {"no_consent": 2, "not_due": 1})
    assert place.members() == address(1)
    assert place.conn.run().counters["withdrawn"] == 0

    consent(place, "c2", [NEWS])
    assert place.conn.run().counters["accepted"] == 1
    assert place.members() == address(1, 2)


def test_an_objective_without_consent_and_no_objective_let_everybody_pass(place: Place) -> None:
    """An objective that needs none is satisfied for everyone; linking to it later sends those left out before."""
    place.ws.objectives.add(NEWS)
    place.ws.objectives.add("service", needs_consent=False)
    place.load(*pros(1, 2))
    consent(place, "c1", [NEWS])
    place.exporting(target={"lists": [LIST]})
    linked(place, NEWS)
    assert place.conn.run().counters["accepted"] == 1
    linked(place, NEWS, "service")
    assert place.conn.run().counters["accepted"] == 1
    place.exporting(name="Free", mappings=[PLAN], target={})
    linked(place)
    assert place.conn.run("Free").counters["accepted"] == 2


def test_imports_change_only_those_who_consented(place: Place) -> None:
    """Profiles without consent are neither changed nor created; a row that carries the consent creates."""
    place.ws.objectives.add(NEWS)
    linked(place, NEWS)
    place.write(
        {"email": "pro1@example.com", "firstName": "Ann"},
        {"email": "pro2@example.com", "firstName": "Bob"},
        {"email": "new1@example.com", "firstName": "Eva", "agreed": [NEWS]},
        {"email": "new2@example.com", "firstName": "Joe"},
    )
    place.load(*pros(1, 2))
    consent(place, "c1", [NEWS])
    place.importing(
        mappings=[{"from": "firstName", "to": "first_name"}, {"from": "agreed", "to": CONSENTED, "rule": "add"}]
    )
    preview = place.conn.preview()
    run = place.conn.run(preview=preview)
    assert run.counters["excluded"] == preview.counters["excluded"] == {"no_consent": 2}
    names = dict(place.ws.profiles.select("email", "first_name").collect().rows())
    assert names == {"pro1@example.com": "Ann", "pro2@example.com": None, "new1@example.com": "Eva"}
    consent(place, "c2", [NEWS])
    assert place.conn.run().counters["updated"] == 1


@pytest.mark.parametrize("goal", ["import", "export"])
def test_an_objective_that_is_not_there_refuses_the_run(place: Place, goal: str) -> None:
    """The message names the objectives that there are and how to define the missing one; nobody is processed."""
    place.ws.objectives.add(NEWS)
    linked(place, "newletter")
    place.load(*pros(1))
    if goal == "import":
        place.importing()
    else:
        place.exporting()
    run = place.conn.run()
    assert run.state == "failed"
    assert "'newletter'" in run.report()
    assert NEWS in run.report()
    assert "ws.objectives.add('newletter')" in run.report()
    assert place.people() == {}
    assert [problem.where for problem in place.conn.check()] == ["objectives"]
