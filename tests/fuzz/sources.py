"""Damaged files, looked at and loaded."""

import gzip
import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import polars as pl

import cdpkit
from tests.fuzz.mutate import mutated

FIELDS = ["mail", "plan", "points", "born", "tags"]
ROWS = [
    ["ann@example.com", "pro", "12", "1980-02-01", "a|b"],
    ["bob@example.com", 'say "hi", Bob', "0012", "01.02.1980", ""],
    ["cém@example.com", "two\nlines", "1e5", "", "c"],
    ["dan@example.com", "", "", "1980-02-30", "d|d"],
    ["", "nobody", "3", "2001-01-01", "e"],
]
MAPPINGS = [
    {"from": "plan", "to": "plan", "rule": "set"},
    {"from": "points", "to": "points", "rule": "sum"},
    {"from": "born", "to": "born", "rule": "set_if_empty"},
    {"from": "tags", "to": "tags", "rule": "add"},
]


def _csv(separator: str = ",") -> bytes:
    quote = '"'
    lines = [FIELDS, *ROWS]
    cells = (
        [f"{quote}{cell.replace(quote, quote * 2)}{quote}" if set(cell) & set(',;\t"\n') else cell for cell in line]
        for line in lines
    )
    return "\r\n".join(separator.join(line) for line in cells).encode()


def _objects() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [dict(zip(FIELDS, row, strict=True)) for row in ROWS]
    rows[0] |= {"points": 12, "tags": ["a", "b"], "more": {"city": "Gent", "n": [1, 2.5]}}
    rows[2] |= {"points": 1.5, "tags": None, "born": True}
    return rows


def _lines() -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=index % 2 == 0) for index, row in enumerate(_objects())).encode()


def _parquet() -> bytes:
    held = io.BytesIO()
    pl.DataFrame(ROWS, schema=FIELDS, orient="row").write_parquet(held)
    return held.getvalue()


FORMS: dict[str, bytes] = {
    "f.csv": _csv(),
    "f.tsv": _csv("\t"),
    "semicolons.csv": _csv(";"),
    "wide.csv": ("﻿" + _csv().decode()).encode("utf-16"),
    "latin.csv": _csv().decode().encode("cp1252"),
    "f.csv.gz": gzip.compress(_csv()),
    "f.ndjson": _lines(),
    "f.jsonl.gz": gzip.compress(_lines()),
    "f.json": json.dumps(_objects()).encode(),
    "f.parquet": _parquet(),
}


def source_case(folder: Path) -> Callable[[random.Random], str]:
    """A function that damages a file and loads it; it returns how that ended."""
    ws = cdpkit.create(folder / "w")
    ws.properties.add("email", type="email", identifier=True)
    ws.properties.add("plan")
    ws.properties.add("points", type="number")
    ws.properties.add("born", type="date")
    ws.properties.add("tags", multi=True)

    def one(draw: random.Random) -> str:
        name = draw.choice(list(FORMS))
        path = folder / name
        path.write_bytes(mutated(FORMS[name], draw))
        try:
            preview = ws.preview_load(path, {"mail": "email"}, MAPPINGS, goal="fuzz")
            counters = preview.counters
            accounted = counters["applied"] + counters["unchanged"] + sum(counters["excluded"].values())
            assert counters["received"] + counters["added"] == accounted, f"{name}: rows do not add up"
            repr(preview)
            if draw.random() < 0.1:
                return str(ws.load(preview=preview).state)
        except cdpkit.errors.CdpkitError as error:
            return type(error).__name__
        return "previewed"

    return one
