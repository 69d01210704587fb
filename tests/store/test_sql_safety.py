"""What users write as SQL can neither read a file, write one, reach the network, nor change a setting."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

import cdpkit
from cdpkit.errors import CdpkitError, ConfigurationError

MAIL = {"mail": "email"}
SECRET = "hunter2-secret"  # noqa: S105 - what must not be read


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> cdpkit.Workspace:
    """A workspace, and beside it a folder with files in several formats that hold a secret."""
    root = tmp_path_factory.mktemp("sql")
    made = cdpkit.create(root / "w")
    made.properties.add("email", type="email", identifier=True)
    made.properties.add("plan")
    made.load(pl.DataFrame({"mail": ["ann@x.de", "bob@x.de"], "plan": ["gold", None]}), MAIL, [{"from": "plan"}])
    folder = root / "here"
    folder.mkdir()
    frame = pl.DataFrame({"secret": [SECRET]})
    frame.write_csv(folder / "s.csv")
    frame.write_parquet(folder / "s.parquet")
    frame.write_ndjson(folder / "s.json")
    return made


@pytest.fixture
def ws(shared: cdpkit.Workspace, monkeypatch: pytest.MonkeyPatch) -> cdpkit.Workspace:
    """The shared workspace, which no test changes, with the secret in the working directory and the environment."""
    monkeypatch.chdir(shared.path.parent / "here")
    monkeypatch.setenv("CDPKIT_SECRET", SECRET)
    return shared


@pytest.fixture
def own(shared: cdpkit.Workspace, tmp_path: Path) -> cdpkit.Workspace:
    """A copy that a test may change."""
    shutil.copytree(shared.path, tmp_path / "w")
    return cdpkit.open(tmp_path / "w")


def everything(root: Path) -> dict[str, tuple[int, int]]:
    """Every file below a folder with its size and time."""
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


READING = [
    "select * from read_csv('s.csv')",
    "select * from read_csv_auto('s.csv')",
    "select * from read_single_csv_file('s.csv')",
    "select * from read_parquet('s.parquet')",
    "select * from parquet_scan('s.parquet')",
    "select * from read_parquet(['s.parquet'])",
    "select * from parquet_metadata('s.parquet')",
    "select * from parquet_schema('s.parquet')",
    "select * from parquet_kv_metadata('s.parquet')",
    "select * from parquet_file_metadata('s.parquet')",
    "select * from parquet_bloom_probe('s.parquet', 'secret', 'x')",
    "select * from read_json('s.json')",
    "select * from read_json_auto('s.json')",
    "select * from read_ndjson_objects('s.json')",
    "select * from read_text('s.csv')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('s.csv')",
    "select * from read_duckdb('s.db')",
    "select * from sniff_csv('s.csv')",
    "select * from glob('*')",
    "select * from 's.csv'",
    "select * from 's.parquet'",
    'select * from "s.csv"',
    "select * from '*.csv'",
    "select columns(*) from 's.csv'",
    "from '/etc/passwd'",
    "select (select content from read_text('/etc/hostname'))",
    "with stolen as (from 's.csv') select * from stolen",
    "select * from query('from read_csv(''s.csv'')')",
    "select * from query_table('s.csv')",
    "select * from query_table(['s.csv', 's.parquet'])",
    "from json_execute_serialized_sql(json_serialize_sql('select * from read_csv(''s.csv'')'))",
    "select * from histogram('s.csv', 'secret')",
    "select * from profiles where exists (from 's.csv')",
    "select * from profiles, lateral (from read_text('s.csv'))",
    "select getenv('CDPKIT_SECRET')",
    "select * from duckdb_secrets()",
    "select * from which_secret('s3://bucket/x', 's3')",
    "select * from destroy_external_resource('read_text', 's.csv')",
    "select * from 'https://example.com/x.csv'",
    "select * from read_csv('https://example.com/x.csv')",
    "select * from read_parquet('s3://bucket/x.parquet')",
    "select * from read_text('http://127.0.0.1:1/')",
    "select * from local_frame",
    "select * from everything",
    "select * from pl",
]
"""Each has to be refused."""

WRITING = [
    "copy profiles to 'o.csv'",
    "copy (select 1) to 'o.parquet' (format parquet)",
    "select * from query('copy (select 1) to ''o.csv''')",
    "attach 'o.db'",
    "attach ':memory:' as other",
    "detach memory",
    "export database 'o'",
    "import database 'o'",
    "install httpfs",
    "force install httpfs",
    "load httpfs",
    "load 'o.duckdb_extension'",
    "set threads = 1",
    "set enable_external_access = true",
    "set lock_configuration = false",
    "set global home_directory = '/tmp'",
    "reset enable_external_access",
    "pragma threads = 1",
    "pragma enable_profiling",
    "pragma database_list",
    "call enable_logging()",
    "select * from enable_logging('debug', storage_path := 'o.log')",
    "select * from enable_logging(storage := 'file', storage_path := 'o')",
    "select * from enable_profiling(format := 'json', save_location := 'o.json')",
    "create table t as select 1",
    "create or replace view profiles as select 1",
    "create macro f() as 1",
    "create secret (type s3)",
    "create type t as enum ('a')",
    "create sequence s",
    "drop view profiles",
    "alter table profiles add column x int",
    "insert into profiles values (1)",
    "update profiles set plan = 'x'",
    "delete from profiles",
    "truncate profiles",
    "merge into profiles using profiles p on true when matched then delete",
    "with gone as (delete from profiles returning *) select * from gone",
    "select * from (insert into profiles values (1) returning *)",
    "begin",
    "vacuum",
    "checkpoint",
    "use memory",
    "prepare p as select 1",
    "execute p",
    "explain analyze select 1",
    "select 1; select 2",
    "select 1; drop view profiles",
    "select 1; copy (select 1) to 'o.csv'",
    "select 1 /* ; */; attach 'o.db'",
    "-- select 1\ndrop view profiles",
    "",
    "  ",
    "-- nothing",
    "selec 1",
]
"""Each has to be refused, most of them before DuckDB sees them with the profiles."""

HARMLESS = [
    "select count(*) from profiles",
    "from profiles select plan",
    "select 1;",
    "select ';' -- a comment; drop view profiles",
    "select * from duckdb_settings()",
    "select current_setting('threads')",
    "select * from query('select 1')",
    "select * from query_table('profiles')",
    "select write_log('x')",
    "select setseed(0.5)",
    "select * from truncate_duckdb_logs()",
    "select * from checkpoint()",
    "summarize profiles",
    "describe profiles",
    "values (1)",
]
"""These may run."""


@pytest.fixture
def unchanged(ws: cdpkit.Workspace) -> Iterator[None]:
    """The file system and the profiles are afterwards as they were."""
    root = ws.path.parent
    before, profiles = everything(root), ws.profiles.collect().to_dicts()
    yield
    assert everything(root) == before
    assert ws.profiles.collect().to_dicts() == profiles


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("text", READING)
def test_a_query_reads_nothing_but_its_tables(ws: cdpkit.Workspace, text: str) -> None:
    """No file, no folder, no address, no environment variable, no Python variable; the message shows none of it."""
    local_frame = pl.DataFrame({"secret": [SECRET]})
    with pytest.raises((ConfigurationError, duckdb.Error)) as refused:
        ws.sql(text).pl()
    assert SECRET not in str(refused.value)
    assert local_frame.height == 1


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("text", WRITING)
def test_a_query_is_one_select(ws: cdpkit.Workspace, text: str) -> None:
    """Whatever writes, changes a setting or is several statements is refused with a clear error."""
    with pytest.raises(ConfigurationError, match=r"query c|exactly one SELECT"):
        ws.sql(text).pl()


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_queries_run(ws: cdpkit.Workspace, text: str) -> None:
    """What only looks dangerous changes nothing."""
    assert ws.sql(text).pl().width > 0


def test_settings_stay_locked(ws: cdpkit.Workspace) -> None:
    """A relation's connection has no access to the outside, and says so."""
    names = ("enable_external_access", "lock_configuration", "autoload_known_extensions", "python_enable_replacements")
    found = ws.sql(f"select name, value from duckdb_settings() where name in {names}").pl()
    assert dict(found.iter_rows()) == {
        "enable_external_access": "false",
        "lock_configuration": "true",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
    }


