"""What a query gives, within its limits: DuckDB's relation, whose errors are told without any value."""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, TypeVar

import duckdb
import polars as pl
import pyarrow as pa

from cdpkit.core.handed import texts_first
from cdpkit.errors import CdpkitError, ConfigurationError
from cdpkit.problem import nearest_first

TOO_DEEP = "it nests too deeply; take it apart, such as by WITH"
_ABOUT_TEXT = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException, duckdb.PermissionException)
_ABOUT_VALUES = (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException)
_TYPES = r"U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?[0-9]*|BOOL(?:EAN)?|DATE|TIME[A-Z_ ]*|DECIMAL|DOUBLE|FLOAT|UUID|BLOB"
_CAST = re.compile(rf" to ({_TYPES}|INTERVAL|BIT|JSON|ENUM|VARCHAR)(?:\(.*\))?(?: when casting|\s*\Z)")
_COLUMN = re.compile(r" when casting from source column (\w+)\s*\Z")
_UNITS = {"bytes": 0, "KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40}
_HANDED_ON = {
    "INTERRUPT Error": duckdb.InterruptException,
    "Conversion Error": duckdb.ConversionException,
    "Out of Range Error": duckdb.OutOfRangeException,
    "Invalid Input Error": duckdb.InvalidInputException,
    "Out of Memory Error": duckdb.OutOfMemoryException,
}
"""What DuckDB raises, by the first words of its message, which is all that Arrow hands on."""
_BEAT = 0.2
"""Seconds between two looks at the time, where the system does not wake a thread for an interrupt."""
GRACE = 30.0
"""Seconds after which a query that does not heed being ended is left to itself."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take.

    Attributes:
        seconds: How long it may compute.
        memory: What DuckDB may hold, in its words: `4 GB`, or a share of the machine's such as `50%`; a result that
            is fetched as a frame may be as large again.
    """

    seconds: float = 600
    memory: str = "50%"

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise ConfigurationError("a query needs some time; give a timeout of more than 0 seconds")


USUAL = Limits()


@dataclass(frozen=True, slots=True)
class Below:
    """Queries by which the tables of another one are computed.

    Attributes:
        connections: Those at work.
        errors: Why the last of them failed, for what that other one has no word.
    """

    connections: list[duckdb.DuckDBPyConnection] = field(default_factory=list)
    errors: list[CdpkitError] = field(default_factory=list)


@dataclass(slots=True, repr=False, eq=False)
class Relation:
    """What a query gives: rows that DuckDB computes when they are asked for, as `.pl()`, `.df()` or `.fetchall()`.

    It has every method of DuckDB's own relations; what they raise is told as errors of this package.

    Raises:
        ConfigurationError: From any of its methods: it took too long or too much memory, or a value does not fit.
    """

    _of: Any
    _connection: duckdb.DuckDBPyConnection
    _limits: Limits
    _below: Below = field(default_factory=Below)

    def pl(self, *given: Any, **options: Any) -> Any:
        """All rows as a Polars frame."""
        if given or options:
            return self._ask(lambda: self._of.pl(*given, **options))
        return self._ask(lambda: _fetched(self._of, self._connection))

    def df(self, *given: Any, **options: Any) -> Any:
        """All rows as a pandas frame."""
        return self._ask(lambda: self._of.df(*given, **options))

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows as tuples."""
        rows: list[tuple[Any, ...]] = self._ask(self._of.fetchall)
        return rows

    def __getattr__(self, name: str) -> Any:
        found = self._ask(lambda: getattr(self._of, name))
        if not callable(found) or isinstance(found, duckdb.DuckDBPyRelation):
            return self._kept(found)

        def called(*given: Any, **options: Any) -> Any:
            bare = [part._of if isinstance(part, Relation) else part for part in given]  # noqa: SLF001 - its own kind
            return self._kept(self._ask(lambda: found(*bare, **options)))

        return called

    def __getitem__(self, name: str) -> Any:
        return self._kept(self._ask(lambda: self._of[name]))

    def __len__(self) -> int:
        return self._ask(lambda: len(self._of))

    def __contains__(self, name: str) -> bool:
        return self._ask(lambda: name in self._of)

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        return self._ask(lambda: self._of.__arrow_c_stream__(requested_schema))

    def __dir__(self) -> Iterable[str]:
        return sorted({*object.__dir__(self), *dir(self._of)})

    def __repr__(self) -> str:
        return self._ask(lambda: repr(self._of))

    def __str__(self) -> str:
        return self._ask(lambda: str(self._of))

    def _kept(self, found: Any) -> Any:
        if isinstance(found, duckdb.DuckDBPyRelation):
            return Relation(found, self._connection, self._limits, self._below)
        return found

    def _ask(self, call: Callable[[], _T]) -> _T:
        return within(call, self._connection, self._limits, "the query cannot be computed", self._below)


def _fetched(relation: duckdb.DuckDBPyRelation, connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """All rows as a frame; batch by batch, so that too many end in an error and not in the machine's last memory.

    Raises:
        duckdb.Error: It was interrupted, a value does not fit, or it needs too much memory.
    """
    number, unit = connection.execute("select current_setting('memory_limit')").fetchall()[0][0].split()
    try:
        table = _arrow_table(texts_first(relation), float(number) * 2 ** _UNITS[unit])
    except (OSError, pa.ArrowException) as error:
        raise _HANDED_ON.get(str(error).partition(":")[0], duckdb.Error)(str(error)) from None
    rows = pl.from_arrow(table, rechunk=False)
    return rows if isinstance(rows, pl.DataFrame) else rows.to_frame()


def _arrow_table(relation: Any, left: float) -> pa.Table:
    batches = []
    reader = relation.to_arrow_reader()
    with reader:  # one that is not closed keeps the connection to itself
        for batch in reader:
            batches.append(batch)
            left -= batch.nbytes
            if left < 0:
                raise duckdb.OutOfMemoryException
    return pa.Table.from_batches(batches, schema=reader.schema)


def within(
    call: Callable[[], _T],
    connection: duckdb.DuckDBPyConnection,
    limits: Limits,
    failed: str,
    below: Below | None = None,
    tables: Iterable[str] = (),
) -> _T:
    """What a call gives that works on a connection, in its time; errors are raised without what they came from.

    The call is made in a thread of its own: DuckDB looks for an interrupt of the user between two pieces of work alone,
    and one piece may be without end.

    Args:
        call: The call.
        connection: What it works on, and what is interrupted.
        limits: How long it may take.
        failed: What has failed where it fails.
        below: What the tables are computed by, which is interrupted with it, and may say why it failed.
        tables: Names of tables, for messages.

    Raises:
        ConfigurationError: It took too long, or DuckDB or Polars refuse something.
        KeyboardInterrupt: The user interrupted it.
    """
    below, work = below or Below(), _Work(call)
    ended = time.monotonic() + limits.seconds
    struck: BaseException | None = work.begin()
    left_alone = None if struck is None else time.monotonic() + GRACE
    while not work.done.is_set():
        try:
            work.done.wait(max(0.0, min(_BEAT, ended - time.monotonic())) if struck is None else _BEAT)
        except KeyboardInterrupt:
            if isinstance(struck, KeyboardInterrupt):
                raise  # twice: whatever it is at, it is left to itself
            struck = KeyboardInterrupt()
        if struck is None and time.monotonic() >= ended:
            struck = _late(failed, limits)
        if struck is not None and not work.done.is_set():
            left_alone = left_alone or time.monotonic() + GRACE
            if time.monotonic() >= left_alone:
                raise struck
            for each in (connection, *below.connections):
                each.interrupt()
    if work.error is None and work.given:
        given: _T = work.given[0]
        return given
    if work.error is None:
        raise struck or KeyboardInterrupt
    raise _why(work.error, struck, failed, limits, below, tables)  # with nothing that quotes values in its context


class _Work(Thread):
    """A call in a thread, with what it gave or raised."""

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.call = call
        self.given: list[Any] = []
        self.error: BaseException | None = None
        self.done = Event()  # an interrupted join would take the thread for ended
        self.wanted = True

    def begin(self) -> KeyboardInterrupt | None:
        """Start; an interrupt meanwhile is returned where the call may be under way by then, and has to be ended.

        Raises:
            KeyboardInterrupt: Nothing was begun, and nothing will be.
        """
        try:
            self.start()
        except KeyboardInterrupt as interrupt:
            self.wanted = False
            if self.ident is None:
                raise
            return interrupt
        return None

    def run(self) -> None:
        """Make the call."""
        try:
            if self.wanted:
                self.given.append(self.call())
        except BaseException as error:  # noqa: BLE001 - raised by whoever waits, or told in other words
            self.error = error
        finally:
            self.done.set()


def _why(
    error: BaseException,
    struck: BaseException | None,
    failed: str,
    limits: Limits,
    below: Below,
    tables: Iterable[str],
) -> BaseException:
    """The error to raise for what a call ended in."""
    if isinstance(error, RecursionError):
        return ConfigurationError(f"{failed}: {TOO_DEEP}")
    if isinstance(error, duckdb.Error | pl.exceptions.PolarsError | UnicodeError):
        if struck is not None:
            return struck
        return below.errors.pop() if below.errors else ConfigurationError(f"{failed}: {_about(error, limits, tables)}")
    return error


def _late(failed: str, limits: Limits) -> ConfigurationError:
    return ConfigurationError(
        f"{failed}: it was ended after {limits.seconds:g} seconds; ask for less, or give it more time: "
        "sql_seconds in cdpkit.toml, for one query ws.sql(text, timeout=seconds)"
    )


def _about(error: Exception, limits: Limits, tables: Iterable[str]) -> str:
    """What is wrong, with no value in it: of the text DuckDB says it, with the names that it holds likely."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"it needs more than {limits.memory} of memory; ask for less, or raise sql_memory in cdpkit.toml"
    said, *more = str(error).splitlines() or [""]
    if isinstance(error, duckdb.CatalogException) and said.startswith("Catalog Error: Table with name"):
        return f"{said} {_tables(said, more, tables)}".rstrip()
    if isinstance(error, _ABOUT_TEXT):
        return " ".join([said, *(line for line in more if line.startswith(("Candidate bindings:", "Did you mean")))])
    if isinstance(error, pl.exceptions.PolarsError):
        if isinstance(error, pl.exceptions.DuplicateError):
            said = "two of its columns have one name; give one of them another, such as plan as old_plan"
        else:
            said = "a column is of a type that frames do not have; cast it, such as cast(x as varchar)"
        return said
    if isinstance(error, duckdb.ConversionException):
        return _misfit(str(error).partition("\n\nLINE ")[0])
    fix = "; a value of some row does not fit the expression, try_cast and try(...) help"
    return type(error).__name__ + (fix if isinstance(error, _ABOUT_VALUES) else "")


def _tables(said: str, more: list[str], tables: Iterable[str]) -> str:
    """The tables that there are, the likely one first."""
    name = said.removeprefix("Catalog Error: Table with name ").partition(" does not exist")[0].strip('"')
    near = [line for line in more if line.startswith("Did you mean")]
    there = nearest_first(name, tables)
    return " ".join([*near, f"There are: {', '.join(there)}" if there else ""])


def _misfit(said: str) -> str:
    """Which column holds what cannot be converted, and into what; the value, which DuckDB quotes, is left out."""
    column, kind = _COLUMN.search(said), _CAST.search(said[said.rfind("'") + 1 :])
    of = f"a value of {column[1]}" if column else "a value"
    to = f"cannot be converted to {kind[1]}" if kind else "cannot be converted"
    return f"ConversionException: {of} {to}; a value of some row does not fit, try_cast gives null for it"
