"""CSV by one grammar: what a writer writes comes back, and a bad line takes none of the others with it."""

import csv
import io
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cdpkit.errors import SourceError
from cdpkit.runs.files import csv_files
from cdpkit.runs.files.options import Read
from tests.runs.files.readers import NAMES, TEXTS, read, tables, texts

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"]
Quoting = Literal[0, 1]


@given(
    rows=tables(),
    separator=st.sampled_from([",", ";", "\t", "|", "^", " "]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encoding=st.sampled_from(ENCODINGS),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_what_is_written_is_read(
    tmp_path_factory: Any, rows: list[list[str]], separator: str, quoting: Quoting, encoding: str, end: str
) -> None:
    """Any texts, with any separator, quotes, encoding and line ends."""
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    text = io.StringIO()
    forgotten = any("\r" in field or "\n" in field for row in rows for field in row)  # by older writers, unless all are
    writer = csv.writer(text, delimiter=separator, quoting=1 if forgotten else quoting, lineterminator=end)
    writer.writerows([NAMES, *rows])
    path.write_bytes(text.getvalue().encode(encoding))
    told = {} if encoding in {"utf-8", "utf-8-sig"} else {"encoding": encoding}
    found = read(path, separator=separator, **told)
    assert texts(found) == rows
    assert found.fields == tuple(NAMES)
    assert all("decimal commas" in note for note in found.notes)


@given(column=st.lists(TEXTS.filter(bool), max_size=6), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_one_column_is_read(tmp_path_factory: Any, column: list[str], quoting: Quoting) -> None:
    """Where no separator is, there is none to look for."""
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=1 if any("\r" in each or "\n" in each for each in column) else quoting).writerows(
            [["name"], *([each] for each in column)]
        )
    assert texts(read(path, separator=",")) == [[each] for each in column]


BAD = st.sampled_from(['x,"y', '"x"y,z,w', "x", "a,b,c,d", 'x,"y"z,w', ",", 'a,b,"c'])
GOOD = st.lists(TEXTS.filter(lambda text: not set(text) & set('",\r\n')), min_size=3, max_size=3)


@given(parts=st.lists(GOOD | BAD, max_size=8), end=st.sampled_from(["\n", "\r\n", "\r"]))
@example(parts=['a,b,"c', ["x", "y", "z"]], end="\n")
def test_a_bad_line_is_left_out_alone(tmp_path_factory: Any, parts: list[Any], end: str) -> None:
    """Lines without quotes between bad ones are read as if those were not there; each bad one is named."""
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    lines = [part if isinstance(part, str) else ",".join(part) for part in parts]
    path.write_bytes((",".join(NAMES) + end + "".join(line + end for line in lines)).encode())
    found = read(path, separator=",")
    wanted = [part for part in parts if not isinstance(part, str)]
    bad = [number for number, part in enumerate(parts) if isinstance(part, str)]
    assert texts(found) == wanted
    assert found.unreadable["_source_row"].to_list() == bad
    assert found.source_row.to_list() == [number for number in range(len(parts)) if number not in bad]
    named = ", ".join(str(number + 2) for number in bad)
    assert not bad or f"line{'s' if len(bad) > 1 else ''} {named} " in found.notes[0]


@pytest.mark.parametrize("quoted", [False, True])
def test_long_fields_are_read_up_to_a_cap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quoted: bool) -> None:
    """Beyond it the line alone is left out, wherever blocks end."""
    monkeypatch.setattr(csv_files, "_BLOCKS", (1 << 12, 1 << 16))
    monkeypatch.setattr(csv_files, "FIELD", 1 << 16)
    before = csv.field_size_limit(1 << 16)
    try:
        long, mark = "x" * 60_000, '"' if quoted else ""
        path = tmp_path / "a.csv"
        path.write_text(f"mail,plan\na,{mark}{long}{mark}\nb,{long * 2}\nc,z\n")
        found = read(path)
    finally:
        csv.field_size_limit(before)
    assert texts(found) == [["a", long], ["c", "z"]]
    assert found.unreadable["_source_row"].to_list() == [1]


def test_only_what_is_wanted_is_converted(tmp_path: Path) -> None:
    """A file of many columns costs no more than its text."""
    path = tmp_path / "a.csv"
    width = 20_000
    path.write_text("".join(",".join(f"{kind}{i}" for i in range(width)) + "\n" for kind in ("c", "v")))
    found = csv_files.read_csv(path, Read(), frozenset(["c7", "c19999"]))
    assert found is not None
    assert found.rows.lazy().collect().to_dict(as_series=False) == {"c7": ["v7"], "c19999": ["v19999"]}
    assert len(found.fields) == width


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a;b\n1,5;2,3\n", ";"),
        ("a,b\n1;5,2;3\n", ","),
        ("a\tb c\n1,5\t2,3\n", "\t"),
        ("a|b\n", "|"),
        ("name\nx y\n", ","),
        ('a;b\n"1;2;3";x\n', ";"),
        ('"a;b";c\n1;2\n', ";"),
        ("a,b;c\n1;2\n3;4\n5;6\n", ";"),
    ],
)
def test_the_separator_is_found(tmp_path: Path, text: str, separator: str) -> None:
    """By the first lines, quotes minded; what was found is said."""
    path = tmp_path / "a.csv"
    path.write_text(text)
    found = read(path)
    assert found.understood[0]["read"]["separator"] == separator