SEGMENTS = [
    "true) --",
    "true) -- \n",
    "true) /*",
    "true) union all (select 1",
    "true) union all (select row from profiles where true",
    "true) intersect (select 1",
    "true); drop view profiles; --",
    "true); select row from profiles where (true",
    "true) limit 1 --\n",
    "true) limit (1",
    "true) order by (row",
    "true) group by (row",
    "true) group by row having (true",
    "true) qualify (true",
    "true) using sample (1",
    "true) offset (1",
    "",
    " ",
    "--",
    "1;2",
    "plan = ",
    "(1, 2)",
    "select true; select true",
    "exists (select 1 from read_csv('s.csv'))",
    "exists (from 's.csv')",
    "exists (from read_text('/etc/passwd'))",
    "plan in (select content from read_text('s.csv'))",
    "plan in (select getenv('CDPKIT_SECRET'))",
    "exists (from query('copy (select 1) to ''o.csv'''))",
    "exists (from enable_logging(storage := 'file', storage_path := 'o'))",
    "exists (from 'https://example.com/x.csv')",
    "exists (from glob('*'))",
    "exists (from runs)",
    "exists (from local_frame)",
    "nosuch = 'x'",
    "copy profiles to 'o.csv'",
    "set threads = 1",
]
"""Each has to be refused."""


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("where", SEGMENTS)
def test_a_segment_is_one_expression(ws: cdpkit.Workspace, where: str) -> None:
    """Neither comments nor brackets lead out of it, and it reads nothing but the profiles."""
    local_frame = pl.DataFrame({"row": [1]})
    with pytest.raises(CdpkitError) as refused:
        ws.segments.add("s", where)
    assert isinstance(refused.value, ConfigurationError)
    assert SECRET not in str(refused.value)
    assert list(ws.segments) == []
    assert local_frame.height == 1


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("plan = 'gold'", 1),
        ("plan = 'gold' -- the best", 1),
        ("plan = ')' or /* ( */ plan is null", 1),
        ("plan in (select max(plan) from profiles)", 1),
        ("(true) or (false)", 2),
        ("plan", None),
        ("email like '%--%' or true", 2),
    ],
)
def test_a_segment_may_be_any_expression(own: cdpkit.Workspace, where: str, count: int | None) -> None:
    """Comments, brackets in texts and subqueries over the profiles are fine; what is not true or false is refused."""
    if count is None:
        with pytest.raises(ConfigurationError, match="segment"):
            own.segments.add("s", where).count()
    else:
        assert own.segments.add("s", where).count() == count


