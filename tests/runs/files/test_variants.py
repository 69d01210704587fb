"""Files as people have them: each loads by the plain call, or with the one option that the plain call names."""

import csv
import datetime as dt
import gzip
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
import xlsxwriter

import cdpkit
from cdpkit.errors import SourceError
from tests.runs.loads import assert_adds_up, held

NAMES = ["E-Mail", "Name", "Umsatz", "Notiz"]
ROWS = [
    ["anna@x.de", "Anna Öztürk", "1234.5", "ruft an; dann, nie"],
    ["joerg@x.de", "Jörg", "7.25", 'sagt "nein"'],
    ["zoe@x.de", "Zoë", "-0.5", "zwei\nZeilen"],
    ["ole@x.de", "Ole €", "1000000", ""],
]
FIELDS = {"E-Mail": "email"}
MAPPINGS = [{"from": "Name", "to": "name"}, {"from": "Umsatz", "to": "revenue"}, {"from": "Notiz", "to": "note"}]
WANTED = {row[0]: (row[1], float(row[2]), row[3] or None) for row in ROWS}


def written(
    separator: str = ",",
    encoding: str = "utf-8",
    *,
    end: str = "\r\n",
    quoting: int = csv.QUOTE_MINIMAL,
    before: str = "",
    number: Callable[[str], str] = str,
    names: list[str] = NAMES,
    surplus: Sequence[str] = (),
) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    writer.writerows([[*names, *surplus]] if names else [])
    writer.writerows([mail, name, number(revenue), note, *("x" for _ in surplus)] for mail, name, revenue, note in ROWS)
    return (before + text.getvalue()).encode(encoding)


def german(number: str) -> str:
    whole, _, places = f"{float(number):,.2f}".partition(".")
    return whole.replace(",", ".") + "," + places


def comma(number: str) -> str:
    return f"{float(number):.2f}".replace(".", ",")


def zst(content: bytes) -> bytes:
    packed = pa.BufferOutputStream()
    with pa.CompressedOutputStream(packed, "zstd") as out:
        out.write(content)
    whole: bytes = packed.getvalue().to_pybytes()
    return whole


def as_objects() -> list[dict[str, Any]]:
    return [dict(zip(NAMES, [mail, name, float(revenue), note], strict=True)) for mail, name, revenue, note in ROWS]


def sheet(*, before: int = 0, first: str = "", surplus: Sequence[str] = ()) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        if first:
            book.add_worksheet(first).write(0, 0, "see the next sheet")
        people = book.add_worksheet("people")
        if before:
            people.write(0, 0, "Customers")
        people.write_row(before, 0, [*NAMES, *surplus])
        for place, row in enumerate(as_objects(), before + 1):
            people.write_row(place, 0, [*row.values(), *("x" for _ in surplus)])
    return content.getvalue()


def parquet() -> bytes:
    content = io.BytesIO()
    pl.DataFrame(as_objects()).write_parquet(content)
    return content.getvalue()


LINES = "\n".join(json.dumps(row, ensure_ascii=False) for row in as_objects())
TITLE = "Kunden\n\n"
DECIMAL = {"decimal": ",", "thousands": "."}

PLAIN: dict[str, tuple[str, bytes]] = {
    "plain": ("a.csv", written()),
    "semicolon": ("a.csv", written(";")),
    "tab": ("a.tsv", written("\t")),
    "tab in .txt": ("a.txt", written("\t")),
    "pipe": ("a.csv", written("|")),
    "cp1252": ("a.csv", written(encoding="cp1252")),
    "utf-16": ("a.csv", written(encoding="utf-16")),
    "utf-16 with tabs, as Excel's Unicode text": ("a.txt", written("\t", "utf-16")),
    "byte order mark": ("a.csv", written(encoding="utf-8-sig")),
    "gz": ("a.csv.gz", gzip.compress(written())),
    "zst": ("a.csv.zst", zst(written())),
    "upper case": ("A.CSV", written()),
    "upper case and packed": ("A.CSV.GZ", gzip.compress(written(";"))),
    "quoted": ("a.csv", written(quoting=csv.QUOTE_ALL)),
    "json array": ("a.json", json.dumps(as_objects()).encode()),
    "json array over lines": ("a.json", json.dumps(as_objects(), indent=2, ensure_ascii=False).encode()),
    "json array in lines of jsonl": ("a.jsonl", json.dumps(as_objects()).encode()),
    "one object a line in .json": ("a.json", LINES.encode()),
    "lines with a byte order mark": ("a.ndjson", LINES.encode("utf-8-sig")),
    "lines of utf-16": ("a.ndjson", LINES.encode("utf-16")),
    "packed lines": ("a.ndjson.gz", gzip.compress(LINES.encode())),
    "packed array": ("a.JSON.zst", zst(json.dumps(as_objects()).encode())),
    "xlsx": ("a.xlsx", sheet()),
    "parquet": ("a.PARQUET", parquet()),
    "semicolon, cp1252, quoted": ("a.csv", written(";", "cp1252", quoting=csv.QUOTE_ALL)),
    "tab, utf-16, CR": ("a.csv", written("\t", "utf-16", end="\r", quoting=csv.QUOTE_ALL)),
    "semicolon, byte order mark, LF, zst": ("a.txt.zst", zst(written(";", "utf-8-sig", end="\n"))),
    "names with blanks": ("a.csv", written(names=[f" {name}\u00a0" for name in NAMES])),
}
ONE_OPTION: dict[str, tuple[str, bytes, dict[str, Any]]] = {
    "decimal comma": ("a.csv", written(";", number=comma), DECIMAL),
    "decimal comma and thousands": ("a.csv", written(";", number=german), DECIMAL),
    "decimal comma, cp1252, gz": ("a.csv.gz", gzip.compress(written(";", "cp1252", number=german)), DECIMAL),
    "decimal comma in utf-16": ("a.txt", written("\t", "utf-16", number=german), DECIMAL),
    "decimal comma between commas": ("a.csv", written(",", number=german), DECIMAL),
    "a title": ("a.csv", written(before=TITLE), {"skip": 2}),
    "a title and semicolons": ("a.csv", written(";", before="Export; Kunden\n"), {"skip": 1}),
    "a title filled up with semicolons": ("a.csv", written(";", before="Export vom 1.1.;;;\n;;;\n"), {"skip": 2}),
    "a title in utf-16": ("a.csv", written("\t", "utf-16", before="Export vom 1.1.\n"), {"skip": 1}),
    "a title over doubled and empty names": (
        "a.csv",
        written(";", before="Kundenliste\n", surplus=["Name", "", "Name"]),
        {"skip": 1},
    ),
    "a title in a sheet": ("a.xlsx", sheet(before=1), {"skip": 1}),
    "a title over an empty name in a sheet": ("a.xlsx", sheet(before=1, surplus=["Name", ""]), {"skip": 1}),
    "another sheet": ("a.xlsx", sheet(first="read me"), {"sheet": "people"}),
    "no ending": ("kunden", written(";"), {"format": "csv"}),
}


