"""Frames of every make, and rows of Python: text in is text out, and no number passes through a float."""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cdpkit
from cdpkit.errors import ConfigurationError, SourceError
from cdpkit.runs.sources import read_source
from tests.runs.files.readers import NAMES, tables, texts
from tests.runs.loads import MAIL, PLAN, held

PERSON = uuid.UUID("12345678-1234-5678-1234-567812345678")


def columns(rows: list[list[str]]) -> dict[str, list[str]]:
    return {name: [row[place] for row in rows] for place, name in enumerate(NAMES)}


def write_json(path: Path, rows: list[list[str]]) -> None:
    path.write_text(json.dumps([dict(zip(NAMES, row, strict=True)) for row in rows], ensure_ascii=False, indent=1))


def write_lines(path: Path, rows: list[list[str]]) -> None:
    path.write_text("\n".join(json.dumps(dict(zip(NAMES, row, strict=True))) for row in rows))


def write_parquet(path: Path, rows: list[list[str]]) -> None:
    pl.DataFrame(columns(rows), schema=dict.fromkeys(NAMES, pl.String)).write_parquet(path)


FILES: dict[str, Callable[[Path, list[list[str]]], Any]] = {
    "a.json": write_json,
    "a.ndjson": write_lines,
    "a.parquet": lambda path, rows: pl.DataFrame(columns(rows), schema=dict.fromkeys(NAMES, pl.String)).write_parquet(
        path
    ),
}
FRAMES: dict[str, Callable[[list[list[str]]], Any]] = {
    "polars": lambda rows: pl.DataFrame(columns(rows), schema=dict.fromkeys(NAMES, pl.String)),
    "arrow": lambda rows: pa.table(columns(rows), schema=pa.schema([(name, pa.string()) for name in NAMES])),
    "pandas": lambda rows: pd.DataFrame(columns(rows)),
    "objects of pandas": lambda rows: pd.DataFrame(columns(rows), dtype=object),
    "columns": columns,
    "rows": lambda rows: (dict(zip(NAMES, row, strict=True)) for row in rows),
}


@pytest.mark.parametrize("name", FILES)
@given(rows=tables().filter(bool))
def test_texts_of_files_come_back(tmp_path_factory: Any, name: str, rows: list[list[str]]) -> None:
    """Whatever characters they have."""
    path = tmp_path_factory.mktemp("files") / name
    FILES[name](path, rows)
    assert texts(read_source(path)) == rows


@pytest.mark.parametrize("make", FRAMES)
@given(rows=tables().filter(bool))
def test_texts_of_frames_come_back(make: str, rows: list[list[str]]) -> None:
    """Whatever characters they have."""
    assert texts(read_source(FRAMES[make](rows))) == rows


NUMBERS = st.integers(-(2**80), 2**80) | st.sampled_from([2**53, 2**53 + 1, -(2**63), 2**63, 0, 0.5, -1.25])


@given(
    values=st.lists(
        NUMBERS | st.sampled_from([0.5, -1.25]) | st.text("0123456789", max_size=20), min_size=1, max_size=5
    )
)
def test_mixed_values_keep_every_digit(values: list[Any]) -> None:
    """Numbers among texts and floats, in objects of pandas, in rows, and in frames of objects."""
    wanted = [str(value) for value in values]
    for given_ in (pd.DataFrame({"v": pd.Series(values, dtype=object)}), [{"v": value} for value in values]):
        kept = read_source(given_).rows.columns(["v"])["v"].to_list()
        assert [
            str(int(value)) if isinstance(value, float) and value.is_integer() else str(value) for value in kept
        ] == wanted


