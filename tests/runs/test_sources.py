"""What a load reads: files of every format, frames of every kind, and what cannot be read."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

import cdpkit
from cdpkit.errors import SourceError
from tests.runs.loads import MAIL, PLAN, assert_adds_up, held, source


@pytest.mark.parametrize("ending", ["csv", "parquet", "ndjson", "jsonl"])
def test_files_of_every_format(ws: cdpkit.Workspace, tmp_path: Path, ending: str) -> None:
    """The same rows in each format make the same profiles; a path may be text or a path."""
    rows = source(("ann@x.de", "gold", 5), ("bob@x.de", None, 2))
    path = tmp_path / f"crm.{ending}"
    if ending == "csv":
        rows.write_csv(path)
    elif ending == "parquet":
        rows.write_parquet(path)
    else:
        rows.write_ndjson(path)
    for given in (path, str(path)):
        run = ws.load(given, MAIL, PLAN)
        assert_adds_up(run)
    assert held(ws, "email", "plan") == {"ann@x.de": "gold", "bob@x.de": None}


@pytest.mark.parametrize(
    "given",
    [
        source(("ann@x.de", "gold")),
        source(("ann@x.de", "gold")).lazy(),
        source(("ann@x.de", "gold")).to_arrow(),
        pa.table({"mail": ["ann@x.de"], "plan": ["gold"]}),
        {"mail": ["ann@x.de"], "plan": ["gold"]},
        [{"mail": "ann@x.de", "plan": "gold"}],
    ],
    ids=["eager", "lazy", "arrow of polars", "arrow", "columns", "rows"],
)
def test_frames_of_every_kind(ws: cdpkit.Workspace, given: object) -> None:
    """Polars frames, Arrow tables, and what Polars makes frames of."""
    ws.load(given, MAIL, PLAN)
    assert held(ws, "email", "plan") == {"ann@x.de": "gold"}


def test_a_path_that_exists_is_that_file(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """Also where it looks like a pattern that another file fits."""
    (tmp_path / "crm[1].csv").write_text("mail,plan\nann@x.de,gold\n", encoding="utf-8")
    (tmp_path / "crm1.csv").write_text("mail,plan\nbob@x.de,lead\n", encoding="utf-8")
    ws.load(tmp_path / "crm[1].csv", MAIL, PLAN)
    assert held(ws, "email", "plan") == {"ann@x.de": "gold"}


def test_files_of_a_pattern_follow_each_other_as_people_count(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """Part 10 comes after part 2, so its value is the last."""
    for part, plan in ((10, "gold"), (2, "lead")):
        (tmp_path / f"part-{part}.csv").write_text(f"mail,plan\nann@x.de,{plan}\n", encoding="utf-8")
    ws.load(str(tmp_path / "part-*.csv"), MAIL, PLAN)
    assert held(ws, "email", "plan") == {"ann@x.de": "gold"}


def test_a_glob_is_one_source(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """Files follow each other by name, rows are numbered through, and a field that a file lacks is empty there."""
    source(("b@x.de", "x")).write_csv(tmp_path / "2.csv")
    source(("a@x.de",), ("b@x.de",)).write_csv(tmp_path / "1.csv")
    run = ws.load(tmp_path / "*.csv", MAIL, [{"from": "plan", "to": "plan", "rule": "set_or_clear"}])
    assert run.rows["source_row"].to_list() == [0, 1, 2]
    assert held(ws, "email", "plan") == {"a@x.de": None, "b@x.de": "x"}
    assert [Path(item["path"]).name for item in run.details["inputs"]] == ["1.csv", "2.csv"]


def test_numbers_of_json_keep_their_digits(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """One of more digits than its property holds is stored as it was written, or rejected; the others are loaded."""
    ws.properties.add("score", type="decimal")
    path = tmp_path / "crm.ndjson"
    numerals = ["0.12345678901234567891", "1e400", "9007199254740993", "1.5"]
    path.write_text("\n".join(f'{{"mail": "{n}@x.de", "plan": {n}}}' for n in numerals), encoding="utf-8")
    run = ws.load(path, MAIL, [*PLAN, {"from": "plan", "to": "score"}])
    assert held(ws, "plan", "score") == {n: 1.5 if n == "1.5" else None for n in numerals}
    assert run.rejected["reason"].to_list() == ["would_lose_digits", "out_of_range", "would_lose_digits"]


def test_csv_is_text(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """Leading zeros, NULL, quotes, line breaks inside quotes and a byte order mark are read as they are meant."""
    path = tmp_path / "crm.csv"
    path.write_text('\ufeffmail,plan\r\nann@x.de,007\r\nbob@x.de,NULL\r\ncy@x.de,"a ""b"",\nc"\r\n', encoding="utf-8")
    ws.load(path, MAIL, PLAN)
    assert held(ws, "email", "plan") == {"ann@x.de": "007", "bob@x.de": "NULL", "cy@x.de": 'a "b",\nc'}


def test_malformed_lines_are_told_apart(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """A line with more or fewer fields than the header is excluded and named by its number; the others are loaded."""
    path = tmp_path / "crm.csv"
    path.write_text('mail,plan\na@x.de,"x\ny"\nb@x.de\nc@x.de,z\n\nd@x.de,1,2\ne@x.de,w\n', encoding="utf-8")
    run = ws.load(path, MAIL, PLAN)
    assert_adds_up(run)
    assert run.excluded.rows() == [(1, "malformed_line"), (3, "malformed_line")]
    assert run.counters["received"] == 5
    assert run.state == "succeeded_with_warnings"
    assert "warning: crm.csv: lines 4, 7 are left out: quotes that do not pair" in run.report()
    assert held(ws, "email", "plan") == {"a@x.de": "x\ny", "c@x.de": "z", "e@x.de": "w"}


@pytest.mark.parametrize(
    ("text", "lost", "kept"),
    [
        ('a@x.de,"gold\nb@x.de,silver\nc@x.de,x\n', [0], "bc"),
        ('a@x.de,gold\nb@x.de,"silver', [1], "a"),
        ('"a@x.de,gold\nb@x.de,silver\n', [0], "b"),
        ('a@x.de,"gold\nb@x.de,silver\nc@x.de,"x"\n', [0], "bc"),
        ('a@x.de,"gold\nb@x.de,silver\nc@x.de,"x\nd@x.de,y\n', [0, 2], "bd"),
        ('a@x.de,"go"ld\nb@x.de,silver\n', [0], "b"),
    ],
    ids=["last field", "end of file", "first field", "closed by the next one", "two of them", "closed too early"],
)
def test_an_unclosed_quote_hides_no_lines(
    ws: cdpkit.Workspace, tmp_path: Path, text: str, lost: list[int], kept: str
) -> None:
    """Its line alone is left out; else every line up to the next quote would be one value, and nobody would see it."""
    path = tmp_path / "crm.csv"
    path.write_text("mail,plan\n" + text, encoding="utf-8")
    run = ws.load(path, MAIL, PLAN)
    assert_adds_up(run)
    assert run.excluded.rows() == [(row, "malformed_line") for row in lost]
    assert list(held(ws, "email", "plan")) == [f"{name}@x.de" for name in kept]


def test_a_quote_inside_a_value_is_a_character(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """Inches hide nothing."""
    path = tmp_path / "crm.csv"
    path.write_text('mail,plan\na@x.de,5" pipe\nb@x.de,"two\nlines"\n', encoding="utf-8")
    ws.load(path, MAIL, PLAN)
    assert held(ws, "email", "plan") == {"a@x.de": '5" pipe', "b@x.de": "two\nlines"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("crm.csv", b"", "is empty"),
        ("crm.csv", b"\n\n", "is empty"),
        ("crm.ndjson", b"\n", "is empty"),
        ("crm.csv", b"PAR1a@x.de", "no text but a Parquet file: give it its right ending"),
        ("crm.csv", b"a@x.de,gold\nb@x.de,lead\n", "holds values and no names"),
        ("crm.csv", b'"mail,plan\na@x.de,x\n', "quotes of line 1, which is to name the fields"),
        ("crm.csv", b"Customers\n\nmail,plan\na@x.de,x\nb@x.de,y\n", r"write read=\{'skip': 2\}"),
        ("crm.parquet", b"no parquet a@x.de", "cannot be read as Parquet"),
        ("crm.json", b'[{"mail": "a@x.de"},\n{"mail"', "damaged or cut off in the element that begins in line 2"),
        ("crm.csv.gz", b"mail\na@x.de", "cannot be read as gz"),
        ("crm.csv.zst", b"mail\na@x.de", "cannot be read as zst"),
        ("crm.parquet.gz", b"", "unpack it first"),
        ("crm.xlsx", b"a@x.de", "cannot be read as an Excel file"),
        ("crm.doc", b"", "no reader for .doc; there are: .csv"),
        ("crm", b"mail\n", "no reader for files without an ending.*read={'format': 'csv'}"),
    ],
)
def test_what_cannot_be_read(ws: cdpkit.Workspace, tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """It is a source error that says why and what to do, and its content is not quoted."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=message) as refused:
        ws.load(path, MAIL, PLAN)
    assert "a@x.de" not in str(refused.value)
    assert ws.runs.is_empty()


