"""Examples worked out by hand from the semantics: import delta and undo."""

import pytest

from tests.model.examples import PROPERTIES, Row, fates, load, mail, only
from tests.model.model import Model
from tests.model.values import INT64_MAX


def test_delta() -> None:
    """The same row is not changed, counted with multiplicity; a changed one is applied in full, sums included."""
    model = Model(PROPERTIES)
    model.load(load([mail(n="5"), mail(n="5")], "n > count : sum", goal="night"))
    run = model.load(load([mail(n=5), mail(n=5.0), mail(n=["5"])], "n > count : sum", goal="night"))
    assert fates(run) == ["not_changed", "not_changed", "applied"]
    assert only(model, "count") == 15
    run = model.load(load([mail(n="6")], "n > count : sum", goal="night"))
    assert (fates(run), only(model, "count")) == (["applied"], 21)
    run = model.load(load([mail(n="5")], "n > count : sum", goal="night"))
    assert (fates(run), only(model, "count")) == (["applied"], 26)


def test_delta_missing_units() -> None:
    """A unit that is missing from a source keeps what is stored, and so does one whose rows are excluded."""
    model = Model(PROPERTIES)
    first: list[Row] = [mail(n="5")]
    other: list[Row] = [{"mail": "b@x.de", "n": "5"}]
    model.load(load(first, "n > count : sum", goal="night"))
    excluded = load(other, "n > count : sum", goal="night", create_profiles=False)
    assert fates(model.load(excluded)) == ["no_match"]
    assert fates(model.load(load(first + other, "n > count : sum", goal="night"))) == ["not_changed", "applied"]


def test_delta_of_a_file_that_was_cut_off() -> None:
    """A unit that brings nothing new keeps the rows that it lacks; one with a new row forgets them."""
    model = Model(PROPERTIES)
    whole = load([mail(n="5"), mail(n="7")], "n > count : sum", goal="night")
    model.load(whole)
    assert fates(model.load(load([mail(n="7")], "n > count : sum", goal="night"))) == ["not_changed"]
    assert fates(model.load(whole)) == ["not_changed"] * 2
    assert only(model, "count") == 12
    assert fates(model.load(load([mail(n="7"), mail(n="1")], "n > count : sum", goal="night")))[1] == "applied"
    assert fates(model.load(whole)) == ["applied", "not_changed"]


@pytest.mark.parametrize("how", ["full", "mappings"])
def test_delta_again(how: str) -> None:
    """Applied again, by `full` or changed mappings, a sum value is only added where it was not taken before."""
    model = Model(PROPERTIES)
    model.load(load([mail(n="5", v="A")], "n > count : sum", goal="night"))
    changed = ["v > name : set"] if how == "mappings" else []
    again = load(
        [mail(n="5", v="B"), mail(n="5", v="B"), mail(n="2", v="B")], "n > count : sum", *changed, goal="night"
    )
    again.full = how == "full"
    assert "not_changed" not in fates(model.load(again))
    assert only(model, "count") == 12
    again.full = False
    assert fates(model.load(again)) == ["not_changed"] * 3


def test_delta_overflow_is_tried_again() -> None:
    """A sum value that overflowed was not taken, so a full run adds it when there is room."""
    model = Model(PROPERTIES)
    model.load(load([mail(n=INT64_MAX)], "n > count : sum"))
    night = load([mail(n=3)], "n > count : sum", goal="night")
    assert fates(model.load(night)) == ["all_rejected"]
    assert fates(model.load(night)) == ["not_changed"]
    model.load(load([mail(n=0)], "n > count : set"))
    night.full = True
    assert fates(model.load(night)) == ["applied"]
    assert only(model, "count") == 3


def test_undo() -> None:
    """Undo restores what still is as the run left it, deletes what it created, and lists the rest."""
    model = Model(PROPERTIES)
    model.load(load([mail(v="A", t=["x"])], "v > name : set", "t > tags : set"))
    rows: list[Row] = [
        mail(v="B", t=["y", "z"]),
        {"mail": "b@x.de", "v": "B", "t": []},
        {"mail": "c@x.de", "v": "C", "t": []},
    ]
    run = model.load(load(rows, "v > name : set", "t > tags : set"))
    model.load(load([mail(v="X", t=["z", "y"]), {"mail": "c@x.de", "v": "X", "t": []}], "v > name : set"))
    assert model.undo(run) == [(0, "name"), (2, None)]
    assert sorted(model.profiles) == [0, 2]
    assert (model.profiles[0]["name"], model.profiles[0]["tags"]) == ("X", ["x"])
    run = model.load(load([{"mail": "b@x.de"}]))
    assert run.created == [3]
