"""Listening on this machine for the browser of somebody who logs in at a vendor's page."""

import os
from collections.abc import Mapping
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from secrets import token_urlsafe
from threading import Thread
from types import TracebackType
from typing import ClassVar, Final, Self
from urllib.parse import parse_qs, urlsplit

from cdpkit.errors import ConfigurationError, CredentialsError, UnavailableError
from cdpkit.kit.answers import plain
from cdpkit.problem import Problem
from cdpkit.transport.clock import SLICE, Clock, RealClock

HOST: Final = "127.0.0.1"
_PAGE = "<!doctype html><meta charset=utf-8><title>cdpkit</title><p>{}</p>"
_DONE = "This went to cdpkit, which goes on where it was started; this page can be closed."
_OTHER = "This is not the login that cdpkit waits for; begin it anew."


class Loopback:
    """Waits for one answer of a login page; nobody else than this machine can reach it. The repr shows nothing.

    Attributes:
        address: Where the page has to send the browser back to.
        state: What the page has to hand back, so that an answer is known to be that of this login.
    """

    def __init__(self, port: int | None = None) -> None:
        """Begins to listen.

        Args:
            port: The port; None for any that is free.

        Raises:
            ConfigurationError: Something else has that port, or nobody may listen on it.
        """
        self.state = token_urlsafe(32)
        self._answers: Queue[Mapping[str, str] | None] = Queue()
        try:
            self._server = _Server((HOST, port or 0), self.state, self._answers)
        except OSError as error:
            what = f"nobody can listen on port {port} of this machine ({error.strerror})"
            raise ConfigurationError(f"{what}; choose another one, or leave it out") from None
        self.address = f"http://{HOST}:{self._server.server_port}/"
        Thread(target=self._server.serve_forever, args=(0.1,), daemon=True, name="cdpkit-login").start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; whoever waits is told so."""
        self._answers.put(None)
        self._server.shutdown()
        self._server.server_close()

    def code(self, vendor: str, timeout: float, clock: Clock | None = None) -> str:
        """Wait for the code with which the page sends the browser back; an interrupt ends it.

        Args:
            vendor: As people call it.
            timeout: Seconds after which it is given up.
            clock: Tells the time; None for the machine's.

        Raises:
            CredentialsError: The page was answered with no.
            UnavailableError: Nobody came back in time, or it was closed.
        """
        ticks = clock or RealClock()
        until = ticks.now() + timeout
        while (left := until - ticks.now()) > 0:
            try:
                told = self._answers.get(timeout=min(left, SLICE))
            except Empty:
                continue
            if told is None:
                raise UnavailableError(f"the login to {vendor} was ended; begin it anew")
            if told.get("code"):
                return told["code"]
            word = plain(told.get("error"))
            what = f"{vendor} did not let this program in{f' ({word})' if word else ''}"
            raise CredentialsError("", [Problem("login", what, "begin the login anew, and allow the access there")])
        what = f"nobody came back from the login page of {vendor} within {timeout:g} seconds"
        raise UnavailableError(f"{what}; begin it anew")


class _Server(ThreadingHTTPServer):
    """Puts the first answer with the right state into a queue."""

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # there it would let two programs have one port

    def __init__(self, at: tuple[str, int], state: str, answers: Queue[Mapping[str, str] | None]) -> None:
        super().__init__(at, _Handler)
        self.state = state
        self.answers = answers

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is nothing to tell."""


class _Handler(BaseHTTPRequestHandler):
    """Answers a browser; whatever is no answer to this login is told so, and changes nothing."""

    server: _Server
    timeout: ClassVar[float] = 10.0
    server_version, sys_version = "cdpkit", ""

    def do_GET(self) -> None:
        """Take in what the page says in the address that it sends the browser to."""
        parts = urlsplit(self.path)
        told = {name: values[0] for name, values in parse_qs(parts.query).items()}
        ours = parts.path == "/" and compare_digest(told.get("state", "").encode(), self.server.state.encode())
        fits = ours and ("code" in told or "error" in told)
        body = _PAGE.format(_DONE if fits else _OTHER).encode()
        self.send_response(200 if fits else 400)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)
        if fits:
            self.server.answers.put(told)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - how the library calls it
        """Nothing: addresses hold codes."""
