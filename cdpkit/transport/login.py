"""The token of a driver: one for all its calls, renewed once for all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cdpkit.errors import CdpkitError, CredentialsError, InDoubtError, UnavailableError
from cdpkit.kit.auth import Auth, Token
from cdpkit.kit.effects import Effects, Reply

PASSING = (UnavailableError, InDoubtError)


@dataclass(frozen=True, slots=True)
class Login:
    """How a driver logs in; the repr shows no setting.

    Attributes:
        auth: The vendor's way.
        settings: The settings that it is given.
        load: What the last token kept; None where there was none.
        save: Keeps that where nobody else can read it; called before the token is used.
    """

    auth: Auth = field(repr=False)
    settings: Mapping[str, Any] = field(repr=False)
    load: Callable[[], Mapping[str, Any] | None] = field(repr=False)
    save: Callable[[Mapping[str, Any]], None] = field(repr=False)


class Badge:
    """The token that calls are sent with now.

    A token that was just fetched and that no answer has shown to be good is not renewed: the vendor would say no again.
    The first one may have been kept from an earlier run, so that it is.

    Attributes:
        token: None where one has to be fetched first.
        number: Which token it is, from 1; 0 before the first.
    """

    def __init__(self, login: Login) -> None:
        self._login = login
        self._proven = False
        self._failed: CdpkitError | None = None
        self._last: Token | None = None
        self.token: Token | None = None
        self.number = 0

    def fetch(self) -> Effects[CdpkitError | None]:
        """Fetch a token; returns the error where none can be had.

        A refused login is not tried again, since a vendor may lock it.
        """
        if self._failed is not None:
            return self._failed
        try:
            token = yield from self._fetched()
        except CdpkitError as error:
            self._failed = None if isinstance(error, PASSING) else error
            return error
        self.token = self._last = token
        self.number += 1
        self._proven = False
        return None

    def _fetched(self) -> Effects[Token]:
        """The token that is at hand, else a new one; of another process one that it has fetched meanwhile.

        Raises:
            CdpkitError: None can be had.
        """
        kept = self._login.load()
        token = self._at_hand(kept)
        if token is not None:
            return token
        try:
            token = yield from self._login.auth.obtain(self._login.settings, kept)
        except CredentialsError:
            now = self._login.load()  # a refresh token may be good once, and another process may have used it
            token = self._at_hand(now) if now != kept else None
            if token is None:
                raise
            return token
        if dict(token.kept) != (kept or {}):
            self._login.save(token.kept)
        return token

    def _at_hand(self, kept: Mapping[str, Any] | None) -> Token | None:
        """A token that need not be fetched, and is not the one that was refused."""
        found = self._login.auth.at_hand(self._login.settings, kept)
        same = self._last is not None and found is not None and found.headers == self._last.headers
        return None if same else found

    def refused(self, reply: Reply, number: int, *, renewed: bool) -> bool:
        """Whether a call has to be made again with another token than it went out with.

        Args:
            reply: Its answer.
            number: Which token it went out with.
            renewed: Whether it was made again for this already.
        """
        if not self._login.auth.refused(reply):
            self._proven |= number == self.number
            return False
        if renewed:
            return False
        if number == self.number and self.token is not None:
            if number > 1 and not self._proven:
                return False
            self.token = None
        return True
