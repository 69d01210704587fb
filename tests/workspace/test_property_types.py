"""A property's type can be mended: with all its values, or with the exact number of those that do not fit."""

import datetime as dt
import json
import shutil
from pathlib import Path
from threading import Thread
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cdpkit
from cdpkit.core.properties import Property, PropertyType
from cdpkit.core.retype import _NONE_FIT, retype
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.runs.catalogue import EDIT, plain
from cdpkit.runs.draft import side_files
from cdpkit.runs.record import Recorder
from cdpkit.runs.reshape import _Asked, _commit, _work_out
from cdpkit.runs.run import CHANGE
from cdpkit.store.attempt import attempt

MAIL = {"mail": "email"}


def workspace(root: Path, values: list[Any], kind: str = "text", **flags: bool) -> cdpkit.Workspace:
    """A workspace with a profile for each value of the property `v`."""
    ws = cdpkit.create(root / "w")
    ws.properties.add("email", type="email", identifier=True)
    ws.properties.add("v", type=kind, **flags)
    load(ws, values)
    return ws


def load(ws: cdpkit.Workspace, values: list[Any], first: int = 0) -> cdpkit.Run:
    rows = pl.DataFrame({"mail": [f"p{first + i}@x.de" for i in range(len(values))], "v": values}, strict=False)
    return ws.load(rows, MAIL, [{"from": "v"}])


def held(ws: cdpkit.Workspace) -> list[Any]:
    """The values in the order of the addresses."""
    return ws.profiles.collect().sort("email")["v"].to_list()


NUMERALS = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["007", "+1", "1.0", "1.10", "-0", "0", "1e5", " 5", "0.1", "9007199254740993", "1" * 19]),
)
TEXTS = st.one_of(
    NUMERALS,
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.sampled_from(
        ["true", "false", "yes", "n/a", "2024-02-29", "2024-02-29T10:00:00Z", "2024-02-30", "a@x.de", "A@x.de "]
    ),
    st.dates().map(str),
)
VALUES: dict[PropertyType, st.SearchStrategy[Any]] = {
    PropertyType.TEXT: TEXTS.filter(str.strip),
    PropertyType.EMAIL: st.from_regex(r"[a-z]{1,5}@[a-z]{1,5}\.de", fullmatch=True),
    PropertyType.NUMBER: st.integers(-(2**63), 2**63 - 1),
    PropertyType.DECIMAL: st.floats(allow_nan=False, allow_infinity=False),
    PropertyType.BOOLEAN: st.booleans(),
    PropertyType.DATE: st.dates(),
    PropertyType.DATETIME: st.datetimes(timezones=st.just(dt.UTC), min_value=dt.datetime(1, 1, 2)),  # noqa: DTZ001
}
EXACT = {PropertyType.NUMBER, PropertyType.DECIMAL, PropertyType.DATE, PropertyType.EMAIL}


@settings(max_examples=100, deadline=None)
@given(data=st.data(), old=st.sampled_from(PropertyType), new=st.sampled_from(PropertyType))
def test_there_and_back_gives_the_same_values(data: st.DataObject, old: PropertyType, new: PropertyType) -> None:
    """What fits comes back as it was, what does not is counted; a text fits always; the empty stay empty."""
    values = data.draw(st.lists(st.one_of(st.none(), VALUES[old]), max_size=6))
    stored = pl.Series("v", values, dtype=Property("v", old).dtype)
    there = retype(stored, Property("v", old), Property("v", new), "UTC")
    assert there.values.dtype == Property("v", new).dtype
    assert there.misfits == there.misfit.sum() == there.values.null_count() - stored.null_count()
    if new is PropertyType.TEXT:
        assert there.misfits == 0
    fitting = there.values.drop_nulls()
    back = retype(fitting, Property("v", new), Property("v", old), "UTC")
    if old in (PropertyType.TEXT, PropertyType.EMAIL) and new in EXACT:
        assert back.values.to_list() == [v.strip() for v in stored.filter(there.values.is_not_null())]
    elif old is not PropertyType.TEXT and (new, old) not in _NONE_FIT:
        assert back.values.to_list() == stored.filter(there.values.is_not_null()).to_list()


