"""Campaign Monitor's answers that are the same everywhere: coded refusals, times, bodies, pages."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cdpkit.sandbox.gate import AnswerError
from cdpkit.sandbox.world.bodies import parsed
from cdpkit.sandbox.world.pages import by_number

MESSAGES: Mapping[int, str] = {
    1: "Invalid Email Address",
    5: "Invalid Date",
    50: "Must supply a valid HTTP Basic Authorization header",
    60: "Authorization failed. The required permission is missing.",
    100: "Invalid API Key",
    102: "Invalid ClientID",
    120: "Invalid OAuth Token",
    121: "Expired OAuth Token",
    122: "Revoked OAuth Token",
    176: "Email address is not on the suppression list.",
    201: "Email Address already belongs to the list.",
    203: "Subscriber not in list or has already been removed.",
    204: "Subscriber is in the suppression list.",
    205: "Subscriber was deleted.",
    206: "Subscriber unsubscribed.",
    207: "Subscriber bounced.",
    208: "Subscriber is unconfirmed.",
    209: "Maximum number of subscribers per import exceeded.",
    210: "Subscriber Import had some failures",
    211: "Invalid Email Address",
    212: "No subscribers were provided.",
    250: "List title must be unique within a client",
    251: "List title must not be empty",
    253: "Invalid custom field key",
    254: "Invalid custom field name",
    255: "A custom field of that key exists",
    256: "Options are allowed for fields with a choice alone",
    257: "Options are missing",
    259: "Invalid data type",
    260: "Maximum number of custom fields exceeded",
    261: "Invalid UnsubscribeSetting",
    263: "The custom field is in use",
    271: "Invalid SegmentID",
    272: "Invalid segment",
    273: "Segment title must not be empty",
    275: "Segment title must be unique within a list",
    277: "The segment has invalid rules",
    278: "The list is being worked on, try again later.",
    403: "This resource is for agencies alone",
    404: "We couldn't find the resource you're looking for.",
    429: "Rate limit exceeded",
    500: "An error occurred while processing your request.",
    800: "Invalid page",
    801: "Invalid page size",
    802: "Invalid order field",
    803: "Invalid order direction",
    810: "Invalid custom field size",
}
"""What the codes say; nobody should read them."""

ADDED_TOO_OFTEN = "Subscriber was added too many times too quickly, try again later."
_UNAUTHORISED = frozenset({50, 60, 100, 102, 120, 121, 122})
_OWN_STATUS = frozenset({403, 404, 429, 500})
_SMALLEST, _LARGEST = 10, 1000
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2})?))?\Z")


def answer(content: Any, status: int = 200) -> Response:
    """An answer in JSON; also a bare text."""
    return JSONResponse(content, status, {"Cache-Control": "private, s-maxage=0"})


def nothing() -> Response:
    """The answer of calls that have nothing to say: an empty body."""
    return Response(status_code=200)


def refusal(code: int, message: str | None = None, result: Any = None) -> Response:
    """A refusal with its code; its status is 400 unless it is about who asks, or about the call itself."""
    body: dict[str, Any] = {"Code": code, "Message": message or MESSAGES.get(code, "Invalid request")}
    if result is not None:
        body["ResultData"] = result
    status = 401 if code in _UNAUTHORISED else code if code in _OWN_STATUS else 400
    return answer(body, status)


def refuse(code: int, message: str | None = None, result: Any = None) -> AnswerError:
    """What a handler raises to refuse a call."""
    return AnswerError(refusal(code, message, result))


def unreadable(*fields: str) -> AnswerError:
    """The refusal of a body that is not what it must be; the text has line ends of its own."""
    named = ", ".join(fields) or "request"
    lines = ("Failed to deserialize your request.", "Please check the documentation and try again.", "")
    return refuse(400, "\r\n".join([*lines, f"Fields in error: {named}"]))


def lowered(given: Mapping[str, Any]) -> dict[str, Any]:
    """An object by the names of its members without regard to case."""
    return {name.lower(): value for name, value in given.items()}


async def body(request: Request) -> dict[str, Any]:
    """The object in the body of a call, by lower-case names.

    Raises:
        AnswerError: There is none.
    """
    try:
        found = parsed(await request.body())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise unreadable()
    return lowered(found)


def text_of(given: object, name: str) -> str:
    """A text in a body; numbers and flags count as texts, nothing as an empty one.

    Raises:
        AnswerError: It is a list or an object.
    """
    if isinstance(given, list | dict):
        raise unreadable(name)
    return "" if given is None else given if isinstance(given, str) else str(given)


def flag_of(given: object, name: str) -> bool:
    """A flag in a body.

    Raises:
        AnswerError: It is none.
    """
    if given is None or isinstance(given, bool):
        return bool(given)
    if isinstance(given, str) and given.lower() in {"true", "false"}:
        return given.lower() == "true"
    raise unreadable(name)


def query(request: Request) -> dict[str, str]:
    """The query of a call, by lower-case names."""
    return {name.lower(): value for name, value in request.query_params.items()}


def flagged(asked: Mapping[str, str], name: str) -> bool:
    """Whether the query sets a flag."""
    return asked.get(name, "").lower() == "true"


@lru_cache(20_000)
def shown_time(seconds: float, zone: str) -> str:
    """A time as it is written: in a zone, and without a word of that."""
    return datetime.fromtimestamp(int(seconds), UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def moment(text: str, zone: str) -> float:
    """The Unix seconds of a date, perhaps with a time, in a zone.

    Raises:
        AnswerError: It is none.
    """
    found = _DATE.match(text.strip())
    if found is None:
        raise refuse(5)
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00'}").replace(tzinfo=ZoneInfo(zone)).timestamp()
    except ValueError as error:
        raise refuse(5) from error


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page is asked for, and in which order."""

    page: int
    size: int
    order: str
    descending: bool

    def shown(self, whole: Sequence[Any], rows: Sequence[Any]) -> dict[str, Any]:
        """The envelope of a page."""
        found = by_number(whole, self.page, self.size)
        return {
            "Results": list(rows),
            "ResultsOrderedBy": self.order,
            "OrderDirection": "desc" if self.descending else "asc",
            "PageNumber": self.page,
            "PageSize": self.size,
            "RecordsOnThisPage": len(rows),
            "TotalNumberOfRecords": found.total,
            "NumberOfPages": found.pages,
        }

    def part(self, whole: Sequence[Any]) -> Sequence[Any]:
        """What is on the page; nothing beyond the end."""
        return by_number(whole, self.page, self.size).items


def paging(asked: Mapping[str, str], most: int, default: str, fields: Sequence[str], direction: str = "asc") -> Paging:
    """The page that a query asks for.

    Raises:
        AnswerError: What it asks for is not allowed.
    """
    page, size = _whole(asked.get("page") or "1"), _whole(asked.get("pagesize") or str(_LARGEST))
    order = (asked.get("orderfield") or default).lower()
    way = (asked.get("orderdirection") or direction).lower()
    wrong = (
        (800, page < 1),
        (801, not _SMALLEST <= size <= _LARGEST),
        (802, order not in fields),
        (803, way not in {"asc", "desc"}),
    )
    for code, is_wrong in wrong:
        if is_wrong:
            raise refuse(code)
    return Paging(page, min(size, most), order, way == "desc")


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() else 0
