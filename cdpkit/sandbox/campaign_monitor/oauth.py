"""How an application is let in: the page that asks, the way back with a code, and tokens for it."""

import html
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from cdpkit.sandbox.campaign_monitor.rights import Rights
from cdpkit.sandbox.campaign_monitor.settings import CLIENT_ID, CLIENT_SECRET, SCOPES
from cdpkit.sandbox.gate import Endpoint

_CODE_SECONDS = 600.0
_LOCAL = ("127.0.0.1", "localhost", "[::1]")
_PAGE = """<!doctype html><html lang="en"><head><title>Allow access</title></head><body><h1>Allow access</h1>
<p>The application asks for: {scopes}</p>
<form method="post" action="/oauth?{query}"><button name="decision" value="allow">Allow access</button>
<button name="decision" value="deny">Deny access</button></form></body></html>"""
_WRONG = '<!doctype html><html lang="en"><head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>'


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code or a refresh token stands for."""

    scopes: frozenset[str]
    redirect: str = ""
    until: float = 0.0


class OAuth:
    """The calls by which an application is let in; they need no credentials in a header."""

    def __init__(self, rights: Rights) -> None:
        self.rights = rights
        self._codes: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        return (
            Endpoint("GET", "/oauth", self.authorize, open=True),
            Endpoint("POST", "/oauth", self.decide, open=True),
            Endpoint("POST", "/oauth/token", self.token, open=True),
        )

    async def authorize(self, request: Request) -> Response:
        """GET /oauth: what a browser opens; it comes back to the application with a code, or with an error."""
        wrong = self._wrong(request)
        if wrong is not None:
            return wrong
        if self.rights.settings.consent == "ask":
            asked = dict(request.query_params)
            scopes = html.escape(", ".join(asked["scope"].split(",")))
            return HTMLResponse(_PAGE.format(scopes=scopes, query=html.escape(urlencode(asked))))
        return self._back(request, allowed=self.rights.settings.consent == "allow")

    async def decide(self, request: Request) -> Response:
        """POST /oauth: what somebody chose on the page."""
        wrong = self._wrong(request)
        if wrong is not None:
            return wrong
        chosen = dict(parse_qsl((await request.body()).decode()))
        return self._back(request, allowed=chosen.get("decision") == "allow")

    def _wrong(self, request: Request) -> Response | None:
        """The page, or the way back, for a question that cannot be answered."""
        asked = request.query_params
        redirect = asked.get("redirect_uri", "")
        if urlsplit(redirect).hostname not in {each.strip("[]") for each in _LOCAL}:
            return _page("invalid_redirect_uri", "The address to come back to is not the registered one.")
        if asked.get("client_id") != CLIENT_ID:
            return _page("unknown_client", "There is no such application.")
        if asked.get("type", "web_server") != "web_server":
            return _returned(request, error="invalid_request", error_description="Only type web_server is supported")
        scopes = [each for each in asked.get("scope", "").split(",") if each]
        if not scopes:
            return _returned(request, error="invalid_request", error_description="Scope is missing")
        if not {*scopes} <= {*SCOPES}:
            return _returned(request, error="unknown_scope", error_description="Scope is not known")
        return None

    def _back(self, request: Request, *, allowed: bool) -> Response:
        if not allowed:
            return _returned(request, error="access_denied", error_description="The user denied access")
        code = secrets.token_urlsafe(18)
        asked = request.query_params
        scopes = frozenset(asked["scope"].split(","))
        self._codes[code] = Grant(scopes, asked["redirect_uri"], self.rights.clock() + _CODE_SECONDS)
        return _returned(request, code=code)

    async def token(self, request: Request) -> Response:
        """POST /oauth/token: a token for a code, or for a refresh token; by a form, or by the query."""
        given = {**request.query_params, **dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))}
        if given.get("grant_type") == "authorization_code":
            if (given.get("client_id"), given.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
                return self._refused("invalid_client", "Specified client was invalid")
            grant = self._codes.pop(given.get("code", ""), None)
            good = grant and grant.redirect == given.get("redirect_uri") and self.rights.clock() < grant.until
            if grant is None or not good:
                return self._refused("invalid_grant", "Specified code was invalid or expired")
            return self._issued(grant, None)
        if given.get("grant_type") == "refresh_token":
            once = self.rights.settings.rotation == "rotate"
            text = given.get("refresh_token", "")
            if self.rights.settings.revoked or not self.rights.tokens.refreshes(text, once=once):
                return self._refused("invalid_grant", "Specified refresh_token was invalid or expired")
            return self._issued(self._refresh[text], None if once else text)
        return self._refused("unsupported_grant_type", "Specified grant_type is not supported")

    def _issued(self, grant: Grant, refresh: str | None) -> Response:
        """A token, with a refresh token that may be the one that was used."""
        rights = self.rights
        token = rights.tokens.issue("+/==")
        rights.scopes[token] = grant.scopes
        again = refresh or rights.tokens.issue_refresh()
        self._refresh[again] = grant
        told = {"access_token": token, "expires_in": int(rights.settings.token_seconds), "refresh_token": again}
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    def _refused(self, error: str, description: str) -> Response:
        status = int(self.rights.settings.oauth_status)
        return JSONResponse({"error": error, "error_description": description}, status)


def _page(error: str, description: str) -> Response:
    return HTMLResponse(_WRONG.format(error, description), 400)


def _returned(request: Request, **told: Any) -> Response:
    """The way back to the application, with what it passed as its state."""
    redirect = request.query_params["redirect_uri"]
    state = request.query_params.get("state")
    passed = {**told, **({} if state is None else {"state": state})}
    return RedirectResponse(f"{redirect}{'&' if '?' in redirect else '?'}{urlencode(passed)}", 302)