def load(ws: cdpkit.Workspace, path: Path, read: dict[str, Any] | None = None) -> Any:
    run = ws.load(path, FIELDS, MAPPINGS, read=read)
    assert_adds_up(run)
    return run


def loaded(ws: cdpkit.Workspace) -> dict[Any, Any]:
    found = ws.profiles.select("email", "name", "revenue", "note").collect()
    return {mail: tuple(rest) for mail, *rest in found.rows()}


@pytest.fixture
def typed(ws: cdpkit.Workspace) -> cdpkit.Workspace:
    ws.properties.add("revenue", type="decimal")
    return ws


@pytest.mark.parametrize("name", PLAIN)
def test_a_file_loads_by_the_plain_call(typed: cdpkit.Workspace, tmp_path: Path, name: str) -> None:
    """What was understood is in the report; what it says can be given again, and does the same."""
    ending, content = PLAIN[name]
    path = tmp_path / ending
    path.write_bytes(content)
    run = load(typed, path)
    assert loaded(typed) == WANTED
    assert f"read {ending} as " in run.report()
    (understood,) = run.details["read"]
    again = load(typed, path, understood["read"])
    assert (again.counters["unchanged"], list(again.goals[0].warnings)) == (4, [])


@pytest.mark.parametrize("name", ONE_OPTION)
def test_a_file_loads_with_the_option_that_is_named(typed: cdpkit.Workspace, tmp_path: Path, name: str) -> None:
    """The plain call refuses the file, or warns, with the option as code; with it all of the file is there."""
    ending, content, option = ONE_OPTION[name]
    path = tmp_path / ending
    path.write_bytes(content)
    try:
        said = "\n".join(typed.peek(path).notes)
    except SourceError as error:
        said = str(error)
    shown = repr(option).replace("'people'", "name")
    assert f"write read={shown}" in said or f"with read={shown}" in said
    load(typed, path, option)
    assert loaded(typed) == WANTED


def test_the_preview_says_what_was_understood(typed: cdpkit.Workspace, tmp_path: Path) -> None:
    """Before anything is stored."""
    path = tmp_path / "a.csv"
    path.write_bytes(written(";", "cp1252"))
    preview = typed.preview_load(path, FIELDS, MAPPINGS)
    assert "read a.csv as CSV, cp1252, fields apart by semicolon, names in line 1" in preview.report()
    assert "warning: a.csv: the encoding is uncertain" in preview.report()


def test_null_words_and_dates(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """Are read as the options say; what is written otherwise stays."""
    ws.properties.add("born", type="date")
    path = tmp_path / "a.csv"
    path.write_text("mail,plan,born\na@x.de,n/a,01.02.1990\nb@x.de,gold,1990-02-03\nc@x.de,x,-\n")
    mapped = [{"from": "plan", "to": "plan"}, {"from": "born", "to": "born"}]
    run = ws.load(path, {"mail": "email"}, mapped, read={"nulls": ["n/a", "-"], "dates": {"born": "%d.%m.%Y"}})
    assert run.state == "succeeded"
    assert held(ws, "email", "plan") == {"a@x.de": None, "b@x.de": "gold", "c@x.de": "x"}
    assert held(ws, "email", "born") == {"a@x.de": dt.date(1990, 2, 1), "b@x.de": dt.date(1990, 2, 3), "c@x.de": None}
