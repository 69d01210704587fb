"""How a vendor logs in where a key in a header is not enough: with a token that has to be fetched and renewed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from cdpkit.kit.effects import Effects, Reply


@dataclass(frozen=True, slots=True)
class Token:
    """What calls are authorised with; the repr shows nothing.

    Attributes:
        headers: Header fields of each authorised call; all of them are treated as secrets.
        kept: What the next `obtain` needs, such as a refresh token: what JSON can hold. It is stored where nobody else
            can read it, and outlives the run.
    """

    headers: Mapping[str, str | SecretStr] = field(repr=False)
    kept: Mapping[str, Any] = field(default_factory=dict, repr=False)


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
    """

    obtain: Callable[[Mapping[str, Any], Mapping[str, Any] | None], Effects[Token]]
    refused: Callable[[Reply], bool]
