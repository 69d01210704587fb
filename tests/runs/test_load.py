"""Loads: what is asked of them, and what becomes of every row."""

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cdpkit
from cdpkit.errors import ConfigurationError
from tests.runs.loads import MAIL, PLAN, POINTS, assert_adds_up, held, source


@pytest.mark.parametrize("name", ["held", "__held", "x", "__x", "position", "line", "key_0", "value", "before", "v"])
def test_properties_may_be_called_anything(ws: cdpkit.Workspace, name: str) -> None:
    """Patches over a larger base, an undo and a compaction work for each name and its double with underscores."""
    for prop in (name, f"__{name}"):
        ws.properties.add(prop)
    mappings = [{"from": "plan", "to": name}, {"from": "other", "to": f"__{name}", "rule": "set_or_clear"}]
    base = pl.DataFrame({"mail": [f"p{n}@x.de" for n in range(200)]}).with_columns(plan=pl.lit("a"), other=pl.lit("b"))
    ws.load(base, MAIL, mappings)
    run = ws.load(base.head(2).with_columns(plan=pl.lit("c"), other=pl.lit(None, pl.String)), MAIL, mappings)
    changed = ws.profiles.select(name, f"__{name}").head(3).collect().rows()
    assert changed == [("c", None), ("c", None), ("a", "b")]
    ws.undo(run.id)
    ws.compact()
    assert ws.profiles.select(name, f"__{name}").unique().collect().rows() == [("a", "b")]


# What is asked


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"identifiers": {"emial": "email"}}, r"no field 'emial'; there are: mail, plan, points"),
        ({"identifiers": {}}, "no identifiers; give at least one pair"),
        ({"identifiers": {"mail": "emial"}}, r"no identifying property 'emial'; there are: email, profile_id, code"),
        ({"identifiers": {"mail": "plan"}}, r"'plan' is no identifier; there are: profile_id, email, code"),
        ({"identifiers": {"mail": "email", "plan": "email"}}, "'email' is matched on twice"),
        ({"identifiers": {"mail": "profile_id"}}, "match on it with create_profiles=False"),
        ({"identifiers": "mail"}, "identifiers are pairs"),
        ({"identifiers": ["mail"]}, "identifiers are pairs"),
        ({"identifiers": {"mail": ["email"]}}, "identifiers are pairs"),
        ({"mappings": [{"from": "plna"}]}, "no field 'plna'"),
        ({"mappings": [{"from": "plan", "rule": "sett"}]}, "no merge rule 'sett'; there are: set, set_if_empty"),
        ({"mappings": [{"from": "plan", "too": "plan"}]}, "a mapping has the keys from, to and rule"),
        ({"mappings": ["plan"]}, "mappings are a list such as"),
        ({"mappings": {"plan": "plan"}}, "mappings are a list such as"),
        ({"mappings": [{"from": "plan"}, {"from": "mail", "to": "plan"}]}, "'plan' is the target of two mappings"),
        ({"mappings": [{"from": "plan", "to": "Plan"}]}, "no property 'Plan', but there is 'plan'"),
        ({"mappings": [{"from": "plan", "to": "updated_at"}]}, "'updated_at' is kept by the workspace"),
        ({"mappings": [{"from": "plan", "to": "a b"}]}, "may only have letters, digits"),
        ({"mappings": [{"from": "plan", "rule": "add"}]}, "rule 'add' needs a multi-valued property"),
        ({"mappings": [{"from": "points", "to": "tags", "rule": "sum"}]}, "rule 'sum' needs a single-valued"),
        ({"on_multiple_matches": "oldest"}, "no on_multiple_matches 'oldest'; there are: newest, skip, all"),
        ({"processors": ["trimm"]}, "no processor 'trimm'; there are: .*trim"),
        ({"processors": [{"processor": "trim", "fields": ["nope"]}]}, "no field 'nope'; there are: mail, plan"),
        ({"goal": " "}, "the name of the goal is empty"),
    ],
)
def test_what_does_not_fit_is_said(ws: cdpkit.Workspace, arguments: Mapping[str, object], message: str) -> None:
    """Each message names what is wrong and what there is; nothing is recorded or made."""
    properties = list(ws.properties)
    request: dict[str, Any] = {"identifiers": MAIL, "mappings": PLAN} | dict(arguments)
    for call in (ws.load, ws.preview_load):
        with pytest.raises(ConfigurationError, match=message):
            call(source(("ann@x.de", "gold", 5)), **request)
    assert list(ws.properties) == properties
    assert ws.profiles.collect().is_empty()
    assert ws.runs.is_empty()


