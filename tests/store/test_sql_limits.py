"""What users write as SQL ends in its time and memory, can be interrupted, and is told without any value."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.io.plugins import register_io_source

import cdpkit
from cdpkit.errors import ConfigurationError
from cdpkit.store import sql
from cdpkit.store.relation import Limits

MAIL = {"mail": "email"}
ENDLESS = "select count(*) from range(100000000) a, range(100000000) b where (a.range * b.range) % 7 = 3"
SECRET = "ann.secret@x.de"  # noqa: S105 - a person's value


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> cdpkit.Workspace:
    """Two profiles with a text that is no number."""
    made = cdpkit.create(tmp_path_factory.mktemp("sql") / "w")
    made.properties.add("email", type="email", identifier=True)
    made.properties.add("plan")
    made.load(pl.DataFrame({"mail": [SECRET, "bob@x.de"], "plan": ["gold", "7"]}), MAIL, [{"from": "plan"}])
    return made


def said_of(action: Callable[[], Any]) -> str:
    """The message of the configuration error that an action ends in; nothing quotes what it came from."""
    with pytest.raises(ConfigurationError) as refused:
        action()
    chain: BaseException | None = refused.value
    while chain is not None:
        assert "secret" not in str(chain)
        chain = chain.__cause__ or chain.__context__
    return str(refused.value)


@pytest.mark.parametrize("fetch", ["pl", "df", "fetchall", "to_arrow_table", "show"])
def test_a_query_ends_when_its_time_is_over(ws: cdpkit.Workspace, fetch: str) -> None:
    """Whichever way its rows are asked for; the message says how to give it more."""
    relation, started = ws.sql(ENDLESS, timeout=0.2), time.monotonic()
    assert "ended after 0.2 seconds" in said_of(getattr(relation, fetch))
    assert time.monotonic() - started < 5
    assert "give a timeout" in said_of(lambda: ws.sql("select 1", timeout=0))
    assert ws.sql("select 1 as one").fetchall() == [(1,)]


def test_segments_and_steps_have_a_time_too(tmp_path: Path) -> None:
    """The settings of the workspace say how long; what takes longer is refused and named."""
    own = cdpkit.create(tmp_path / "w")
    own.properties.add("email", type="email", identifier=True)
    own.load(pl.DataFrame({"mail": ["a@x.de"]}), MAIL)
    settings_file = own.path / "cdpkit.toml"
    text = settings_file.read_text(encoding="utf-8")
    settings_file.write_text(text.replace("zone", "sql_seconds = 0.3\nzone"), encoding="utf-8")
    assert "sql_seconds" in said_of(lambda: own.segments.add("s", f"({ENDLESS}) > 3"))
    step = {"processor": "sql", "name": "slow", "text": f"select *, ({ENDLESS}) as n from rows"}
    said = said_of(lambda: own.load(pl.DataFrame({"mail": ["a@x.de"]}), MAIL, processors=[step]))
    assert "'slow'" in said
    assert "ended after 0.3 seconds" in said


def test_rows_that_are_on_their_way_end_with_the_time_too(ws: cdpkit.Workspace) -> None:
    """Though Arrow, which hands them on, has no error of its own for it."""
    assert "ended after 0.5 seconds" in said_of(ws.sql("select * from range(100000000000)", timeout=0.5).pl)


def test_a_value_that_does_not_fit_far_below_is_told_without_it(ws: cdpkit.Workspace) -> None:
    """After batches that were handed on already."""
    text = f"select cast(case when range = 2900000 then '{SECRET}' else '1' end as int) from range(3000000)"
    assert "try_cast" in said_of(ws.sql(text).pl)


def test_values_that_arrow_has_no_type_for_are_texts(ws: cdpkit.Workspace) -> None:
    """Since it would make other values of them."""
    rows = ws.sql(f"select {2**128 - 1}::uhugeint as a, '01:02:03+02'::timetz as b, '101'::bit as c").pl()
    assert rows.row(0) == (str(2**128 - 1), "01:02:03+02", "101")


def test_columns_of_one_name_are_told(ws: cdpkit.Workspace) -> None:
    """In a result that is to be a frame."""
    assert "two of its columns have one name" in said_of(ws.sql("select plan, email as plan from profiles").pl)


def test_a_query_has_a_memory_of_its_own() -> None:
    """What it computes in, and what it hands out as a frame: neither takes the machine's last."""
    small = Limits(memory="30 MB")
    rows = sql.query({}, "select range as n, repeat('x', 100) as t from range(3000000)", small)
    assert "30 MB" in said_of(rows.pl)
    assert rows.limit(3).pl().height == 3


