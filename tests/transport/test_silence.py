"""A vendor that does not answer: people are told while it is waited for, and can end it."""

import re
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from pydantic import SecretStr

from cdpkit.errors import ConfigurationError, UnavailableError
from cdpkit.kit.effects import Effects, Http, Reply
from cdpkit.kit.vendor import Limit
from cdpkit.place import Folder
from cdpkit.transport.driver import Driver
from cdpkit.transport.redact import without
from tests.transport.servers import Asked, Said, serving
from tests.transport.virtual import VirtualClock

LIMITS = {"all": Limit(1000, 1.0)}
ROOT = Path(__file__).parents[2]

PROGRAM = """
import signal, sys, tempfile, time
from pathlib import Path
from threading import Event, Timer
from cdpkit.kit.effects import Http
from cdpkit.kit.vendor import Limit
from cdpkit.place import Folder
from cdpkit.transport.driver import Driver
from cdpkit.transport.silence import aloud
from tests.transport.servers import Said, serving

def ask():
    yield Http(method=sys.argv[1], path="/a", limit="all", repeatable=True)

def answer(asked):
    Timer(0.3, signal.raise_signal, [signal.SIGINT]).start()
    return Said(after=held)

held = Event()
with serving(answer) as server, tempfile.TemporaryDirectory() as folder:
    limits, place = {"all": Limit(1000, 1.0)}, Folder(Path(folder))
    with Driver(server.url, limits, folder=place, vendor="E", timeout=4.0, tell=aloud) as driver:
        began = time.monotonic()
        try:
            driver.run(ask())
        except KeyboardInterrupt:
            print(time.monotonic() - began < 3)
    held.set()
"""


def get(path: str = "/a", *, method: str = "GET") -> Effects[Reply]:
    headers = {"api-key": SecretStr("s3cret-of-mine")}
    reply: Reply = yield Http(method=method, path=path, limit="all", headers=headers, repeatable=True)
    return reply


@pytest.mark.parametrize(("method", "soon"), [("GET", "True"), ("POST", "False")])
def test_an_interrupt_waits_only_for_what_may_change_something(method: str, soon: str) -> None:
    """What it waits for is said at once, with how to end it; a call that only reads is left alone."""
    command = [sys.executable, "-c", PROGRAM, method]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == soon
    said = (
        r"cdpkit: stopping; up to \d seconds for the answer of E to what is under way \(POST /a\), .* to stop at once\n"
    )
    assert re.fullmatch(said if method == "POST" else "", done.stderr)


def test_a_vendor_that_does_not_answer_is_told_while_it_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some seconds, then ever more rarely, with the call and when it is given up."""
    told: list[str] = []
    monkeypatch.setattr("cdpkit.transport.silence.FIRST", 0.1)
    held = Event()
    with serving(lambda _: Said(after=held)) as server:
        driver = Driver(
            server.url,
            LIMITS,
            folder=Folder(tmp_path),
            vendor="E",
            timeout=0.7,
            attempts=1,
            tell=told.append,
        )
        with driver, pytest.raises(UnavailableError):
            driver.run(get())
        held.set()
    assert len(told) > 1
    assert all(text.startswith("E has not answered for ") for text in told)
    assert "(GET /a); a call is given up after 0.7 seconds" in told[0]


def test_a_vendor_that_takes_no_more_calls_is_told_with_when_it_is_asked_again(tmp_path: Path) -> None:
    """Each time that it turns them away for long, at most a quarter of an hour; not for a few seconds."""
    told: list[str] = []
    waits = {1: "2400", 2: "30", 3: "3"}

    def answer(asked: Asked) -> Said:
        return Said(429, headers={"X-RateLimit-Reset": waits[asked.number]}) if asked.number in waits else Said()

    with (
        serving(answer) as server,
        Driver(
            server.url, LIMITS, folder=Folder(tmp_path), vendor="E", clock=VirtualClock(), tell=told.append
        ) as driver,
    ):
        assert driver.run(get()).status == 200
    said = "E takes no more calls for now (GET /a: status 429); it is asked again in {}"
    assert told == [said.format(f"{seconds} seconds, an interrupt ends it before") for seconds in (900, 30)]


def test_a_secret_that_a_vendor_repeats_is_blotted_out(tmp_path: Path) -> None:
    """In the body of a refusal, as it is and as addresses and JSON write it; other answers are left as they are."""
    body = b'{"said": "s3cret-of-mine, other\\/s3cret, other%2Fs3cret"}'

    def answer(asked: Asked) -> Said:
        return Said(400 if asked.path == "/a" else 200, body)

    with serving(answer) as server:
        driver = Driver(server.url, LIMITS, folder=Folder(tmp_path), vendor="E", secrets=("other/s3cret",))
        with driver:
            assert driver.run(get()).body == b'{"said": "***, other\\/s3cret, ***"}'
            assert driver.run(get("/b")).body == body
    assert without("key s3cret-of-mine", ["s3cret-of-mine"]) == "key ***"


def test_an_address_of_another_machine_is_encrypted_or_allowed(tmp_path: Path) -> None:
    """Also where a vendor names it in an answer; this machine may be reached without."""
    with pytest.raises(ConfigurationError, match="allow_http = true"):
        Driver("http://api.example.com", LIMITS, folder=Folder(tmp_path), vendor="E")
    with (
        Driver("https://api.example.com", LIMITS, folder=Folder(tmp_path), vendor="E") as driver,
        pytest.raises(ConfigurationError, match="/x is an http address of another machine"),
    ):
        driver.run(get("http://files.example.com/x"))