@settings(max_examples=100, deadline=None)
@given(lists=st.lists(st.one_of(st.none(), st.lists(TEXTS.filter(str.strip), min_size=1, max_size=4, unique=True))))
def test_lists_keep_their_elements(lists: list[list[str] | None]) -> None:
    """Each element by itself; of several, none is taken for a property that holds one."""
    many, one = Property("v", multi=True), Property("v")
    stored = pl.Series("v", lists, dtype=pl.List(pl.String))
    single = retype(stored, many, one, "UTC")
    assert single.misfits == sum(len(each) for each in lists if each and len(each) > 1)
    fitting = stored.filter(~single.misfit)
    assert retype(single.values.filter(~single.misfit), one, many, "UTC").values.to_list() == fitting.to_list()
    numbers = retype(stored, many, Property("v", PropertyType.NUMBER, multi=True), "UTC")
    back = retype(numbers.values, Property("v", PropertyType.NUMBER, multi=True), many, "UTC")
    kept = sum(len(each) for each in back.values.drop_nulls().to_list())
    assert kept + numbers.misfits == sum(len(each) for each in lists if each)


@pytest.mark.parametrize(
    ("kind", "values", "new", "expected"),
    [
        ("text", ["1", None, "-20"], "number", [1, None, -20]),
        ("text", ["0.1", "2"], "decimal", [0.1, 2.0]),
        ("text", ["yes", "false"], "boolean", [True, False]),
        ("text", ["2024-02-29"], "date", [dt.date(2024, 2, 29)]),
        ("text", ["a@x.de"], "email", ["a@x.de"]),
        ("number", [1, 2**62], "text", ["1", str(2**62)]),
        ("decimal", [1.0, 0.1], "text", ["1", "0.1"]),
        ("decimal", [1.0, 2.0], "number", [1, 2]),
        ("number", [1, 0], "boolean", [True, False]),
        ("boolean", [True], "text", ["true"]),
        ("date", [dt.date(2024, 2, 29)], "datetime", [dt.datetime(2024, 2, 29, tzinfo=dt.UTC)]),
    ],
)
def test_values_go_along(tmp_path: Path, kind: str, values: list[Any], new: str, expected: list[Any]) -> None:
    """In frames, in SQL, after opening again, after compaction, and back by undo; the history has the change."""
    ws = workspace(tmp_path, values, kind)
    load(ws, values[:1])
    before, version = held(ws), ws.runs["run_id"][-1]
    assert ws.properties.change("v", type=new).type == new
    for state in (ws, cdpkit.open(ws.path)):
        assert held(state) == expected
        assert state.sql("select v from profiles order by email").pl()["v"].to_list() == expected
    assert ws.runs["kind"].to_list()[-1] == "change"
    assert ws.at(version).profiles.collect().sort("email")["v"].to_list() == before
    ws.compact()
    assert held(ws) == expected
    change = ws.run(ws.runs["run_id"][-1])
    assert change.state == "succeeded"
    undone = ws.undo(change.id)
    assert (undone.kind, held(ws), ws.properties["v"].type.value) == ("undo", before, kind)
    with pytest.raises(ConfigurationError, match="taken back by"):
        ws.undo(change.id)


