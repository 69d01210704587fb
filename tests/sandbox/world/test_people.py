"""The invented people."""

import polars as pl

from cdpkit.sandbox.world.mixing import mixed, mixed_one, salt
from cdpkit.sandbox.world.people import COLUMNS, ids_of, is_claimed, people, possible_address, was_forgotten

SOME = pl.int_range(0, 3000, eager=True)


def test_the_same_seed_gives_the_same_people() -> None:
    """People follow from their ids and the seed, whoever else is asked for."""
    whole = people(SOME, 7)
    assert whole.equals(people(SOME, 7))
    assert whole[500:510].equals(people(SOME[500:510], 7))
    assert not whole.equals(people(SOME, 8))


def test_a_person_of_a_seed_is_known() -> None:
    """Numbers are those of SplitMix64 (the first two of seed 0), the same on every machine and with every Polars."""
    assert [mixed_one(1, 0), mixed_one(2, 0)] == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4]
    ids = pl.DataFrame({"id": [0, 1, 2**40]})
    given = ids.select(mixed(pl.col("id"), salt(3, "x"))).to_series().to_list()
    assert given == [mixed_one(number, salt(3, "x")) for number in (0, 1, 2**40)]


def test_columns_are_made_on_request() -> None:
    """A part of the columns is the same as in the whole."""
    assert people(SOME, 0, {"email", "points"}).equals(people(SOME, 0).select("id", "email", "points"))
    assert people(SOME, 0).columns == ["id", *COLUMNS]


def test_people_are_awkward() -> None:
    """Some lack values, some have numbers beyond doubles, quotes, line breaks, emoji, odd dates, odd addresses."""
    whole = people(SOME, 0)
    assert whole["email"].is_unique().all()
    for name in ("firstName", "lastName", "points", "plan", "vip", "ltv", "birthDate", "favourites", "address.city"):
        assert 0 < whole[name].null_count() < whole.height
    assert (whole["points"] > 2**53).any()
    assert (whole["points"] == 0).any()
    for text in ('"', "\n", "😀", "\\"):
        assert whole["note"].str.contains(text, literal=True).any()
    assert whole["lastPurchase"].str.contains("T").any()
    assert all(whole["email"].str.contains(part, literal=True).any() for part in ("+", "/", "'"))
    assert (whole["created"] <= whole["updated"]).all()


def test_people_are_found_by_computing() -> None:
    """An address or user id leads to its person; one that merely looks like it leads to nobody."""
    emails = people(SOME, 0)["email"].to_list()
    assert ids_of("email", emails, 3000, 0) == {email: number for number, email in enumerate(emails)}
    assert ids_of("email", [emails[2999]], 2999, 0) == {}
    assert ids_of("email", ["nobody.5@example.com", emails[5].upper(), "x@example.com", ""], 3000, 0) == {}
    assert ids_of("userId", ["u-0000012", "u-12", "U-0000012", "u-9999999"], 3000, 0) == {"u-0000012": 12}
    phones = people(SOME, 0)["phone"]
    assert ids_of("phone", phones.drop_nulls(), 3000, 0) == {text: n for n, text in enumerate(phones) if text}
    lacking = f"+3247{phones.is_null().arg_true()[0]:07}"
    assert ids_of("phone", [lacking, "+32470"], 3000, 0) == {}


def test_some_identifiers_are_set_aside_for_refusals() -> None:
    """A test that needs somebody who was erased, or an address that is taken, finds one by its form."""
    assert was_forgotten("forgotten.1@example.com")
    assert was_forgotten("forgotten-12")
    assert is_claimed("conflict.1@example.com")
    assert not any(was_forgotten(text) or is_claimed(text) for text in people(SOME, 0)["email"])


def test_addresses_are_possible_or_not() -> None:
    """All invented people have possible addresses; a comma for a dot, a blank or no domain is none."""
    assert all(map(possible_address, people(SOME, 0)["email"]))
    assert not any(map(possible_address, ("a,b@example.com", "a b@example.com", "a@example", "@example.com", "", "a")))
