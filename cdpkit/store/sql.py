"""The only SQL: frames are registered on a DuckDB connection, which is then locked down.

After that a query can read no file, write none, reach no network and change no setting, whatever its text says.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import duckdb
import polars as pl

from cdpkit.errors import ConfigurationError
from cdpkit.store.relation import TOO_DEEP, USUAL, Below, Limits, Relation, within

_NO_SEGMENT = "the segment cannot be computed"
_SEGMENT = "select {} from profiles where (\n{}\n)"
_TYPE_OF = "select (\n{}\n) as is_true from profiles limit 0"
_CONDITION = re.compile(r"BOOL(EAN)?|NULL|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\)")
"""What can stand as a condition whatever the values are; a text may be none, which only its values would show."""


def connect(tables: Mapping[str, pl.LazyFrame], limits: Limits = USUAL) -> duckdb.DuckDBPyConnection:
    """A locked connection on which these frames are tables; filters and projections are pushed down into them."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
            "memory_limit": limits.memory,
        },
    )
    for name, frame in tables.items():
        connection.register(name, frame)
    connection.execute("set timezone='UTC'")
    connection.execute("set enable_external_access=false")
    connection.execute("set lock_configuration=true")
    return connection


@contextmanager
def _connected(tables: Mapping[str, pl.LazyFrame], limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same, closed in the end; a query that was left to itself keeps it open."""
    connection = connect(tables, limits)
    try:
        yield connection
    finally:
        with suppress(duckdb.Error):
            connection.close()


def query(
    tables: Mapping[str, pl.LazyFrame], text: str, limits: Limits = USUAL, below: Below | None = None
) -> Relation:
    """The relation of one SELECT over these frames.

    Args:
        tables: The frames by name.
        text: The SELECT.
        limits: What it may take, each time that rows of it are asked for.
        below: What the frames are computed by.

    Raises:
        ConfigurationError: The text is no single SELECT, or DuckDB refuses it.
    """
    _one_select(text, "a query")
    connection, below = connect(tables, limits), below or Below()
    made = within(lambda: connection.sql(text), connection, limits, "the query cannot be run", below, tables)
    return Relation(made, connection, limits, below)


def frame(tables: Mapping[str, pl.LazyFrame], text: str, limits: Limits = USUAL) -> pl.DataFrame:
    """The rows of one SELECT over these frames."""
    rows: pl.DataFrame = query(tables, text, limits).pl()
    return rows


def segment_rows(
    profiles: pl.LazyFrame,
    where: str,
    more: tuple[str, ...] = (),
    limits: Limits = USUAL,
    above: Below | None = None,
) -> pl.DataFrame:
    """`row` of the profiles for which a segment's expression holds, in ascending order.

    Args:
        profiles: The profiles.
        where: The expression.
        more: Names of built-in properties that are wanted beside it.
        limits: What it may take.
        above: Where it is noted while it is at work for another query.

    Raises:
        ConfigurationError: The expression is none, or DuckDB refuses it.
    """
    check_segment(where)
    noted = (above or Below()).connections
    with _connected({"profiles": profiles}, limits) as connection:
        noted.append(connection)
        try:
            text = _SEGMENT.format(", ".join(("row", *more)), where)
            rows: pl.DataFrame = within(
                lambda: connection.sql(text).pl(), connection, limits, _NO_SEGMENT, tables=["profiles"]
            )
        finally:
            noted.remove(connection)
    return rows if rows["row"].is_sorted() else rows.sort("row")


def try_segment(profiles: pl.LazyFrame, where: str, limits: Limits = USUAL) -> None:
    """Compute a segment's expression for every profile that there is.

    Raises:
        ConfigurationError: It is none, does not fit the columns, gives what is neither true nor false, or does not
            fit the values that they have now.
    """
    check_segment(where)
    with _connected({"profiles": profiles}, limits) as connection:

        def kind() -> str:
            return str(connection.sql(_TYPE_OF.format(where)).types[0])

        found = within(kind, connection, limits, _NO_SEGMENT, tables=["profiles"])
    if not _CONDITION.fullmatch(found.strip('"')):
        raise ConfigurationError(
            f"{_NO_SEGMENT}: the expression gives {found}, which is neither true nor false; "
            "compare it, such as plan = 'gold', or plan is not null"
        )
    segment_rows(profiles, where, limits=limits)


def check_segment(where: str) -> None:
    """Refuse what is not exactly one expression.

    Raises:
        ConfigurationError: Says what is wrong.
    """
    node = _one_select(_SEGMENT.format("row", where), "a segment's expression")
    beyond = ("modifiers", "group_expressions", "group_sets", "having", "qualify", "sample")
    empty = node["type"] == "SELECT_NODE" and node["where_clause"].get("function_name") == "row"
    if node["type"] != "SELECT_NODE" or empty or any(node.get(part) for part in beyond):
        raise ConfigurationError("a segment is one expression over the columns of profiles, such as plan = 'gold'")


def _one_select(text: str, what: str) -> dict[str, Any]:
    """The parsed form of a text that is exactly one SELECT."""
    if not isinstance(text, str):
        raise ConfigurationError(f"{what} is a text, not a {type(text).__name__}; write it in quotes")
    with duckdb.connect(":memory:") as parser:
        found = within(
            lambda: parser.execute("select json_serialize_sql(?)", [text]).fetchone(),
            *(parser, USUAL, f"{what} cannot be read"),
        )
        try:
            tree: dict[str, Any] = json.loads(found[0]) if found else {"error": True}
        except RecursionError:
            tree = {"error": True, "error_message": TOO_DEEP}
    if tree["error"]:
        told = tree.get("error_message", "no SQL")
        if tree.get("error_type") == "not implemented":
            told = "it is no SELECT, and nothing else is run"
        elif "expression depth" in told:
            told = TOO_DEEP
        raise ConfigurationError(f"{what} cannot be read: {told}")
    if len(tree["statements"]) != 1:
        raise ConfigurationError(f"{what} has to be exactly one SELECT; this text has {len(tree['statements'])}")
    node: dict[str, Any] = tree["statements"][0]["node"]
    return node
