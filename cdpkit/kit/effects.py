"""What vendors ask for: frozen values that a generator yields, and the replies that it is sent.

A vendor opens no socket, never sleeps and never repeats a call: one driver (`cdpkit.transport`) serves these requests,
under the vendor's limits, and sends back what came. A test serves them by hand.
"""

import json
import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import SecretStr

from cdpkit.errors import CdpkitError, RemoteError

T = TypeVar("T")

_WHOLE = re.compile(r"https?://", re.IGNORECASE)
_PERSONAL = re.compile(r"@|%40", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The terms that calls of all kinds have in common: all that pacing, repeating and storing know of them.

    What may pass never comes back: the driver repeats what may be repeated, and raises `UnavailableError` at the
    `yield` when that does not help, or `InDoubtError` where it may have been carried out and must not be made twice.
    The reply is a `Reply`.

    Attributes:
        limit: The name of the vendor's limit that the call draws on.
        repeatable: Whether the same call twice has the effect of one. One that is not is repeated only where it
            surely was not carried out.
        timeout: Seconds without an answer after which the call is given up; None for the driver's own.
        deadline: Seconds after which it is given up although an answer is coming; None for three times its time-out,
            of a page for some hours.
        page: Store the answer's body as a file of this name, instead of holding it; where it breaks off, the call is
            repeated. Only answers below 400 are stored.
        body_too: Hand the body over also where it is stored as a page: what follows may be said in it.
        authorised: Send it with the token of `Vendor.auth`.
        address: The name of the setting that says where the call goes; messages name it.
    """

    limit: str
    repeatable: bool = False
    timeout: float | None = None
    deadline: float | None = None
    page: str | None = None
    body_too: bool = False
    authorised: bool = False
    address: str = "base_url"

    @property
    def what(self) -> str:
        """The call for messages; holds neither a secret nor a person."""
        return type(self).__name__

    @property
    def reads(self) -> bool:
        """Whether it surely changes nothing, so that nobody has to know what came of it."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Http(Call):
    """A call over HTTP; its repr holds neither a secret nor a body.

    Answers 429 and 500 and above, and calls without an answer, never come back; see `Call`.

    Attributes:
        method: GET, POST, ...
        path: Below the address of the setting `address` (`/api/lists`), or a whole address; empty for that address
            itself.
        params: Query parameters, in order.
        headers: Header fields; secrets stay wrapped until the call is made.
        body: What is sent.
    """

    method: str
    path: str
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, "str | SecretStr"] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)

    @property
    def reads(self) -> bool:
        """See `Call`."""
        return self.method in {"GET", "HEAD"}

    @property
    def whole(self) -> bool:
        """Whether `path` is a whole address."""
        return _WHOLE.match(self.path) is not None

    @property
    def what(self) -> str:
        """Method and path, no query, no part that may be a person's address."""
        path = re.split(r"[?#]", self.path or self.address, maxsplit=1)[0]
        whole = _WHOLE.match(path)
        start = whole.end() if whole else 0
        parts = [*path[start:].split("/")]
        if whole:
            parts[0] = parts[0].rpartition("@")[2]
        return f"{self.method} {path[:start]}{'/'.join('***' if _PERSONAL.search(part) else part for part in parts)}"


@dataclass(frozen=True, slots=True)
class Wait:
    """Be resumed after some seconds. Its reply is None.

    Attributes:
        seconds: So many.
        what: What is waited for, which people are told where it lasts, ever more seldom; never a person's value.
    """

    seconds: float
    what: str = ""


@dataclass(frozen=True, slots=True)
class Together:
    """Several calls at once.

    Its reply is a tuple with the `Reply` of each, or the error that would have been raised for it, in the same order:
    what was answered is not lost where another failed. `all_of` is for those who need them all.
    """

    effects: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Keep:
    """Remember how far this is, so that a killed run goes on from here. Its reply is None.

    Attributes:
        state: What JSON can hold; the generator is given the last one when it is started again.
    """

    state: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tell:
    """Say something to people that the goal asked for: among the run's warnings, but no reason to end with warnings.

    It is shown once, however often it is said. Its reply is None.

    Attributes:
        text: What to say; never a person's value.
    """

    text: str


Effect = Call | Wait | Together | Keep | Tell
Effects = Generator[Effect, Any, T]


_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)", re.DOTALL
)
"""A pair of escaped surrogates, one without its other half, or any other escape."""

_HALF = len("\\ud800")


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a call; the repr holds no body.

    Attributes:
        status: The HTTP status, below 500 and not 429; of other kinds of calls what comes closest.
        headers: Header fields, names in lower case.
        body: The body; empty where it went into a page, unless `body_too` was asked for.
        page: The name of the file that has the body.
        what: The call, for messages: `POST /api/users/bulkUpdate`.
        address: The name of the setting that said where the call goes.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    page: str | None = None
    what: str = "the call"
    address: str = "base_url"

    def json(self) -> Any:
        """The body as JSON; half a surrogate pair, which no text can hold, becomes U+FFFD.

        Raises:
            RemoteError: It is something else, such as the HTML page of a server that is not the vendor's API, or is
                nested too deeply.
        """
        try:
            return json.loads(_whole_characters(self.body))
        except ValueError:
            kind = self.headers.get("content-type", "no content type").split(";")[0]
            raise RemoteError(
                f"{self.what} was answered with {kind} instead of JSON (status {self.status}); check {self.address}: "
                "is it the address of the vendor's API, with no proxy or login page in between?"
            ) from None
        except RecursionError:
            raise RemoteError(
                f"{self.what} was answered with JSON that is nested too deeply to be read; check {self.address}: is it "
                "the address of the vendor's API?"
            ) from None


def all_of(replies: Sequence[Reply | CdpkitError]) -> tuple[Reply, ...]:
    """The replies to calls that were made together, where all of them are needed.

    Raises:
        CdpkitError: The first of the errors.
    """
    for reply in replies:
        if isinstance(reply, CdpkitError):
            raise reply
    return tuple(reply for reply in replies if isinstance(reply, Reply))


def _whole_characters(body: bytes) -> str:
    """The text of a body without halves of surrogate pairs, as they stand or escaped.

    Raises:
        ValueError: It is no text.
    """
    encoding = json.detect_encoding(body)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        halves = body.decode(encoding, "surrogatepass")
        text = halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _ESCAPE.sub(_mended, text) if "\\ud" in text or "\\uD" in text else text


def _mended(escape: re.Match[str]) -> str:
    return "\\ufffd" if len(escape[0]) == _HALF else escape[0]
