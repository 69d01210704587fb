"""The properties that a load makes: what is said of them, and that following it gives them the right types."""

import re
from pathlib import Path

import polars as pl
import pytest

import cdpkit
from tests.runs.loads import MAIL

ROWS = 50
CALL = re.compile(r"ws\.\w+(?:\.\w+)?\([^()]*\)")
READ = re.compile(r"read=(\{[^}]*\})")


def written(folder: Path, last: str, header: str = "mail;spent;born;member") -> Path:
    """A file as an office in Germany exports it, and a last line of one's own."""
    lines = [f"p{n}@x.de;1.234,{n:02};{n % 27 + 1:02}.03.1990;{'ja' if n % 2 else 'nein'}" for n in range(ROWS)]
    path = folder / "crm.csv"
    path.write_text("\n".join([header, *lines, last]) + "\n", encoding="utf-8")
    return path


def mapped(*fields: str) -> list[dict[str, str]]:
    return [{"from": field, "to": field} for field in fields]


def types(ws: cdpkit.Workspace, *names: str) -> list[str]:
    return [ws.properties[name].type.value for name in names]


def test_one_bad_date_is_mended_by_the_call_that_the_preview_names(ws: cdpkit.Workspace) -> None:
    """With the row that made it text; after it the load lists that value, and nobody is left out."""
    rows = [{"mail": f"p{n}@x.de", "seen": "2024-01-31"} for n in range(ROWS)] + [{"mail": "q@x.de", "seen": "soon"}]
    preview = ws.preview_load(rows, MAIL, mapped("seen"))
    assert preview.new_properties.select("property", "type", "rows", "nearly").rows() == [
        ("seen", "text", [ROWS], "date")
    ]
    report = preview.report()
    assert f"seen (text: the others are date, these are not: row {ROWS})" in report
    [call] = CALL.findall(report)
    eval(call, {"ws": ws})  # noqa: S307 - what the report itself says
    run = ws.load(rows, MAIL, mapped("seen"))
    assert types(ws, "seen") == ["date"]
    assert run.rejected.select("source_row", "field", "value", "reason").rows() == [
        (ROWS, "seen", "soon", "not_a_date")
    ]
    assert run.counters["created"] == ROWS + 1


def test_a_load_without_a_preview_says_what_it_made_and_how_to_mend_it(ws: cdpkit.Workspace) -> None:
    """Also later, as the history has it; the call that it names is made on what is stored."""
    rows = [{"mail": f"p{n}@x.de", "age": "7", "zip": "007"} for n in range(ROWS)] + [{"mail": "q@x.de", "age": "x"}]
    run = ws.load(rows, MAIL, mapped("age", "zip"))
    report = ws.run(run).report()
    assert f"age (text: the others are number, these are not: row {ROWS})" in report
    assert "zip (text: it has numerals that would lose digits as numbers: row 0, 1, 2, 3, 4)" in report
    [call] = CALL.findall(report)
    eval(call, {"ws": ws})  # noqa: S307 - likewise
    assert types(ws, "age", "zip") == ["number", "text"]
    assert "new properties" not in ws.load(rows, MAIL, mapped("age", "zip")).report()


def test_the_options_that_a_report_names_give_types(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """Numbers and dates by the reader; what one typo keeps from it is listed once its property has the type."""
    path = written(tmp_path, "q@x.de;12,50;gestern;nein")
    fields = mapped("spent", "born", "member")
    run = ws.load(path, MAIL, fields)
    assert types(ws, "spent", "born", "member") == ["text"] * 3
    report = run.report()
    ws.undo(run)
    read = eval(READ.findall(report.partition("to have more types")[2])[0])  # noqa: S307 - likewise
    step = eval(re.findall(r"processors=(\[.*\])", report)[0])  # noqa: S307 - likewise
    preview = ws.preview_load(path, MAIL, fields, read=read, processors=step)
    assert dict(preview.new_properties.select("property", "type").rows()) == {
        "spent": "decimal",
        "born": "text",
        "member": "boolean",
    }
    eval(CALL.findall(preview.report())[0], {"ws": ws})  # noqa: S307 - likewise
    run = ws.load(path, MAIL, fields, read=read, processors=step)
    assert types(ws, "spent", "born", "member") == ["decimal", "date", "boolean"]
    assert run.rejected.select("source_row", "field").rows() == [(ROWS, "born")]


@pytest.mark.parametrize(
    ("values", "read", "mend"),
    [
        (["1.234,56", "7,50"], {"decimal": ","}, {"decimal": ",", "thousands": "."}),
        (["1 234,56", "7,50"], {"decimal": ","}, {"decimal": ",", "thousands": " "}),
        (["1.234", "7"], {"decimal": ","}, {"decimal": ",", "thousands": "."}),
        (["1,234.56", "7.5"], {"decimal": "."}, {"decimal": ".", "thousands": ","}),
        (["1,234.56", "7.5"], {}, {"thousands": ","}),
        (["1.234,56", "7,50"], {}, {"decimal": ",", "thousands": "."}),
    ],
)
def test_a_mark_that_no_option_says_is_named(
    ws: cdpkit.Workspace, tmp_path: Path, values: list[str], read: dict[str, str], mend: dict[str, str]
) -> None:
    """Whichever of the two is missing; with what the warning says they are numbers."""
    path = tmp_path / "crm.csv"
    path.write_text("mail;spent\n" + "".join(f"p{n}@x.de;{value}\n" for n, value in enumerate(values)))
    [goal] = ws.preview_load(path, MAIL, mapped("spent"), read=read).goals
    [warning] = [each for each in goal.warnings if "'spent'" in each]
    assert eval(READ.findall(warning)[0]) == mend  # noqa: S307 - likewise
    preview = ws.preview_load(path, MAIL, mapped("spent"), read=mend)
    assert preview.new_properties["type"].to_list()[0] in {"decimal", "number"}
    assert preview.goals[0].warnings == ()


def test_how_a_file_is_written_is_warned_about_once(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """The next file like it ends without a warning; another reading, and a line that is lost, are said again."""
    path = tmp_path / "crm.csv"
    ws.properties.add("name")
    path.write_bytes("mail;name;name\nzoe@x.de;Zoë;1\n".encode("cp1252"))
    first, second = (ws.load(path, MAIL, mapped("name")) for _ in range(2))
    assert [len(run.goals[0].warnings) for run in (first, second)] == [2, 0]
    assert (first.state, second.state) == ("succeeded_with_warnings", "succeeded")
    assert "cp1252" in second.report()
    path.write_bytes("mail;name;name\nzoe@x.de;Zoë;1\nann@x.de;Ann\n".encode("cp1252"))
    third = ws.load(path, MAIL, mapped("name"))
    assert [warning.partition(": ")[2][:12] for warning in third.goals[0].warnings] == ["line 3 is le"]
    assert len(ws.load(path, MAIL, mapped("name"), read={"encoding": "cp1252"}).goals[0].warnings) == 1
    assert len(ws.preview_load(path, MAIL, mapped("name")).goals[0].warnings) == 3


def test_a_refused_load_is_called_one(ws: cdpkit.Workspace) -> None:
    """And no import."""
    with pytest.raises(cdpkit.errors.ConfigurationError, match=r"^the load does not fit: source: no field 'nme'"):
        ws.load(pl.DataFrame({"mail": ["a@x.de"]}), MAIL, mapped("nme"))
