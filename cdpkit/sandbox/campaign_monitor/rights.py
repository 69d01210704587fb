"""Who may do what: keys of the account and of a client, tokens with what they were given for."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from cdpkit.sandbox.campaign_monitor.answers import refusal
from cdpkit.sandbox.campaign_monitor.settings import API_KEY, CLIENT_API_KEY, Settings
from cdpkit.sandbox.faults import reason
from cdpkit.sandbox.gate import Endpoint, Manners
from cdpkit.sandbox.limiter import Rate
from cdpkit.sandbox.world.tokens import Tokens, bearer

_HTML = (502, 503, 504)
_GATEWAY = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_FAILED: Mapping[int, int] = {401: 100, 403: 403, 429: 429, 500: 500}


@dataclass(slots=True)
class Rights:
    """The credentials that are good now.

    Attributes:
        settings: Of the imitation.
        clock: Unix seconds.
        tokens: Those that were given.
        scopes: What each token was given for.
        used: How many calls each token made.
    """

    settings: Settings
    clock: Callable[[], float]
    tokens: Tokens = field(init=False)
    scopes: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)
    used: dict[str, int] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Start without tokens."""
        self.tokens = Tokens(self.clock, self.settings.token_seconds)

    def denied(self, request: Request) -> Response | None:
        """The answer to a call whose credentials are missing, wrong or used up; None for good ones."""
        given = request.headers.get("authorization", "")
        scheme = given.partition(" ")[0].lower()
        if scheme == "bearer":
            code = self._token(bearer(given))
        elif scheme == "basic":
            code = _key(given)
        else:
            code = 50 if given else 100
        return None if code is None else refusal(code)

    def _token(self, token: str) -> int | None:
        state = self.tokens.state(token)
        if state == "unknown":
            return 120
        if self.settings.revoked:
            return 122
        self.used[token] = self.used.get(token, 0) + 1
        if state == "expired" or 0 < self.settings.token_calls < self.used[token]:
            return 121
        return None

    def lacks(self, request: Request, *scopes: str) -> Response | None:
        """The answer to a call whose token was given for none of these; keys may do everything."""
        token = bearer(request.headers.get("authorization", ""))
        if not token or self.scopes[token] & set(scopes):
            return None
        return refusal(60)

    def reaches(self, request: Request, client: int) -> bool:
        """Whether the key of a call reaches a client; that of a client reaches no other one."""
        return client == 1 or _basic(request.headers.get("authorization", "")) != CLIENT_API_KEY

    def expire(self, request: Request) -> None:
        """Let the token of a call be expired from now on."""
        self.tokens.end(bearer(request.headers.get("authorization", "")))

    def manners(self) -> Manners:
        """How Campaign Monitor says no."""

        def failed(status: int, _: Endpoint) -> Response:
            if status in _HTML:
                return HTMLResponse(_GATEWAY.format(f"{status} {reason(status)}"), status)
            return refusal(_FAILED[status])

        def too_often(_: Rate, __: Endpoint) -> Response:
            return too_many(self.settings, 1)

        return Manners(
            has_key=lambda request: "authorization" in request.headers,
            denied=self.denied,
            failed=failed,
            too_often=too_often,
            unknown=lambda request: self.denied(request) or refusal(404),
            expire=self.expire,
        )


def too_many(settings: Settings, seconds: int, message: str | None = None) -> Response:
    """A 429; without headers, unless the imitation is told to give those that are documented for other calls."""
    response = refusal(429, message)
    if settings.limit_headers:
        response.headers["X-RateLimit-Limit"] = f"{settings.rate:g}"
        response.headers["X-RateLimit-Remaining"] = "0"
        response.headers["X-RateLimit-Reset"] = str(seconds)
    return response


def _basic(authorization: str) -> str:
    """The key of a header `Authorization: Basic ...`; empty for another header."""
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(text.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _key(authorization: str) -> int | None:
    key = _basic(authorization)
    if not key:
        return 50
    return None if key in {API_KEY, CLIENT_API_KEY} else 100