def test_what_does_not_fit_is_counted_and_never_shown(tmp_path: Path) -> None:
    """The change is refused with the offer; nothing has changed; with `rest` it is done, listed, and taken back."""
    ws = workspace(tmp_path, ["1", "n/a", "secret", "007", None])
    with pytest.raises(ConfigurationError, match=r"3 values of 3 profiles do not fit.*rest='reject'") as refused:
        ws.properties.change("v", type="number")
    assert "secret" not in str(refused.value)
    assert (held(ws), ws.runs.height) == (["1", "n/a", "secret", "007", None], 1)
    seq = ws.profiles.collect()["updated_seq"].max()
    ws.properties.change("v", type="number", rest="reject")
    run = ws.run(ws.runs["run_id"][-1])
    assert (run.state, dict(run.counters)) == ("succeeded_with_warnings", {"values_kept": 1, "values_rejected": 3})
    assert held(ws) == [1, None, None, None, None]
    assert run.changes.select("before", "after").rows() == [("n/a", None), ("secret", None), ("007", None)]
    assert ws.profiles.filter(pl.col("updated_seq") > seq).collect().height == 3
    load(ws, [5], first=1)
    ws.undo(run.id)
    assert held(ws) == ["1", "5", "secret", "007", None]


def test_lists_and_single_values_become_each_other(tmp_path: Path) -> None:
    """A list of one is one value; longer ones do not fit."""
    ws = workspace(tmp_path, [["a"], ["b", "c"]], multi=True)
    with pytest.raises(ConfigurationError, match="2 values of 1 profiles"):
        ws.properties.change("v", multi=False)
    ws.properties.change("v", multi=False, rest="reject")
    assert held(ws) == ["a", None]
    ws.undo(ws.runs["run_id"][-1])
    assert sorted(held(ws)[1]) == ["b", "c"]


def test_loads_go_on_with_the_new_type(tmp_path: Path) -> None:
    """A value that would lose its form is rejected before, and kept after; the old goal goes on."""
    ws = workspace(tmp_path, [1, 2], "number")
    assert load(ws, ["007"], first=2).counters["rejected"] == {"would_lose_digits": 1}
    ws.properties.change("v", type="text")
    assert load(ws, ["007", "x"], first=2).counters["rejected"] == {}
    assert held(ws) == ["1", "2", "007", "x"]


def test_an_undo_across_a_change_says_what_to_take_back_first(tmp_path: Path) -> None:
    """What the load left cannot be told in another type; once the change is taken back it is undone."""
    ws = workspace(tmp_path, ["1"])
    run = load(ws, ["2"])
    ws.properties.change("v", type="number")
    change = ws.runs["run_id"][-1]
    with pytest.raises(ConfigurationError, match=f"take that back first, with ws.undo\\('{change}'\\)"):
        ws.undo(run.id)
    ws.undo(change)
    assert ws.undo(run.id).state == "succeeded"
    assert held(ws) == ["1"]


def test_a_removed_property_is_gone_with_its_values(tmp_path: Path) -> None:
    """Its values do not come back with its name; the undo of the removal says why not, that of a load passes it by."""
    ws = workspace(tmp_path, ["secret"])
    run = load(ws, ["other"])
    ws.properties.remove("v")
    assert "v" not in ws.properties
    assert "v" not in ws.profiles.collect_schema()
    for file in (ws.path / "tables" / "profiles").glob("base-*.parquet"):
        live = [each.path for each in ws._home.tables.snapshot().layers.base]
        assert file.name not in live or "v" not in pl.scan_parquet(file).collect_schema()
    with pytest.raises(ConfigurationError, match="are not kept"):
        ws.undo(ws.runs["run_id"][-1])
    assert ws.undo(run.id).state == "succeeded"
    assert cdpkit.open(ws.path).properties.add("v", type="number").type == "number"
    assert held(ws) == [None]
    with pytest.raises(ConfigurationError, match="built in"):
        ws.properties.remove("created_at")
    with pytest.raises(UnknownNameError):
        ws.properties.remove("nothing")


def test_what_is_used_is_not_removed(tmp_path: Path) -> None:
    """Segments that need it are named; a change that would break them is refused too."""
    ws = workspace(tmp_path, [1, 20], "number")
    ws.segments.add("many", "v > 5")
    with pytest.raises(ConfigurationError, match="used by segment 'many'"):
        ws.properties.remove("v")
    with pytest.raises(ConfigurationError, match="segment 'many' could not be computed"):
        ws.properties.change("v", type="text")
    ws.segments.change("many", "try_cast(v as bigint) > 5")
    ws.properties.change("v", type="text")
    assert ws.segments["many"].count() == 1


