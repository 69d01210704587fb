"""The invented people."""

import json

import polars as pl
import pytest

from cdpkit.sandbox.iterable.population import Population, flattened, json_lines, nested
from cdpkit.sandbox.iterable.settings import ProjectType
from cdpkit.sandbox.mixing import mixed, mixed_one, salt
from cdpkit.sandbox.people import COLUMNS, ids_of_emails, ids_of_user_ids, people

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
    assert ids_of_emails(emails, 3000, 0) == {email: number for number, email in enumerate(emails)}
    assert ids_of_emails([emails[2999]], 2999, 0) == {}
    assert ids_of_emails(["nobody.5@example.com", emails[5].upper(), "x@example.com", ""], 3000, 0) == {}
    assert ids_of_user_ids(["u-0000012", "u-12", "U-0000012", "u-9999999"], 3000, 0) == {"u-0000012": 12}


@pytest.mark.parametrize(("project", "lacking"), [("email", "userId"), ("userID", "email"), ("hybrid", "email")])
def test_project_types_decide_who_has_which_identifier(project: ProjectType, lacking: str) -> None:
    """Everybody has one identifier at least, and cannot be found by one that is lacking."""
    population = Population(3000, 0, project)
    keys = population.frame(SOME, keys=True)
    assert 0 < keys[lacking].null_count() < 1000
    assert keys.filter(pl.all_horizontal(pl.col("email", "userId").is_null())).is_empty()
    by_email, by_user_id = population.ids(people(SOME, 0)["email"].to_list(), people(SOME, 0)["userId"].to_list())
    assert sorted(by_email.values()) == keys.drop_nulls("email")["id"].to_list()
    assert sorted(by_user_id.values()) == keys.drop_nulls("userId")["id"].to_list()


def test_lines_are_written_as_python_writes_them() -> None:
    """JSON that is made by columns equals that of the standard library, so that states can be compared as bytes."""
    frame = Population(3000, 0, "email").frame(SOME, [(501, 6000), (502, 500)])
    names = frame.columns[1:]
    expected = [
        json.dumps({name: row[name] for name in names if row[name] is not None}, ensure_ascii=False).encode()
        for row in frame.to_dicts()
    ]
    compact = [json.dumps(json.loads(line), ensure_ascii=False).encode() for line in json_lines(frame, names)]
    assert compact == expected
    assert '": ' not in json_lines(frame.drop("note", "firstName", "favourites"), ["email", "points"])[0]


def test_lists_hold_their_share() -> None:
    """Who is on a list is computed for one person as for all of them."""
    population = Population(3000, 0, "email")
    on = SOME.to_frame("id").select(population.on_list(501, 6000)).to_series()
    assert on.to_list() == [population.is_on_list(number, 501, 6000) for number in range(3000)]
    assert population.size(501, 6000) == on.sum()
    assert 1600 < on.sum() < 2000
    assert not population.is_on_list(3000, 501, 10_000)


def test_nesting_and_flattening_are_each_other_s_reverse() -> None:
    """Dotted names are inner objects; null values are left out, arrays are kept."""
    flat = {"a": 1, "b.c": "x", "b.d.e": [1, {"f": 2}]}
    assert nested({**flat, "g.h": None}) == {"a": 1, "b": {"c": "x", "d": {"e": [1, {"f": 2}]}}}
    assert flattened(nested(flat)) == flat
