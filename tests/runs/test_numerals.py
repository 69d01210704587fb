"""A numeral of any form is stored exactly, or rejected and listed, whatever source it comes from."""

import json
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import cdpkit

ROWS = 1_000
TARGETS = {"t": "text", "i": "text", "n": "number", "d": "decimal"}


def numerals(seed: int, *, literal: bool) -> Iterator[str]:
    """Texts that people, programs and spreadsheets write for numbers; `literal`: those that JSON knows."""
    draw = random.Random(seed)
    while True:
        whole = str(draw.randrange(10 ** draw.choice([1, 2, 5, 9, 15, 16, 17, 19, 20, 30])))
        part = "" if draw.random() < 0.5 else "." + str(draw.randrange(10 ** draw.choice([1, 2, 7, 15, 25])))
        power = "" if draw.random() < 0.9 else f"e{draw.randrange(-330, 330)}"
        sign = draw.choice(["", "", "-"] if literal else ["", "", "-", "+"])
        zeros = "" if literal else draw.choice(["", "", "", "0", "00"])
        yield sign + zeros + whole + part + power


def drawn(seed: int, *, literal: bool = False) -> list[str]:
    return [text for text, _ in zip(numerals(seed, literal=literal), range(ROWS), strict=False)]


def keys(values: list[str]) -> list[str]:
    return [f"k{index}" for index in range(len(values))]


def csv(folder: Path, seed: int) -> tuple[object, list[str]]:
    values = drawn(seed)
    lines = "".join(f"{key},{value}\n" for key, value in zip(keys(values), values, strict=True))
    (folder / "n.csv").write_text("key,v\n" + lines, encoding="utf-8")
    return folder / "n.csv", values


def literals(folder: Path, seed: int) -> tuple[object, list[str]]:
    values = drawn(seed, literal=True)
    lines = "".join(f'{{"key": "{key}", "v": {value}}}\n' for key, value in zip(keys(values), values, strict=True))
    (folder / "n.ndjson").write_text(lines, encoding="utf-8")
    return folder / "n.ndjson", values


def quoted(folder: Path, seed: int) -> tuple[object, list[str]]:
    values = drawn(seed)
    rows = [json.dumps({"key": key, "v": value}) for key, value in zip(keys(values), values, strict=True)]
    (folder / "n.ndjson").write_text("\n".join(rows), encoding="utf-8")
    return folder / "n.ndjson", values


def parquet(folder: Path, seed: int) -> tuple[object, list[str]]:
    values = drawn(seed)
    pl.DataFrame({"key": keys(values), "v": values}).write_parquet(folder / "n.parquet")
    return folder / "n.parquet", values


def integers(_: Path, seed: int) -> tuple[object, list[str]]:
    values = [text for text in drawn(seed, literal=True) if text.lstrip("-").isdigit() and abs(int(text)) < 2**63]
    values = [str(int(text)) for text in values]
    return pa.table({"key": keys(values), "v": [int(text) for text in values]}), values


def decimals(_: Path, seed: int) -> tuple[object, list[str]]:
    draw = random.Random(seed)
    values = [f"{draw.randrange(10 ** draw.randrange(1, 28))}.{draw.randrange(10**9):09}" for _number in range(ROWS)]
    written = pa.array([Decimal(text) for text in values], pa.decimal128(38, 9))
    return pa.table({"key": keys(values), "v": written}), values


def floats(_: Path, seed: int) -> tuple[object, list[str]]:
    draw = random.Random(seed)
    values = [
        draw.choice([float(draw.randrange(10**9)), draw.random() * 10 ** draw.randrange(20)]) for _ in range(ROWS)
    ]
    texts = [repr(value) for value in values]
    return pd.DataFrame({"key": keys(texts), "v": values}), texts


Form = Callable[[Path, int], tuple[object, list[str]]]
FORMS: list[Form] = [
    csv, literals, quoted, parquet, integers, decimals, floats,
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_a_numeral_is_stored_exactly_or_listed(tmp_path: Path, form: Form) -> None:
    """One thousand of each form of source, into each kind of property."""
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("key", identifier=True)
    for name, kind in TARGETS.items():
        ws.properties.add(name, type=kind, identifier=name == "i")
    source, values = form(tmp_path, len(form.__name__))
    mappings = [{"from": "v", "to": name, "rule": "set"} for name in TARGETS]
    run = ws.load(source, identifiers={"key": "key"}, mappings=mappings)
    found = {row["key"]: row for row in ws.profiles.select("key", *TARGETS).collect().to_dicts()}
    listed = set(run.rejected.select("source_row", "property").iter_rows())
    assert len(found) == len(values)
    for index, written in enumerate(values):
        row = found[f"k{index}"]
        for name in TARGETS:
            assert kept(row[name], written, exact_form=form is not floats) or (
                row[name] is None and (index, name) in listed
            ), (name, written, row[name])


def kept(value: object, written: str, *, exact_form: bool) -> bool:
    """Whether a stored value is the numeral: as it was written in text but for `.0`, the same number elsewhere."""
    if value is None:
        return False
    if isinstance(value, str):
        return value in (written, written.removesuffix(".0")) or (not exact_form and Decimal(value) == Decimal(written))
    return Decimal(repr(value)) == Decimal(written)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_a_type_found_for_numerals_keeps_every_one(tmp_path: Path, form: Form) -> None:
    """A property made on the spot takes a type into which each value goes as it is written."""
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("key", identifier=True)
    source, values = form(tmp_path, 99)
    run = ws.load(source, identifiers={"key": "key"}, mappings=[{"from": "v", "to": "fresh", "rule": "set"}])
    found = dict(ws.profiles.select("key", "fresh").collect().iter_rows())
    assert not run.rejected.height
    assert all(kept(found[f"k{index}"], text, exact_form=form is not floats) for index, text in enumerate(values))