def test_a_segment_edited_into_the_file_is_checked_too(own: cdpkit.Workspace) -> None:
    """The settings file is written by people and git as well, so that an expression is checked when it is used."""
    settings = own.path / "cdpkit.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text + '\n[segments]\nbad = "true) union all (select 1"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="one expression"):
        own.segments["bad"].count()
    with pytest.raises((ConfigurationError, duckdb.Error), match="one expression"):
        own.sql("select * from segments").pl()


@pytest.mark.parametrize(
    "text", ["select * from read_csv('s.csv')", "copy rows to 'o.csv'", "select 1; select 2", "from pl"]
)
@pytest.mark.usefixtures("unchanged")
def test_the_sql_processor_is_locked_as_well(ws: cdpkit.Workspace, text: str) -> None:
    """It sees the rows of the source and nothing else."""
    rows = pl.DataFrame({"mail": ["ann@x.de"]})
    with pytest.raises(ConfigurationError):
        ws.load(rows, MAIL, processors=[{"processor": "sql", "text": text}])


def test_a_misspelt_name_is_told_with_those_that_are_near(ws: cdpkit.Workspace) -> None:
    """Columns and tables are no person's values, and what is no SELECT is called just that."""
    with pytest.raises(ConfigurationError, match=r'"emial" not found.*Candidate bindings: .*"email"'):
        ws.sql("select emial from profiles")
    with pytest.raises(ConfigurationError, match=r'profile does not exist! Did you mean "profiles"'):
        ws.sql("select * from profile")
    with pytest.raises(ConfigurationError, match="it is no SELECT, and nothing else is run"):
        ws.sql("drop table profiles")