def test_every_problem_is_said_at_once(ws: cdpkit.Workspace) -> None:
    """Nobody mends one thing to hear of the next."""
    with pytest.raises(ConfigurationError) as refused:
        ws.load(source(("ann@x.de", "gold")), {"emial": "nope"}, [{"from": "plan", "to": "updated_at"}, {"from": "x"}])
    for part in ("'emial', 'x'", "no identifying property 'nope'", "'updated_at' is kept"):
        assert part in str(refused.value)


def test_a_misspelt_identifier_is_one_problem(ws: cdpkit.Workspace) -> None:
    """Named once for field and property, it is the field that is misspelt; nothing is to be added under that name."""
    with pytest.raises(ConfigurationError) as caught:
        ws.load(source(("ann@x.de", "gold")), {"mial": "mial"}, [{"from": "plan", "to": "plan"}])
    (problem,) = caught.value.problems
    assert str(problem).startswith("source: no field 'mial'; there are: mail")
    assert "ws.properties.add" not in str(caught.value)


def test_the_numbering_column_is_kept(ws: cdpkit.Workspace) -> None:
    """A source that has it already is refused, rather than renumbered."""
    with pytest.raises(ConfigurationError, match="_source_row"):
        ws.load(source(("ann@x.de", 3), fields=("mail", "_source_row")), MAIL)


# What becomes of rows


def test_every_row_has_a_fate(ws: cdpkit.Workspace) -> None:
    """Applied, unchanged and excluded rows add up, and rejected values are listed with row, field and reason."""
    ws.load(source(("ann@x.de", "gold", 5)), MAIL, [*PLAN, *POINTS])
    rows = pl.DataFrame(
        {
            "mail": ["ann@x.de", " ANN@x.de ", None, "bad", "new@x.de", "ann@x.de", "ann@x.de"],
            "plan": ["silver", None, "x", "x", None, None, "silver"],
            "points": ["1", "abc", "1", "1", "1.5", str(2**63 - 1), None],
        }
    )
    run = ws.load(rows, MAIL, [*PLAN, *POINTS])
    assert_adds_up(run)
    assert run.rows.rows() == [
        (0, "applied", None),
        (1, "excluded", "all_rejected"),
        (2, "excluded", "missing_identifier"),
        (3, "excluded", "missing_identifier"),
        (4, "applied", None),
        (5, "excluded", "all_rejected"),
        (6, "unchanged", None),
    ]
    assert run.rejected.select("source_row", "field", "property", "value").rows() == [
        (1, "points", "points", "abc"),
        (3, "mail", "email", "bad"),
        (4, "points", "points", "1.5"),
        (5, "points", "points", str(2**63 - 1)),
    ]
    assert run.state == "succeeded_with_warnings"
    assert held(ws, "email", "plan", "points") == {"ann@x.de": ("silver", 6), "new@x.de": (None, None)}


def test_nothing_is_written_for_what_changes_nothing(ws: cdpkit.Workspace) -> None:
    """An unchanged profile keeps `updated_at` and `updated_seq`."""
    rows = source(("ann@x.de", "gold", 5))
    ws.load(rows, MAIL, PLAN)
    before = ws.profiles.collect().to_dicts()
    run = ws.load(rows, MAIL, PLAN)
    assert (run.counters["unchanged"], run.counters["updated"]) == (1, 0)
    assert ws.profiles.collect().to_dicts() == before


def test_several_identifiers_all_have_to_match(ws: cdpkit.Workspace) -> None:
    """Pairs are joined by and; a row without one of them is left out."""
    both = {"mail": "email", "code": "code"}
    fields = ("mail", "code", "plan")
    ws.load(source(("a@x.de", "1", "x"), ("a@x.de", "2", "y"), fields=fields), both, PLAN)
    run = ws.load(source(("A@x.de", " 1", "z"), ("a@x.de", "3", "w"), ("a@x.de", None, "v"), fields=fields), both, PLAN)
    assert run.rows["reason"].to_list() == [None, None, "missing_identifier"]
    assert held(ws, "code", "plan") == {"1": "z", "2": "y", "3": "w"}


