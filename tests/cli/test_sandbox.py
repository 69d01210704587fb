"""The command `sandbox`: what it serves, and what it refuses."""

import json
import signal
import subprocess
import sys

import httpx
import pytest

from cdpkit.sandbox.imitation import names
from tests.cli.shell import call, refusal_of

COMMAND = [sys.executable, "-c", "from cdpkit.cli import main; main()", "sandbox"]


def test_the_sandbox_serves_until_it_is_interrupted() -> None:
    """One JSON object with address and key, then answers; what is set for one imitation reaches it."""
    options = [
        "--people",
        "5",
        "--seed",
        "2",
        "--limits-factor",
        "10",
        "--set",
        "project_type=hybrid",
        "--set",
        "eu=true",
    ]
    with subprocess.Popen(
        [*COMMAND, "iterable", *options, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["iterable"]
        state = httpx.get(address["base_url"] + "/_sandbox/state", trust_env=False).json()
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=30)
    assert (state["vendor"], state["people"]) == ("iterable", 5)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_the_sandbox_in_words() -> None:
    """Without `--json` a line for each thing to know."""
    with subprocess.Popen([*COMMAND, "--people", "1"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first, second = process.stdout.readline(), process.stdout.readline()
        process.send_signal(signal.SIGINT)
    assert first.startswith("activecampaign: base_url = ")
    assert second.startswith("activecampaign: api_key = ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody"], f"no imitation of a vendor 'nobody'; there are: {', '.join(names())}"),
        (["--set", "colour=red"], "no setting colour; there are: "),
        (["--set", "eu=perhaps"], "--set eu= takes true or false"),
        (["--set", "job_polls=many"], "--set job_polls= takes a number"),
        (["--limits-factor", "0"], "--limits-factor has to be above zero"),
        (["--port", "0"], "port"),
        (["--people", "-1"], "people"),
    ],
)
def test_what_does_not_fit_is_wrong_use(arguments: list[str], message: str) -> None:
    """The message names what exists, and nothing is served."""
    assert message in refusal_of(call("sandbox", *arguments, "--json"))


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it; the demo, which needs it too, says so before it makes a folder."""
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    for result in (call("sandbox"), call("demo", "never-made")):
        assert result.exit_code == 2
        assert 'the sandbox needs uvicorn; install what it needs with: pip install "cdpkit[sandbox]"' in result.stderr
