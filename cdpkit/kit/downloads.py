"""Fetching a file from a web address."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Final, NoReturn
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from pydantic import SecretStr

from cdpkit.errors import CredentialsError, RemoteError, SourceError
from cdpkit.kit.effects import Effects, Http, Reply

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
MOST: Final = 10
"""So many times an address may lead to another one."""

_OK = 200
_LOGIN = frozenset({401, 403, 407})
_NOTHING = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Download:
    """A file that was fetched.

    Attributes:
        page: The page that has it.
        url: From where it came in the end, without user and query.
        names: What it may be called: what the server says, then the ends of the addresses.
        kind: Its media type, in lower case; empty where the server says none.
        was_packed: Whether it was packed for the way, and is not any more.
        mark: What tells it from other versions: the server's ETag, or when it was changed.
    """

    page: str
    url: str
    names: tuple[str, ...]
    kind: str
    was_packed: bool = False
    mark: str = field(default="", repr=False)


def shown(url: str) -> str:
    """An address as messages and the history have it: without user, password, query and fragment."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme.lower(), parts.netloc.rpartition("@")[2], parts.path, "", ""))


def download(url: str, page: str, limit: str) -> Effects[Download]:
    """Fetch what is at an address; its user and password are given to its own server alone.

    Args:
        url: The address, `https` or `http`; it may have a user, and may lead to others, from `https` to such alone.
        page: The page that is to have it.
        limit: What the calls draw on.

    Raises:
        SourceError: There is nothing.
        CredentialsError: It is not given to this user.
        RemoteError: It leads nowhere, or is refused for another reason.
    """
    address, headers = _parted(url)
    names = [_end(address)]
    for _ in range(MOST):
        reply: Reply = yield Http(
            method="GET",
            path=address,
            limit=limit,
            page=page,
            repeatable=True,
            headers=headers,
            address="the address",
        )
        if reply.status not in REDIRECTS:
            if reply.status != _OK:
                _refused(reply)
            told = reply.headers
            kind = told.get("content-type", "").split(";")[0].strip().lower()
            found = [name for name in (_filename(told.get("content-disposition", "")), *reversed(names)) if name]
            return Download(page, shown(address), tuple(found), kind, was_packed(told), mark_of(told))
        before, address = address, urljoin(address, reply.headers.get("location", ""))
        address, headers = _followed(before, address, headers)
        names.append(_end(address))
    raise RemoteError(f"GET {shown(url)} leads from address to address without an end; check it in a browser")


def was_packed(headers: Mapping[str, str]) -> bool:
    """Whether a body was packed for the way, of which its name may still speak."""
    return headers.get("content-encoding", "").strip().lower() in {"gzip", "x-gzip"}


def mark_of(headers: Mapping[str, str]) -> str:
    """What tells a file from its other versions; empty where the server says nothing."""
    return headers.get("etag") or headers.get("last-modified", "")


def _followed(before: str, after: str, headers: Mapping[str, SecretStr]) -> tuple[str, Mapping[str, SecretStr]]:
    """Where an address leads, and what is told there of the user."""
    old, new = urlsplit(before), urlsplit(after)
    if new.scheme not in {"https", old.scheme}:
        raise RemoteError(
            f"GET {shown(before)} leads to an address that does not begin with https://; check it in a browser, and "
            "give the address at its end, or fetch the file yourself"
        )
    address, own = _parted(after)
    same = (new.scheme, new.hostname, new.port) == (old.scheme, old.hostname, old.port)
    return address, own or (headers if same else {})


def _parted(url: str) -> tuple[str, Mapping[str, SecretStr]]:
    """An address without its user, and the header that says who that is."""
    parts = urlsplit(url)
    user, mark, host = parts.netloc.rpartition("@")
    bare = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    if not mark:
        return bare, {}
    name, _, word = user.partition(":")
    pair = f"{unquote(name)}:{unquote(word)}".encode()
    return bare, {"authorization": SecretStr(f"Basic {b64encode(pair).decode()}")}


def _end(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2])


def _filename(disposition: str) -> str:
    """The name in a Content-Disposition (RFC 6266), without folders."""
    message = Message()
    message["content-disposition"] = disposition
    return (message.get_filename() or "").replace("\\", "/").rpartition("/")[2]


def _refused(reply: Reply) -> NoReturn:
    if reply.status in _NOTHING:
        raise SourceError(f"nothing is there: {reply.what} was answered with status {reply.status}; check the address")
    if reply.status in _LOGIN:
        raise CredentialsError(
            f"{reply.what} was refused with status {reply.status}: it wants a login, or its link has expired; make the "
            "link anew, or fetch the file yourself and load it from disk"
        )
    raise RemoteError(f"{reply.what} was refused with status {reply.status}; open the address in a browser")
