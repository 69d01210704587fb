"""One row a user, of the lines of exports."""

from collections.abc import Mapping, Sequence

import polars as pl

from cdpkit.core import scalars
from cdpkit.kit.importing import ImportAsked
from cdpkit.kit.staging import LIST_IDS, lists_of, on_lists, text
from cdpkit.kit.values import folded
from cdpkit.vendors.braze import fields
from cdpkit.vendors.braze.attributes import with_attributes
from cdpkit.vendors.braze.pull import chosen_segments, page_key
from cdpkit.vendors.braze.workspace import SEGMENTS

_PLAIN_TIME = r"^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d+)?) UTC$"
_DAY = r"^\d{4}-\d{2}-\d{2}"


def stage(frames: Mapping[str, pl.DataFrame], asked: ImportAsked) -> pl.DataFrame:
    """One row a user of the chosen segments, whose lists are the segments in which the user is."""
    segments = chosen_segments(asked)
    wanted = [each.name for each in asked.discovery.fields] if asked.fields is None else list(asked.fields)
    parts = [
        _users(frames[page_key(item)], wanted, asked).with_columns(pl.lit(item.id).alias("in"))
        for item in segments
        if page_key(item) in frames
    ]
    users = _stacked(parts)
    key = pl.coalesce(*(pl.lit(f"{name}:") + pl.col(name) for name in (fields.BRAZE_ID, fields.EXTERNAL_ID)))
    nobody = pl.lit("row:") + pl.int_range(pl.len()).cast(pl.String)
    users = users.with_columns(pl.coalesce(key, nobody).alias("person"))
    members = users.select("person", pl.col("in").alias("list"))
    users = users.unique("person", keep="last", maintain_order=True)
    ids = lists_of(users["person"], members)
    return on_lists(users.with_columns(ids.alias(LIST_IDS)).drop("in", "person"), asked.discovery.items[SEGMENTS.name])


def _users(read: pl.DataFrame, wanted: Sequence[str], asked: ImportAsked) -> pl.DataFrame:
    """The users of one segment: custom attributes beside standard ones, what is missing as empty."""
    custom = [name for name in wanted if name not in fields.EXPORTED and name != fields.ALIAS]
    rows = with_attributes(read.drop("user_aliases", strict=False), custom, asked.discovery)
    rows = rows.with_columns(text(rows, name).alias(name) for name in fields.IDENTIFIERS if name != fields.ALIAS)
    return rows.with_columns(
        _phones(rows[fields.PHONE]),
        _alias(read, asked.settings["alias_label"]).alias(fields.ALIAS),
        *(_days(rows[name]) for name in ("dob",) if name in rows.columns),
        *(_times(rows[name]) for name in ("created_at", "uninstalled_at") if name in rows.columns),
    )


def _alias(read: pl.DataFrame, label: str | None) -> pl.Series:
    """The name of the alias with a label; null where somebody has none."""
    nothing = pl.Series(fields.ALIAS, [None], pl.String).new_from_index(0, read.height)
    if label is None or "user_aliases" not in read.columns:
        return nothing
    held = read["user_aliases"]
    inner = held.dtype.inner if isinstance(held.dtype, pl.List) else None
    if inner == pl.String:  # JSON texts, where pages differ

        def part(name: str) -> pl.Expr:
            return pl.element().str.json_path_match(f"$.{name}")
    elif isinstance(inner, pl.Struct) and not {"alias_name", "alias_label"} - {each.name for each in inner.fields}:

        def part(name: str) -> pl.Expr:
            return pl.element().struct.field(name).cast(pl.String)
    else:
        return nothing
    names = pl.when(part("alias_label") == label).then(part("alias_name"))
    return held.to_frame().select(pl.first().list.eval(names).list.drop_nulls().list.first()).to_series()


def _phones(phones: pl.Series) -> pl.Series:
    """Numbers as their digits behind a plus, where they have one; Braze keeps the form in which one came."""
    return compared(phones, fields.PHONE)


def _days(days: pl.Series) -> pl.Series:
    """Days, which come as such or as moments at midnight."""
    written = scalars.as_text(days)
    return written.to_frame().select(pl.first().str.extract(f"({_DAY})").fill_null(pl.first())).to_series()


def _times(times: pl.Series) -> pl.Series:
    """Moments in ISO 8601, which come as such or as `2024-05-01 10:00:00.000 UTC`."""
    return scalars.as_text(times).str.replace(_PLAIN_TIME, "${1}T${2}Z")


def compared(values: pl.Series, identifier: str) -> pl.Series:
    """Identifiers as Braze compares them; null where one is blank."""
    found = folded(values, lower=identifier == fields.EMAIL)
    if identifier != fields.PHONE:
        return found
    digits = pl.first().str.replace_all(r"[^0-9]", "")
    international = pl.first().str.contains(r"^\s*(?:\+|00)")
    plus = pl.concat_str(pl.lit("+"), digits.str.replace("^00", ""))
    number = pl.when(digits == "").then(None).when(international).then(plus).otherwise(digits)
    return found.to_frame().select(number.alias(values.name)).to_series()


def _stacked(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Frames below one another; columns whose types differ become texts."""
    types: dict[str, set[pl.DataType]] = {}
    for part in parts:
        for name, dtype in part.schema.items():
            types.setdefault(name, set()).add(dtype)
    clash = {name for name, found in types.items() if len(found - {pl.Null()}) > 1}
    plain = [
        part.with_columns(scalars.as_text(part[name]).alias(name) for name in part.columns if name in clash)
        for part in parts
    ]
    if not plain:
        return pl.DataFrame(schema=dict.fromkeys([*fields.IDENTIFIERS, "in"], pl.String))
    return pl.concat(plain, how="diagonal_relaxed")
