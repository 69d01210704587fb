"""How a vendor logs in where a key in a header is not enough: with a token that has to be fetched and renewed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from cdpkit.kit.effects import Effects, Reply
from cdpkit.problem import Problem

Kept = Mapping[str, Any]
"""What a token keeps for the next one: what JSON can hold."""


@dataclass(frozen=True, slots=True)
class Token:
    """What calls are authorised with; the repr shows nothing.

    Attributes:
        headers: Header fields of each authorised call; all of them are treated as secrets.
        kept: What the next `obtain` needs, such as a refresh token: what JSON can hold. It is stored where nobody else
            can read it, and outlives the run.
    """

    headers: Mapping[str, str | SecretStr] = field(repr=False)
    kept: Kept = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Consent:
    """How a person lets this program in: on a page of the vendor's, which sends the browser back with a code.

    Attributes:
        problems: What of the settings stands in the way of it.
        page: The address of that page, given the settings, where it sends the browser back to, and a text that it
            hands back, by which an answer is known to be that of this login.
        exchange: The token for a code, given the settings, the code, and where the browser was sent back to.
        port: Where the browser is sent back to, as the settings have it: a port of this machine; None for a free one.
    """

    problems: Callable[[Mapping[str, Any]], list[Problem]]
    page: Callable[[Mapping[str, Any], str, str], str]
    exchange: Callable[[Mapping[str, Any], str, str], Effects[Token]]
    port: Callable[[Mapping[str, Any]], int | None]


def not_at_hand(_settings: Mapping[str, Any], _kept: Kept | None) -> Token | None:
    """Of a vendor whose tokens are fetched each time."""
    return None


@dataclass(frozen=True, slots=True)
class Auth:
    """How tokens are had.

    The driver fetches one before the first authorised call, and another when an answer says that it is not taken: one
    for all calls that are under way, which are then made again, each at most once. Where the new one is not taken
    either, the answer is handed over as it is.

    Attributes:
        obtain: Fetch a new token. Given are the settings, and what the last token kept (None where there was none);
            its own calls are not `authorised`.
        refused: Whether an answer says that the token is not taken, and that nothing was carried out therefore.
        at_hand: The token that settings and what was kept hold, without asking anybody; None where one has to be
            fetched. One that was refused is not taken from here again.
        consent: How a person logs in; None where the settings alone do.
    """

    obtain: Callable[[Mapping[str, Any], Kept | None], Effects[Token]]
    refused: Callable[[Reply], bool]
    at_hand: Callable[[Mapping[str, Any], Kept | None], Token | None] = not_at_hand
    consent: Consent | None = None
