"""The command that looks at a file."""

import json
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cdpkit.cli import app
from cdpkit.cli.files import read_of

RUNNER = CliRunner()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "kunden.csv"
    file.write_bytes("E-Mail;Name;Umsatz\nj@x.de;Jörg;12,5\nz@x.de;Zoë;7,0\n".encode("cp1252"))
    return file


def test_looking_at_a_file(path: Path) -> None:
    """It shows what `ws.peek` shows, and takes the same options."""
    shown = RUNNER.invoke(app, ["peek", str(path)])
    assert shown.exit_code == 0
    assert "fields apart by semicolon" in shown.stdout
    told = RUNNER.invoke(app, ["peek", str(path), "--read", "encoding=cp1252", "--read", "decimal=,", "--json"])
    assert json.loads(told.stdout)["fields"][2]["type"] == "decimal"


MESSY = ["Name;Umsatz;Datum", *(f"Zoë {n};1.23{n},5;0{n}.12.2025" for n in range(1, 9)), "Jörg;n/a;-", "Änne;n/a;-"]


def test_the_options_that_are_told_are_taken(tmp_path: Path) -> None:
    """What a look at a messy file prints in its last line, given to the same command, leaves nothing to suggest."""
    file = tmp_path / "kunden.csv"
    file.write_bytes("\n".join(MESSY).encode("cp1252"))
    told = RUNNER.invoke(app, ["peek", str(file)]).stdout.splitlines()[-1]
    options = shlex.split(told.partition(": ")[2])
    look = json.loads(RUNNER.invoke(app, ["peek", str(file), *options, "--json"]).stdout)
    assert {field["field"]: field["type"] for field in look["fields"]} == {
        "Name": "text",
        "Umsatz": "decimal",
        "Datum": "date",
    }
    assert look["read"] == look["suggested"]


def test_words_for_nothing_are_given_one_by_one_or_as_a_list() -> None:
    """Each may stand in brackets itself; formats of dates are one text, or JSON by field."""
    assert read_of(["nulls=n/a", "nulls=[-]", 'nulls=["?", "x,y"]']) == {"nulls": ["n/a", "[-]", "?", "x,y"]}
    assert read_of(['dates={"born": "%Y"}']) == {"dates": {"born": "%Y"}}
    assert read_of(["dates=%Y", "skip=1"]) == {"dates": "%Y", "skip": 1}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["peek", "FILE", "--read", "semicolon"], "--read takes NAME=VALUE"),
        (["peek", "FILE", "--read", "separater=;"], "no option 'separater'; there are: separator"),
        (["peek", "nothing.csv"], "no file 'nothing.csv'"),
    ],
)
def test_wrong_use_is_said(path: Path, asked: list[str], message: str) -> None:
    """As one line, with the exit status for it."""
    wrong = RUNNER.invoke(app, [str(path) if word == "FILE" else word for word in asked])
    assert wrong.exit_code == 2
    assert message in wrong.stderr
