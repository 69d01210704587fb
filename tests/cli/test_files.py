"""The commands about files: look at one, and load it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cdpkit
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


def test_loading_a_file(path: Path, tmp_path: Path) -> None:
    """Fields, properties and rules in one word each; a preview stores nothing."""
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("email", type="email", identifier=True)
    asked = ["load", str(path), "--workspace", str(ws.path), "--identifier", "E-Mail=email", "--map", "Name"]
    asked += ["--map", "Umsatz=revenue:set_if_empty", "--read", "decimal=,", "--read", "encoding=cp1252"]
    seen = RUNNER.invoke(app, [*asked, "--preview"])
    assert "2  profiles created" in seen.stdout
    assert ws.runs.is_empty()
    done = RUNNER.invoke(app, [*asked, "--json"])
    assert json.loads(done.stdout)["goals"][0]["counters"]["created"] == 2
    assert ws.profiles.select("Name", "revenue").collect().rows() == [("Jörg", 12.5), ("Zoë", 7.0)]


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