def test_an_uncertain_separator_is_said(tmp_path: Path) -> None:
    """With the option that settles it, after which there is nothing to say."""
    path = tmp_path / "a.csv"
    path.write_text("a,b;c\nk,l;m\nn,o;p\n")
    (note,) = read(path).notes
    assert "the separator is uncertain: read as ',', and ';' parts the lines as evenly" in note
    assert read(path, separator=";").notes == ()


def test_names_are_stripped_and_numbered(tmp_path: Path) -> None:
    """White space and what is not seen is off their ends; empty and doubled ones can be mapped, and are pointed out."""
    path = tmp_path / "a.csv"
    path.write_text("\ufeff\ufeffmail\u00a0, \u200bn,n,,n_2\n1,2,3,4,5\n", encoding="utf-8")
    found = read(path)
    assert found.fields == ("mail", "n", "n_3", "column_4", "n_2")
    assert [note.partition(": ")[2] for note in found.notes] == [
        "fields without a name are called 'column_4'",
        "fields whose name is there more than once are called 'n_3'",
    ]


def test_bytes_that_are_no_letters_are_counted(tmp_path: Path) -> None:
    """UTF-8 that is soiled stays UTF-8; each broken place is U+FFFD."""
    path = tmp_path / "a.csv"
    path.write_bytes("mail,plan\nJörg,Zoë\nx,y".encode() + b"\xff\n")
    found = read(path)
    assert texts(found)[1] == ["x", "y\ufffd"]
    assert "1 place is no utf-8 and became U+FFFD" in found.notes[0]


def test_a_file_of_a_glob_may_be_empty(tmp_path: Path) -> None:
    """It is passed over and named."""
    (tmp_path / "day-1.csv").write_text("mail\na@x.de\n")
    (tmp_path / "day-2.csv").write_text("")
    found = read(tmp_path / "day-*.csv")
    assert found.rows.height == 1
    assert found.notes == ("day-2.csv is empty and was passed over",)


def test_rows_without_the_wanted_fields_are_rows(tmp_path: Path) -> None:
    """A file of a glob that has none of them counts all the same."""
    (tmp_path / "1.csv").write_text("mail,plan\na@x.de,x\n")
    (tmp_path / "2.csv").write_text("other,more\nb,y\nc,z\n")
    found = csv_files_rows(tmp_path / "*.csv")
    assert found["mail"].to_list() == ["a@x.de", None, None]


def csv_files_rows(path: Path) -> pl.DataFrame:
    from cdpkit.runs.sources import read_source

    return read_source(path, {"mail"}).rows.columns(["mail"])


def test_a_first_line_of_values_is_not_shown(tmp_path: Path) -> None:
    """The message names the option and no address; with it fields are named by their places."""
    path = tmp_path / "a.csv"
    path.write_text("a@x.de,gold\nb@x.de,lead\n")
    with pytest.raises(SourceError, match=r"write read=\{'header': False\}") as refused:
        read(path)
    assert "a@x.de" not in str(refused.value)
    assert read(path, header=False).fields == ("column_1", "column_2")


def test_a_hint_of_excel_is_minded(tmp_path: Path) -> None:
    """It names the separator and is no line of names."""
    path = tmp_path / "a.csv"
    path.write_text("sep=;\nmail;plan\na;x,y\n")
    found = read(path)
    assert (found.fields, texts(found)) == (("mail", "plan"), [["a", "x,y"]])
    assert found.understood[0]["read"]["skip"] == 1


def test_text_of_two_bytes_without_a_mark_is_said_to_be_uncertain(tmp_path: Path) -> None:
    """It is read, and the option that settles it is named."""
    path = tmp_path / "a.csv"
    path.write_bytes("mail,plan\na,é\n".encode("utf-16-le"))
    found = read(path)
    assert texts(found) == [["a", "é"]]
    assert "write read={'encoding': 'utf-16-le'}" in found.notes[0]


@pytest.mark.parametrize("name", ["x" * 300 + ".csv", "a\x00b.csv"])
def test_a_name_that_no_file_can_have(tmp_path: Path, name: str) -> None:
    """Is a file that is not there."""
    with pytest.raises(SourceError):
        read(tmp_path / name)
