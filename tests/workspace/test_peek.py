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
    suggested = "{'separator': ';', 'encoding': 'cp1252', 'header': True, 'decimal': ',', 'thousands': '.'}"
    assert repr(found).endswith(f"to have more types than text: read={suggested}")


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


MESSY = """Nr;E-Mail;PLZ;Umsatz;Geburtstag;Letzter Kauf;Newsletter;Telefon
001;a@x.de;01067;1.234,56;31.12.1980;2024/01/31;ja;030/1
002;b@x.de;01069;n/a;1.2.1990;k.A.;Nein;k.A.
003;c@x.de;n/a;7;n/a;2024/02/01;;030/3
"""


def test_two_steps_to_types(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """A look names all options at once; a load with them has types, and nothing was guessed in silence."""
    path = tmp_path / "kunden.csv"
    path.write_text(MESSY, encoding="utf-8")
    look = ws.peek(path)
    assert look.suggested == look.read | {
        "decimal": ",",
        "thousands": ".",
        "nulls": ["n/a", "k.A."],
        "dates": {"Geburtstag": "%d.%m.%Y", "Letzter Kauf": "%Y/%m/%d"},
    }
    assert any("'processor': 'parse_booleans', 'fields': ['Newsletter']" in note for note in look.notes)
    again = ws.peek(path, look.suggested)
    assert again.fields["type"].to_list() == ["text", "email", "text", "decimal", "date", "date", "text", "text"]
    assert again.suggested == again.read


@pytest.mark.parametrize(
    ("values", "suggested"),
    [
        (["1,234", "5,678"], {}),
        (["1,5", "2"], {"decimal": ",", "thousands": "."}),
        (["1,234.5", "2"], {"decimal": ".", "thousands": ","}),
        (["01/02/2024", "03/04/2024"], {}),
        (["31/01/2024", "03/04/2024"], {"dates": "%d/%m/%Y"}),
        (["01/31/2024", "03/04/2024 "], {"dates": "%m/%d/%Y"}),
        (["31.01.2024 12:30", "1.2.2024 07:00"], {"dates": "%d.%m.%Y %H:%M"}),
        (["2024-01-31", "x"], {}),
        (["none", "null"], {}),
        (["1.5", "none"], {"nulls": ["none"]}),
        (["001", "n/a"], {"nulls": ["n/a"]}),
        (["030/123-45", "1.2.3"], {}),
    ],
)
def test_what_is_not_certain_is_not_suggested(
    ws: cdpkit.Workspace, tmp_path: Path, values: list[str], suggested: dict[str, object]
) -> None:
    """Two readings of one text are none, and a word that may be a name stays one."""
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["a;b", *(f"{value};x" for value in values)]), encoding="utf-8")
    look = ws.peek(path)
    assert look.suggested == look.read | suggested


def test_an_option_that_would_change_another_field_is_a_step(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """1.234 in a field with decimal points would become a thousand."""
    path = tmp_path / "a.csv"
    path.write_text("a;b\n1,5;1.234\n2,5;1.5\n", encoding="utf-8")
    look = ws.peek(path)
    assert look.suggested == look.read
    assert any("'processor': 'parse_numbers', 'fields': ['a']" in note for note in look.notes)


def test_of_many_fields_the_first_ones_are_looked_into(
    ws: cdpkit.Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are named, and it is said that they were not; a look at them all would take minutes."""
    monkeypatch.setattr("cdpkit.runs.peek._DETAILED", 2)
    (tmp_path / "wide.csv").write_text("a,b,c\n1,x,2\n", encoding="utf-8")
    found = ws.peek(tmp_path / "wide.csv")
    assert found.fields.select("field", "type").rows() == [("a", "number"), ("b", "text"), ("c", None)]
    assert "the first 2 of 3 fields" in repr(found)
