"""The options of a reader: what fits them, and what is said where something does not."""

from pathlib import Path
from typing import Any

import pytest

import cdpkit
from cdpkit.errors import ConfigurationError
from cdpkit.runs.files.options import NAMES, Read, read_options
from tests.runs.files.readers import read, texts
from tests.runs.loads import MAIL, PLAN, held


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seperator": ";"}, "no option 'seperator'; there are: separator"),
        ({"separator": ";;"}, "'separator' takes one character"),
        ({"separator": "ä"}, "'separator' takes one character"),
        ({"encoding": "klingon"}, "'encoding' takes a name that Python knows, such as 'utf-8'"),
        ({"encoding": "hex"}, "'encoding' takes a name"),
        ({"encoding": 5}, "'encoding' takes a name"),
        ({"quote": True}, "'quote' takes one character, or False"),
        ({"header": 0}, "'header' takes True, False, or the number"),
        ({"skip": -1}, "'skip' takes how many lines"),
        ({"decimal": ";"}, "'decimal' takes"),
        ({"thousands": "."}, "cannot part thousands and decimals"),
        ({"decimal": ",", "thousands": ","}, "cannot part thousands and decimals"),
        ({"separator": "'", "quote": "'"}, "are one character"),
        ({"nulls": 5}, "'nulls' takes a list of words"),
        ({"dates": 5}, "'dates' takes a format"),
        ({"dates": {"born": "%d.%m.%Y"}}, "'dates': no field 'born'; there are: mail, plan"),
        ({"dates": "%d"}, "format '%d'"),
        ({"sheet": "x"}, "'sheet' means nothing for CSV files"),
        ({"format": "xml"}, "no format 'xml'; there are: csv"),
        (";", "takes a mapping of options"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path: Path, options: Any, message: str) -> None:
    """With what does."""
    path = tmp_path / "a.csv"
    path.write_text("mail,plan\na@x.de,x\n")
    with pytest.raises(ConfigurationError, match=message):
        read(path, **options) if isinstance(options, dict) else read_options(options)


def test_options_can_be_given_again() -> None:
    """As a mapping; those that were not given are not among them."""
    given = {"separator": "\t", "nulls": ["-"], "header": False}
    assert read_options({**given, "separator": "tab", "quote": None}).given() == given
    assert read_options(None) == Read()
    assert set(read_options(given).given()) <= set(NAMES)


def test_the_line_of_names_and_what_is_before_it(tmp_path: Path) -> None:
    """Lines are counted as an editor counts them, also in what is said of them."""
    path = tmp_path / "a.csv"
    path.write_text("one\ntwo\nmail,plan\na,x\nb\nc,z\n")
    for options in ({"skip": 2}, {"header": 3}, {"skip": 1, "header": 2}):
        found = read(path, **options)
        assert texts(found) == [["a", "x"], ["c", "z"]]
        assert found.notes[0].startswith("a.csv: line 5 is left out")
        assert "names in line 3" in found.understood[0]["as"]


def test_quotes_can_be_other_ones_or_none(tmp_path: Path) -> None:
    """Without quotes each is a character."""
    path = tmp_path / "a.csv"
    path.write_text("a,b\n'x,y',\"\n")
    assert texts(read(path, quote="'")) == [["x,y", '"']]
    path.write_text('a,b\n"x,"y\n')
    assert texts(read(path, quote=False)) == [['"x', '"y']]


def test_a_preview_holds_its_options(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """They are not given again."""
    path = tmp_path / "a.csv"
    path.write_text("mail;plan\na@x.de;gold\n")
    preview = ws.preview_load(path, MAIL, PLAN, read={"separator": ";"})
    with pytest.raises(ConfigurationError, match="a preview holds its source and all options"):
        ws.load(preview=preview, read={"separator": ";"})
    ws.load(preview=preview)
    assert held(ws, "email", "plan") == {"a@x.de": "gold"}
