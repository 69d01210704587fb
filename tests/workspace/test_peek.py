"""Looking at a source before it is loaded."""

from pathlib import Path

import pytest

import cdpkit
from cdpkit.errors import SourceError

TEXT = "Name;E-Mail;Umsatz;<b>\nJörg;j@x.de;12,5;\nZoë;z@x.de;7,0;1\nkaputt\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "kunden.csv"
    file.write_bytes(TEXT.encode("cp1252"))
    return file


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    return cdpkit.create(tmp_path / "w")


def test_a_source_shows_what_is_in_it(ws: cdpkit.Workspace, path: Path) -> None:
    """Its fields with the types that fit, how many have a value, and some of them; and how the file was read."""
    found = ws.peek(path)
    assert found.fields.select("field", "type", "filled").rows() == [
        ("Name", "text", 1.0),
        ("E-Mail", "email", 1.0),
        ("Umsatz", "text", 1.0),
        ("<b>", "number", 0.5),
    ]
    assert found.rows == 3
    assert found.read == {"separator": ";", "encoding": "cp1252", "header": True}
    assert "3 rows, 4 fields\n  kunden.csv: CSV, cp1252, fields apart by semicolon, names in line 1" in repr(found)
    assert "line 4 is left out" in repr(found)
    assert repr(found).endswith("read={'separator': ';', 'encoding': 'cp1252', 'header': True}")


def test_what_it_shows_can_be_copied(ws: cdpkit.Workspace, path: Path) -> None:
    """With the options that it names, values are what they mean."""
    found = ws.peek(path, {**ws.peek(path).read, "decimal": ","})
    assert found.fields["type"].to_list() == ["text", "email", "decimal", "number"]
    assert [note for note in found.notes if "left out" not in note] == []


def test_it_is_a_table_in_notebooks(ws: cdpkit.Workspace, path: Path) -> None:
    """Names and values of files are text there, whatever they look like."""
    shown = ws.peek(path)._repr_html_()
    assert "&lt;b&gt;" in shown
    assert "<td><b></td>" not in shown


def test_a_frame_can_be_looked_at(ws: cdpkit.Workspace) -> None:
    """Columns that cannot be held say so."""
    found = ws.peek([{"a": 1, "b": object(), "c": ["x"]}])
    assert found.fields["type"].to_list()[0] == "number"
    assert found.fields["type"].to_list()[1].startswith("none: objects of Python")
    assert found.fields["type"].to_list()[2] == "text (several)"
    assert found.read == {}


def test_a_source_that_cannot_be_read(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """Is refused as a load refuses it."""
    with pytest.raises(SourceError, match="no file"):
        ws.peek(tmp_path / "nothing.csv")
