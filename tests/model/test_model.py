"""Examples worked out by hand from the semantics: types, matching, rules, fates."""

from datetime import UTC, datetime

import pytest

from cdpkit.core.properties import Property, PropertyType
from tests.model.examples import COUNT, EMAIL, PROPERTIES, Row, fates, load, mail, only
from tests.model.model import Load, Model
from tests.model.values import INT64_MAX, accept


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("email", " A@x.De ", "A@x.De"),
        ("email", "a@b", None),
        ("email", "a@.de", None),
        ("email", "a b@x.de", "ab@x.de"),
        ("number", " +007 ", None),
        ("number", " -7 ", -7),
        ("number", 5.0, 5),
        ("number", 2.0**63, None),
        ("number", str(INT64_MAX + 1), None),
        ("number", True, None),
        ("number", "٣", None),
        ("decimal", "7.", 7.0),
        ("decimal", "1e999", None),
        ("decimal", "nan", None),
        ("boolean", " YES", True),
        ("boolean", 0, False),
        ("boolean", 2, None),
        ("date", "2024-02-30", None),
        ("date", "2024-1-5", None),
        ("datetime", "2024-01-05T12:00:00+02:00", datetime(2024, 1, 5, 10, tzinfo=UTC)),
        ("text", " as it comes ", " as it comes "),
    ],
)
def test_types(type_: str, value: object, expected: object) -> None:
    """A value is parsed by its property's type, or rejected."""
    assert expected == accept(value, Property("any", PropertyType(type_)))


def test_identifier_compared() -> None:
    """The same identifier twice is one profile, whatever its case and surrounding blanks; it is stored as it came."""
    model = Model(PROPERTIES)
    run = model.load(load([{"mail": " A@x.de"}, {"mail": "a@X.de "}]))
    assert fates(run) == ["applied", "unchanged"]
    assert run.created == [0]
    assert only(model, "email") == "A@x.de"


def test_identifier_text() -> None:
    """Identifiers of the type text are stored stripped and compared exactly."""
    model = Model(PROPERTIES)
    model.load(load([{"mail": " k1\u00a0"}, {"mail": "K1"}, {"mail": "k1"}, {"mail": 1}, {"mail": "1"}], by="code"))
    assert [profile["code"] for profile in model.profiles.values()] == ["k1", "K1", "1"]


def test_missing_identifier() -> None:
    """A row without an accepted identifier is excluded, and of its values only that identifier is listed."""
    model = Model(PROPERTIES)
    run = model.load(load([{"mail": "nope", "n": "x"}, {"mail": " ", "n": "1"}], "n > count : set"))
    assert fates(run) == ["missing_identifier"] * 2
    assert {(0, "mail", "nope")} == run.rejected
    assert not model.profiles


def test_identifiers_and() -> None:
    """With two pairs both must match, and with a list any element does."""
    model = Model(PROPERTIES)
    rows: list[Row] = [
        {"mail": ["a@x.de", "b@x.de", "bad"], "code": "1"},
        {"mail": ["B@x.de"], "code": "1"},
        {"mail": ["b@x.de"], "code": "2"},
    ]
    run = model.load(Load(list(rows), {"mail": "emails", "code": "code"}, []))
    assert fates(run) == ["applied", "unchanged", "applied"]
    assert {(0, "mail", "bad")} == run.rejected
    assert [profile["emails"] for profile in model.profiles.values()] == [["a@x.de", "b@x.de"], ["b@x.de"]]


def test_single_valued_identifier() -> None:
    """A created profile stores and is matched by the first value alone when its identifier is single-valued."""
    model = Model(PROPERTIES)
    run = model.load(load([{"mail": ["a@x.de", "b@x.de"]}, {"mail": ["b@x.de"]}, {"mail": ["c@x.de", "a@x.de"]}]))
    assert run.created == [0, 1]
    assert run.fates[2][0] == "unchanged"


def test_no_match() -> None:
    """Where a load creates no profiles, a row without a match is excluded."""
    run = Model(PROPERTIES).load(load([mail(n="x")], "n > count : set", create_profiles=False))
    assert fates(run) == ["no_match"]
    assert not run.rejected


def test_mapped_identifiers_match_later() -> None:
    """An identifier value that a mapping writes is matched from the next run on."""
    model = Model(PROPERTIES)
    first: list[Row] = [{"mail": "k1", "e": "a@x.de"}, {"mail": "a@x.de", "e": "z@x.de"}]
    model.load(load(first, "e > email : set", by="code"))
    run = model.load(load([mail(name="Ann")], "name > name : set"))
    assert {0} == run.updated


def shared() -> Model:
    """Three profiles with one e-mail address, the first of them changed last."""
    model = Model(PROPERTIES)
    model.load(load([{"mail": str(at), "e": "a@x.de"} for at in range(3)], "e > email : set", by="code"))
    model.load(load([{"mail": "0", "n": "old"}], "n > name : set", by="code"))
    return model


@pytest.mark.parametrize(
    ("option", "fate", "names"),
    [
        ("newest", "applied", ["Ann", None, None]),
        ("skip", "multiple_matches", ["old", None, None]),
        ("all", "applied", ["Ann", "Ann", "Ann"]),
    ],
)
def test_multiple_matches(option: str, fate: str, names: list[str | None]) -> None:
    """Several matches: the last changed profile, none, or all; counted in any case."""
    model = shared()
    run = model.load(load([mail(n="Ann")], "n > name : set", on_multiple_matches=option))
    assert ([fate], 1) == (fates(run), run.multiple_matches)
    assert names == [profile["name"] for profile in model.profiles.values()]