@pytest.mark.parametrize("memory", ["", "much", "0%", "50", "-1 GB", "4 GB; drop"])
def test_an_amount_of_memory_is_checked_where_it_is_written(tmp_path: Path, memory: str) -> None:
    """The settings name what does not fit."""
    own = cdpkit.create(tmp_path / "w")
    settings_file = own.path / "cdpkit.toml"
    text = settings_file.read_text(encoding="utf-8")
    settings_file.write_text(text + f'sql_memory = "{memory}"\n', encoding="utf-8")
    assert "sql_memory" in said_of(lambda: own.sql("select 1"))


@pytest.fixture
def heard() -> Iterator[None]:
    """Interrupts are heard as in a terminal, also where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("fetch", ["pl", "fetchall", "__repr__"])
def test_a_query_can_be_interrupted(ws: cdpkit.Workspace, fetch: str) -> None:
    """An interrupt is an interrupt, and no error of a library; the next query runs."""
    relation = ws.sql(ENDLESS)
    strike = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    strike.start()
    with pytest.raises(KeyboardInterrupt):
        getattr(relation, fetch)()
    strike.join()
    assert ws.sql("select 1").fetchall() == [(1,)]


def test_an_interrupt_while_a_query_begins_leaves_none_at_work(
    ws: cdpkit.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ended if it has begun, and does not begin if it has not."""
    begun, start = list[threading.Thread](), threading.Thread.start

    def interrupted(thread: threading.Thread, *, before: bool) -> None:
        begun.append(thread)
        if not before:
            start(thread)
        raise KeyboardInterrupt

    relation = ws.sql(ENDLESS)
    for before in (True, False):
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", lambda thread, before=before: interrupted(thread, before=before))
            with pytest.raises(KeyboardInterrupt):
                relation.fetchall()
    assert [thread.is_alive() for thread in begun] == [False, False]


def test_a_query_that_heeds_nothing_is_left_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for it is told in the end; what it works on is closed when it has ended."""
    monkeypatch.setattr("cdpkit.store.relation.GRACE", 0.1)
    go_on, ended = threading.Event(), threading.Event()

    def read(columns: list[str] | None, *_: object) -> Iterator[pl.DataFrame]:
        go_on.wait(20)
        yield pl.DataFrame({"row": [1]}, {"row": pl.Int64}).select(columns or ["row"])
        ended.set()

    profiles = register_io_source(read, schema={"row": pl.Int64})
    with pytest.raises(ConfigurationError, match="it was ended after"):
        sql.segment_rows(profiles, "true", limits=Limits(0.1))
    go_on.set()
    assert ended.wait(20)


DEEP = {
    "subquery": lambda n: "select * from " + "(select * from " * n + "(select 1)" + ")" * n,
    "not": lambda n: "select " + "not " * n + "true",
    "sum": lambda n: "select 1" + " + 1" * n,
    "list": lambda n: "select " + "[" * n + "]" * n,
    "case": lambda n: "select " + "case when true then " * n + "1" + " end" * n,
    "call": lambda n: "select " + "abs(" * n + "1" + ")" * n,
    "struct": lambda n: "select " + "{'a': " * n + "1" + "}" * n,
    "brackets": lambda n: "select " + "(" * n + "1" + ")" * n,
}


@pytest.mark.parametrize("kind", DEEP)
@pytest.mark.parametrize("depth", [300, 900, 20_000])
def test_what_nests_too_deeply_is_refused_in_words(ws: cdpkit.Workspace, kind: str, depth: int) -> None:
    """No recursion of the interpreter or of the engine is met; a query may still run where it is not too much."""
    text = DEEP[kind](depth)
    try:
        ws.sql(text).fetchall()
    except ConfigurationError as error:
        assert "nests too deeply" in str(error)  # noqa: PT017 - either it runs or it says this
    try:
        ws.segments.add("deep", f"({text}) is not null")
    except ConfigurationError as error:
        assert "nests too deeply" in str(error)  # noqa: PT017
    else:
        ws.segments.remove("deep")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("select email::int from profiles", "a value of email cannot be converted to INT32"),
        ("select cast(email as date) from profiles", "a value of email cannot be converted"),
        ("select email::decimal(5, 2) from profiles", "to DECIMAL"),
        ("select email::uuid, plan from profiles", "to UUID"),
        ("select strptime(email, '%Y') from profiles", "try_cast"),
        ("select error(email) from profiles", "a value of some row"),
        ("select json_extract(email, '$.a') from profiles", "a value of some row"),
        ("select * from profiles where plan > 5", "Cannot compare values of type VARCHAR"),
        ("select (select email from profiles)", "a value of some row"),
        ("select interval 1 day as i", "cannot be computed"),
    ],
)
def test_what_a_value_does_not_fit_is_told_without_the_value(ws: cdpkit.Workspace, text: str, told: str) -> None:
    """Column and type are named, which are no person's."""
    assert told in said_of(lambda: ws.sql(text).pl())


