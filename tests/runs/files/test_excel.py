"""Sheets of Excel: nothing that is in a cell is lost without a word."""

import datetime as dt
import sys
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

import cdpkit
from cdpkit.errors import ConfigurationError, SourceError
from tests.runs.files.readers import read


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as made:
        day, time = made.add_format({"num_format": "dd.mm.yyyy"}), made.add_format({"num_format": "hh:mm"})
        people = made.add_worksheet("people")
        people.write_row(0, 0, ["mail", "n", "mixed", "day", "at", "n"])
        for row in range(1, 1500):
            people.write_row(row, 0, [f"p{row}@x.de", row / 8, row])
        people.write_row(1501, 0, ["last@x.de", 123456789.123, "0007"])
        people.write_datetime(1501, 3, dt.date(2024, 1, 2), day)
        people.write_datetime(1501, 4, dt.time(10, 30), time)
        people.write_number(1502, 4, 0.5, time)
        people.write_formula(1, 5, "=NA()", None, "#N/A")
        people.write(1502, 0, "noon@x.de")
        made.add_worksheet("more").write_row(0, 0, ["mail"])
        made.add_worksheet("empty")
    return path


def test_all_rows_decide_on_the_type(book: Path) -> None:
    """A text after a thousand numbers is there; digits are those that were written; blank rows are none."""
    found = read(book)
    rows = found.rows.columns(["mail", "n", "mixed", "day"])
    assert rows.height == 1501
    assert rows["mixed"].to_list()[:2] == ["1", "2"]
    assert rows.row(-2)[:3] == ("last@x.de", 123456789.123, "0007")
    assert str(rows["day"].to_list()[-2]) == "2024-01-02"


def test_what_is_lost_is_said(book: Path) -> None:
    """Cells with errors, other sheets, doubled names."""
    notes = "\n".join(read(book).notes)
    assert "1 cells with errors such as #N/A are empty" in notes
    assert "read sheet 'people' alone; for 'more', 'empty' write read={'sheet': name}" in notes
    assert "called 'n_2'" in notes


@pytest.mark.parametrize("sheet", ["more", 2])
def test_a_sheet_by_name_or_number(book: Path, sheet: str | int) -> None:
    """One that has names alone has no rows."""
    found = read(book, sheet=sheet)
    assert (found.fields, found.rows.height) == (("mail",), 0)


def test_a_sheet_that_is_not_there(book: Path) -> None:
    """Those that are there are named, the nearest first; an empty one is an empty file."""
    with pytest.raises(SourceError, match="no sheet 'peopel'; there are: people"):
        read(book, sheet="peopel")
    with pytest.raises(SourceError, match="is empty"):
        read(book, sheet="empty")
    with pytest.raises(ConfigurationError, match="'separator' means nothing for Excel files"):
        read(book, separator=";")


def test_times_of_day_have_no_day(tmp_path: Path) -> None:
    """Excel gives them one that nobody wrote."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet, time = made.add_worksheet(), made.add_format({"num_format": "hh:mm"})
        sheet.write_row(0, 0, ["mail", "at"])
        sheet.write_row(1, 0, ["a@x.de"])
        sheet.write_number(1, 1, 0.4375, time)
    assert read(path).rows.columns(["at"])["at"].to_list() == [dt.time(10, 30)]


def test_a_reader_that_is_not_installed_is_named(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the line that installs it."""
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    with pytest.raises(SourceError, match=r"pip install 'cdpkit\[excel\]'"):
        read(book)


def test_a_sheet_is_loaded_with_names_by_place(tmp_path: Path) -> None:
    """Where no row names the columns."""
    path = tmp_path / "a.xlsx"
    pl.DataFrame({"a": ["x", "y"], "b": [1, 2]}).write_excel(path, include_header=False)
    found = read(path, header=False)
    assert found.rows.columns(list(found.fields)).rows() == [("x", 1), ("y", 2)]


def test_days_are_days_in_every_zone(tmp_path: Path) -> None:
    """The midnight of a cell that shows a day is nobody's; a moment among them keeps all as moments, file by file."""
    paths = []
    moments = [dt.datetime(1980, 1, 2), dt.datetime(1980, 1, 3, 9)]  # noqa: DTZ001 - cells have no zone
    for name, cells in {"a": moments[:1], "b": moments}.items():
        paths.append(tmp_path / f"{name}.xlsx")
        with xlsxwriter.Workbook(paths[-1]) as book:
            people = book.add_worksheet()
            people.write_row(0, 0, ["email", "born"])
            for row, cell in enumerate(cells, 1):
                people.write_string(row, 0, f"{name}{row}@x.de")
                people.write_datetime(row, 1, cell, book.add_format({"num_format": "dd.mm.yyyy"}))
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("email", type="email", identifier=True)
    ws.load(paths[0], {"email": "email"}, [{"from": "born", "to": "born"}])
    assert ws.profiles.collect()["born"].to_list() == [dt.date(1980, 1, 2)]
    assert ws.peek(tmp_path / "*.xlsx").fields["type"].to_list() == ["email", "datetime"]
