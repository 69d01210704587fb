"""Interrupts by the user, in a program of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

PROGRAM = """
import signal, sys, tempfile
from pathlib import Path
from threading import Event, Thread
from cdpkit.kit.effects import Http
from cdpkit.kit.vendor import Limit
from cdpkit.place import Folder
from cdpkit.transport.driver import Driver
from tests.transport.servers import Said, serving

where, strikes = sys.argv[1], int(sys.argv[2])
taken, done, gone, struck, over = [], [], [], Event(), Event()

LIMIT = Limit(1, 600.0) if where == "pause" else Limit(10000, 1.0, at_once=6)

def strike():
    signal.raise_signal(signal.SIGINT)

def answer(asked):
    if where == "flight" and asked.number == 4:
        strike()
        struck.set()
        while strikes > 1 and not over.wait(0.05):  # one that comes while another is pending would be lost
            strike()
    return Said(after=server.ending if strikes > 1 else struck if where == "flight" else None)

def once(key):
    reply = yield Http(method="POST", path="/a", limit="all")
    if where == "generator" and key == 3:
        strike()
        sum(range(1000))  # still at work on the answer
        gone.append(key)
    return reply.status

def tasks():
    for key in range(200):
        taken.append(key)
        yield key, once(key)

def note(key, status):
    if where == "done" and key == 3:
        strike()
    if where == "pause":
        Thread(target=strike).start()
    done.append(key)

with serving(answer) as server:
    with tempfile.TemporaryDirectory() as folder:
        with Driver(server.url, {"all": LIMIT}, folder=Folder(Path(folder)), vendor="E") as driver:
            try:
                driver.each(tasks(), note)
            except KeyboardInterrupt:
                over.set()
                made = driver.calls["all"].made
                print("interrupted", len(server.asked) == made, len(set(done)) == len(done) == made, made < 200,
                      len(taken) - made <= 7, signal.getsignal(signal.SIGINT) is signal.default_int_handler,
                      len(gone) == (where == "generator"))
"""


def interrupted(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.parametrize("where", ["flight", "generator", "done", "pause"])
def test_an_interrupt_ends_all_in_order(where: str) -> None:
    """Calls in flight are awaited and done, no other is made, work on an answer is finished, then it is raised."""
    assert interrupted(where, "1") == "interrupted True True True True True True"


def test_a_second_interrupt_strikes_at_once() -> None:
    """Who asks twice does not wait for answers that do not come."""
    assert interrupted("flight", "2") == "interrupted True False True True True True"
