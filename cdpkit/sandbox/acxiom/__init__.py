"""An imitation of Acxiom's match API: tokens, single questions and batches of them, and a ledger of what they cost."""

import base64
import binascii
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, fields
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from cdpkit.sandbox.acxiom.account import Account, Switches
from cdpkit.sandbox.acxiom.questions import Wrong
from cdpkit.sandbox.acxiom.settings import CLIENT_ID, CLIENT_SECRET, Settings
from cdpkit.sandbox.faults import reason
from cdpkit.sandbox.gate import Endpoint, Manners, Options
from cdpkit.sandbox.imitation import Imitation, Parts
from cdpkit.sandbox.limiter import Rate
from cdpkit.sandbox.world.bodies import parsed
from cdpkit.sandbox.world.tokens import Tokens, bearer

__all__ = ["IMITATION"]

_LOGIN = "/api/v1/auth/oauth2/token"
_GATEWAY = "<!doctype html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_FORBIDDEN, _SERVER = 403, 500
_MINUTE = 60.0
_LISTED = 1000


class Acxiom:
    """The calls."""

    def __init__(self, options: Options, settings: Settings) -> None:
        self.settings = settings
        self.account = Account(options, settings)
        self.tokens = Tokens(options.clock, settings.token_seconds)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        rate = Rate(self.settings.batch_rate, _MINUTE)
        return (
            Endpoint("POST", _LOGIN, self.token, open=True),
            Endpoint("POST", "/v1/batch/match", self.batch, rate),
            Endpoint("GET", "/v1/{kind}/match", self.single, rate),
            Endpoint("POST", "/v1/{kind}/match", self.single, rate),
        )

    async def token(self, request: Request) -> Response:
        """A token for the client's credentials, in the body or as Basic."""
        given = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        pair = _basic(request.headers.get("authorization", "")) or (given.get("client_id"), given.get("client_secret"))
        if given.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        if pair != (CLIENT_ID, CLIENT_SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        token = self.tokens.issue()
        lifetime = int(self.settings.token_seconds)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": lifetime})

    async def batch(self, request: Request) -> Response:
        """Questions that stand in the body, answered in their order."""
        try:
            asked = parsed(await request.body())
        except ValueError:
            asked = None
        if not isinstance(asked, list) or not asked or not all(isinstance(each, str) for each in asked):
            return Wrong("600-0041", "The body has to be an array of strings").response()
        if len(asked) > self.settings.most_requests:
            return Wrong("600-0060", "Batch too large").response()
        return JSONResponse(self.account.answer(asked))

    async def single(self, request: Request) -> Response:
        """One question that stands in the address."""
        (item,) = self.account.answer([f"/{request.path_params['kind']}/match?{request.url.query}"]) or ({},)
        return JSONResponse(item["document"], item["code"])

    def manners(self) -> Manners:
        """How Acxiom says no."""

        def denied(request: Request) -> Response | None:
            token = bearer(request.headers.get("authorization", ""))
            if self.tokens.state(token) == "good":
                return None
            status = int(self.settings.expired)
            return Wrong(f"000-0{status}", "Access token is missing or expired").response(status)

        def failed(status: int, _: Endpoint) -> Response:
            if status == _FORBIDDEN or status > _SERVER:
                return HTMLResponse(_GATEWAY.format(f"{status} {reason(status)}"), status)
            return Wrong(f"000-0{status}", reason(status)).response(status)

        def too_often(_: Rate, __: Endpoint) -> Response:
            response = failed(429, __)
            if self.settings.retry_after:
                response.headers["Retry-After"] = "1"
            return response

        return Manners(
            has_key=lambda request: "authorization" in request.headers,
            denied=denied,
            failed=failed,
            too_often=too_often,
            unknown=lambda request: denied(request) or Wrong("000-0404", "No such path").response(),
            expire=lambda request: self.tokens.end(bearer(request.headers.get("authorization", ""))),
        )

    def routes(self) -> tuple[Route, ...]:
        """`GET /_sandbox/ledger`: what was charged. `POST /_sandbox/switches`: how many batches or items go wrong."""

        async def ledger(_: Request) -> Response:
            return JSONResponse(self.account.ledger())

        async def switches(request: Request) -> Response:
            given = json.loads(await request.body())
            names = [each.name for each in fields(Switches)]
            if not isinstance(given, dict) or not {*given} <= {*names}:
                return JSONResponse({"error": f"switches are {', '.join(names)}"}, 400)
            for name, value in given.items():
                setattr(self.account.switches, name, int(value))
            return JSONResponse(asdict(self.account.switches))

        return (
            Route("/_sandbox/ledger", ledger, methods=["GET"]),
            Route("/_sandbox/switches", switches, methods=["POST"]),
        )

    async def everybody(self, _: bool) -> AsyncIterator[bytes]:
        """What a customer knows of everybody."""
        count = self.account.people.population.count
        for start in range(0, count, _LISTED):
            known = self.account.people.of(range(start, min(start + _LISTED, count)))
            yield "".join(json.dumps(each.told()) + "\n" for each in known.values()).encode()


def _basic(authorization: str) -> tuple[str, str] | None:
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(text.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ("", "")
    return name, secret


def _address(base: str) -> dict[str, str]:
    return {
        "base_url": f"{base}/v1",
        "token_url": f"{base}{_LOGIN}",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }


def _build(options: Options, settings: Settings) -> Parts:
    acxiom = Acxiom(options, settings)

    def state() -> dict[str, Any]:
        counts = acxiom.account.counts
        return {"people": options.people, "lists": [], "items": counts["items"], "documents": counts["documents"]}

    return Parts(acxiom.manners(), acxiom.endpoints(), state, acxiom.everybody, acxiom.routes())


IMITATION = Imitation("acxiom", Settings, _address, _build)
