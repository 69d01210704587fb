"""Real servers on the loopback interface that answer as they are told."""

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread


@dataclass(frozen=True)
class Asked:
    """A request as the server saw it; `number` counts from 1."""

    number: int
    method: str
    path: str
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Said:
    """An answer.

    Attributes:
        status: The status.
        body: The body.
        headers: Header fields beside the length.
        cut: Close the connection after so many bytes of the body.
        chunked: Send the body in chunks, without saying its length before.
        after: Answer only when this happens.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    chunked: bool = False
    after: Event | None = None


@dataclass
class Server:
    """A server that is running.

    Attributes:
        url: Its address.
        asked: What it was asked, in order of arrival.
        ending: Happens when the server ends; `Said(after=ending)` is an answer that never comes.
    """

    url: str
    asked: list[Asked]
    ending: Event


@contextmanager
def serving(answer: Callable[[Asked], Said], tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server until the block ends; with a certificate it speaks https."""
    server = Server("", [], Event())
    lock = Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

        def serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            with lock:
                asked = Asked(len(server.asked) + 1, self.command, self.path, self.headers, body)
                server.asked.append(asked)
            said = answer(asked)
            if said.after is not None:
                said.after.wait(30)
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            whole = said.body if said.cut is None else said.body[: said.cut]
            if said.chunked:
                self.send_header("transfer-encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"%x\r\n%b\r\n" % (len(whole), whole))
                if said.cut is None:
                    self.wfile.write(b"0\r\n\r\n")
            else:
                self.send_header("content-length", str(len(said.body)))
                self.end_headers()
                self.wfile.write(whole)
            if said.cut is not None:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = serve  # noqa: N815 - the library's names

    class Listening(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 64

    listening = Listening(("127.0.0.1", 0), Handler)
    scheme = _encrypted(listening, tls)
    server.url = f"{scheme}://127.0.0.1:{listening.server_address[1]}"
    thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ending.set()
        listening.shutdown()
        listening.server_close()


@contextmanager
def nobody() -> Iterator[str]:
    """An address at which nobody listens; the port stays taken."""
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


def _encrypted(listening: ThreadingHTTPServer, tls: ssl.SSLContext | None) -> str:
    """The scheme that a server speaks from now on."""
    if tls is None:
        return "http"
    listening.socket = tls.wrap_socket(listening.socket, server_side=True)
    return "https"
