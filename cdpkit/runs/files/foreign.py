"""What readers of other makers raise, said in words that hold no content: their own may quote a person's value."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pyarrow as pa

from cdpkit.errors import SourceError

FOREIGN = (
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
    pa.ArrowException,
    zlib.error,
    gzip.BadGzipFile,
    EOFError,
    UnicodeError,
    RecursionError,
    OverflowError,
)
"""All that the readers raise, beside errors of the disk."""


@contextmanager
def translated(path: str | Path, what: str, mend: str) -> Iterator[None]:
    """Raise a `SourceError` in the place of a reader's own.

    Args:
        path: The file.
        what: What it was read as.
        mend: What to do about it.

    Raises:
        SourceError: Something that reading this file raised.
    """
    try:
        yield
    except FOREIGN as error:
        raise SourceError(f"{path} cannot be read as {what} ({type(error).__name__}); {mend}") from None
    except OSError as error:
        reason = f": {error.strerror}" if error.strerror else ""
        raise SourceError(f"{path} cannot be read as {what} ({type(error).__name__}{reason}); {mend}") from None
