"""The way of every call through an imitation: counted, delayed, perhaps failed, its key tried, limited, answered."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cdpkit.sandbox.buckets import Buckets
from cdpkit.sandbox.calls import Call, Calls
from cdpkit.sandbox.faults import STATUSES, Fault, Faults
from cdpkit.sandbox.limiter import Limiter, Rate
from cdpkit.sandbox.lines import break_off

_PAGE = "<!doctype html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>"


class AnswerError(Exception):
    """Ends a call with this answer instead of what its handler would return."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__(f"answer {response.status_code}")


class _Cut(Exception):  # noqa: N818 - it ends an answer, nothing is wrong
    """Enough of the answer was sent."""


@dataclass(frozen=True, slots=True)
class Options:
    """What all imitations have in common.

    Attributes:
        people: How many invented people there are at the start.
        seed: Which people they are.
        limits_factor: Multiplies all rates that are enforced.
        latency: Seconds by which each answer is delayed.
        visibility: Seconds until what was written can be read back.
        clock: Unix seconds.
        buckets: The server of buckets beside them; None where no imitation asks for one.
    """

    people: int = 1000
    seed: int = 0
    limits_factor: float = 1.0
    latency: float = 0.0
    visibility: float = 0.0
    clock: Callable[[], float] = field(default=time.time, repr=False)
    buckets: Buckets | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A call that an imitation knows.

    Attributes:
        method: GET, POST, ...
        path: As Starlette's routes have it.
        handler: Makes the answer.
        rate: How often it may be called; None for no limit.
        open: Whether it takes no key.
        group: The name that it shares with the other endpoints that count against the same rate; empty for itself.
    """

    method: str
    path: str
    handler: Callable[[Request], Awaitable[Response]]
    rate: Rate | None = None
    open: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class Manners:
    """How a vendor says no.

    Attributes:
        has_key: Whether a call bears a key at all.
        denied: The answer to a call whose key is missing or wrong; None where it is right.
        failed: The answer to a call that fails with a status, for the endpoint that is given.
        too_often: The answer to a call over a rate, which is given as it is enforced.
        unknown: The answer to a path that there is not.
        expire: Lets the token that a call bears be expired; None for vendors without tokens.
    """

    has_key: Callable[[Request], bool]
    denied: Callable[[Request], Response | None]
    failed: Callable[[int, Endpoint], Response]
    too_often: Callable[[Rate, Endpoint], Response]
    unknown: Callable[[Request], Response]
    expire: Callable[[Request], None] | None = None


class Gate:
    """What stands before the endpoints of one imitation, and what it saw."""

    def __init__(self, options: Options, manners: Manners) -> None:
        self.options = options
        self.manners = manners
        self.calls = Calls(options.clock)
        self.faults = Faults()
        self.limiter = Limiter(options.limits_factor, options.clock)

    def app(self, endpoints: Iterable[Endpoint], extra: Iterable[Route]) -> ASGIApp:
        """The endpoints behind the gate, and routes that stand open beside it."""
        routes = [Route(each.path, _Door(self, each), methods=[each.method]) for each in endpoints]
        nowhere = Endpoint("GET", "(no such path)", self._unknown, open=True)
        return Router([*extra, *routes], default=_Door(self, nowhere), redirect_slashes=False)

    async def _unknown(self, request: Request) -> Response:
        return self.manners.unknown(request)


@dataclass(frozen=True, slots=True, eq=False)
class _Door:
    """One endpoint behind the gate, as an ASGI application."""

    gate: Gate
    endpoint: Endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        query = scope["query_string"].decode("latin-1")
        call = self.gate.calls.came(scope["method"], scope["path"], query, self.endpoint.path)
        call.with_key = self.gate.manners.has_key(request)
        fault = self.gate.faults.take(scope["method"], scope["path"], self.endpoint.path)
        call.fault = fault.kind if fault else None
        try:
            await self._serve(request, call, fault, send)
        except ClientDisconnect:
            call.status = None
        finally:
            self.gate.calls.answered(call)

    async def _serve(self, request: Request, call: Call, fault: Fault | None, send: Send) -> None:
        kind = fault.kind if fault else ""
        client = request.scope["client"]
        if self.gate.options.latency:
            await asyncio.sleep(self.gate.options.latency)
        if kind == "drop":
            await break_off(client)
            return
        if kind == "expire" and self.gate.manners.expire:
            self.gate.manners.expire(request)
        response = self._failed(fault) or self._refused(request) or await self._handled(request, call)
        if kind == "slow" and fault:
            await asyncio.sleep(fault.seconds)
        if kind == "timeout_after_accept" and fault:
            await _until_gone(request, fault.seconds)
            await break_off(client)
            return
        cut = fault if kind == "cut" else None
        try:
            await response(request.scope, request.receive, _Counted(call, send, cut))
        except _Cut:
            call.status = None
        if cut is not None:
            await break_off(client)

    def _failed(self, fault: Fault | None) -> Response | None:
        """The answer of a call that a fault keeps from its handler."""
        if fault is None:
            return None
        if fault.kind == "html":
            return HTMLResponse(_PAGE)
        status = 429 if fault.kind == "retry_after" else STATUSES.get(fault.kind)
        if status is None:
            return None
        response = self.gate.manners.failed(status, self.endpoint)
        if fault.kind == "retry_after":
            response.headers["Retry-After"] = f"{fault.seconds:g}"
        return response

    def _refused(self, request: Request) -> Response | None:
        """The answer of a call with a wrong key, or of one too many."""
        if self.endpoint.open:
            return None
        denied = self.gate.manners.denied(request)
        if denied is not None or self.endpoint.rate is None:
            return denied
        rate = self.endpoint.rate
        if self.gate.limiter.allows(self.endpoint.group or f"{self.endpoint.method} {self.endpoint.path}", rate):
            return None
        return self.gate.manners.too_often(Rate(self.gate.limiter.calls(rate), rate.seconds), self.endpoint)

    async def _handled(self, request: Request, call: Call) -> Response:
        try:
            return await self.endpoint.handler(request)
        except AnswerError as answer:
            return answer.response
        finally:
            call.received = int(request.headers.get("content-length", "0"))


async def _until_gone(request: Request, seconds: float) -> None:
    """Wait until the client gives up, at most so many seconds."""

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(gone(), seconds)
    except TimeoutError:
        return


class _Counted:
    """Sends an answer, counts its bytes, and ends it early where a fault says so."""

    def __init__(self, call: Call, send: Send, cut: Fault | None) -> None:
        self._call = call
        self._send = send
        self._left = cut.after_bytes if cut else None

    async def __call__(self, message: Message) -> None:
        if self._left == 0:
            raise _Cut
        if message["type"] == "http.response.start":
            self._call.status = message["status"]
        body = message.get("body", b"")
        if self._left is None:
            self._call.sent += len(body)
            await self._send(message)
            return
        if message["type"] == "http.response.body":
            part = body[: self._left]
            self._left -= len(part)
            self._call.sent += len(part)
            message = {**message, "body": part, "more_body": True}
        await self._send(message)
        if self._left == 0:
            raise _Cut