def test_newest_is_created_in_run() -> None:
    """A profile created in this run is newer than any other, the last created first."""
    model = Model(PROPERTIES)
    model.load(load([{"mail": ["a@x.de"]}], by="emails"))
    rows: list[Row] = [
        {"mail": ["b@x.de"], "n": "1"},
        {"mail": ["c@x.de"], "n": "2"},
        {"mail": ["a@x.de", "b@x.de", "c@x.de"], "n": "3"},
    ]
    run = model.load(load(rows, "n > name : set", by="emails"))
    assert [profile["name"] for profile in model.profiles.values()] == [None, "1", "3"]
    assert run.multiple_matches == 1


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        ("set", ["A", "B", None], "B"),
        ("set_if_empty", [None, "A", "B"], "A"),
        ("set_or_clear", ["A", "B", "  "], None),
        ("set", [["", "A", "B"]], "A"),
    ],
)
def test_scalar_rules(rule: str, values: list[object], expected: object) -> None:
    """Rules run over the rows of one profile in source order; a list gives a single value its first one."""
    model = Model(PROPERTIES)
    model.load(load([mail(v=value) for value in values], f"v > name : {rule}"))
    assert expected == only(model, "name")


def test_lists() -> None:
    """Lists are equal in any order, then the stored order stays, also when the run only came back to it."""
    model = Model(PROPERTIES)
    model.load(load([mail(v=["a", "b", "a"])], "v > tags : set"))
    run = model.load(load([mail(v=["b", "a"])], "v > tags : set"))
    assert fates(run) == ["unchanged"]
    run = model.load(load([mail(v=["c"]), mail(v=["b", "a"])], "v > tags : set"))
    assert (["applied", "applied"], set()) == (fates(run), run.updated)
    assert only(model, "tags") == ["a", "b"]
    run = model.load(load([mail(v=["c", "a"])], "v > tags : add"))
    assert run.changes == {(0, "tags"): (["a", "b"], ["a", "b", "c"], "add", 0)}


def test_set_or_clear_rejected() -> None:
    """A rejected value does not clear; a list with one accepted element counts with that."""
    numbers = Property("numbers", PropertyType.NUMBER, multi=True)
    model = Model([EMAIL, COUNT, numbers])
    rows = [mail(n="4", m=["1", "x"]), mail(n="x", m=["y"])]
    run = model.load(load(rows, "n > count : set_or_clear", "m > numbers : set_or_clear"))
    assert (only(model, "count"), only(model, "numbers")) == (4, [1])
    assert fates(run) == ["applied", "all_rejected"]
    assert {(0, "m", "x"), (1, "n", "x"), (1, "m", "y")} == run.rejected


def test_there_and_back() -> None:
    """Rows that change a value and change it back are applied, yet their profile is not updated."""
    model = Model(PROPERTIES)
    model.load(load([mail(v="A")], "v > name : set"))
    run = model.load(load([mail(v="B"), mail(v="A"), mail(v="A")], "v > name : set"))
    assert fates(run) == ["applied", "applied", "unchanged"]
    assert ({}, set(), 1) == (run.changes, run.updated, model.updated_seq[0])


def test_sum_overflow() -> None:
    """A number that overflows the running sum is rejected and the later ones still count."""
    model = Model(PROPERTIES)
    run = model.load(load([mail(n=INT64_MAX), mail(n=1), mail(n=-1)], "n > count : sum"))
    assert fates(run) == ["applied", "all_rejected", "applied"]
    assert {(1, "n", "1")} == run.rejected
    assert only(model, "count") == INT64_MAX - 1


def test_sum_zero() -> None:
    """Nothing plus zero is zero, which is a change."""
    model = Model(PROPERTIES)
    model.load(load([mail(n=None)], "n > count : sum"))
    run = model.load(load([mail(n="0")], "n > count : sum"))
    assert run.changes == {(0, "count"): (None, 0, "sum", 0)}


@pytest.mark.parametrize(
    ("before", "added", "expected"),
    [
        ("007", ["1"], "8"),
        (None, ["2", "x", "3"], "5"),
        ("1", ["2", "0.5", "1"], "4.5"),
        ("12.5", ["1", "0.5"], "14.0"),
        ("n/a", ["1"], "n/a"),
        (str(INT64_MAX), ["5", "-1"], str(INT64_MAX - 1)),
    ],
)
def test_sum_of_texts(before: object, added: list[object], expected: str) -> None:
    """A sum in a text is exact while all are whole numbers, a float from then on, and leaves other texts alone."""
    model = Model(PROPERTIES)
    model.load(load([mail(n=before)], "n > total : set"))
    model.load(load([mail(n=value) for value in added], "n > total : sum"))
    assert expected == only(model, "total")


def test_all_rejected_creates() -> None:
    """A row whose every mapped value is rejected is applied where it creates a profile, and else excluded."""
    run = Model(PROPERTIES).load(load([mail(n="x"), mail(n="y"), mail(n="")], "n > count : set"))
    assert fates(run) == ["applied", "all_rejected", "unchanged"]


def test_a_clearing_row_is_applied() -> None:
    """An empty value that clears makes a row `applied`, also where all its other values were rejected."""
    model = Model(PROPERTIES)
    model.load(load([mail(v="A")], "v > name : set"))
    run = model.load(load([mail(v=None, n="x")], "v > name : set_or_clear", "n > count : set"))
    assert fates(run) == ["applied"]
    assert run.changes == {(0, "name"): ("A", None, "set_or_clear", 0)}