def test_what_is_missing_is_empty() -> None:
    """NaN, NaT and NA among texts are no texts."""
    frame = pd.DataFrame(
        {"v": pd.Series(["x", float("nan"), pd.NaT, pd.NA, None, np.int64(7), np.float64(2.0)], dtype=object)}
    )
    assert read_source(frame).rows.columns(["v"])["v"].to_list() == ["x", None, None, None, None, "7", "2"]


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ([PERSON], [str(PERSON)]),
        ([["a"], "b", ("c", "d"), None], [["a"], ["b"], ["c", "d"], None]),
        ([[1], 2.5], [[1.0], [2.5]]),
        ([True, "x"], ["true", "x"]),
        ([Decimal("1.50"), "x"], ["1.50", "x"]),
        ([dt.date(2024, 1, 2), "x"], ["2024-01-02", "x"]),
        ([Decimal(1001), Decimal("7.50"), Decimal("sNaN")], ["1001", "7.50", None]),
        ([Decimal("1E+50"), Decimal("0.1"), None], ["1" + "0" * 50, "0.1", None]),
        ([Decimal("1E+50"), Decimal("2E+50")], ["1" + "0" * 50, "2" + "0" * 50]),
        ([np.float32(0.1), np.float16(0.1), np.float64(0.5), np.float32("nan")], [0.1, 0.1, 0.5, None]),
        ([np.longdouble(0.1), np.longdouble("nan")], [0.1, None]),
        ([np.longdouble(2**63) + 1, np.longdouble(0.5)], ["9223372036854775809", "0.5"]),
        (["thanks \ud83d", "\ud83d\ude00"], ["thanks \ufffd", "\U0001f600"]),
    ],
)
def test_values_of_python(values: list[Any], kept: list[Any]) -> None:
    """What has a text form is taken; lists and single values are lists."""
    assert read_source([{"v": value} for value in values]).rows.columns(["v"])["v"].to_list() == kept


def test_what_cannot_be_held_is_refused_where_it_is_mapped(ws: cdpkit.Workspace) -> None:
    """And stands in nobody's way elsewhere; the message names the column."""
    frame = {"mail": ["a@x.de"], "plan": ["gold"], "strange": [object()]}
    ws.load(frame, MAIL, PLAN)
    with pytest.raises(ConfigurationError, match="the field 'strange' holds objects of Python"):
        ws.load(frame, MAIL, [{"from": "strange"}])
    assert held(ws, "email", "plan") == {"a@x.de": "gold"}


def test_doubled_columns_are_numbered(ws: cdpkit.Workspace) -> None:
    """Those of pandas may have one name twice; each can be mapped."""
    frame = pd.DataFrame([["a@x.de", "x", "gold"]], columns=["mail", "plan", "plan"])
    run = ws.load(frame, MAIL, [{"from": "plan_2", "to": "plan"}])
    assert held(ws, "email", "plan") == {"a@x.de": "gold"}
    assert "called 'plan_2'" in run.goals[0].warnings[0]


def test_relations_of_duckdb() -> None:
    """With whole numbers of any size, UUIDs, and intervals that nobody maps."""
    relation = duckdb.sql("select 9007199254740993::hugeint a, uuid() b, interval 1 day c, 'x' d")
    read = read_source(relation, {"a", "b", "d"})
    row = read.rows.columns(["a", "b", "d"]).row(0)
    assert str(row[0]) == "9007199254740993"
    assert len(row[1]) == 36
    assert "interval" in read.unheld["c"]


def test_what_arrow_has_no_type_for_is_text_before() -> None:
    """Whole numbers without a sign, times of day with a zone, and bits of DuckDB are what they are there."""
    most = 2**128 - 1
    relation = duckdb.sql(
        f"select {most}::uhugeint a, [{most}::uhugeint] b, '01:02:03+02'::timetz c, '101'::bit d, 12::bignum \"e x\""
    )
    row = read_source(relation).rows.columns(["a", "b", "c", "d", "e x"]).row(0)
    assert row == (str(most), [str(most)], "01:02:03+02", "101", "12")


def test_frames_of_unusual_numbers_keep_them(capfd: pytest.CaptureFixture[str]) -> None:
    """Floats of 2 bytes and of 16, decimals of 256 bits, and dates of 64; nothing is written to standard error."""
    wide = Decimal("123456789012345678901234567890123456789012345.67")
    table = pa.table(
        {
            "half": pa.array(np.array([0.1, 2.0], dtype="float16")),
            "wide": pa.array([wide, Decimal("1.10")], pa.decimal256(60, 2)),
            "day": pa.array([dt.date(2024, 1, 2), None], pa.date64()),
        }
    )
    rows = read_source(table).rows.columns(["half", "wide", "day"])
    assert rows["half"].to_list() == [0.1, 2.0]
    assert rows["wide"].to_list() == [str(wide), "1.10"]
    assert rows["day"].to_list() == [dt.date(2024, 1, 2), None]
    frame = pd.DataFrame({"half": np.array([0.1], "float16"), "long": np.array([0.1], "longdouble")})
    assert read_source(frame).rows.columns(["half", "long"]).row(0) == (0.1, 0.1)
    assert read_source({"a": np.array([0.1], "float16")}).rows.columns(["a"])["a"].to_list() == [0.1]
    assert capfd.readouterr().err == ""


