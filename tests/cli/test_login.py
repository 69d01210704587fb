"""The command about logins, against an imitation of Campaign Monitor."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import cdpkit
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.server import running
from tests.cli.shell import call, json_of, refusal_of


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    with running("campaign_monitor", options=Options(limits_factor=1000)) as site:
        given = dict(site.addresses["campaign_monitor"])
        del given["api_key"]
        (tmp_path / "ws").mkdir()
        ws = cdpkit.create(tmp_path / "ws" / "here")
        (ws.path / "secret").write_text(given["client_secret"])
        ws.connect("campaign_monitor", "news", {**given, "client_secret": "file:secret"})
        yield Path(ws.path)


def test_login_shows_the_page_and_ends_when_somebody_was_there(workspace: Path) -> None:
    """The page's address stands on standard error, and the answer on standard output; a reset takes it back."""
    words = [
        sys.executable,
        "-c",
        "from cdpkit.cli import main; main()",
        "login",
        "news",
        "-w",
        str(workspace),
        "--no-browser",
        "--json",
    ]
    program = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with program:
        assert program.stderr is not None
        found = re.search(r"at (http://\S+)", program.stderr.readline())
        assert found is not None
        assert httpx.get(found[1], follow_redirects=True, trust_env=False, timeout=20).status_code == 200
        out, _ = program.communicate(timeout=60)
    assert program.returncode == 0
    assert out == '{"connection": "news", "login": "kept"}\n'
    assert (workspace / "secrets" / "news.json").exists()
    assert json_of(call("login", "news", "-w", workspace, "--reset", "--json")) == {
        "connection": "news",
        "login": "forgotten",
    }
    assert not (workspace / "secrets" / "news.json").exists()


def test_a_connection_without_a_login_says_how_to_get_one(workspace: Path) -> None:
    """In the words of the command line; a login that nobody comes to ends in time."""
    told = call("check", "news", "-w", workspace)
    assert "`cdpkit login CONNECTION`" in told.output
    message = refusal_of(call("login", "news", "-w", workspace, "--timeout", "1", "--no-browser", "--json"), 1)
    assert "nobody came back from the login page of Campaign Monitor" in message
