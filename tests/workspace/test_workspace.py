"""A workspace as a folder: opening, damage, properties, segments."""

import gc
import shutil
from pathlib import Path

import polars as pl
import pytest

import cdpkit
from cdpkit.config.settings import FORMAT
from cdpkit.core.properties import BUILT_IN
from cdpkit.errors import ConfigurationError, UnknownNameError, WorkspaceError
from tests.workspace.plans import MAIL, PLAN, held, last_log, load, settings

# Opening


def test_opening_what_is_no_workspace_names_create(tmp_path: Path) -> None:
    """A folder without settings, or no folder at all."""
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(WorkspaceError, match=r"is no cdpkit workspace.*cdpkit\.create"):
            cdpkit.open(path)


def test_opening_a_file(tmp_path: Path) -> None:
    """It is said to be a file, and no backup is asked for."""
    (tmp_path / "crm.csv").write_text("email")
    with pytest.raises(WorkspaceError, match="is a file; a workspace is a folder"):
        cdpkit.open(tmp_path / "crm.csv")


def test_creating_where_something_is(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """Neither a workspace nor anything else is ever overwritten; an empty folder is fine."""
    with pytest.raises(WorkspaceError, match=r"is a cdpkit workspace already; open it with cdpkit\.open"):
        cdpkit.create(ws.path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine", encoding="utf-8")
    for taken in (tmp_path / "full", tmp_path / "full" / "notes.txt"):
        with pytest.raises(WorkspaceError, match="is not empty and no workspace"):
            cdpkit.create(taken)
    assert (tmp_path / "full" / "notes.txt").read_text(encoding="utf-8") == "mine"
    (tmp_path / "empty").mkdir()
    assert cdpkit.create(tmp_path / "empty").profiles.collect().is_empty()
    assert held(ws) == {"ann": "gold", "bob": "lead"}


def test_a_query_of_everything_shows_the_person_first(ws: cdpkit.Workspace) -> None:
    """What the workspace keeps stands behind it, as in ws.profiles; the number of the row is the last."""
    columns = ws.sql("select * from profiles").pl().columns
    assert columns[: -len(BUILT_IN) - 1] == [
        name for name in ws.properties if name not in columns[-len(BUILT_IN) - 1 :]
    ]
    assert columns[-len(BUILT_IN) - 1 :] == [*(prop.name for prop in BUILT_IN), "row"]


def test_opening_may_create(tmp_path: Path) -> None:
    """So a cell can run twice; what is not empty and no workspace is refused as ever."""
    first = cdpkit.open(tmp_path / "new", create=True)
    first.properties.add("plan")
    assert "plan" in cdpkit.open(tmp_path / "new", create=True).properties
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="is no cdpkit workspace"):
        cdpkit.open(tmp_path / "full", create=True)


def test_a_relative_path_is_looked_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook that changes its folder keeps its workspace."""
    monkeypatch.chdir(tmp_path)
    made, opened = cdpkit.create("w"), cdpkit.open("w")
    monkeypatch.chdir("/")
    assert made.profiles.collect().height == opened.profiles.collect().height == 0
    assert made.path == opened.path == tmp_path / "w"


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        (f"format = {FORMAT}", f"format = {FORMAT + 1}", WorkspaceError, "written by a newer cdpkit .format"),
        (f"format = {FORMAT}", "format = ", WorkspaceError, "is damaged: .*; mend that line"),
        (f"format = {FORMAT}", "", ConfigurationError, "format: is missing; add it"),
        ("keep_days = 30", "keep_days = -1", ConfigurationError, "keep_days"),
        ("keep_days = 30", "keepdays = 30", ConfigurationError, "keepdays"),
        ('type = "email"', 'type = "mail"', ConfigurationError, r"properties no\. 1, type: is none of its choices"),
        ('name = "plan"', 'name = "EMAIL"', ConfigurationError, "upper and lower case are the same"),
        ('name = "plan"', 'name = "updated_at"', ConfigurationError, "is kept by the workspace"),
    ],
)
def test_settings_that_cannot_be_used(
    ws: cdpkit.Workspace, old: str, new: str, error: type[Exception], message: str
) -> None:
    """The message names the place; once it is mended everything is there."""
    settings(ws, old, new)
    with pytest.raises(error, match=message):
        cdpkit.open(ws.path)
    text = (ws.path / "cdpkit.toml").read_text(encoding="utf-8")
    (ws.path / "cdpkit.toml").write_text(text.replace(new, old) if new else f"{old}\n{text}", encoding="utf-8")
    assert held(cdpkit.open(ws.path)) == {"ann": "gold", "bob": "lead"}


@pytest.mark.parametrize("table", ["profiles", "runs", "changes", "run_rows"])
def test_a_missing_table_is_named(ws: cdpkit.Workspace, table: str) -> None:
    """A load says so before it stores anything; brought back, everything is there."""
    shutil.move(ws.path / "tables" / table, ws.path.parent / table)
    with pytest.raises(WorkspaceError, match=f"the table '{table}' is missing from the workspace"):
        load(cdpkit.open(ws.path), ann="lost")
    shutil.move(ws.path.parent / table, ws.path / "tables" / table)
    assert held(cdpkit.open(ws.path)) == {"ann": "gold", "bob": "lead"}
    assert load(ws, ann="silver").counters["updated"] == 1


@pytest.mark.parametrize("damage", ["garbage", "cut"])
def test_a_damaged_log_is_named(ws: cdpkit.Workspace, damage: str) -> None:
    """Nothing is read past it, nothing is committed over it, and the restored file brings all back."""
    log = last_log(ws)
    text = log.read_text(encoding="utf-8")
    log.write_text("{garbage" if damage == "garbage" else text[: len(text) // 2], encoding="utf-8")
    for call in (lambda: cdpkit.open(ws.path), lambda: load(ws, ann="lost"), lambda: ws.profiles):
        with pytest.raises(WorkspaceError, match="the table 'profiles' cannot be read"):
            call()
    log.write_text(text, encoding="utf-8")
    assert held(cdpkit.open(ws.path)) == {"ann": "gold", "bob": "lead"}


def test_a_deleted_file_is_named(ws: cdpkit.Workspace) -> None:
    """Profiles are never shown without those of the lost file; the restored file brings all back."""
    lost = next((ws.path / "tables" / "profiles").glob("*.parquet"))
    content = lost.read_bytes()
    ws.segments.add("all", "true")
    seen = ws.profiles
    lost.unlink()
    for call in (
        seen.collect,
        lambda: ws.profiles,
        lambda: load(ws, ann="lost"),
        ws.segments["all"].count,
        lambda: ws.sql("select count(*) from profiles"),
    ):
        with pytest.raises(WorkspaceError, match=f"the table 'profiles' has lost {lost.name}"):
            call()
    lost.write_bytes(content[:-9])
    with pytest.raises(WorkspaceError, match=f"{lost.name} of the table 'profiles' is damaged: it has"):
        ws.segments["all"].count()
    lost.write_bytes(content)
    assert held(cdpkit.open(ws.path)) == {"ann": "gold", "bob": "lead"}


def test_an_emptied_log_entry_is_named(ws: cdpkit.Workspace) -> None:
    """It is not taken for a commit that did nothing."""
    log = ws.path / "tables" / "profiles" / "_delta_log"
    entry = max(log.glob("*.json"))
    content = entry.read_bytes()
    entry.write_bytes(b"")
    with pytest.raises(WorkspaceError, match=f"the log entry {entry.name} of the table 'profiles' is empty"):
        cdpkit.open(ws.path)
    entry.write_bytes(content)
    assert held(cdpkit.open(ws.path)) == {"ann": "gold", "bob": "lead"}


# Properties


@pytest.mark.parametrize(
    "name", ["Email", "row", "ROW", "layer", "deleted", "profile_id", "Permission_Level", "a b", "é", ""]
)
def test_names_that_no_property_may_have(ws: cdpkit.Workspace, name: str) -> None:
    """Names are unique without regard to case, some are kept, and only some characters are allowed."""
    before = list(ws.properties)
    with pytest.raises(
        ConfigurationError, match=r"already|kept by the workspace|may only have letters|is empty; fill it in"
    ):
        ws.properties.add(name)
    assert list(ws.properties) == before
    assert list(cdpkit.open(ws.path).properties) == before


def test_adding_a_property(ws: cdpkit.Workspace) -> None:
    """The very same one again changes nothing; with other flags it is another, and refused."""
    added = ws.properties.add("tags", multi=True, pii=True)
    assert ws.properties.add("tags", multi=True, pii=True) == added
    for options in ({}, {"type": "number", "multi": True, "pii": True}):
        with pytest.raises(ConfigurationError, match="there is a property 'tags' already"):
            ws.properties.add("tags", **options)  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="no property type 'string'; there are: boolean, date"):
        ws.properties.add("other", type="string")
    assert ws.profiles.collect()["tags"].to_list() == [None, None]
    assert ws.properties.frame().filter(name="tags").rows() == [("tags", "text", True, False, True)]


def test_changing_a_property(ws: cdpkit.Workspace) -> None:
    """Flags change; a type where the values fit; built-in ones stay as they are."""
    assert ws.properties.change("plan", identifier=True, pii=True).identifier
    assert ws.properties.change("plan", type="text", identifier=False).pii
    for kind in ("email", "number", "date"):
        with pytest.raises(ConfigurationError, match="2 values of 2 profiles do not fit"):
            ws.properties.change("plan", type=kind)
    with pytest.raises(ConfigurationError, match="is built in"):
        ws.properties.change("profile_id", pii=True)
    with pytest.raises(UnknownNameError, match=r"no property 'nope'; there are: .*email"):
        ws.properties.change("nope", pii=True)
    assert held(cdpkit.open(ws.path)) == {"ann": "gold", "bob": "lead"}


def test_a_type_edited_by_hand_is_refused(ws: cdpkit.Workspace) -> None:
    """A load says what is stored; nothing is lost when the edit is undone."""
    settings(ws, 'name = "plan"\ntype = "text"', 'name = "plan"\ntype = "number"')
    with pytest.raises(ConfigurationError, match="but the settings say number; undo that edit"):
        ws.load(pl.DataFrame({"mail": ["ann@x.de"], "plan": [1]}), MAIL, PLAN)
    settings(ws, 'name = "plan"\ntype = "number"', 'name = "plan"\ntype = "text"')
    assert held(ws) == {"ann": "gold", "bob": "lead"}


def test_comments_survive(ws: cdpkit.Workspace) -> None:
    """Forms, editors and git share the file: what people wrote in it stays."""
    settings(ws, 'zone = "UTC"', 'zone = "UTC" # ours\n# the plans of 2026')
    settings(ws, 'name = "plan"', 'name = "plan" # gold, silver')
    ws.properties.add("more")
    ws.properties.change("plan", pii=True)
    ws.segments.add("all", "true")
    ws.segments.add("other", "false")
    ws.segments.remove("all")
    text = (ws.path / "cdpkit.toml").read_text(encoding="utf-8")
    for comment in ("# ours", "# the plans of 2026", "# gold, silver", "# A cdpkit workspace"):
        assert comment in text
    assert list(cdpkit.open(ws.path).segments) == ["other"]
    assert cdpkit.open(ws.path).properties["plan"].pii


# Segments and SQL


def test_segments(ws: cdpkit.Workspace) -> None:
    """Defined, counted, listed, defined anew, removed."""
    gold = ws.segments.add("gold ones", "plan = 'gold'")
    assert gold.members()["email"].to_list() == ["ann@x.de"]
    ws.segments.add("nobody", "plan is null")
    load(ws, bob="gold")
    assert ws.segments.frame().rows() == [("gold ones", "plan = 'gold'", 2), ("nobody", "plan is null", 0)]
    assert ws.sql("select segment, count(*) n from segments group by segment").pl().rows() == [("gold ones", 2)]
    assert ws.segments.change("gold ones", "plan = 'lead'").count() == 0
    ws.segments.remove("nobody")
    assert list(ws.segments) == ["gold ones"]
    for call in (lambda: ws.segments["nobody"], lambda: ws.segments.remove("nobody")):
        with pytest.raises(UnknownNameError, match="no segment 'nobody'; there are: gold ones"):
            call()
    with pytest.raises(ConfigurationError, match="the name of the segment is empty"):
        ws.segments.add(" ", "true")


def test_who_entered_and_who_left(ws: cdpkit.Workspace) -> None:
    """Between two runs, or since one; deleted profiles have left, created ones have entered."""
    gold = ws.segments.add("gold", "plan = 'gold'")
    first = ws.runs["run_id"][0]
    second = load(ws, ann="lead", bob="gold", cy="gold")
    load(ws, dan="gold", bob=None)
    assert sorted(gold.entered(first, second.id)["email"]) == ["bob@x.de", "cy@x.de"]
    assert gold.left(first, second.id).select("email", "plan").rows() == [("ann@x.de", "gold")]
    assert sorted(gold.entered(first)["email"]) == ["cy@x.de", "dan@x.de"]
    assert gold.left(second.id)["email"].to_list() == ["bob@x.de"]
    ws.undo(second.id)
    assert sorted(gold.left(second.id)["email"]) == ["bob@x.de", "cy@x.de"]
    assert sorted(gold.entered(second.id)["email"]) == ["ann@x.de", "dan@x.de"]


def test_a_relation_outlives_the_workspace(ws: cdpkit.Workspace) -> None:
    """A query's result can be computed, again and again, when nothing else is kept of the workspace."""
    relation = cdpkit.open(ws.path).sql("select email, plan from profiles order by email")
    gc.collect()
    expected = [("ann@x.de", "gold"), ("bob@x.de", "lead")]
    assert relation.pl().rows() == expected
    load(ws, ann="changed")
    ws.compact()
    assert relation.pl().rows() == expected


@pytest.mark.parametrize(
    "where",
    [
        "plan = 'p3'",
        "plan <> 'p3'",
        "plan is null",
        "plan is not distinct from null",
        "plan in ('p1', 'p4', null)",
        "plan not in ('p1')",
        "points > 1.5 or plan = 'p1'",
        "points between -1 and 3",
        "not (points < 2)",
        "points = 0.1",
        "day >= date '2024-01-03'",
        "seen < timestamptz '2024-01-03 00:00:00Z'",
        "seen = '2024-01-02T00:00:00Z'",
        "list_contains(tags, 't1')",
        "tags = ['t1', 't2']",
        "len(tags) = 0",
        "vip",
        "not vip",
        "vip is null and number % 2 = 0",
        "number = 9223372036854775807",
        "email like 'p1%' and number < 100",
        "lower(email) = 'p5@x.de'",
        "plan = email",
        "updated_seq = 2",
    ],
)
def test_filters_mean_in_sql_what_they_mean(tmp_path: Path, where: str) -> None:
    """Filters that are pushed down below the patches select what DuckDB selects from the same rows in memory."""
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("email", type="email", identifier=True)
    rows = pl.DataFrame({"mail": [f"p{n}@x.de" for n in range(300)], "number": pl.int_range(300, eager=True)})
    rows = rows.with_columns(
        plan=pl.when(pl.col("number") % 7 > 0).then(pl.format("p{}", pl.col("number") % 5)),
        points=(pl.col("number") % 5) * 0.5 - 1,
        day=pl.date(2024, 1, 1) + pl.duration(days=pl.col("number") % 9),
        seen=(pl.datetime(2024, 1, 1) + pl.duration(days=pl.col("number") % 4)).dt.replace_time_zone("UTC"),
        tags=pl.when(pl.col("number") % 3 > 0).then(
            pl.concat_list(pl.lit("t1"), pl.format("t{}", pl.col("number") % 4))
        ),
        vip=pl.when(pl.col("number") % 4 > 0).then(pl.col("number") % 4 > 2),
    )
    mappings = [{"from": name, "to": name, "rule": "set_or_clear"} for name in rows.columns[1:]]
    ws.load(rows, MAIL, mappings)
    patch = rows.head(4).with_columns(
        pl.lit(2**63 - 1).alias("number"), plan=pl.lit(None, pl.String), points=pl.lit(0.1)
    )
    ws.load(patch, MAIL, mappings)
    everybody = ws.profiles.collect()
    text = f"select email from profiles where {where} order by email"
    expected = pl.DataFrame(_duckdb(everybody, text))
    assert ws.sql(text).pl().rows() == expected.rows()
    assert sorted(ws.segments.add("s", where).members()["email"]) == expected["email"].to_list()


def _duckdb(profiles: pl.DataFrame, text: str) -> pl.DataFrame:
    import duckdb

    with duckdb.connect() as connection:
        connection.register("profiles", profiles)
        connection.execute("set timezone = 'UTC'")
        found: pl.DataFrame = connection.sql(text).pl()
        return found
