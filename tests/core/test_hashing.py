"""Hashes that are kept must never change: those of this file were written once and are compared for ever."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from cdpkit.core.hashing import HASH_NAME, canonical, hash_columns, hash_labelled, hash_text

STORED = Path(__file__).with_name("hashes.json")

COLUMNS: dict[str, pl.Series] = {
    "text": pl.Series(["a", "Ann", "ann", " ann", "ann@x.de", "5", "x" * 300, "a\nb"]),
    "unicode": pl.Series(["é", "e\u0301", "ß", "日本", "😀", "\u00a0x", "Ж"]),
    "empty": pl.Series([None, "", " ", "\u00a0\t"], dtype=pl.String),
    "int": pl.Series([0, 1, -1, 5, 2**63 - 1, -(2**63)], dtype=pl.Int64),
    "int8": pl.Series([0, 1, -1, 127], dtype=pl.Int8),
    "uint64": pl.Series([0, 5, 2**64 - 1], dtype=pl.UInt64),
    "float": pl.Series([0.0, 0.1, 0.5, 5.0, -2.25, 1e-9, 1e300, 2.0**53, 2.0**53 - 1, float("inf"), float("-inf")]),
    "boolean": pl.Series([True, False, None]),
    "date": pl.Series([date(2024, 2, 29), date(1970, 1, 1), date(1, 1, 1), date(9999, 12, 31)]),
    "datetime": pl.Series([datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=UTC), datetime(1969, 12, 31, tzinfo=UTC)]),
    "local": pl.Series([datetime(2024, 2, 29, 12, 30, 15, 123456)]),  # noqa: DTZ001 - sources have such times
    "list": pl.Series([["a", "b"], ["b", "a"], ["a"], [], [None], ["", "a"], None], dtype=pl.List(pl.String)),
    "numbers": pl.Series([[1, 2], [5], []], dtype=pl.List(pl.Int64)),
    "struct": pl.Series([{"x": 1, "y": "a"}, {"x": None, "y": "a"}, {"x": None, "y": None}]),
    "nested": pl.Series([[{"sku": "k1", "n": [1, 2]}], [{"sku": None, "n": []}]]),
    "bytes": pl.Series([b"a", b"\x00\xff", None]),
    "null": pl.Series([None, None]),
}


def hashes() -> Iterator[tuple[str, object]]:
    """Everything that the recipe makes of the columns above."""
    yield "name", HASH_NAME
    yield "texts", [hash_text(text) for text in ("", "a", "ann@x.de", "日本", "x" * 300)]
    for name, series in COLUMNS.items():
        yield f"column {name}", hash_columns(series.alias("field").to_frame(), ["field"]).to_list()
    rows = pl.DataFrame({"b": [1, None, 3], "a": ["x", "y", None], "c": [["u", "v"], [], None]})
    yield "rows", hash_columns(rows, ["a", "b", "c"]).to_list()
    yield "rows of two fields", hash_columns(rows, ["a", "b"]).to_list()
    texts = pl.Series("n", ["1", "2.5", None, "-7"])
    for label in ("points", "日本", ""):
        yield f"label {label}", texts.to_frame().select(hash_labelled(label, pl.col("n"))).to_series().to_list()


def of(value: object, dtype: pl.DataType | None = None) -> int:
    hashed: int = hash_columns(pl.DataFrame({"field": pl.Series([value], dtype=dtype)}), ["field"]).item()
    return hashed


def test_the_hashes_are_those_of_every_version_before() -> None:
    """A change of Polars, polars-hash or the recipe that moves any of them would apply every source row again."""
    assert json.loads(STORED.read_text(encoding="utf-8")) == dict(hashes())


def test_a_text_is_hashed_as_xxh3() -> None:
    """The reference implementation gives this for no bytes at all, under seed 0."""
    assert hash_text("") % 2**64 == 0x2D06800538D394C2


def test_a_column_is_chained_from_the_hash_of_its_text() -> None:
    """One field: its text's hash. Several: by the order of their names, not of the columns."""
    assert of("ann") == hash_text("ann")
    rows = pl.DataFrame({"b": [1], "a": ["x"]})
    assert hash_columns(rows, ["a", "b"]).item() == hash_columns(rows.select("a", "b"), ["b", "a"]).item()
    assert hash_columns(rows, ["a", "b"]).item() != hash_columns(rows.rename({"a": "b", "b": "a"}), ["a", "b"]).item()


@pytest.mark.parametrize("same", [5.0, "5", [5], ["5"], [5.0, None]])
def test_how_a_value_is_typed_does_not_matter(same: object) -> None:
    """5, 5.0 and "5" are one value, and so is a list that holds nothing else."""
    assert of(5) == of(same)


@pytest.mark.parametrize("dtype", [pl.Int8(), pl.UInt64(), pl.Float32(), pl.Float64(), pl.Decimal(10, 0)])
def test_how_wide_a_number_is_does_not_matter(dtype: pl.DataType) -> None:
    """Files of one source may be read with other widths each night."""
    assert of(5) == of(5, dtype)


@pytest.mark.parametrize(
    "empty",
    [
        pl.Series([None]),
        pl.Series([None], dtype=pl.Int64),
        pl.Series([None], dtype=pl.Date),
        pl.Series([""]),
        pl.Series([" \t\u00a0"]),
        pl.Series([[]], dtype=pl.List(pl.String)),
        pl.Series([[None, "", " "]], dtype=pl.List(pl.String)),
        pl.Series([None], dtype=pl.List(pl.Int64)),
    ],
)
def test_all_empties_are_one(empty: pl.Series) -> None:
    """Null, an empty text, white space and lists of these have one hash, and no text has it."""
    hashed = hash_columns(empty.alias("field").to_frame(), ["field"]).item()
    assert of(None) == hashed
    assert hash_text("") != hashed


@pytest.mark.parametrize(
    ("one", "other"),
    [("ann", "Ann"), ("ann", " ann"), (0, None), (False, None), (0, False), (["a", "b"], ["b", "a"]), ("1.50", 1.5)],
)
def test_what_differs_is_told_apart(one: object, other: object) -> None:
    """Case, surrounding blanks, zero and false, and the order of a list count."""
    assert of(one) != of(other)


def test_chunks_do_not_matter() -> None:
    """A frame in several chunks hashes as one that is whole."""
    whole = pl.DataFrame({"text": ["a", "b", "c"], "float": [0.5, 1.0, None], "list": [["a"], [], ["b", "c"]]})
    parts = pl.concat([whole.head(1), whole.tail(2)], rechunk=False)
    assert parts.n_chunks() > 1
    assert hash_columns(whole, whole.columns).to_list() == hash_columns(parts, whole.columns).to_list()


def test_canonical_texts_name_no_type() -> None:
    """Whole numbers are digits, dates ISO 8601."""
    frame = pl.DataFrame({"n": [7.0], "d": [date(2024, 2, 29)], "t": [" x"]})
    texts = frame.select(canonical(pl.col(name), dtype) for name, dtype in frame.schema.items())
    assert texts.row(0) == ("7", "2024-02-29", " x")


if __name__ == "__main__":  # once, or for a recipe under a new name
    STORED.write_text(json.dumps(dict(hashes()), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
