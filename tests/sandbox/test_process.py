"""The sandbox as a process of its own, and its command line."""

import json
import subprocess
import sys

import httpx
import psutil
import pytest

from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.sandbox import imitation
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.iterable.settings import API_KEY
from cdpkit.sandbox.process import start
from cdpkit.sandbox.server import running, site


def test_a_process_serves_until_it_is_stopped() -> None:
    """It prints its addresses, takes its settings, and is gone after the block."""
    with start("iterable", people=7, seed=3, limits_factor=2.0, project_type="hybrid", eu=False) as sandbox:
        address = sandbox.addresses["iterable"]
        assert address["api_key"] == API_KEY
        state = httpx.get(address["base_url"] + "/_sandbox/state", trust_env=False).json()
        assert (state["vendor"], state["people"]) == ("iterable", 7)
        assert sandbox.errors() == ""
    with pytest.raises(httpx.ConnectError):
        httpx.get(address["base_url"], trust_env=False)


def test_a_process_that_does_not_start_says_why() -> None:
    """What it wrote to standard error is in the message."""
    with pytest.raises(ConfigurationError, match=r"no imitation of a vendor 'itterable'; there are: .*iterable"):
        start("itterable")


def test_the_process_ends_with_its_parent() -> None:
    """A parent that is killed takes the sandbox with it."""
    program = (
        "from cdpkit.sandbox.process import start; import sys\n"
        "sandbox = start('iterable', people=1); print(sandbox._process.pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    assert psutil.wait_procs([child], timeout=10)[1] == []


def test_latency_delays_answers_without_holding_each_other_up() -> None:
    """A client that does not wait for it gets no answer; one that does gets it while another is under way."""
    with running("iterable", options=Options(people=1, latency=0.3)) as served:
        address = served.addresses["iterable"]
        headers = {"Api-Key": address["api_key"]}
        with httpx.Client(base_url=address["base_url"], headers=headers, trust_env=False) as api:
            with pytest.raises(httpx.ReadTimeout):
                api.get("/api/lists", timeout=0.05)
            assert api.get("/api/lists", timeout=5).elapsed.total_seconds() >= 0.3


def test_a_taken_port_is_named() -> None:
    """And the others are given back."""
    with running("iterable", options=Options(people=1)) as first:
        port = int(first.addresses["iterable"]["base_url"].rsplit(":", 1)[1])
        with pytest.raises(ConfigurationError, match=f"port {port} is not free"):
            site(["iterable"], Options(people=1), port, {})


def test_settings_that_there_are_not_are_refused() -> None:
    """With those that there are; a value must be among a setting's choices."""
    with pytest.raises(ConfigurationError, match=r"no setting colour; there are: .*project_type"):
        site(["iterable"], Options(), None, {"colour": "red"})
    with pytest.raises(ConfigurationError, match="project_type of iterable is one of email, userID, hybrid"):
        site(["iterable"], Options(), None, {"project_type": "phone"})


def test_imitations_are_found_by_name() -> None:
    """Each is a folder; an unknown one is an error that names them."""
    assert "iterable" in imitation.names()
    assert imitation.get("iterable").name == "iterable"
    with pytest.raises(UnknownNameError, match=r"there are: .*iterable"):
        imitation.get("nobody")


def test_the_command_line_says_what_there_is() -> None:
    """Help names the vendors and the settings of each; wrong use has status 2."""
    run = [sys.executable, "-m", "cdpkit.sandbox"]
    shown = subprocess.run([*run, "--help"], capture_output=True, text=True, check=True).stdout
    assert all(word in shown for word in ("iterable", "--limits-factor", "--project-type", "--eu"))
    wrong = subprocess.run([*run, "nobody"], capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("no imitation of a vendor 'nobody'")


def test_the_first_line_is_one_json_object() -> None:
    """Without `--json` it is text for people."""
    run = [sys.executable, "-m", "cdpkit.sandbox", "iterable", "--people", "1", "--until-input-ends"]
    as_json = subprocess.run([*run, "--json"], input="", capture_output=True, text=True, check=True).stdout
    assert list(json.loads(as_json)["iterable"]) == ["base_url", "api_key"]
    for_people = subprocess.run(run, input="", capture_output=True, text=True, check=True).stdout
    assert for_people.startswith("iterable: base_url = http://127.0.0.1:")
    assert for_people.endswith("Ctrl+C ends it.\n")