def test_a_missing_file_names_its_neighbours(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """The message lists the folder."""
    source(("a@x.de",)).write_csv(tmp_path / "crm.csv")
    with pytest.raises(SourceError, match=r"no file .*cmr.csv'; its folder has: crm.csv"):
        ws.load(tmp_path / "cmr.csv", MAIL)


def test_a_folder_is_no_file(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """It is said to be a folder, and how its files are named."""
    with pytest.raises(SourceError, match=r"is a folder; name its files, such as .*\*\.csv"):
        ws.load(tmp_path, MAIL)


@pytest.mark.parametrize("given", [5, object(), None, pl.DataFrame()])
def test_a_source_of_the_wrong_type(ws: cdpkit.Workspace, given: object) -> None:
    """The message says what a source is."""
    with pytest.raises(SourceError, match="frame"):
        ws.load(given, MAIL)


def test_a_source_without_rows(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """A header alone, or a frame of no rows, is a run that did nothing."""
    path = tmp_path / "crm.csv"
    path.write_text("mail,plan\n", encoding="utf-8")
    for given in (path, pl.DataFrame({"mail": [], "plan": []})):
        run = ws.load(given, MAIL, PLAN, goal="night")
        assert_adds_up(run)
        assert (run.state, run.counters["received"], run.counters["created"]) == ("succeeded", 0, 0)


@pytest.mark.parametrize(
    "name",
    ["position", "line", "malformed_line", "unit", "hash", "row", "key_0", "held", "seq", "layer", "index", "number"],
)
def test_fields_may_be_called_anything(ws: cdpkit.Workspace, tmp_path: Path, name: str) -> None:
    """Names that the package uses for itself are fields like any other, in files too."""
    path = tmp_path / "crm.csv"
    for text in (f"mail,{name}\na@x.de,x\nb@x.de,y\n", f"mail,{name}\na@x.de,x\nb@x.de\nc@x.de,z\n"):
        path.write_text(text, encoding="utf-8")
        ws.load(path, MAIL, [{"from": name, "to": "plan"}], goal="night")
    assert held(ws, "email", "plan") == {"a@x.de": "x", "b@x.de": "y", "c@x.de": "z"}
