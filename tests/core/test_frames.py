"""The merge as a function on frames: what loads do, without a workspace."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cdpkit
from cdpkit.core.properties import Property
from cdpkit.errors import ConfigurationError, SourceError, UnknownNameError
from tests.core.test_against_model import frame
from tests.model.model import Load, Model
from tests.model.worlds import world

PROFILES = pl.DataFrame({"email": ["ann@x.de", "bob@x.de"], "plan": ["free", None], "points": [1, None]})
ROWS = pl.DataFrame(
    {
        "mail": ["Bob@x.de", "cy@x.de", None, "bob@x.de"],
        "plan": ["pro", "pro", "pro", " "],
        "points": ["2", "x", "1", "3"],
    }
)
MAIL = {"mail": "email"}
EMAIL = Property("email", "email")  # type: ignore[arg-type]  # as people write it
RULES = [{"from": "plan", "to": "plan"}, {"from": "points", "to": "points", "rule": "sum"}]


def test_what_a_merge_gives() -> None:
    """The profiles as they become, every change, every row's fate, every refused value, and the counters."""
    merged = cdpkit.merge(PROFILES, ROWS, MAIL, RULES, properties=[EMAIL])
    assert merged.profiles.rows() == [
        (0, "ann@x.de", "free", 1),
        (1, "bob@x.de", "pro", 5),
        (2, "cy@x.de", "pro", None),
    ]
    assert merged.profiles.schema == {"row": pl.Int64, "email": pl.String, "plan": pl.String, "points": pl.Int64}
    assert merged.changes.columns == ["row", "property", "before", "after", "rule", "source_row"]
    assert merged.changes.rows() == [
        (1, "plan", None, "pro", "set", 0),
        (1, "points", None, "5", "sum", 3),
        (2, None, None, None, "create", 1),
    ]
    assert merged.rows.rows() == [
        (0, "applied", None),
        (1, "applied", None),
        (2, "excluded", "missing_identifier"),
        (3, "applied", None),
    ]
    assert merged.rejected.columns == ["source_row", "field", "property", "value", "reason"]
    assert merged.rejected.select("source_row", "field", "value").rows() == [(1, "points", "x")]
    assert (merged.counters.created, merged.counters.updated) == (1, 1)
    assert {name: prop.type for name, prop in merged.properties.items()} == {
        "email": "email",
        "plan": "text",
        "points": "number",
    }
    assert repr(merged) == (
        "Merged: 3 profiles (1 created, 1 updated); 4 rows (3 applied, 0 unchanged, 1 excluded); 1 values rejected"
    )
    assert PROFILES.columns == ["email", "plan", "points"]  # what was given is not touched


def test_what_is_merged_is_merged_into_again() -> None:
    """The result is profiles for the next merge: `row` stays, and numbers go on from the highest."""
    first = cdpkit.merge(PROFILES, ROWS, MAIL, RULES, properties=[EMAIL]).profiles.filter(pl.col("row") > 0)
    again = cdpkit.merge(first, {"mail": ["cy@x.de", "dan@x.de"], "plan": ["gold", "gold"]}, MAIL, RULES[:1])
    assert again.profiles.select("row", "email", "plan").rows() == [
        (1, "bob@x.de", "pro"),
        (2, "cy@x.de", "gold"),
        (3, "dan@x.de", "gold"),
    ]


def test_profiles_out_of_nothing() -> None:
    """Without profiles the types are those that all values of a field fit, those of identifiers too."""
    rows = {"mail": ["A@x.de", "a@x.de"], "since": ["2024-01-05", None], "tags": [["a", "b"], ["b", "c"]]}
    mappings = [{"from": "since"}, {"from": "tags", "rule": "add"}]
    merged = cdpkit.merge(pl.DataFrame(), rows, MAIL, mappings)
    assert merged.profiles.rows() == [(0, "A@x.de", dt.date(2024, 1, 5), ["a", "b", "c"])]
    assert (merged.properties["email"].type, merged.properties["tags"].multi) == ("email", True)


@pytest.mark.parametrize("make", [pl.DataFrame.lazy, pl.DataFrame.to_arrow, pl.DataFrame.to_dict])
def test_frames_of_other_kinds(make: Any) -> None:
    """What Polars can make a frame of is one; Polars comes out."""
    expected = cdpkit.merge(PROFILES, ROWS, MAIL, RULES, properties=[EMAIL])
    merged = cdpkit.merge(make(PROFILES), make(ROWS), MAIL, RULES, properties=[EMAIL])
    assert merged.profiles.equals(expected.profiles)
    assert isinstance(cdpkit.merge(pa.table({"mail": ["a"]}), ROWS, {"mail": "mail"}).profiles, pl.DataFrame)


