"""The command that looks at a file."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cdpkit.cli import app

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
