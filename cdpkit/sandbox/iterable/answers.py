"""Iterable's answers that are the same everywhere: the envelope, refusals, and what bodies must be."""

import html
import uuid
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from cdpkit.sandbox.faults import reason
from cdpkit.sandbox.gate import AnswerError, Endpoint, Manners
from cdpkit.sandbox.iterable.settings import DISABLED_API_KEY, PROJECT, Settings
from cdpkit.sandbox.limiter import Rate
from cdpkit.sandbox.world.bodies import parsed

MAX_BODY = 4_000_000
"""Bytes of a body that the API itself refuses beyond (4 MB)."""

MAX_RECEIVED = 12_000_000
"""Bytes of a body that the servers in front of the API refuse beyond."""

_CODES = {401: "BadApiKey", 403: "Forbidden", 429: "RateLimitExceeded", 500: "GenericError"}
_MESSAGES = {500: "An error occurred. Please try again later.", 403: "Forbidden"}
_MINUTE = 60
_NO_PATH = (
    "<!doctype html><html><head><title>Action not found</title></head><body><h2>Oh no- that url doesn't exist.</h2>"
    "<h4>{}</h4></body></html>"
)
"""The web page that a path has which there is not (recorded in 2017)."""


def _headers() -> dict[str, str]:
    own = {"Vary": "Origin", "Request-Time": "5", "Server": "iterable-ingress sandbox"}
    return {**own, "Iterable-Request-Id": str(uuid.uuid4())}


def answer(content: Any, status: int = 200) -> Response:
    """An answer in JSON."""
    return JSONResponse(content, status_code=status, headers=_headers())


def plain_text(text: str, status: int = 200) -> Response:
    """An answer in plain text."""
    return PlainTextResponse(text, status, _headers())


def envelope(msg: str = "", code: str = "Success", params: Any = None, status: int = 200) -> Response:
    """The envelope of writes and of all refusals."""
    return answer({"msg": msg, "code": code, "params": params}, status)


def refuse(code: str, msg: str, params: Any = None, status: int = 400) -> AnswerError:
    """What a handler raises to refuse a call."""
    return AnswerError(envelope(msg, code, params, status))


def no_path(request: Request) -> Response:
    """The answer to a path that there is not."""
    return HTMLResponse(_NO_PATH.format(html.escape(request.url.path)), 404, _headers())


def bad_json(request: Request, params: Mapping[str, str]) -> AnswerError:
    """The refusal of a body whose members are not what they must be, by their paths."""
    return refuse("BadJsonBody", f"[{request.url.path}] Invalid JSON body", dict(params))


async def body(request: Request, most: int = MAX_BODY) -> dict[str, Any]:
    """The JSON object that a call bears.

    Raises:
        AnswerError: It is too long, or no JSON object.
    """
    if int(request.headers.get("content-length", "0")) > MAX_RECEIVED:
        raise AnswerError(PlainTextResponse("Request Entity Too Large", 413, _headers()))
    raw = await request.body()
    if len(raw) > most:
        raise refuse("BatchTooLarge", f"[{request.url.path}] The request is larger than {most} bytes")
    if "json" not in request.headers.get("content-type", ""):
        raise bad_json(request, {"obj": "Expecting text/json or application/json body"})
    try:
        found = parsed(raw)
    except ValueError as error:
        raise bad_json(request, {"obj": "Invalid Json"}) from error
    if not isinstance(found, dict):
        raise bad_json(request, {"obj": "Object value expected"})
    return found


def _key(request: Request) -> str | None:
    """The key in the header; the names with an underscore are taken too."""
    return request.headers.get("api-key", request.headers.get("api_key"))


def manners(settings: Settings) -> Manners:
    """How Iterable says no."""

    def denied(request: Request) -> Response | None:
        if _key(request) == settings.api_key:
            return None
        where = {"ip": "127.0.0.1", "endpoint": request.url.path}
        if _key(request) == DISABLED_API_KEY:
            which = {"apiKeyIdentifier": DISABLED_API_KEY[:8], "apiKeyType": "ServerSide"}
            return envelope("Disabled API key or insufficient privileges", "BadApiKey", {**where, **which}, 401)
        return envelope("Invalid API key", "BadApiKey", where, 401)

    def failed(status: int, endpoint: Endpoint) -> Response:
        if status not in _CODES:
            return PlainTextResponse(f"{status} {reason(status)}", status, _headers())
        msg = _MESSAGES.get(status, f"{reason(status)} for endpoint: {endpoint.path}, project: {PROJECT} ")
        return envelope(msg, _CODES[status], {}, status)

    def too_often(rate: Rate, endpoint: Endpoint) -> Response:
        unit = "minute" if rate.seconds == _MINUTE else "second"
        msg = f"Exceeded rate limit of {rate.calls} per {unit} for endpoint: {endpoint.path}, project: {PROJECT} "
        return envelope(msg, "RateLimitExceeded", {}, 429)

    return Manners(
        has_key=lambda request: _key(request) is not None,
        denied=denied,
        failed=failed,
        too_often=too_often,
        unknown=no_path,
    )