def test_frames_of_pandas_are_taken() -> None:
    """Whole numbers with a gap, which pandas holds as floats, match and are stored as they were meant."""
    profiles = pd.DataFrame({"customer": ["1001", "1002"]})
    rows = pd.DataFrame({"id": [1001, None, 1002], "plan": ["gold", "lead", None]})
    customer = Property("customer", identifier=True)
    merged = cdpkit.merge(profiles, rows, {"id": "customer"}, [{"from": "plan"}], properties=[customer])
    assert merged.profiles.select("customer", "plan").rows() == [("1001", "gold"), ("1002", None)]
    assert merged.rows["fate"].to_list() == ["applied", "excluded", "unchanged"]


def test_columns_that_nothing_names_are_handed_through() -> None:
    """Whatever they hold; of created profiles they are null, but for the permission level."""
    whole = PROFILES.with_columns(
        pl.Series("any thing", [{"a": 1}, {"a": 2}]),
        pl.Series("profile_id", ["p1", "p2"]),
        pl.lit("ANONYMOUS").alias("permission_level"),
    )
    merged = cdpkit.merge(whole, ROWS, MAIL, RULES, properties=[EMAIL]).profiles
    assert merged.columns == ["row", *whole.columns]
    assert merged.select("any thing", "profile_id", "permission_level").rows() == [
        ({"a": 1}, "p1", "ANONYMOUS"),
        ({"a": 2}, "p2", "ANONYMOUS"),
        (None, None, "PERSONAL"),
    ]
    by_id = cdpkit.merge(whole, {"id": ["p2"], "plan": ["x"]}, {"id": "profile_id"}, RULES[:1], create_profiles=False)
    assert by_id.profiles["plan"].to_list() == ["free", "x"]


def test_the_newest_of_several() -> None:
    """By `updated_seq`, and where it is not there the last one; or none, or all."""
    twice = pl.DataFrame({"email": ["a@x.de"] * 2, "plan": ["", ""], "updated_seq": [7, 3]})
    rows = {"mail": ["a@x.de"], "plan": ["x"]}

    def plans(profiles: pl.DataFrame, on: str) -> list[str]:
        return cdpkit.merge(profiles, rows, MAIL, RULES[:1], on_multiple_matches=on).profiles["plan"].to_list()

    assert plans(twice, "newest") == ["x", ""]
    assert plans(twice.drop("updated_seq"), "newest") == ["", "x"]
    assert plans(twice, "skip") == ["", ""]
    assert plans(twice, "all") == ["x", "x"]
    with pytest.raises(ConfigurationError, match="no on_multiple_matches 'none'; there are: newest, skip, all"):
        plans(twice, "none")


def test_processors() -> None:
    """Those that are built in and one's own functions; the date is given, and SQL is for workspaces."""
    steps: list[Any] = [{"processor": "current_date", "field": "day"}, "own"]
    mapped = [{"from": "day"}]

    def merge(steps: list[Any], **more: Any) -> cdpkit.Merged:
        return cdpkit.merge(PROFILES, ROWS, MAIL, mapped, processors=steps, properties=[EMAIL], **more)

    merged = merge(steps, functions={"own": lambda rows: rows.head(2)}, today=dt.date(2026, 1, 31))
    assert merged.profiles["day"].to_list() == [None, dt.date(2026, 1, 31), dt.date(2026, 1, 31)]
    assert merged.counters.excluded == {"processor:own": 2}
    with pytest.raises(ConfigurationError, match="'current_date' needs the date; give it as today="):
        merge(steps[:1])
    with pytest.raises(ConfigurationError, match="'sql' needs a workspace"):
        merge([{"processor": "sql", "text": "select * from rows"}])


@pytest.mark.parametrize(
    ("profiles", "more", "message"),
    [
        (PROFILES, {"identifiers": {"mial": "email"}}, "no field 'mial'; there are: mail, plan, points"),
        (PROFILES, {"mappings": [{"from": "plan", "to": "Plan"}]}, "no property 'Plan', but there is 'plan'"),
        (PROFILES, {"mappings": [{"from": "plan", "rule": "add"}]}, "rule 'add' needs a multi-valued property"),
        (PROFILES, {"mappings": [{"from": "plan", "to": "row"}]}, "'row' numbers the profiles"),
        (PROFILES, {"properties": [Property("x")]}, "property 'x' is built in, or nothing is matched on it"),
        (PROFILES, {"properties": [Property("plan", "number")]}, "the column 'plan' is String, which is no number"),  # type: ignore[arg-type]
        (PROFILES, {"properties": [Property("plan", multi=True)]}, "which is no text with several values"),
        (PROFILES.with_columns(row=1), {}, "the column 'row' numbers the profiles"),
        (PROFILES.with_columns(row=pl.lit(None, pl.Int64)), {}, "whole numbers, each once"),
    ],
)
def test_what_does_not_fit_is_told(profiles: pl.DataFrame, more: dict[str, Any], message: str) -> None:
    """With the names that exist, and never a value."""
    with pytest.raises(ConfigurationError, match=message):
        cdpkit.merge(profiles, ROWS, **{"identifiers": MAIL, "mappings": RULES[:1]} | more)


