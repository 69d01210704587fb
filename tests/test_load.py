"""Loads: what is read, what becomes of every row, and what a person is told."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

import cdpkit
from cdpkit.errors import ConfigurationError, RunFailedError, SourceError, UnknownNameError

MAIL = {"mail": "email"}
PLAN = [{"from": "plan", "to": "plan", "rule": "set"}]
POINTS = [{"from": "points", "to": "points", "rule": "sum"}]


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    """An empty workspace with a few properties."""
    made = cdpkit.create(tmp_path / "w")
    made.properties.add("email", type="email", identifier=True)
    made.properties.add("code", identifier=True)
    made.properties.add("plan")
    made.properties.add("points", type="number")
    made.properties.add("tags", multi=True)
    return made


def source(*lines: tuple[object, ...], fields: Sequence[str] = ("mail", "plan", "points")) -> pl.DataFrame:
    width = len(lines[0])
    return pl.DataFrame(lines, schema=list(fields)[:width], orient="row")


def held(ws: cdpkit.Workspace, *names: str) -> dict[object, object]:
    """The first column -> the second, or a tuple of the others."""
    rows = ws.profiles.select(names).collect().iter_rows()
    return {first: rest[0] if len(rest) == 1 else tuple(rest) for first, *rest in rows}


def assert_adds_up(run: cdpkit.Run) -> None:
    """Counters and frames tell the same."""
    counters = run.counters
    accounted = counters["applied"] + counters["unchanged"] + sum(counters["excluded"].values())
    assert counters["received"] + counters["added"] == accounted == run.rows.height
    fates = dict(run.rows["fate"].value_counts().iter_rows())
    assert {"applied": counters["applied"], "unchanged": counters["unchanged"]} == {
        fate: fates.get(fate, 0) for fate in ("applied", "unchanged")
    }
    assert dict(run.excluded["reason"].value_counts().iter_rows()) == counters["excluded"]
    assert dict(run.rejected["reason"].value_counts().iter_rows()) == counters["rejected"]
    assert run.changes.filter(rule="create").height == counters["created"]
    updated = run.changes.filter(pl.col("rule") != "create")["profile_id"].n_unique()
    assert updated == counters["updated"]


# What is read


@pytest.mark.parametrize("ending", ["csv", "parquet", "ndjson", "jsonl"])
def test_files_of_every_format(ws: cdpkit.Workspace, tmp_path: Path, ending: str) -> None:
    """The same rows in each format make the same profiles; a path may be text or a path."""
    rows = source(("ann@x.de", "gold", 5), ("bob@x.de", None, 2))
    path = tmp_path / f"crm.{ending}"
    if ending == "csv":
        rows.write_csv(path)
    elif ending == "parquet":
        rows.write_parquet(path)
    else:
        rows.write_ndjson(path)
    for given in (path, str(path)):
        run = ws.load(given, MAIL, PLAN)
        assert_adds_up(run)
    assert held(ws, "email", "plan") == {"ann@x.de": "gold", "bob@x.de": None}


@pytest.mark.parametrize(
    "given",
    [
        source(("ann@x.de", "gold")),
        source(("ann@x.de", "gold")).lazy(),
        source(("ann@x.de", "gold")).to_arrow(),
        pa.table({"mail": ["ann@x.de"], "plan": ["gold"]}),
        {"mail": ["ann@x.de"], "plan": ["gold"]},
        [{"mail": "ann@x.de", "plan": "gold"}],
    ],
    ids=["eager", "lazy", "arrow of polars", "arrow", "columns", "rows"],
)
def test_frames_of_every_kind(ws: cdpkit.Workspace, given: object) -> None:
    """Polars frames, Arrow tables, and what Polars makes frames of."""
    ws.load(given, MAIL, PLAN)
    assert held(ws, "email", "plan") == {"ann@x.de": "gold"}


def test_a_glob_is_one_source(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """Files follow each other by name, rows are numbered through, and a field that a file lacks is empty there."""
    source(("b@x.de", "x")).write_csv(tmp_path / "2.csv")
    source(("a@x.de",), ("b@x.de",)).write_csv(tmp_path / "1.csv")
    run = ws.load(tmp_path / "*.csv", MAIL, [{"from": "plan", "to": "plan", "rule": "set_or_clear"}])
    assert run.rows["source_row"].to_list() == [0, 1, 2]
    assert held(ws, "email", "plan") == {"a@x.de": None, "b@x.de": "x"}
    assert [Path(item["path"]).name for item in run.details["inputs"]] == ["1.csv", "2.csv"]


def test_csv_is_text(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """Leading zeros, NULL, quotes, line breaks inside quotes and a byte order mark are read as they are meant."""
    path = tmp_path / "crm.csv"
    path.write_text('\ufeffmail,plan\r\nann@x.de,007\r\nbob@x.de,NULL\r\ncy@x.de,"a ""b"",\nc"\r\n', encoding="utf-8")
    ws.load(path, MAIL, PLAN)
    assert held(ws, "email", "plan") == {"ann@x.de": "007", "bob@x.de": "NULL", "cy@x.de": 'a "b",\nc'}


def test_ragged_lines_are_told_apart(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """A line with more or fewer fields than the header is excluded by its number; the others are loaded."""
    path = tmp_path / "crm.csv"
    path.write_text('mail,plan\na@x.de,"x\ny"\nb@x.de\nc@x.de,z\nd@x.de,1,2\ne@x.de,w\n', encoding="utf-8")
    run = ws.load(path, MAIL, PLAN)
    assert_adds_up(run)
    assert run.excluded.rows() == [(1, "ragged_line"), (3, "ragged_line")]
    assert run.state == "succeeded_with_warnings"
    assert "lines with more or fewer fields than the header" in run.report()
    assert held(ws, "email", "plan") == {"a@x.de": "x\ny", "c@x.de": "z", "e@x.de": "w"}


@pytest.mark.parametrize(
    "text",
    [
        'mail,plan\na@x.de,"gold\nb@x.de,silver\nc@x.de,x\n',
        'mail,plan\na@x.de,gold\nb@x.de,"silver',
        'mail,plan\n"a@x.de,gold\nb@x.de,silver\n',
        'mail,plan\na@x.de,"gold\nb@x.de,silver\nc@x.de,"x"\n',
        'mail,plan\na@x.de,"gold\nb@x.de,silver\nc@x.de,"x\nd@x.de,y\n',
    ],
    ids=["last field", "end of file", "first field", "closed by the next one", "two of them"],
)
def test_an_unclosed_quote_hides_no_lines(ws: cdpkit.Workspace, tmp_path: Path, text: str) -> None:
    """The file is refused; else every line up to the next quote would be one value, and nobody would see it."""
    path = tmp_path / "crm.csv"
    path.write_text(text, encoding="utf-8")
    if text.count("\n") == 2:
        ws.load(path, MAIL, PLAN)
        assert held(ws, "email", "plan") == {"a@x.de": "gold", "b@x.de": "silver"}
        return
    with pytest.raises(SourceError, match="quotes are closed"):
        ws.load(path, MAIL, PLAN)
    assert ws.profiles.collect().is_empty()


def test_a_quote_inside_a_value_is_a_character(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """Inches hide nothing."""
    path = tmp_path / "crm.csv"
    path.write_text('mail,plan\na@x.de,5" pipe\nb@x.de,"two\nlines"\n', encoding="utf-8")
    ws.load(path, MAIL, PLAN)
    assert held(ws, "email", "plan") == {"a@x.de": '5" pipe', "b@x.de": "two\nlines"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("crm.csv", b"", "cannot be read as csv"),
        ("crm.csv", b"\n\n", "cannot be read as csv"),
        ("crm.csv", "mail,plan\na@x.de,é\n".encode("latin-1"), "check that it is UTF-8"),
        ("crm.csv", b"mail,plan,plan\na@x.de,x,y\n", "several fields 'plan'"),
        ("crm.parquet", b"no parquet", "cannot be read as parquet"),
        ("crm.ndjson", b'{"mail": "a@x.de"', "cannot be read as ndjson"),
        ("crm.xlsx", b"", "no reader for .xlsx; there are: .csv"),
        ("crm", b"mail\n", "no reader for files without an ending"),
    ],
)
def test_what_cannot_be_read(ws: cdpkit.Workspace, tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """An empty file, another encoding or another format is a source error, and its content is not quoted."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=message) as refused:
        ws.load(path, MAIL, PLAN)
    assert "a@x.de" not in str(refused.value)
    assert ws.runs.is_empty()


