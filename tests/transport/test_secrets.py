"""Nothing that leaves the transport holds a secret or a person's address."""

import logging
import traceback
from pathlib import Path

import pytest
from pydantic import SecretStr

from cdpkit.errors import CdpkitError, ConfigurationError
from cdpkit.kit.effects import Effects, Http, Reply
from cdpkit.kit.vendor import Limit
from cdpkit.place import Folder
from cdpkit.transport.driver import Driver
from tests.transport.servers import Asked, Said, nobody, serving
from tests.transport.virtual import VirtualClock

KEY, PERSON = "k3y-0f-the-account", "ada@example.com"


def ask(header: str, *, page: str | None) -> Effects[Reply]:
    reply: Reply = yield Http(
        method="POST",
        path=f"/users/{PERSON}",
        limit="all",
        params=(("email", PERSON), ("key", KEY)),
        headers={"Authorization": SecretStr(header)},
        body=f'{{"email": "{PERSON}"}}'.encode(),
        page=page,
    )
    return reply


def told(error: BaseException) -> str:
    """What is shown of an error: text, repr, notes, causes, traceback."""
    return "\n".join([*traceback.format_exception(error), str(error), repr(error), repr(vars(error))])


def variables(error: BaseException) -> str:
    """What a debugger shows: the local variables of the transport."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [frame for frame in shown.stack if Path(frame.filename).parent.name == "transport"]
    ours = [frame for frame in ours if Path(frame.filename).parent.parent.name == "cdpkit"]
    assert ours
    return "\n".join(repr(frame.locals) for frame in ours)


def drive(url: str, folder: Path, header: str, *, page: str | None) -> CdpkitError:
    limits = {"all": Limit(1000, 1.0)}
    clock = VirtualClock()
    with Driver(url, limits, folder=Folder(folder), vendor="Example", clock=clock, timeout=0.2, attempts=2) as driver:
        tasks = [(1, ask(header, page=page))]
        with pytest.raises(CdpkitError) as caught:
            driver.each(tasks, lambda _key, _: None)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value


@pytest.mark.parametrize("kind", ["fault", "cut", "silence", "busy", "nobody", "cut page", "unwritable page"])
def test_no_error_holds_a_secret_or_a_person(kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither its text nor its repr, causes, or traceback; nor does the log at its most talkative."""
    caplog.set_level(logging.DEBUG)
    (tmp_path / "file").write_bytes(b"")
    answers = {
        "fault": Said(500, f"{KEY} {PERSON}".encode()),
        "cut": Said(body=b"x" * 100, cut=3),
        "busy": Said(429, headers={"Retry-After": "1"}),
        "cut page": Said(body=b"x" * 100, cut=3),
        "unwritable page": Said(),
    }

    def answer(_asked: Asked) -> Said:
        return answers.get(kind) or Said(after=server.ending)

    with serving(answer) as server, nobody() as dead:
        url = dead if kind == "nobody" else server.url
        folder = tmp_path / "file" if kind == "unwritable page" else tmp_path
        error = drive(url, folder, f"Bearer {KEY}", page="people" if "page" in kind else None)
    assert "POST /users/***" in str(error) or kind == "unwritable page"
    for shown in (told(error), caplog.text):
        assert KEY not in shown
        assert PERSON not in shown
    assert KEY not in variables(error)


@pytest.mark.parametrize("header", [f"{KEY}\n", f" {KEY}", f"Bearer {KEY}é", f"{KEY}\r\nX-Other: 1", f"{KEY}\0"])
def test_a_header_that_http_does_not_allow_is_named_without_its_value(header: str, tmp_path: Path) -> None:
    """Before the library could put the value into an error; nothing is sent."""
    with serving(lambda _: Said()) as server:
        error = drive(server.url, tmp_path, header, page=None)
    assert isinstance(error, ConfigurationError)
    assert "the header 'Authorization' of POST /users/***" in str(error)
    assert KEY not in told(error) + variables(error)
    assert server.asked == []


def test_answered_calls_leave_nothing_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The library's line for each request, with its query, is not written; what others log with it is."""
    caplog.set_level(logging.DEBUG)
    with (
        serving(lambda _: Said()) as server,
        Driver(server.url, {"all": Limit(1000, 1.0)}, folder=Folder(tmp_path), vendor="Example") as driver,
    ):
        assert driver.run(ask(KEY, page=None)).status == 200
    logging.getLogger("httpx").info("somebody else's")
    assert KEY not in caplog.text
    assert PERSON not in caplog.text
    assert "somebody else's" in caplog.text
