"""Listening on this machine for somebody who logs in at a page."""

import socket
from pathlib import Path

import httpx
import pytest

from cdpkit.errors import ConfigurationError, CredentialsError, UnavailableError
from cdpkit.transport.loopback import HOST, Loopback


def come(loopback: Loopback, **told: str) -> httpx.Response:
    return httpx.get(loopback.address, params=told, trust_env=False, timeout=20)


def test_the_code_of_this_login_is_taken() -> None:
    """Only that; the page that the browser shows repeats nothing, and the address is not passed on."""
    with Loopback() as loopback:
        assert come(loopback, code="other", state="wrong").status_code == 400
        page = come(loopback, code="c-1", state=loopback.state)
        assert page.status_code == 200
        assert "c-1" not in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
        assert loopback.code("Acme", 20) == "c-1"


def test_a_no_is_told_with_its_word_and_never_with_a_text() -> None:
    """A description could hold anything."""
    with Loopback() as loopback:
        come(loopback, error="access_denied", error_description="<b>anything</b>", state=loopback.state)
        with pytest.raises(CredentialsError, match=r"Acme did not let this program in \(access_denied\)") as told:
            loopback.code("Acme", 20)
        assert "anything" not in str(told.value)


def test_nobody_is_waited_for_longer_than_said() -> None:
    """It ends with what to do."""
    with Loopback() as loopback, pytest.raises(UnavailableError, match=r"within 0\.1 seconds; begin it anew"):
        loopback.code("Acme", 0.1)


def test_a_browser_that_connects_and_says_nothing_holds_nobody_up() -> None:
    """As browsers do that expect another page."""
    with Loopback() as loopback, socket.create_connection((HOST, int(loopback.address.split(":")[2].strip("/")))):
        come(loopback, code="c-1", state=loopback.state)
        assert loopback.code("Acme", 20) == "c-1"


def test_a_port_that_is_taken_is_named() -> None:
    """And free again when the login has ended."""
    with Loopback() as loopback:
        port = int(loopback.address.split(":")[2].strip("/"))
        with pytest.raises(ConfigurationError, match=f"port {port} of this machine"):
            Loopback(port)
    with Loopback(port) as again:
        assert again.address == f"http://{HOST}:{port}/"


def test_it_is_reached_from_this_machine_alone_and_each_login_has_a_state_of_its_own(tmp_path: Path) -> None:
    """Nobody can guess it, and no repr shows it."""
    del tmp_path
    with Loopback() as one, Loopback() as other:
        assert one.address.startswith("http://127.0.0.1:")
        assert one.state != other.state
        assert len(one.state) > 40
        assert one.state not in repr(one)