@pytest.mark.parametrize(
    ("choice", "plans", "fates"),
    [
        ("newest", {"1": "x", "2": "new"}, ["applied"]),
        ("skip", {"1": "x", "2": "y"}, ["excluded"]),
        ("all", {"1": "new", "2": "new"}, ["applied"]),
    ],
)
def test_several_matches(ws: cdpkit.Workspace, choice: str, plans: dict[str, str], fates: list[str]) -> None:
    """The newest, none or all; always counted and warned about."""
    fields = ("mail", "code", "plan")
    ws.load(source(("a@x.de", "1", "x"), fields=fields), {"code": "code"}, [*PLAN, {"from": "mail", "to": "email"}])
    ws.load(source(("a@x.de", "2", "y"), fields=fields), {"code": "code"}, [*PLAN, {"from": "mail", "to": "email"}])
    run = ws.load(source(("a@x.de", "new")), MAIL, PLAN, on_multiple_matches=choice)
    assert_adds_up(run)
    assert run.rows["fate"].to_list() == fates
    assert (run.counters["multiple_matches"], run.state) == (1, "succeeded_with_warnings")
    assert held(ws, "code", "plan") == plans


def test_without_leave_to_create(ws: cdpkit.Workspace) -> None:
    """A row without match is left out, and tried again once the profile is there."""
    rows = source(("ann@x.de", "gold"))
    run = ws.load(rows, MAIL, PLAN, create_profiles=False, goal="night")
    assert run.excluded.rows() == [(0, "no_match")]
    ws.load(source(("ann@x.de",)), MAIL)
    again = ws.load(rows, MAIL, PLAN, create_profiles=False, goal="night")
    assert again.counters["applied"] == 1


def test_the_same_identifier_twice_is_one_profile(ws: cdpkit.Workspace) -> None:
    """A profile created by a row is matched by the rows after it, in all rules."""
    rows = pl.DataFrame({"mail": ["a@x.de", "A@X.DE", "a@x.de"], "plan": ["x", "y", None], "points": [1, 2, 3]})
    rows = rows.with_columns(tags=pl.Series([["t"], ["u", "t"], []]))
    run = ws.load(rows, MAIL, [*PLAN, *POINTS, {"from": "tags", "to": "tags", "rule": "add"}])
    assert (run.counters["created"], run.counters["applied"]) == (1, 3)
    assert held(ws, "email", "plan", "points", "tags") == {"a@x.de": ("y", 6, ["t", "u"])}


