"""Logging in by OAuth 2, with a client's credentials or by a page, and staying so with what a token leaves behind."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from pydantic import SecretStr

from cdpkit.errors import CredentialsError
from cdpkit.kit.answers import OK, Refuse, part, plain, read, said
from cdpkit.kit.auth import Auth, Consent, Kept, Token
from cdpkit.kit.declare import Setting, Settings
from cdpkit.kit.effects import Effects, Http, Reply
from cdpkit.kit.kinds import Number
from cdpkit.problem import Problem

UNAUTHORISED = frozenset({401})
"""The status of an answer to a token that is not taken, where the vendor does not use others too."""


def by_credentials(
    path: str,
    limit: str,
    refuse: Refuse,
    *,
    address: str = "base_url",
    not_taken: frozenset[int] = UNAUTHORISED,
    as_basic: Callable[[Settings], bool] = lambda _: False,
) -> Auth:
    """Fetch bearer tokens for `client_id` and `client_secret`; a refresh token is used as long as it is taken.

    Args:
        path: Of the call.
        limit: On which it draws.
        refuse: Raises what a refusal of the login means.
        address: The setting that says where the call goes.
        not_taken: Statuses of answers to a token that is not taken.
        as_basic: Whether the credentials stand in a header, not in the body.
    """

    def obtain(settings: Settings, kept: Kept | None) -> Effects[Token]:
        client = settings["client_id"], settings["client_secret"].get_secret_value()
        form = {"grant_type": "refresh_token", **kept} if kept else {"grant_type": "client_credentials"}
        basic = as_basic(settings)
        form |= {} if basic else dict(zip(("client_id", "client_secret"), client, strict=True))
        reply: Reply = yield _asking(form, path, limit, address, _basic(*client) if basic else {})
        if kept and said(reply).get("error") == "invalid_grant":
            return (yield from obtain(settings, None))
        answer = read(reply, OK, refuse)
        bearer = SecretStr(f"Bearer {part(answer, 'access_token', str, reply)}")
        following = answer.get("refresh_token")
        return Token({"Authorization": bearer}, {"refresh_token": following} if isinstance(following, str) else {})

    return Auth(obtain, lambda reply: reply.status in not_taken)


def _basic(name: str, secret: str) -> dict[str, SecretStr]:
    return {"Authorization": SecretStr(f"Basic {b64encode(f'{name}:{secret}'.encode()).decode()}")}


def _asking(
    form: Mapping[str, str], path: str, limit: str, address: str, more: Mapping[str, str | SecretStr] | None = None
) -> Http:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", **(more or {})}
    body = urlencode(form).encode()
    return Http(method="POST", path=path, limit=limit, headers=headers, body=body, repeatable=True, address=address)


PORT = Setting(
    "login_port",
    "The port of this machine to which the login page sends the browser back; left out, any that is free",
    Number(least=1, most=65535, whole=True),
    label="Port of the login",
)
"""The setting of a vendor to which people log in by a page."""


@dataclass(frozen=True, slots=True)
class Application:
    """A program that people let in by a page of the vendor's (OAuth 2, the flow with a code).

    Attributes:
        at: The vendor, as people call it.
        limit: On which calls for tokens draw.
        asks: What the page is asked beside what all such pages are.
        page: The setting that holds the address of the page.
        tokens: The setting that holds the address where tokens come from.
        instead: What else there is than a login, for messages.
    """

    at: str
    limit: str
    asks: Mapping[str, str]
    page: str = "oauth_url"
    tokens: str = "token_url"
    instead: str = ""

    def consent(self) -> Consent:
        """How a person logs in."""
        return Consent(self._problems, self._page, self._exchange, lambda settings: settings.get(PORT.name))

    def obtain(self, _: Settings, kept: Kept | None) -> Effects[Token]:
        """A token for the refresh token that was kept.

        Raises:
            CredentialsError: There is none, or it is not taken any more.
            RemoteError: The answer is none.
        """
        if not kept or "refresh_token" not in kept:
            what = f"nobody has logged in to {self.at} with this connection"
            raise CredentialsError("", [Problem(_LOGIN, what, f"log in with conn.login(){self.instead}")])
        form = {"grant_type": "refresh_token", "refresh_token": str(kept["refresh_token"])}
        return (yield from self._token(form, kept))

    def _exchange(self, settings: Settings, code: str, redirect: str) -> Effects[Token]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
        form |= {"client_id": settings["client_id"], "client_secret": settings["client_secret"].get_secret_value()}
        return (yield from self._token(form, {}))

    def _token(self, form: Mapping[str, str], before: Kept) -> Effects[Token]:
        """A token; whether it was refused is told by the answer's own word, as statuses differ."""
        reply: Reply = yield _asking(form, "", self.limit, self.tokens)
        told = said(reply)
        if "error" in told or reply.status not in OK:
            word = plain(told.get("error"))
            what = f"{self.at} does not take the login (status {reply.status}{f', {word}' if word else ''})"
            raise CredentialsError("", [Problem(_LOGIN, what, f"log in again with conn.login(){self.instead}")])
        access = part(told, "access_token", str, reply)
        following = told.get("refresh_token")
        refresh = following if isinstance(following, str) and following else before.get("refresh_token")
        kept = {"access_token": access} | ({"refresh_token": refresh} if refresh else {})
        return Token(_bearer(access), kept)

    def _page(self, settings: Settings, redirect: str, state: str) -> str:
        asked = {"client_id": settings["client_id"], "redirect_uri": redirect, "state": state, **self.asks}
        return f"{settings[self.page]}?{urlencode(asked)}"

    def _problems(self, settings: Settings) -> list[Problem]:
        missing = [name for name in ("client_id", "client_secret") if not settings.get(name)]
        what = f"a login to {self.at} needs the application that asks for it"
        return [Problem(f"settings.{name}", f"is missing: {what}", f"add {name} below [settings]") for name in missing]


_LOGIN = "login"
"""Where a login's problems are."""


def at_hand(_settings: Settings, kept: Kept | None) -> Token | None:
    """The token that was kept, which is good until it is refused."""
    access = (kept or {}).get("access_token")
    return Token(_bearer(access), dict(kept or {})) if isinstance(access, str) else None


def _bearer(access: str) -> dict[str, SecretStr]:
    return {"Authorization": SecretStr(f"Bearer {access}")}
