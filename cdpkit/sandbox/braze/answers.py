"""Braze's answers that are the same everywhere: refusals, bodies, keys, and the headers that tell of rates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cdpkit.sandbox.braze.settings import Settings, permissions_of
from cdpkit.sandbox.faults import reason
from cdpkit.sandbox.gate import AnswerError, Endpoint, Manners
from cdpkit.sandbox.limiter import Rate
from cdpkit.sandbox.world.bodies import parsed
from cdpkit.sandbox.world.tokens import bearer

_LIMIT, _REMAINING, _RESET = "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"
_RETRY_AFTER = "X-RateLimit-Retry-After"


def answer(content: Mapping[str, Any] | None = None, status: int = 201, message: str = "success") -> Response:
    """An answer in JSON; reads have status 200, writes 201."""
    return JSONResponse({**(content or {}), "message": message}, status)


def refuse(message: str, status: int = 400, content: Mapping[str, Any] | None = None) -> AnswerError:
    """What a handler raises to refuse a call."""
    return AnswerError(answer(content, status, message))


async def body(request: Request, most: int) -> dict[str, Any]:
    """The JSON object that a call bears, of so many bytes at most.

    Raises:
        AnswerError: It is too long, of another type, or no JSON object.
    """
    raw = await request.body()
    if len(raw) > most:
        raise refuse("Request body is too large", 413)
    if "json" not in request.headers.get("content-type", ""):
        raise refuse("Content-Type must be application/json", 415)
    try:
        found = parsed(raw)
    except ValueError as error:
        raise refuse("Invalid JSON") from error
    if not isinstance(found, dict):
        raise refuse("Invalid JSON")
    return found


def key_of(request: Request) -> str:
    """The key that a call bears; empty for none."""
    return bearer(request.headers.get("authorization", ""))


def iso(seconds: float) -> str:
    """A time as most answers write it, from Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Window:
    """The window of time in which a call falls: windows stand fast by the clock, they do not slide.

    Attributes:
        limit: The calls of a window, as they are enforced.
        remaining: How many are left after this one.
        ends: Unix seconds.
    """

    limit: int
    remaining: int
    ends: float


class Windows:
    """How often calls came, by the group that counts against one rate."""

    def __init__(self, clock: Callable[[], float], factor: float, settings: Settings) -> None:
        self._clock = clock
        self._factor = factor
        self._reset = settings.reset
        self._counts: dict[str, tuple[float, int]] = {}

    def enter(self, group: str, rate: Rate) -> Window | None:
        """Count a call; None for one too many, which does not count."""
        begins, came = self._now(group, rate)
        window = self._window(rate, begins, came + 1)
        if window.remaining < 0:
            return None
        self._counts[group] = (begins, came + 1)
        return window

    def full(self, rate: Rate) -> Window:
        """The present window of a rate, when nothing is left of it."""
        begins = self._clock() // rate.seconds * rate.seconds
        return self._window(rate, begins, max(1, int(rate.calls * self._factor)))

    def _now(self, group: str, rate: Rate) -> tuple[float, int]:
        begins = self._clock() // rate.seconds * rate.seconds
        before, came = self._counts.get(group, (begins, 0))
        return begins, came if before == begins else 0

    def _window(self, rate: Rate, begins: float, came: int) -> Window:
        limit = max(1, int(rate.calls * self._factor))
        return Window(limit, limit - came, begins + rate.seconds)

    def tell(self, response: Response, window: Window) -> Response:
        """Write a window into the headers of an answer."""
        left = max(0, round(window.ends - self._clock() + 0.5))
        shown = {"epoch": str(int(window.ends)), "delta": str(left), "empty": ""}
        if self._reset == "retry_after" and response.status_code == 429:  # noqa: PLR2004 - too many calls
            response.headers[_RETRY_AFTER] = str(left)
            return response
        response.headers[_LIMIT], response.headers[_REMAINING] = str(window.limit), str(window.remaining)
        if self._reset != "missing":
            response.headers[_RESET] = shown.get(self._reset, shown["epoch"])
        return response

    def refused(self, rate: Rate) -> Response:
        """The answer to a call too many."""
        return self.tell(answer(None, 429, "Rate limit exceeded"), self.full(rate))


_BURST = Rate(3000, 3)


def manners(windows: Windows) -> Manners:
    """How Braze says no; a wrong key is echoed, and the headers that tell of rates are empty beside it."""

    def denied(request: Request) -> Response | None:
        if permissions_of(key_of(request)) is not None:
            return None
        response = answer(None, 401, f"Invalid API key: {key_of(request)}")
        for name in (_LIMIT, _REMAINING, _RESET):
            response.headers[name] = ""
        return response

    def failed(status: int, _: Endpoint) -> Response:
        return windows.refused(_BURST) if status == 429 else answer(None, status, reason(status))  # noqa: PLR2004 - as above

    return Manners(
        has_key=lambda request: bool(key_of(request)),
        denied=denied,
        failed=failed,
        too_often=lambda rate, _: windows.refused(rate),
        unknown=lambda _: answer(None, 404, "Invalid URL"),
    )