def test_uuids_of_files_are_texts(tmp_path: Path) -> None:
    """Also in a table of Arrow, and where several files are one source."""
    table = pa.table({"id": pa.array([PERSON.bytes, None], pa.uuid())})
    for number in (1, 2):
        pyarrow.parquet.write_table(table, tmp_path / f"{number}.parquet")
    for source, times in ((tmp_path / "*.parquet", 2), (table, 1)):
        assert read_source(source).rows.columns(["id"])["id"].to_list() == [str(PERSON), None] * times


def test_files_whose_columns_differ_keep_their_digits(tmp_path: Path) -> None:
    """Whole numbers beside floats, and with signs beside those without."""
    big, most = 2**53 + 1, 2**64 - 1
    pl.DataFrame(
        {"a": [big], "b": [most], "c": [1], "d": [dt.date(2024, 1, 2)]}, schema_overrides={"b": pl.UInt64}
    ).write_parquet(tmp_path / "1.parquet")
    pl.DataFrame({"a": [0.5], "b": [-1], "c": [0.5], "d": ["x"]}).write_parquet(tmp_path / "2.parquet")
    rows = read_source(tmp_path / "*.parquet").rows.columns(["a", "b", "c", "d"])
    assert rows["a"].to_list() == [str(big), "0.5"]
    assert rows["b"].to_list() == [most, -1]
    assert rows["c"].to_list() == [1.0, 0.5]
    assert rows["d"].to_list() == ["2024-01-02", "x"]


def test_times_with_and_without_a_zone_are_one_column(tmp_path: Path) -> None:
    """Each stays the moment that it is; one without a zone is told its own later."""
    noon = dt.datetime.fromisoformat("2024-01-02T12:00:00")
    for name, zone in (("1", None), ("2", "Europe/Brussels"), ("3", "UTC")):
        column = pl.Series("at", [noon]).dt.replace_time_zone(zone)
        column.to_frame().write_parquet(tmp_path / f"{name}.parquet")
    pl.DataFrame({"at": [noon.date()]}).write_parquet(tmp_path / "4.parquet")
    assert read_source(tmp_path / "*.parquet").rows.columns(["at"])["at"].to_list() == [
        "2024-01-02T12:00:00.000000",
        "2024-01-02T11:00:00.000000Z",
        "2024-01-02T12:00:00.000000Z",
        "2024-01-02",
    ]


def test_decimals_that_are_too_wide_are_named(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """The file is not damaged, and loads without them."""
    wide = pa.array([Decimal("1.10")], pa.decimal256(70, 2))
    pyarrow.parquet.write_table(pa.table({"mail": ["a@x.de"], "wide": wide}), tmp_path / "a.parquet")
    with pytest.raises(ConfigurationError, match=r"the field 'wide' holds values of type decimal256\(70, 2\)"):
        ws.load(tmp_path / "a.parquet", MAIL, [{"from": "wide"}])
    assert ws.load(tmp_path / "a.parquet", MAIL).counters["created"] == 1


def test_options_are_for_files() -> None:
    """A frame is not read by them."""
    from cdpkit.runs.files.options import Read

    with pytest.raises(ConfigurationError, match="this source is none"):
        read_source([{"a": 1}], None, Read(separator=";"))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ([{"a": 1}, 5], "list whose element 1 is int and no mapping"),
        ([], "no columns"),
        (pl.LazyFrame({"a": ["x@x.de"]}).select("b"), r"the lazy frame cannot be worked out \(ColumnNotFoundError\)"),
        (
            pl.LazyFrame({"a": ["x@x.de"]}).cast(pl.Int64),
            r"the frame cannot be worked out: .*\(InvalidOperationError\)",
        ),
        ({"a": [1], "b": [1, 2]}, "different lengths"),
        ({"a": "text"}, "give a list of values for each name"),
    ],
)
def test_what_is_no_frame_is_said(source: Any, message: str) -> None:
    """Without a value of it."""
    with pytest.raises(SourceError, match=message) as refused:
        read_source(source)
    assert "x@x.de" not in str(refused.value)


def test_types_of_other_makers(tmp_path: Path) -> None:
    """Periods of pandas are texts; in a file they are numbers with a name, and refused where they are mapped."""
    frame = pd.DataFrame({"mail": ["a@x.de"], "month": pd.period_range("2024-01", periods=1, freq="M")})
    assert read_source(frame).rows.columns(["month"])["month"].to_list() == ["2024-01"]
    frame.to_parquet(tmp_path / "a.parquet")
    read = read_source(tmp_path / "a.parquet")
    assert read.unheld == {"month": "values of the foreign type pandas.period"}
    assert read.rows.columns(["mail"]).height == 1