def test_what_is_no_frame() -> None:
    """It is said which kinds there are; so are the types of properties."""
    with pytest.raises(SourceError, match="give a Polars, pandas or Arrow frame"):
        cdpkit.merge(PROFILES, object(), MAIL)
    with pytest.raises(ConfigurationError, match="'_source_row' is kept for numbering the rows"):
        cdpkit.merge(PROFILES, ROWS.with_columns(_source_row=1), MAIL)
    with pytest.raises(UnknownNameError, match="no property type 'mail'; there are: email, boolean, date"):
        Property("x", "mail")  # type: ignore[arg-type]


def alone(load: Load) -> Load:
    """A load that knows of no other: without a goal, and of everybody."""
    return replace(load, goal=None, full=False, objectives=())


@pytest.mark.parametrize("seed", range(40))
def test_random_worlds_give_what_the_row_by_row_model_gives(seed: int) -> None:
    """Load after load, each merged into what the one before it gave: profiles, fates and refused values."""
    made = world(seed)
    model, profiles = Model(made.properties), pl.DataFrame()
    types = {prop.name: prop for prop in made.properties}
    for number, load in enumerate(map(alone, made.loads), start=1):
        expected = model.load(load)
        named = {*load.identifiers.values(), *(mapping["to"] for mapping in load.mappings)}
        merged = cdpkit.merge(
            profiles,
            frame(load),
            load.identifiers,
            load.mappings,
            load.create_profiles,
            load.on_multiple_matches,
            properties=[prop for name, prop in types.items() if name in named],
        )
        assert expected.fates == {row: (fate, reason) for row, fate, reason in merged.rows.rows()}
        assert expected.rejected == set(merged.rejected.select("source_row", "field", "value").rows())
        touched = pl.col("row").is_in([*expected.created, *expected.updated])
        seq = pl.col("updated_seq") if "updated_seq" in merged.profiles.columns else pl.lit(None, pl.Int64)
        profiles = merged.profiles.with_columns(updated_seq=pl.when(touched).then(number).otherwise(seq))
        stored = {row["row"]: row for row in profiles.to_dicts()}
        assert set(model.profiles) == set(stored)
        for row, profile in model.profiles.items():
            assert profile == {name: stored[row].get(name) for name in profile}


ADDRESSES = st.sampled_from(["a@x.de", " A@x.de", "b@x.de", "c@x.de", "d", "", None])
LINES = st.lists(
    st.tuples(ADDRESSES, st.sampled_from(["x", "y", " ", None]), st.sampled_from(["1", "2", "-", None])), max_size=8
)


@settings(max_examples=12, deadline=None)
@given(first=LINES, second=LINES, rule=st.sampled_from(["set", "set_if_empty", "set_or_clear"]), creates=st.booleans())
def test_a_merge_is_what_a_load_does(
    tmp_path_factory: pytest.TempPathFactory, first: Any, second: Any, rule: str, creates: bool
) -> None:
    """The same profiles, fates, refused values and counters, in a workspace and without one."""
    ws = cdpkit.create(tmp_path_factory.mktemp("merge") / "w")
    props = [Property("email", "email", identifier=True), Property("plan"), Property("points", "number")]  # type: ignore[arg-type]
    for prop in props:
        ws.properties.add(prop.name, prop.type, identifier=prop.identifier)
    mappings = [{"from": "plan", "rule": rule}, {"from": "points", "rule": "sum"}]
    schema = {"mail": pl.String, "plan": pl.String, "points": pl.String}
    rows = [pl.DataFrame(lines, schema=schema, orient="row") for lines in (first, second)]
    ws.load(rows[0], MAIL, mappings)
    before = ws.profiles.collect()
    merged = cdpkit.merge(before, rows[1], MAIL, mappings, creates, properties=props)
    run = ws.load(rows[1], MAIL, mappings, creates)
    stored = ["email", "plan", "points", "permission_level"]
    assert merged.profiles.select(stored).equals(ws.profiles.select(stored).collect())
    assert merged.rows.equals(run.rows)
    assert merged.rejected.equals(run.rejected)
    assert (
        merged.changes.drop("row")
        .sort("source_row", "property")
        .equals(run.changes.drop("profile_id").sort("source_row", "property"))
    )
    assert vars_of(merged) == dict(run.counters)


def vars_of(merged: cdpkit.Merged) -> dict[str, Any]:
    return {name: getattr(merged.counters, name) for name in merged.counters.__slots__}
