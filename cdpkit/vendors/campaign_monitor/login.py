"""How Campaign Monitor is logged in to: with an API key, or with a token that somebody gives by its page."""

from base64 import b64encode

from pydantic import SecretStr

from cdpkit.kit import oauth
from cdpkit.kit.auth import Auth, Kept, Token
from cdpkit.kit.declare import Setting, Settings
from cdpkit.kit.effects import Effects, Reply
from cdpkit.kit.kinds import Address, Secret
from cdpkit.vendors.campaign_monitor.api import AT, EXPIRED, code

_SCOPES = "ManageLists,ImportSubscribers,ViewReports,ViewSubscribersInReports"
"""Lists, fields, segments and people; and who opened and clicked what."""
_PAGE = oauth.Application(
    AT, "login", {"type": "web_server", "scope": _SCOPES}, instead=", or give an API key as settings.api_key"
)
_UNAUTHORISED = 401

SETTINGS = (
    Setting("api_key", "A key of the account or of one client; without one, conn.login() asks for access", Secret()),
    Setting("client_id", "Of the application that asks for access, where there is no API key", label="Client ID"),
    Setting("client_secret", "And its secret", Secret()),
    oauth.PORT,
    Setting("oauth_url", "The page where access is allowed", Address(), default="https://api.createsend.com/oauth"),
    Setting("token_url", "Where tokens are had", Address(), default="https://api.createsend.com/oauth/token"),
)
"""The settings about it."""


def _key(settings: Settings) -> Token | None:
    key = settings.get("api_key")
    if key is None:
        return None
    # The password is passed over; some servers want one all the same.
    return Token({"Authorization": SecretStr(f"Basic {b64encode(f'{key.get_secret_value()}:x'.encode()).decode()}")})


def _at_hand(settings: Settings, kept: Kept | None) -> Token | None:
    return _key(settings) or oauth.at_hand(settings, kept)


def _obtain(settings: Settings, kept: Kept | None) -> Effects[Token]:
    return _key(settings) or (yield from _PAGE.obtain(settings, kept))


def _refused(reply: Reply) -> bool:
    """Whether a token is no longer good; nothing else is mended by another one."""
    return reply.status == _UNAUTHORISED and code(reply) == EXPIRED


AUTH = Auth(_obtain, _refused, _at_hand, _PAGE.consent())
