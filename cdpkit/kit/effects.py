"""What vendors ask for: frozen values that a generator yields, and the replies that it is sent.

A vendor opens no socket, never sleeps and never repeats a call: one driver (`cdpkit.transport`) serves these requests,
under the vendor's limits, and sends back what came. A test serves them by hand.
"""

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import SecretStr

from cdpkit.errors import RemoteError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """A call; its repr holds neither a secret nor a body. Its reply is a `Reply`.

    Answers 429 and 500 and above, and calls without an answer, never come back: the driver repeats what may be
    repeated, and raises `UnavailableError` at the `yield` when that does not help.

    Attributes:
        method: GET, POST, ...
        path: Below the connection's base address (`/api/lists`), or a whole address.
        limit: The name of the vendor's limit that the call draws on.
        params: Query parameters, in order.
        headers: Header fields; secrets stay wrapped until the call is made.
        body: What is sent.
        repeatable: Whether the same call twice has the effect of one. One that is not is repeated only where it
            surely was not carried out.
        timeout: Seconds without an answer after which the call is given up; None for the driver's own.
        page: Store the answer's body as a file of this name, instead of holding it; where it breaks off, the call is
            repeated. Only answers below 400 are stored.
        body_too: Hand the body over also where it is stored as a page: what follows may be said in it.
    """

    method: str
    path: str
    limit: str
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, "str | SecretStr"] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    repeatable: bool = False
    timeout: float | None = None
    page: str | None = None
    body_too: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Be resumed after some seconds. Its reply is None."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Together:
    """Several calls at once. Its reply is a tuple of `Reply`, in the same order."""

    effects: tuple[Http, ...]


@dataclass(frozen=True, slots=True)
class Keep:
    """Remember how far this is, so that a killed run goes on from here. Its reply is None.

    Attributes:
        state: What JSON can hold; the generator is given the last one when it is started again.
    """

    state: Mapping[str, Any] = field(repr=False)


Effect = Http | Wait | Together | Keep
Effects = Generator[Effect, Any, T]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a call; the repr holds no body.

    Attributes:
        status: The HTTP status, below 500 and not 429.
        headers: Header fields, names in lower case.
        body: The body; empty where it went into a page, unless `Http.body_too`.
        page: The name of the file that has the body.
        what: The call, for messages: `POST /api/users/bulkUpdate`.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    page: str | None = None
    what: str = "the call"

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            RemoteError: It is something else, such as the HTML page of a server that is not the vendor's API.
        """
        try:
            return json.loads(self.body)
        except ValueError:
            kind = self.headers.get("content-type", "no content type").split(";")[0]
            raise RemoteError(
                f"{self.what} was answered with {kind} instead of JSON (status {self.status}); check base_url: "
                "is it the address of the vendor's API, with no proxy or login page in between?"
            ) from None
