"""Tokens that are given for credentials and good for a while."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal


@dataclass(slots=True)
class Tokens:
    """The tokens that were given.

    Attributes:
        clock: Unix seconds.
        seconds: How long one is good.
    """

    clock: Callable[[], float]
    seconds: float
    _until: dict[str, float] = field(default_factory=dict, repr=False)
    _refresh: set[str] = field(default_factory=set, repr=False)

    def issue(self, tail: str = "") -> str:
        """Give a token; a tail makes it of characters that a vendor's tokens have and others have not."""
        token = secrets.token_urlsafe(24) + tail
        self._until[token] = self.clock() + self.seconds
        return token

    def state(self, token: str) -> Literal["good", "expired", "unknown"]:
        """What a token is worth."""
        if token not in self._until:
            return "unknown"
        return "good" if self.clock() < self._until[token] else "expired"

    def expire(self) -> None:
        """Let all tokens that were given so far be expired."""
        self._until = dict.fromkeys(self._until, self.clock())

    def end(self, token: str) -> None:
        """Let one token be expired; one that was not given stays unknown."""
        if token in self._until:
            self._until[token] = self.clock()

    def issue_refresh(self) -> str:
        """Give a token that can be exchanged for another one, at any time."""
        token = secrets.token_urlsafe(24)
        self._refresh.add(token)
        return token

    def refreshes(self, token: str, *, once: bool) -> bool:
        """Whether this can be exchanged now; where `once`, it cannot be again."""
        good = token in self._refresh
        if good and once:
            self._refresh.discard(token)
        return good


def bearer(authorization: str) -> str:
    """The token of a header `Authorization: Bearer ...`; empty for another header."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
