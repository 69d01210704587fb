"""ActiveCampaign's answers that are the same everywhere: pages, its several forms of refusal, times, bodies."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from cdpkit.sandbox.activecampaign.settings import API_TOKEN, ZONE_HOURS, Settings
from cdpkit.sandbox.faults import reason
from cdpkit.sandbox.gate import AnswerError, Endpoint, Manners
from cdpkit.sandbox.limiter import Rate
from cdpkit.sandbox.world.bodies import parsed
from cdpkit.sandbox.world.pages import by_offset

RATE = Rate(5, 1)
"""Calls that an account may make, whoever makes them."""

DEFAULT_LIMIT = 20
_ZONE = timezone(timedelta(hours=ZONE_HOURS))
_LOGIN = "<!doctype html><html><head><title>Login</title></head><body><h1>Sign in to your account</h1></body></html>"
_GATEWAY = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr></body></html>"
_HTML = (502, 504)


@lru_cache(10_000)
def shown_time(seconds: float) -> str:
    """A time as the account writes it, from Unix seconds."""
    return datetime.fromtimestamp(int(seconds), UTC).astimezone(_ZONE).isoformat()


def in_zone(text: str) -> str:
    """A moment as it is stored: in the account's zone, whatever zone it came in; what is none stays."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (moment if moment.tzinfo else moment.replace(tzinfo=_ZONE)).astimezone(_ZONE).isoformat()


def answer(content: Any, status: int = 200) -> Response:
    """An answer in JSON."""
    return JSONResponse(content, status, {"Cache-Control": "no-store", "Set-Cookie": "PHPSESSID=invented; path=/"})


def refuse(status: int, *errors: dict[str, Any]) -> AnswerError:
    """What a handler raises to refuse a call with a list of errors."""
    return AnswerError(answer({"errors": list(errors)}, status))


def duplicate(what: str) -> AnswerError:
    """The refusal of something that is there already."""
    pointer = {"pointer": "/data/attributes/email"}
    return refuse(422, {"title": what, "detail": "", "code": "duplicate", "source": pointer})


def nothing(noun: str, number: object) -> AnswerError:
    """The refusal of what is not there: a bare message with the vendor's own nouns."""
    return AnswerError(answer({"message": f"No Result found for {noun} with id {number}"}, 404))


async def body(request: Request, name: str) -> dict[str, Any]:
    """The object of this name in the body of a call.

    Raises:
        AnswerError: There is none.
    """
    try:
        found = parsed(await request.body())
    except ValueError:
        found = None
    inner = found.get(name) if isinstance(found, dict) else None
    if not isinstance(inner, dict):
        raise refuse(400, {"status": 400, "title": "Bad Request", "detail": f"{name} is missing"})
    return inner


def number(given: object) -> int | None:
    """An id, which comes as a number or as a text; None for what is neither."""
    if isinstance(given, bool):
        return None
    if isinstance(given, int):
        return given
    return int(given) if isinstance(given, str) and given.isdecimal() and given.isascii() else None


def asked(request: Request, name: str, default: int) -> int:
    """A number in the query."""
    given = number(request.query_params.get(name, ""))
    return default if given is None else given


def limit_of(request: Request, settings: Settings) -> int:
    """How many rows a page has: what is asked for, cut off at the most."""
    return max(1, min(asked(request, "limit", DEFAULT_LIMIT), settings.page_rows))


def listed(request: Request, settings: Settings, name: str, rows: Sequence[dict[str, Any]], **beside: Any) -> Response:
    """A page of a collection by offset, with what is loaded beside it."""
    page = by_offset(rows, asked(request, "offset", 0), limit_of(request, settings))
    return answer({**beside, name: list(page.items), "meta": {"total": str(page.total)}})


def manners(settings: Settings) -> Manners:
    """How ActiveCampaign says no."""

    def denied(request: Request) -> Response | None:
        if settings.unpaid:
            return Response(status_code=402)
        if request.headers.get("api-token") == API_TOKEN:
            return None
        return HTMLResponse(_LOGIN) if settings.login_page else answer({"message": "Forbidden"}, 403)

    def failed(status: int, _: Endpoint) -> Response:
        if status in _HTML:
            return HTMLResponse(_GATEWAY.format(f"{status} {reason(status)}"), status)
        return answer({"message": reason(status)}, status)

    def too_often(_: Rate, __: Endpoint) -> Response:
        response = answer({"message": "Too Many Requests"}, 429)
        response.headers["Retry-After"] = "1"
        response.headers["RateLimit-Limit"] = "5"
        response.headers["RateLimit-Remaining"] = "0"
        return response

    return Manners(
        has_key=lambda request: "api-token" in request.headers,
        denied=denied,
        failed=failed,
        too_often=too_often,
        unknown=lambda _: HTMLResponse(_GATEWAY.format("404 Not Found"), 404),
    )