def test_a_property_is_made_on_the_spot(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """Its type is the first that every value fits; the catalogue shows it once the run has stored it."""
    path = tmp_path / "crm.csv"
    path.write_text("mail,n,d,when,at,yes,contact,zip\na@x.de,5,0.5,2024-02-29,2024-02-29T10:00:00Z,yes,b@x.de,01\n")
    fields = ("n", "d", "when", "at", "yes", "contact", "zip")
    ws.load(path, MAIL, [{"from": field, "to": f"my_{field}"} for field in fields])
    types = {name: ws.properties[f"my_{name}"].type.value for name in fields}
    assert types == {
        "n": "number",
        "d": "decimal",
        "when": "date",
        "at": "datetime",
        "yes": "boolean",
        "contact": "email",
        "zip": "text",
    }
    assert ws.profiles.select("my_n", "my_d", "my_when", "my_at", "my_yes", "my_zip").collect().row(0) == (
        5,
        0.5,
        date(2024, 2, 29),
        datetime(2024, 2, 29, 10, tzinfo=UTC),
        True,
        "01",
    )


def test_a_permission_level_is_one_of_three(ws: cdpkit.Workspace) -> None:
    """PERSONAL unless a source says otherwise; anything else is rejected."""
    rows = pl.DataFrame({"mail": ["a@x.de", "b@x.de", "c@x.de"], "level": ["DO_NOT_TRACK", "secret", None]})
    run = ws.load(rows, MAIL, [{"from": "level", "to": "permission_level"}])
    assert held(ws, "email", "permission_level") == {
        "a@x.de": "DO_NOT_TRACK",
        "b@x.de": "PERSONAL",
        "c@x.de": "PERSONAL",
    }
    assert run.rejected["reason"].to_list() == ["not_a_choice:DO_NOT_TRACK, ANONYMOUS, PERSONAL"]


def test_a_permission_level_that_is_cleared_is_the_default_again(ws: cdpkit.Workspace) -> None:
    """An empty value under `set_or_clear` does not leave a profile without a level."""
    level = [{"from": "level", "to": "permission_level", "rule": "set_or_clear"}]
    ws.load(pl.DataFrame({"mail": ["a@x.de"], "level": ["ANONYMOUS"]}), MAIL, level)
    ws.load(pl.DataFrame({"mail": ["a@x.de", "b@x.de"], "level": [None, ""]}), MAIL, level)
    assert held(ws, "email", "permission_level") == {"a@x.de": "PERSONAL", "b@x.de": "PERSONAL"}


def test_a_profile_id_identifies(ws: cdpkit.Workspace) -> None:
    """An exported table comes back by it; an unknown one matches nothing."""
    ws.load(source(("a@x.de",), ("b@x.de",)), MAIL)
    rows = ws.profiles.select("profile_id", plan=pl.col("email") + "!").collect()
    rows = pl.concat([rows, rows.head(1).with_columns(profile_id=pl.lit(str(uuid.uuid4())))])
    run = ws.load(rows, {"profile_id": "profile_id"}, PLAN, create_profiles=False)
    assert run.rows["reason"].to_list() == [None, None, "no_match"]
    assert held(ws, "email", "plan") == {"a@x.de": "a@x.de!", "b@x.de": "b@x.de!"}


def test_profile_ids_are_of_version_7_and_unique(ws: cdpkit.Workspace) -> None:
    """Their time is that of the load, and they never repeat."""
    start = datetime.now(UTC)
    for number in range(3):
        ws.load(pl.DataFrame({"mail": [f"{number}-{n}@x.de" for n in range(2_000)]}), MAIL)
    ids = [uuid.UUID(text) for text in ws.profiles.collect()["profile_id"]]
    assert len(set(ids)) == 6_000
    assert {(one.version, one.variant) for one in ids} == {(7, uuid.RFC_4122)}
    times = [one.int >> 80 for one in ids]
    assert start.timestamp() * 1000 - 1 <= min(times) <= max(times) <= datetime.now(UTC).timestamp() * 1000


# Processors


def test_a_registered_python_function(ws: cdpkit.Workspace) -> None:
    """It is called by name; rows that it drops are excluded under that name, and its error fails the load."""
    ws.processors.add("grown_up", lambda rows: rows.filter(pl.col("points") >= 18).with_columns(plan=pl.lit("x")))
    assert "grown_up" in ws.processors
    run = ws.load(source(("a@x.de", "y", 18), ("b@x.de", "y", 17)), MAIL, PLAN, processors=["grown_up"])
    assert_adds_up(run)
    assert run.excluded.rows() == [(1, "processor:grown_up")]
    assert held(ws, "email", "plan") == {"a@x.de": "x"}
    with pytest.raises(ConfigurationError, match="built-in processor"):
        ws.processors.add("trim", lambda rows: rows)
    ws.processors.add("loses", lambda rows: rows.drop("_source_row"))
    with pytest.raises(ConfigurationError, match="_source_row"):
        ws.load(source(("a@x.de", "y", 18)), MAIL, PLAN, processors=["loses"])


def test_sql_may_add_and_remove_rows(ws: cdpkit.Workspace) -> None:
    """Added rows are counted, have a fate without number and no import delta."""
    text = """select mail, plan, points, _source_row from rows where points > 1
              union all select 'extra@x.de', 'sql', 1, null"""
    steps = [{"processor": "sql", "name": "some", "text": text}]
    rows = source(("a@x.de", "x", 1), ("b@x.de", "y", 2))
    for fate in ("applied", "excluded"):
        run = ws.load(rows, MAIL, PLAN, processors=steps, goal="night")
        assert_adds_up(run)
        assert (run.counters["received"], run.counters["added"], run.counters["checked"]) == (2, 1, 2)
        assert run.rows.select("source_row", "fate").rows()[:2] == [(0, "excluded"), (1, fate)]
        assert run.rows["source_row"][-1] is None
    assert held(ws, "email", "plan") == {"b@x.de": "y", "extra@x.de": "sql"}


# The import delta


def test_the_same_load_twice_changes_nothing(ws: cdpkit.Workspace) -> None:
    """Also where an identifier has several rows, equal ones among them."""
    rows = source(("a@x.de", "x", 1), ("a@x.de", "x", 1), ("a@x.de", "y", 2), ("b@x.de", "z", 3))
    ws.load(rows, MAIL, [*PLAN, *POINTS], goal="night")
    before = ws.profiles.collect().to_dicts()
    for again in (rows, rows.with_columns(pl.col("points").cast(pl.String)), rows.sample(4, shuffle=True, seed=1)):
        run = ws.load(again, MAIL, [*PLAN, *POINTS], goal="night")
        assert run.counters["excluded"] == {"not_changed": 4}
        assert ws.profiles.collect().to_dicts() == before
    assert held(ws, "email", "points") == {"a@x.de": 4, "b@x.de": 3}


def test_only_the_changed_row_is_applied(ws: cdpkit.Workspace) -> None:
    """A changed row is a new observation: its number is added; the rows beside it are not applied again."""
    rows = source(("a@x.de", "x", 1), ("a@x.de", "y", 2), ("b@x.de", "z", 3))
    ws.load(rows, MAIL, [*PLAN, *POINTS], goal="night")
    changed = source(("a@x.de", "x", 1), ("a@x.de", "y", 5), ("b@x.de", "z", 3))
    run = ws.load(changed, MAIL, [*PLAN, *POINTS], goal="night")
    assert run.rows["fate"].to_list() == ["excluded", "applied", "excluded"]
    assert held(ws, "email", "points") == {"a@x.de": 8, "b@x.de": 3}


def test_another_repetition_is_another_row(ws: cdpkit.Workspace) -> None:
    """Equal rows count with their multiplicity."""
    ws.load(source(("a@x.de", "x", 1)), MAIL, POINTS, goal="night")
    run = ws.load(source(("a@x.de", "x", 1), ("a@x.de", "x", 1)), MAIL, POINTS, goal="night")
    assert run.counters["excluded"] == {"not_changed": 1}
    assert held(ws, "email", "points") == {"a@x.de": 2}


def test_no_sum_is_added_twice(ws: cdpkit.Workspace) -> None:
    """Neither by `full`, nor by changed mappings or processors, however these are combined."""
    rows = source(("a@x.de", "x", 1), ("a@x.de", "y", 2), ("b@x.de", "z", 3))
    loads: list[dict[str, object]] = [
        {"mappings": POINTS},
        {"mappings": POINTS, "full": True},
        {"mappings": [*PLAN, *POINTS]},
        {"mappings": [*PLAN, *POINTS], "full": True},
        {"mappings": POINTS, "processors": ["trim"]},
        {"mappings": POINTS},
    ]
    for options in loads:
        ws.load(rows, MAIL, goal="night", **options)  # type: ignore[arg-type]
        assert held(ws, "email", "points") == {"a@x.de": 3, "b@x.de": 3}
    assert held(ws, "email", "plan") == {"a@x.de": "y", "b@x.de": "z"}


def test_without_a_goal_every_row_is_applied(ws: cdpkit.Workspace) -> None:
    """Goals do not know of each other, and a load without one knows nothing."""
    rows = source(("a@x.de", "x", 1))
    for goal in (None, None, "one", "two", "one"):
        ws.load(rows, MAIL, POINTS, goal=goal)
    assert held(ws, "email", "points") == {"a@x.de": 4}


def test_the_delta_outlives_compactions_and_openings(ws: cdpkit.Workspace) -> None:
    """What was seen is in the tables."""
    rows = source(("a@x.de", "x", 1))
    ws.load(rows, MAIL, POINTS, goal="night")
    ws.compact()
    assert cdpkit.open(ws.path).load(rows, MAIL, POINTS, goal="night").counters["excluded"] == {"not_changed": 1}


def test_a_cut_file_followed_by_the_whole_one_adds_nothing(ws: cdpkit.Workspace) -> None:
    """A unit that brings nothing new keeps the rows that it lacks, and an unchanged file ends without warnings."""
    whole = source(("a@x.de", "x", 1), ("a@x.de", "x", 2), ("b@x.de", "x", "few"))
    ws.load(whole, MAIL, POINTS, goal="night")
    for night in (whole.head(1), whole):
        run = ws.load(night, MAIL, POINTS, goal="night")
        assert run.counters["excluded"] == {"not_changed": night.height}
        assert (run.state, run.rejected.height) == ("succeeded", 0)
    run = ws.load(source(("a@x.de", "x", 1), ("a@x.de", "x", 4)), MAIL, POINTS, goal="night")
    assert run.counters["applied"] == 1
    assert ws.load(whole, MAIL, POINTS, goal="night").counters["applied"] == 1
