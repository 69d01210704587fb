"""Failures on request: a test says which of the next calls go wrong, and how."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from http import HTTPStatus
from typing import Any

from cdpkit.errors import ConfigurationError

STATUSES = {"401": 401, "403": 403, "429": 429, "500": 500, "502": 502, "503": 503, "504": 504}
KINDS = {
    "retry_after": "429 with a Retry-After header of `seconds`",
    "html": "a web page instead of the API's answer, with status 200",
    "slow": "the call is carried out; its answer comes `seconds` later",
    "drop": "the connection breaks; the call is not carried out",
    "cut": "the call is carried out; the connection breaks after `after_bytes` of the answer's body",
    "expire": "the token that the call bears is expired from then on, where the vendor has tokens",
    "timeout_after_accept": "the call is carried out, but the answer never comes (the line breaks after `seconds`)",
    **{name: f"an answer with status {name}; the call is not carried out" for name in STATUSES},
}
"""What can go wrong, by the name that a fault bears."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure that waits for its calls.

    Attributes:
        endpoint: The path that it waits for (`/api/lists`, or with its method: `POST /api/lists`); also the path as
            the imitation declares it (`/api/lists/{listId}`); `*` for every call.
        kind: One of `KINDS`.
        times: How many calls go wrong.
        skip: How many calls pass first.
        seconds: See `KINDS`.
        after_bytes: See `KINDS`; 0 breaks the line before the answer's first byte.
    """

    endpoint: str
    kind: str
    times: int = 1
    skip: int = 0
    seconds: float = 1.0
    after_bytes: int = 0


def fault(given: Mapping[str, Any]) -> Fault:
    """The fault that a JSON object describes.

    Raises:
        ConfigurationError: A member is missing, unknown or of another type; names those that exist.
    """
    types: dict[str, type | tuple[type, ...]] = {
        "endpoint": str,
        "kind": str,
        "times": int,
        "skip": int,
        "seconds": (int, float),
        "after_bytes": int,
    }
    for name, value in given.items():
        if name not in types or not isinstance(value, types[name]):
            raise ConfigurationError(f"a fault has {', '.join(types)}; {name!r} does not fit")
    if not {"endpoint", "kind"} <= given.keys():
        raise ConfigurationError("a fault needs endpoint and kind")
    if given["kind"] not in KINDS:
        raise ConfigurationError(f"no kind of fault {given['kind']!r}; there are: {', '.join(KINDS)}")
    return Fault(**given)


class Faults:
    """The faults that wait, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, new: Fault) -> None:
        """Let a fault wait for its calls."""
        self._waiting.append(new)

    def clear(self) -> None:
        """Forget all faults."""
        self._waiting.clear()

    def left(self) -> list[dict[str, object]]:
        """The faults that still wait, with what is left of `times` and `skip`."""
        return [asdict(waiting) for waiting in self._waiting]

    def take(self, method: str, path: str, template: str) -> Fault | None:
        """The fault that this call meets, which is used up by it; every fault that waits for the call counts it."""
        names = {"*", path, template, f"{method} {path}", f"{method} {template}"}
        met: Fault | None = None
        for position, waiting in enumerate(self._waiting):
            if waiting.endpoint not in names:
                continue
            if waiting.skip:
                self._waiting[position] = replace(waiting, skip=waiting.skip - 1)
            elif met is None:
                met = waiting
                self._waiting[position] = replace(waiting, times=waiting.times - 1)
        self._waiting = [waiting for waiting in self._waiting if waiting.times > 0]
        return met


def reason(status: int) -> str:
    """The standard words for a status."""
    return HTTPStatus(status).phrase