def test_a_missing_file_names_its_neighbours(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """The message lists the folder."""
    source(("a@x.de",)).write_csv(tmp_path / "crm.csv")
    with pytest.raises(SourceError, match=r"no file .*cmr.csv'; its folder has: crm.csv"):
        ws.load(tmp_path / "cmr.csv", MAIL)


@pytest.mark.parametrize("given", [5, object(), None, pl.DataFrame()])
def test_a_source_of_the_wrong_type(ws: cdpkit.Workspace, given: object) -> None:
    """The message says what a source is."""
    with pytest.raises(SourceError, match="frame"):
        ws.load(given, MAIL)


def test_a_source_without_rows(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """A header alone, or a frame of no rows, is a run that did nothing."""
    path = tmp_path / "crm.csv"
    path.write_text("mail,plan\n", encoding="utf-8")
    for given in (path, pl.DataFrame({"mail": [], "plan": []})):
        run = ws.load(given, MAIL, PLAN, goal="night")
        assert_adds_up(run)
        assert (run.state, run.counters["received"], run.counters["created"]) == ("succeeded", 0, 0)


@pytest.mark.parametrize(
    "name",
    ["position", "line", "ragged_line", "unit", "hash", "row", "key_0", "held", "seq", "layer", "index", "number"],
)
def test_fields_may_be_called_anything(ws: cdpkit.Workspace, tmp_path: Path, name: str) -> None:
    """Names that the package uses for itself are fields like any other, in files too."""
    path = tmp_path / "crm.csv"
    for text in (f"mail,{name}\na@x.de,x\nb@x.de,y\n", f"mail,{name}\na@x.de,x\nb@x.de\nc@x.de,z\n"):
        path.write_text(text, encoding="utf-8")
        ws.load(path, MAIL, [{"from": name, "to": "plan"}], goal="night")
    assert held(ws, "email", "plan") == {"a@x.de": "x", "b@x.de": "y", "c@x.de": "z"}


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
        ({"goal": " "}, "a goal's name"),
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
    ws.processors.register("grown_up", lambda rows: rows.filter(pl.col("points") >= 18).with_columns(plan=pl.lit("x")))
    assert "grown_up" in ws.processors
    run = ws.load(source(("a@x.de", "y", 18), ("b@x.de", "y", 17)), MAIL, PLAN, processors=["grown_up"])
    assert_adds_up(run)
    assert run.excluded.rows() == [(1, "processor:grown_up")]
    assert held(ws, "email", "plan") == {"a@x.de": "x"}
    with pytest.raises(ConfigurationError, match="built-in processor"):
        ws.processors.register("trim", lambda rows: rows)
    ws.processors.register("loses", lambda rows: rows.drop("_source_row"))
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


# What a person is told


def test_the_last_five_created_and_updated(ws: cdpkit.Workspace) -> None:
    """Whole profiles, with their ids; never more than five."""
    ws.load(source(("old@x.de", "a"), ("same@x.de", "b")), MAIL, PLAN)
    rows = source(("old@x.de", "c"), ("same@x.de", "b"), *((f"{n}@x.de", "d") for n in range(7)))
    run = ws.load(rows, MAIL, PLAN)
    assert run.updated["email"].to_list() == ["old@x.de"]
    assert sorted(run.created["email"]) == [f"{n}@x.de" for n in range(2, 7)]
    assert set(run.created["profile_id"]) <= set(ws.profiles.collect()["profile_id"])


def test_what_changed_by_property(ws: cdpkit.Workspace) -> None:
    """The summary of a preview counts what is set, changed and cleared."""
    ws.load(source(("a@x.de", "x", 1), ("b@x.de", None, 1), ("c@x.de", "x", None)), MAIL, [*PLAN, *POINTS])
    mapped = [{"from": "plan", "to": "plan", "rule": "set_or_clear"}, *POINTS]
    rows = source(("a@x.de", "y", 1), ("b@x.de", "z", None), ("c@x.de", None, 2), ("d@x.de", "n", 1))
    assert ws.preview_load(rows, MAIL, mapped).summary.rows() == [
        ("plan", "set_or_clear", 1, 1, 1),
        ("points", "sum", 1, 1, 0),
    ]


def test_the_report_is_for_people(ws: cdpkit.Workspace) -> None:
    """It names state, goal and every counter that is not empty, and no value of a person."""
    rows = source(("a@x.de", "x", "1"), (None, "x", "1"), ("b@x.de", "x", "abc"))
    run = ws.load(rows, MAIL, [*PLAN, *POINTS], goal="night")
    report = run.report()
    for part in (
        f"load {run.id}: succeeded with warnings",
        "goal 'night'",
        "3  rows received",
        "1  rows excluded: without an identifier that could be read",
        "1  values rejected: not a whole number",
        "2  profiles created",
    ):
        assert part in report
    assert "x.de" not in report
    assert repr(run) == report
    assert ws.run(run.id).as_dict() == run.as_dict()


def test_progress_is_told(ws: cdpkit.Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """A function is given each event, `True` writes lines to standard error, nothing else writes anything."""
    events: list[cdpkit.RunEvent] = []
    run = ws.load(source(("a@x.de", "x")), MAIL, PLAN, progress=events.append)
    assert {event.run_id for event in events} == {"", run.id}
    assert [event.stage for event in events] == ["read", "match", "merge", "commit"]
    assert [event.done for event in events] == [0, 0, 1, 1]
    assert capsys.readouterr() == ("", "")
    ws.load(source(("a@x.de", "y")), MAIL, PLAN, progress=True)
    assert "commit" in capsys.readouterr().err


def test_a_failed_load_stores_nothing_and_says_so(ws: cdpkit.Workspace) -> None:
    """What an observer raises is raised, the run is in the history as failed, and the next load goes through."""

    def refuse(event: cdpkit.RunEvent) -> None:
        if event.stage == "commit":
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        ws.load(source(("a@x.de", "x")), MAIL, PLAN, goal="night", progress=refuse)
    failed = ws.run(ws.runs["run_id"].item())
    assert failed.state == "failed"
    with pytest.raises(RunFailedError, match=f"run {failed.id} is failed: ValueError"):
        failed.raise_for_state()
    assert ws.profiles.collect().is_empty()
    run = ws.load(source(("a@x.de", "x")), MAIL, PLAN, goal="night")
    run.raise_for_state()
    assert run.counters["created"] == 1


def test_runs_are_found_again(ws: cdpkit.Workspace) -> None:
    """By their id, in the history and in SQL; an unknown one names the latest."""
    run = ws.load(source(("a@x.de", "x", 1), (None, "y", 2)), MAIL, PLAN, goal="night")
    found = cdpkit.open(ws.path).run(run.id)
    assert found.counters == run.counters
    assert found.changes.equals(run.changes)
    assert ws.sql("select name, state from runs").pl().rows() == [("night", "succeeded_with_warnings")]
    assert ws.sql(f"select count(*) n from run_rows where run_id = '{run.id}'").pl().item() == 2
    with pytest.raises(UnknownNameError, match=f"no run 'x'; there are: {run.id}"):
        ws.run("x")


def test_a_load_without_mappings_creates_profiles_from_identifiers_alone(tmp_path: Path) -> None:
    """Also where a row in between has none, and is left out."""
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("email", type="email", identifier=True)
    run = ws.load(pl.DataFrame({"email": ["a@x.de", None, "b@x.de"]}), {"email": "email"})
    assert (run.counters["created"], run.counters["excluded"]) == (2, {"missing_identifier": 1})
    assert ws.profiles.select("email").collect()["email"].to_list() == ["a@x.de", "b@x.de"]