def test_an_undone_load_takes_the_properties_that_it_made_along(tmp_path: Path) -> None:
    """Unless somebody holds a value, or a segment uses them; a better type can be chosen then."""
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("email", type="email", identifier=True)
    rows = pl.DataFrame({"mail": ["a@x.de", "b@x.de"], "points": ["n/a", "1"], "plan": ["x", "y"], "city": ["p", "q"]})
    maps = [{"from": name} for name in ("points", "plan", "city")]
    run = ws.load(rows, MAIL, maps)
    ws.segments.add("s", "plan = 'x'")
    ws.load(rows.head(1).with_columns(mail=pl.lit("c@x.de")), MAIL, [{"from": "city"}])
    ws.undo(run.id)
    assert [name for name in ("points", "plan", "city") if name in ws.properties] == ["plan", "city"]
    assert ws.properties.add("points", type="number").type == "number"
    ws.load(rows.with_columns(points=pl.lit("7")), MAIL, maps)
    assert ws.profiles.collect()["points"].drop_nulls().to_list() == [7, 7]


def test_a_kill_between_the_commit_and_the_settings_is_made_up_for(tmp_path: Path) -> None:
    """The commit counts: the settings follow it when the workspace is opened, and when an open one loads."""
    ws = workspace(tmp_path, ["1", "2"])
    home = ws._home
    before, after = ws.properties["v"], Property("v", PropertyType.NUMBER)
    edits = [{"name": "v", "before": plain(before), "after": plain(after)}]
    asked, snapshot = _Asked(before, after), home.tables.snapshot()
    recorder = Recorder(home, "0198f000-0000-7000-8000-000000000000", CHANGE, "v", {EDIT: edits}, [])
    with side_files(home) as write, attempt() as made:
        _commit(recorder, asked, snapshot, _work_out(home, asked, snapshot), write, made)
    shutil.copytree(ws.path, tmp_path / "copy")
    opened = cdpkit.open(tmp_path / "copy")
    assert opened.properties["v"].type == "number"
    assert held(opened) == [1, 2]
    assert load(ws, [3], first=2).state == "succeeded"
    assert ws.properties["v"].type == "number"
    assert held(ws) == [1, 2, 3]
    text = (ws.path / "cdpkit.toml").read_text(encoding="utf-8")
    assert text.count("properties_at") == 1
    assert cdpkit.open(ws.path).properties["v"].type == "number"


def test_a_writer_that_planned_before_a_change_plans_again(tmp_path: Path) -> None:
    """Of two at once none is lost: loads are worked out again on the new type."""
    ws = workspace(tmp_path, ["1", "2"])
    failed: list[BaseException] = []

    def loads() -> None:
        try:
            other = cdpkit.open(ws.path)
            for number in range(6):
                load(other, [str(number)], first=10 + number)
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    writer = Thread(target=loads)
    writer.start()
    for kind in ("number", "text", "number"):
        ws.properties.change("v", type=kind)
    writer.join()
    assert failed == []
    assert sorted(held(ws)) == [0, 1, 1, 2, 2, 3, 4, 5]
    assert json.loads(ws.runs["details"][-1]) is not None


def test_a_preview_made_before_a_change_is_refused(tmp_path: Path) -> None:
    """It was worked out on another type."""
    ws = workspace(tmp_path, ["1"])
    preview = ws.preview_load(pl.DataFrame({"mail": ["z@x.de"], "v": ["x"]}), MAIL, [{"from": "v"}])
    ws.properties.change("v", type="number")
    with pytest.raises(cdpkit.errors.ConflictError):
        ws.load(preview=preview)