@settings(max_examples=60, deadline=None)
@given(
    value=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30),
    kind=st.sampled_from(["int", "date", "timestamp", "decimal(3, 1)", "boolean", "uuid", "json", "enum('a')", "time"]),
)
def test_no_value_stands_in_a_message(value: str, kind: str) -> None:
    """Whatever the value is, also where it looks like the engine's own words."""
    held = f"secret {value}' to SECRET when casting from source column secret"
    said_of(lambda: sql.query({"rows": pl.LazyFrame({"v": [held]})}, f"select v::{kind} as w from rows").pl())


def test_names_that_are_not_there_are_told_with_those_that_are(ws: cdpkit.Workspace) -> None:
    """Columns, tables and functions, in another case too."""
    assert '"email"' in said_of(lambda: ws.sql("select E_Mail from profiles"))
    assert "profiles" in said_of(lambda: ws.sql("select * from people"))
    assert "rejected" in said_of(lambda: ws.sql("select * from reject"))
    assert "upper" in said_of(lambda: ws.sql("select uper(email) from profiles"))
    assert '"plan"' in said_of(lambda: ws.segments.add("s", "plann = 'gold'"))


@pytest.mark.parametrize("text", ["select '\ud800'", None, 7, b"select 1"])
def test_what_is_no_text_is_refused(ws: cdpkit.Workspace, text: Any) -> None:
    """Broken texts and what is none end in a clear error, for queries and for segments."""
    assert said_of(lambda: ws.sql(text).fetchall())
    assert said_of(lambda: ws.segments.add("s", text))


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("plan > 5", "Cannot compare"),
        ("plan::int > 5", "plan cannot be converted to INT32"),
        ("plan", "neither true nor false"),
        ("created_at", "neither true nor false"),
        ("[plan]", "neither true nor false"),
        ("strptime(plan, '%Y') > now()", "a value of some row"),
        ("(select email from profiles) = 'x'", "a value of some row"),
    ],
)
def test_a_segment_that_could_not_be_counted_is_not_added(ws: cdpkit.Workspace, where: str, told: str) -> None:
    """It is tried on the columns and on what they hold when it is defined."""
    assert told in said_of(lambda: ws.segments.add("s", where))
    assert told in said_of(lambda: ws.segments.define("s", where))
    assert list(ws.segments) == []


def test_a_segment_that_no_longer_fits_is_named(tmp_path: Path) -> None:
    """Values that came later can break it; count and SQL say which segment it is."""
    own = cdpkit.create(tmp_path / "w")
    own.properties.add("email", type="email", identifier=True)
    own.properties.add("plan")
    own.segments.add("many", "plan::int > 5")
    own.load(pl.DataFrame({"mail": ["a@x.de"], "plan": ["secret"]}), MAIL, [{"from": "plan"}])
    for ask in (own.segments["many"].count, own.sql("select count(*) from segments").fetchall):
        assert "segment 'many'" in said_of(ask)


def test_a_relation_does_what_those_of_duckdb_do(ws: cdpkit.Workspace) -> None:
    """It is filtered, joined, shown and handed to other libraries, and stays within its limits."""
    relation = ws.sql("select email, plan from profiles order by email")
    assert relation.filter("plan = 'gold'").project("email").fetchall() == [(SECRET,)]
    assert relation.columns == ["email", "plan"]
    assert relation.union(ws.sql("select 'c', 'd'").pl() is None or relation).fetchall() == relation.fetchall() * 2
    assert pl.DataFrame(relation).equals(relation.pl())
    assert relation.df()["plan"].to_list() == relation.pl()["plan"].to_list()
    assert "gold" in repr(relation)
    assert "fetchall" in dir(relation)
    assert relation.pl(lazy=True).collect().height == 2
    with pytest.raises(AttributeError):
        relation.no_such_thing  # noqa: B018
    assert "source column" not in said_of(relation.project("plan::int").fetchall)
