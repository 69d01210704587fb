"""The only SQL: frames are registered on a DuckDB connection, which is then locked down.

After that a query can read no file, write none, reach no network and change no setting, whatever its text says.
"""

import json
from collections.abc import Mapping
from typing import Any

import duckdb
import polars as pl

from cdpkit.errors import ConfigurationError

Relation = duckdb.DuckDBPyRelation
"""What a query gives: rows that DuckDB fetches when they are asked for, as `.pl()`, `.df()` or `.fetchall()`."""

_SEGMENT = "select {} from profiles where (\n{}\n)"


def connect(tables: Mapping[str, pl.LazyFrame]) -> duckdb.DuckDBPyConnection:
    """A locked connection on which these frames are tables; filters and projections are pushed down into them."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
        },
    )
    for name, frame in tables.items():
        connection.register(name, frame)
    connection.execute("set timezone='UTC'")
    connection.execute("set enable_external_access=false")
    connection.execute("set lock_configuration=true")
    return connection


def query(tables: Mapping[str, pl.LazyFrame], text: str) -> Relation:
    """The relation of one SELECT over these frames.

    Raises:
        ConfigurationError: The text is no single SELECT, or DuckDB refuses it.
    """
    _one_select(text, "a query")
    try:
        return connect(tables).sql(text)
    except duckdb.Error as error:
        raise ConfigurationError(f"the query cannot be run: {_about_the_text(error)}") from error


def fetched(relation: Relation, limit: int | None = None) -> pl.DataFrame:
    """The rows of a query, the first ones of them where there is a limit.

    Raises:
        ConfigurationError: DuckDB refuses the text when it meets the values, or a column is of a type that frames do
            not have.
    """
    try:
        rows: pl.DataFrame = (relation if limit is None else relation.limit(limit)).pl()
    except duckdb.Error as error:
        raise ConfigurationError(f"the query cannot be run: {_about_the_text(error)}") from None
    except pl.exceptions.PolarsError:
        kinds = ", ".join(sorted({str(kind) for kind in relation.types}))
        raise ConfigurationError(
            f"a column is of a type that frames do not have ({kinds}); cast it, such as cast(x as varchar)"
        ) from None
    return rows


def frame(tables: Mapping[str, pl.LazyFrame], text: str) -> pl.DataFrame:
    """The rows of one SELECT over these frames."""
    rows: pl.DataFrame = query(tables, text).pl()
    return rows


def segment_rows(profiles: pl.LazyFrame, where: str, more: tuple[str, ...] = ()) -> pl.DataFrame:
    """`row` of the profiles for which a segment's expression holds, in ascending order.

    Args:
        profiles: The profiles.
        where: The expression.
        more: Names of built-in properties that are wanted beside it.

    Raises:
        ConfigurationError: The expression is none, or DuckDB refuses it.
    """
    check_segment(where)
    try:
        with connect({"profiles": profiles}) as connection:
            rows: pl.DataFrame = connection.sql(_SEGMENT.format(", ".join(("row", *more)), where)).pl()
            return rows if rows["row"].is_sorted() else rows.sort("row")
    except duckdb.Error as error:
        raise ConfigurationError(f"the segment cannot be computed: {_about_the_text(error)}") from error


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
    try:
        with duckdb.connect(":memory:") as parser:
            found = parser.execute("select json_serialize_sql(?)", [text]).fetchone()
    except duckdb.Error as error:
        raise ConfigurationError(f"{what} cannot be read: {_about_the_text(error)}") from error
    tree: dict[str, Any] = json.loads(found[0]) if found else {"error": True}
    if tree["error"]:
        told = tree.get("error_message", "no SQL")
        if tree.get("error_type") == "not implemented":
            told = "it is no SELECT, and nothing else is run"
        raise ConfigurationError(f"{what} cannot be read: {told}")
    if len(tree["statements"]) != 1:
        raise ConfigurationError(f"{what} has to be exactly one SELECT; this text has {len(tree['statements'])}")
    node: dict[str, Any] = tree["statements"][0]["node"]
    return node


def _about_the_text(error: duckdb.Error) -> str:
    """What DuckDB says of the text, with the names it holds likely; what it says of values may be a person's."""
    about_text = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException, duckdb.PermissionException)
    if isinstance(error, about_text):
        said, *more = str(error).splitlines()
        return " ".join([said, *(line for line in more if line.startswith(("Candidate bindings:", "Did you mean")))])
    about_values = (duckdb.ConversionException, duckdb.OutOfRangeException)
    fix = "; a value of some profile does not fit the expression, try_cast helps"
    return type(error).__name__ + (fix if isinstance(error, about_values) else "")
