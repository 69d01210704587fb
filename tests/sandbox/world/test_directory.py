"""Who is in an account, after it was written to."""

import polars as pl

from cdpkit.sandbox.world.directory import Directory
from cdpkit.sandbox.world.population import Population

START = Population(100, 0, ("email", "userId", "phone"))
ALL = pl.int_range(0, 100, eager=True)
EMAILS = START.keys(ALL)["email"].to_list()


def directory() -> Directory:
    return Directory(START, lambda: 1000.0)


def who(people: Directory, name: str, text: str) -> list[int]:
    return people.holders(name, text, START.known({name: [text]}))


def test_those_whom_nobody_wrote_to_are_found_and_not_stored() -> None:
    """A million people cost nothing until one is written to."""
    people = directory()
    assert len(people) == 100
    assert who(people, "email", EMAILS[7]) == [7]
    assert who(people, "email", "nobody@example.com") == []
    assert people.touched == {}


def test_an_identifier_leads_to_those_who_have_it_now() -> None:
    """Who gave an address up is not found by it; where several have one, the first who got it comes first."""
    people = directory()
    people.touch([3, 4])
    people.identify(3, email="new@example.com")
    people.identify(4, email="new@example.com", userId=None)
    assert who(people, "email", EMAILS[3]) == []
    assert who(people, "email", "new@example.com") == [3, 4]
    people.identify(3, email=EMAILS[3])
    assert who(people, "email", "new@example.com") == [4]
    assert who(people, "email", EMAILS[3]) == [3]
    assert people.key(4, "userId") == "u-0000004"


def test_newcomers_have_ids_of_their_own() -> None:
    """Somebody who is created has what was given alone, and the time."""
    people = directory()
    number = people.create({"plan": "pro"})
    people.identify(number, userId="mine")
    assert number == 100
    assert people.keys(number) == {"email": None, "userId": "mine", "phone": None}
    assert (people.touched[number].created, people.touched[number].changed) == (1000.0, {"plan": "pro"})
    assert len(people) == 101
    assert who(people, "userId", "mine") == [100]


def test_the_deleted_may_come_again_and_the_forgotten_are_remembered() -> None:
    """Both are found by nothing; the identifiers of the forgotten stay known, so that they can be refused."""
    people = directory()
    people.delete(5)
    people.delete(5)
    people.forget(6)
    assert len(people) == 98
    assert who(people, "email", EMAILS[5]) == who(people, "email", EMAILS[6]) == []
    assert EMAILS[6] in people.forgotten
    assert EMAILS[5] not in people.forgotten
    again = people.create()
    people.identify(again, email=EMAILS[5])
    assert who(people, "email", EMAILS[5]) == [again]


def test_merging_keeps_what_the_other_has() -> None:
    """The one who stays gets what it lacks, identifiers and fields, and keeps its own; the other is gone."""
    people = directory()
    stays = people.create({"plan": "pro"})
    people.identify(stays, email="stays@example.com")
    people.touch([8])
    people.touched[8].changed.update({"plan": "free", "tier": "gold"})
    people.merge(8, into=stays)
    assert who(people, "email", EMAILS[8]) == []
    assert who(people, "email", "stays@example.com") == who(people, "userId", "u-0000008") == [stays]
    assert people.touched[stays].changed == {"plan": "pro", "tier": "gold"}
    assert people.merged == {8: stays}


def test_people_come_page_by_page_after_an_id() -> None:
    """A cursor by id meets everybody once, newcomers last, and nobody who is gone, though people go meanwhile."""
    people = directory()
    people.create()
    for gone in (0, 10, 11, 99):
        people.delete(gone)
    seen, last = [], -1
    while page := people.after(last, 7):
        assert len(page) <= 7
        seen += page
        last = page[-1]
        people.delete(page[0])
    assert seen == [number for number in range(101) if number not in {0, 10, 11, 99}]
