"""Answers as they come in, held or stored, up to what memory and disk can bear."""

from collections.abc import Iterable, Iterator, Mapping

from cdpkit.errors import RemoteError, WorkspaceError
from cdpkit.kit.effects import Call
from cdpkit.transport.attempt import Answer, Attempt, Failure, Stopped
from cdpkit.transport.means import Caps, Means

ERROR = 400

_UNITS = ((10**9, "GB"), (10**6, "MB"), (1, "bytes"))


def taken_in(
    attempt: Attempt,
    means: Means,
    chunks: Iterable[bytes],
    *,
    status: int,
    headers: Mapping[str, str],
    announced: int = 0,
) -> Answer:
    """The answer to a call whose body comes in pieces: held in memory, or stored where the call says so.

    Args:
        attempt: The call under way.
        means: Where pages are stored, and how large answers may be.
        chunks: The body.
        status: The answer's status; a body from 400 on is held.
        headers: The answer's header fields.
        announced: The length of the body where it is known before; 0 where it is not.

    Raises:
        Stopped: It is larger than may be, cannot be stored, or nobody waits for it any more.
    """
    call, caps = attempt.call, means.caps
    wanted = _wanted(attempt, chunks)
    if call.page is None or status >= ERROR:
        return Answer(status, headers, b"".join(_held(call, caps, wanted)))
    body: list[bytes] = []
    pieces = _stored(call, means, wanted, announced)
    try:
        (means.folder / call.page).write(_copied(call, caps, pieces, body) if call.body_too else pieces)
    except WorkspaceError as error:
        why = f"the page {call.page!r} cannot be written into its folder: {error}"
        raise Stopped(Failure(why, error=WorkspaceError(why))) from None
    return Answer(status, headers, b"".join(body), call.page)


def _wanted(attempt: Attempt, chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if attempt.abandoned:
            break
        yield chunk
    if attempt.abandoned:
        raise Stopped(Failure("nobody waits for it any more"))


def _held(call: Call, caps: Caps, chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > caps.memory:
            raise _too_large(call, f"the {_amount(caps.memory)} that are held in memory")
        yield chunk


def _copied(call: Call, caps: Caps, chunks: Iterable[bytes], body: list[bytes]) -> Iterator[bytes]:
    """The same pieces, of which a copy is held as well."""
    for chunk in _held(call, caps, chunks):
        body.append(chunk)
        yield chunk


def _stored(call: Call, means: Means, chunks: Iterable[bytes], announced: int) -> Iterator[bytes]:
    size, looked, caps = 0, 0, means.caps
    _look_at_disk(call, means, announced)
    for chunk in chunks:
        size += len(chunk)
        if size > caps.page:
            raise _too_large(call, f"the {_amount(caps.page)} of a page")
        if size - looked >= caps.look:
            looked = size
            _look_at_disk(call, means, 0)
        yield chunk


def _look_at_disk(call: Call, means: Means, announced: int) -> None:
    free, caps = means.free(), means.caps
    if free - announced < caps.free:
        what = f"an answer of {_amount(announced)}" if announced else "the answer"
        why = f"{what} to {call.what} is not stored: only {_amount(free)} of the disk are free"
        mend = f"{why}, and {_amount(caps.free)} are left alone; make room where the workspace lies, then run it again"
        raise Stopped(Failure(why, lasting=True, error=WorkspaceError(mend)))


def _too_large(call: Call, most: str) -> Stopped:
    why = f"its answer is larger than {most}"
    mend = f"{call.what} was given up: {why}. Ask for less at a time, such as fewer fields or lists"
    return Stopped(Failure(why, lasting=True, error=RemoteError(f"{mend}, or check {call.address}")))


def _amount(size: int) -> str:
    unit, name = next(((unit, name) for unit, name in _UNITS if size >= unit), _UNITS[-1])
    return f"{size // unit} {name}"
