"""What libraries and the system raise, translated: the reason and the mend, and never a value."""

import errno
import zlib
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from cdpkit.errors import ConflictError, NoRoomError, SourceError, WorkspaceError
from cdpkit.place.foreign import reason_of, translated

ANN = "ann@example.com"


def of_polars() -> None:
    pl.Series([ANN]).cast(pl.Int64)


def of_duckdb() -> None:
    duckdb.execute(f"select cast('{ANN}' as integer)").fetchall()


def of_arrow() -> None:
    pa.array([ANN]).cast(pa.int64())


def of_delta() -> None:
    DeltaTable("/nowhere/at/all")


def of_text() -> None:
    (ANN.encode() + b"\xff").decode()


def of_zlib() -> None:
    zlib.decompress(ANN.encode())


def of_recursion() -> None:
    of_recursion()


def of_memory() -> None:
    raise MemoryError(ANN)


@pytest.mark.parametrize("fails", [of_polars, of_duckdb, of_arrow, of_delta, of_text, of_zlib, of_recursion, of_memory])
def test_each_family_is_told_without_a_value(fails: object) -> None:
    """One sentence, on one line, without colours; nothing of what was in the library's own words."""
    with pytest.raises(SourceError) as told, translated("people.csv cannot be read", SourceError):
        fails()  # type: ignore[operator]
    assert str(told.value).startswith("people.csv cannot be read: ")
    assert told.value.__suppress_context__
    assert not {ANN, "\n", "\x1b"} & {part for part in (ANN, "\n", "\x1b") if part in str(told.value)}


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device", "/w/x.parquet"),
        OSError("Generic LocalFileSystem error\n \x1b[31m↳\x1b[0m No space left on device (os error 28)\n"),
        pl.exceptions.ComputeError("parquet: underlying IO error: No space left on device (os error 28)"),
    ],
)
def test_a_full_disk_is_told_whoever_finds_it(error: Exception) -> None:
    """As a class of its own; the number of the system is found in the words of libraries too."""
    with (
        pytest.raises(NoRoomError, match="no space is left on the disk; free some"),
        translated("it cannot be written"),
    ):
        raise error


def test_the_file_is_named_where_the_system_names_it() -> None:
    """Once, also where the sentence names it already."""
    told = pytest.raises(WorkspaceError, match=r"^the plan cannot be read \(.*nowhere\): it is not there$")
    with told, translated("the plan cannot be read"):
        Path("/nowhere").read_bytes()
    told = pytest.raises(WorkspaceError, match=r"^/nowhere cannot be read: it is not there$")
    with told, translated("/nowhere cannot be read"):
        Path("/nowhere").read_bytes()


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), KeyError("a defect"), AssertionError(), ConflictError("theirs")]
)
def test_interrupts_defects_and_our_own_errors_are_passed_on(error: BaseException) -> None:
    """A defect of the package is not dressed up as a fault of the disk."""
    assert reason_of(error) is None or isinstance(error, ConflictError)
    with pytest.raises(type(error)) as told, translated("it cannot be written"):
        raise error
    assert told.value is error
