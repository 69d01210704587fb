"""What libraries and the system raise, as errors of the package: what failed, why, how to mend it, and no value.

This is the one place that knows their families. Their own words are left out where they may hold a person's value; the
number that the system gives is looked for in them, because most libraries hide it in a text.
"""

import errno
import gzip
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from cdpkit.errors import CdpkitError, NoRoomError, StoreError

_PACKAGES = {
    "polars": "Polars",
    "pyo3_runtime": "a library",
    "deltalake": "Delta Lake",
    "_internal": "Delta Lake",
    "pyarrow": "Arrow",
    "duckdb": "DuckDB",
    "_duckdb": "DuckDB",
    "fastexcel": "the reader of Excel files",
    "_fastexcel": "the reader of Excel files",
}
"""Whose exceptions are told, by the package that defines them."""

_REASONS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((UnicodeError,), "it is no valid text in UTF-8"),
    ((RecursionError,), "it is nested too deeply"),
    ((MemoryError,), "the memory of this machine is used up; use less at a time"),
    ((OverflowError,), "a number in it is too large"),
    ((zlib.error, EOFError, gzip.BadGzipFile), "what is compressed in it is damaged or cut off"),
    ((OSError,), "it cannot be read or written ({})"),
)
"""What is told of the families that need no package, the narrower ones first."""

_HIDDEN_NUMBER = re.compile(r"os error (\d+)|Os \{ code: (\d+)")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_MENDS = {
    errno.ENOSPC: "no space is left on the disk; free some, then repeat the call",
    errno.EDQUOT: "this user may use no more of the disk; free some, then repeat the call",
    errno.EROFS: "it can only be read; have it mounted for writing, or copy the workspace to where it can be written",
    errno.EACCES: "this user may not; change who may read and write there",
    errno.EPERM: "this user may not; change who may read and write there",
    errno.EIO: "the disk fails; copy the workspace to another one, then look at it with ws.verify()",
    errno.EMFILE: "too many files are open in this process; close some, or raise its limit",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.ENOENT: "it is not there",
    errno.ENOTDIR: "a part of its path is a file, not a folder",
    errno.EISDIR: "it is a folder, not a file",
}


def reason_of(error: BaseException) -> str | None:
    """Why a library or the system gave up, in a sentence without values, and how to mend it.

    None where the error belongs to no family that is known here: it is a defect, an interrupt, or one of the package.
    """
    number = _number(error)
    if number is not None and (isinstance(error, OSError) or _package(error)):
        return _MENDS.get(number) or os.strerror(number)
    for kinds, reason in _REASONS:
        if isinstance(error, kinds):
            return reason.format(type(error).__name__)
    package = _package(error)
    return None if package is None else f"{package} cannot go on ({type(error).__name__})"


@contextmanager
def translated(
    what: str, into: type[CdpkitError] = StoreError, *, mend: str = "", passing: tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """Turn what libraries and the system raise into an error of the package; also a decorator.

    Args:
        what: What cannot be done, such as `the load cannot be stored`.
        into: The class of the error.
        mend: What to do about it, beside what the reason says.
        passing: What is passed on as it is, because the caller deals with it.

    Raises:
        CdpkitError: Says what cannot be done and why; the file too, where the system names one.
    """
    try:
        yield
    except BaseException as error:
        reason = None if isinstance(error, (CdpkitError, *passing)) else reason_of(error)
        if reason is None:
            raise
        if _number(error) in _NO_ROOM and into is StoreError:
            into = NoRoomError
        raise into(f"{what}{_file(error, what)}: {'; '.join(filter(None, (reason, mend)))}") from None


def _file(error: BaseException, what: str) -> str:
    """The file that the system names, where the sentence names none."""
    named = error.filename if isinstance(error, OSError) else None
    return f" ({named})" if isinstance(named, str) and os.sep not in what else ""


def _package(error: BaseException) -> str | None:
    for kind in type(error).__mro__:
        found = _PACKAGES.get(kind.__module__.split(".")[0])
        if found is not None:
            return found
    return None


def _number(error: BaseException) -> int | None:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    found = _HIDDEN_NUMBER.search(str(error)) if isinstance(error, OSError) or _package(error) else None
    return None if found is None else int(found.group(1) or found.group(2))
