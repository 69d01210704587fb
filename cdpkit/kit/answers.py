"""Reading an answer, or refusing it.

Whether an answer is good is judged by its HTTP status, and what a vendor says by names and types. Of a refusal only
plain words reach a message: its texts may echo the key or a person.
"""

import re
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from cdpkit.errors import RemoteError
from cdpkit.kit.effects import Reply

T = TypeVar("T")

OK = frozenset({200})
"""The status of a good answer, where the vendor does not use others too."""

Refuse = Callable[[Reply], NoReturn]
"""Raises what an answer that is not good means: `CredentialsError`, `RemoteError`, ..."""

_WORD = re.compile(r"(?!(?:[^0-9]*[0-9]){4})[A-Za-z][A-Za-z0-9_]{0,59}")
"""Words of a program, such as `BadApiKey`; a key has more digits."""


def said(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer, good or not; empty where it is none."""
    try:
        found = reply.json()
    except RemoteError:
        return {}
    return found if isinstance(found, dict) else {}


def plain(word: object) -> str | None:
    """A word of the vendor's program that can hold neither what a person said nor a key; None where it is no such."""
    return word if isinstance(word, str) and _WORD.fullmatch(word) else None


def refused(reply: Reply) -> NoReturn:
    """Refuse an answer of which nothing but its status is known.

    Raises:
        RemoteError: Always.
    """
    raise RemoteError(f"{reply.what} was refused with status {reply.status}")


def read(reply: Reply, ok: frozenset[int] = OK, refuse: Refuse = refused) -> dict[str, Any]:
    """The JSON object of a good answer.

    Args:
        reply: The answer.
        ok: The statuses of a good one.
        refuse: Raises what any other means.

    Raises:
        RemoteError: The answer is no JSON object; or what `refuse` raises.
    """
    return _of_kind(reply, dict, "object", ok, refuse)


def read_list(reply: Reply, ok: frozenset[int] = OK, refuse: Refuse = refused) -> list[Any]:
    """The bare JSON array of a good answer.

    Raises:
        RemoteError: The answer is no JSON array; or what `refuse` raises.
    """
    return _of_kind(reply, list, "array", ok, refuse)


def _of_kind(reply: Reply, kind: type[T], word: str, ok: frozenset[int], refuse: Refuse) -> T:
    if reply.status not in ok:
        refuse(reply)
    found = reply.json()
    if not isinstance(found, kind):
        raise RemoteError(f"{reply.what} was answered with JSON that is no {word}; check {reply.address}")
    return found


def done(reply: Reply, ok: frozenset[int], refuse: Refuse = refused) -> None:
    """Make sure of a good answer that need not say anything.

    Raises:
        RemoteError: It is a web page; or what `refuse` raises.
    """
    refuse_web_page(reply)
    if reply.status not in ok:
        refuse(reply)


def part(said: object, name: str, kind: type[T], reply: Reply) -> T:
    """A part of an answer.

    Args:
        said: What should be an object.
        name: The name of the part.
        kind: Its type.
        reply: The answer, of which the message tells whose it is.

    Raises:
        RemoteError: It is not there, or is of another type.
    """
    found = said.get(name) if isinstance(said, dict) else None
    if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
        raise RemoteError(f"{reply.what} was answered without {name!r}; check {reply.address}")
    return found


def refuse_web_page(reply: Reply) -> None:
    """Refuse a web page that whatever stands in between has answered with; it would be read as people.

    Raises:
        RemoteError: It is one.
    """
    if reply.status in OK and reply.headers.get("content-type", "").startswith("text/html"):
        raise RemoteError(
            f"{reply.what} was answered with text/html instead of people; check that no proxy or login page is between "
            "this machine and the vendor"
        )
