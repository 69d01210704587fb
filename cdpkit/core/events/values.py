"""The values of one property of events, read from the rows of a source and written as parts of JSON objects."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from cdpkit.core import scalars
from cdpkit.core.events.mapping import EventMapping, Place, place_of
from cdpkit.core.events.types import BETWEEN, EventProperty, EventType
from cdpkit.core.parse import Parsed, parse
from cdpkit.core.properties import Property, PropertyType
from cdpkit.core.rows import Rows
from cdpkit.core.text import encoded, to_text
from cdpkit.core.values import REJECTED, rejected_values

TIME = Property("time", PropertyType.DATETIME)
ID = Property("id", identifier=True)
_MOMENTS = (pl.Date, pl.Datetime)
_LINE = "\x00line"
"""A name that no property has."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Rows of a source, read as events of one type.

    Attributes:
        source: The columns that are needed, of the rows at `positions`.
        schema: Of the whole source.
        positions: Which rows these are.
        mapping: What fills what.
        kind: The type.
        zone: Where texts without a zone are read.
        rejected: Gathers what did not fit, as `REJECTED`.
    """

    source: pl.DataFrame
    schema: pl.Schema
    positions: pl.Series
    mapping: EventMapping
    kind: EventType
    zone: str
    rejected: list[pl.DataFrame] = field(default_factory=lambda: [pl.DataFrame(schema=REJECTED)])

    @classmethod
    def of(cls, rows: Rows, positions: pl.Series, mapping: EventMapping, kind: EventType, zone: str) -> "Reader":
        """Read the columns that the mapping needs."""
        places = [place_of(name, rows.schema) for name in mapping.wanted]
        source = rows.at(sorted({place.column for place in places if place is not None}), positions)
        return cls(source, rows.schema, positions, mapping, kind, zone)

    def raw(self, name: str) -> pl.Series:
        """The values of a field as they come."""
        place = place_of(name, self.schema) or Place(name)
        if place.members and self.schema[place.column] == pl.String:
            return _in_json(self.source[place.column], place.members[0]).alias(name)
        value = _below(pl.col(place.column), self.schema[place.column], place.members)
        return self.source.select(value.alias(name)).to_series()

    def parsed(self, name: str, prop: Property, target: str) -> pl.Series:
        """The values of a field as those of a property; what does not fit is gathered under `target`."""
        return self._noted(parse(self.raw(name), prop, self.zone), name, target, self.positions)

    def plain(self, prop: EventProperty, name: str) -> pl.Series:
        """A property with values of its own: a text `"name":value` for each row that has one."""
        values = self.parsed(name, Property(prop.name, prop.type, multi=prop.multiple), self._called(prop.name))
        return _member(values, prop.name)

    def in_lists(self, names: Sequence[str]) -> bool:
        """Whether fields hold lists all of them, so that a row has all that there is."""
        return all(isinstance(self.raw(name).dtype, pl.List) for name in names)

    def nested(self, prop: EventProperty, fields: Sequence[tuple[EventProperty, str]]) -> pl.Series:
        """A property that holds properties: a list of JSON objects for each row, as texts.

        A field with a list gives each of its elements to an object of its own; the lists of a row go side by side.

        Args:
            prop: The property.
            fields: What it holds, and the fields that fill it.
        """
        given = pl.DataFrame([_as_list(self.raw(name)).alias(inner.name) for inner, name in fields])
        longest = pl.max_horizontal(pl.col(given.columns).list.len().fill_null(0))
        if given.select(pl.any_horizontal(pl.col(given.columns).list.len() != longest).any()).item():
            given = given.select(
                pl.col(name).fill_null([]).list.gather(pl.int_ranges(0, longest), null_on_oob=True)
                for name in given.columns
            )
        items = given.with_row_index(_LINE).explode(given.columns)
        at, members = self.positions.gather(items[_LINE]), []
        for inner, name in fields:
            read = parse(items[inner.name], Property(inner.name, inner.type, multi=inner.multiple), self.zone)
            target = self._called(f"{prop.name}{BETWEEN}{inner.name}")
            members.append(_member(self._noted(read, name, target, at), inner.name))
        texts = pl.DataFrame([items[_LINE], json_objects(members)]).drop_nulls()
        lists = texts.group_by(_LINE, maintain_order=True).agg("object")
        lines = pl.DataFrame({_LINE: pl.int_range(given.height, dtype=pl.UInt32, eager=True)})
        return lines.join(lists, on=_LINE, how="left", maintain_order="left")["object"]

    def _called(self, path: str) -> str:
        return f"{self.kind.name}{BETWEEN}{path}"

    def _noted(self, read: Parsed, name: str, target: str, at: pl.Series) -> pl.Series:
        if read.rejected.height:
            self.rejected.append(rejected_values(read, name, target, at))
        return read.values


def chosen(rows: Rows, positions: pl.Series, where: tuple[str, str]) -> pl.Series:
    """Those of the rows in which a field has a value."""
    values = scalars.as_text(rows.at([where[0]], positions).to_series()).str.strip_chars()
    return positions.filter((values == where[1].strip()).fill_null(value=False))


def _in_json(texts: pl.Series, member: str) -> pl.Series:
    """What the objects of JSON arrays hold under a name, as lists of texts; null where a text is no such array."""
    whole = texts.str.strip_chars()
    lists = (
        whole.to_frame()
        .select(
            pl.when(pl.first().str.starts_with("{"))
            .then(pl.concat_str(pl.lit("["), pl.first(), pl.lit("]")))
            .when(pl.first().str.starts_with("["))
            .then(pl.first())
        )
        .to_series()
    )
    return _decoded(lists, pl.List(pl.Struct({member: pl.String()}))).list.eval(pl.element().struct.field(member))


def _decoded(texts: pl.Series, dtype: pl.DataType) -> pl.Series:
    """JSON texts as values; null where one is none. Halves are tried where the whole fails, which is seldom."""
    try:
        return texts.str.json_decode(dtype)
    except pl.exceptions.ComputeError:
        if texts.len() == 1:
            return pl.Series(texts.name, [None], dtype)
        middle = texts.len() // 2
        return pl.concat([_decoded(texts.slice(0, middle), dtype), _decoded(texts.slice(middle), dtype)])


def _below(value: pl.Expr, dtype: pl.DataType, members: Sequence[str]) -> pl.Expr:
    """What objects, or lists of objects, hold under these names."""
    if not members:
        return value
    if isinstance(dtype, pl.List):
        return value.list.eval(_below(pl.element(), dtype.inner, members))  # type: ignore[arg-type]
    inner = {each.name: each.dtype for each in getattr(dtype, "fields", ())}.get(members[0])
    if inner is None:
        return pl.lit(None) if dtype == pl.Null else pl.when(value.is_null()).then(None)  # no object has it
    return _below(value.struct.field(members[0]), inner, members[1:])


def _as_list(values: pl.Series) -> pl.Series:
    if isinstance(values.dtype, pl.List):
        return values
    return values.to_frame().select(pl.when(pl.first().is_not_null()).then(pl.concat_list(pl.first()))).to_series()


def _member(values: pl.Series, name: str) -> pl.Series:
    """Values as members of a JSON object: moments and days as texts, all else as JSON has it."""
    dtype, value = values.dtype, pl.first()
    if isinstance(dtype, pl.List) and dtype.inner in _MOMENTS:
        values = pl.DataFrame([values]).select(pl.first().list.eval(_moment(dtype.inner))).to_series()
    elif dtype in _MOMENTS:
        values = to_text(values)
    return values.to_frame().select(pl.when(value.is_not_null()).then(encoded(value, name)).alias(name)).to_series()


def _moment(dtype: object) -> pl.Expr:
    return pl.element().dt.strftime("%Y-%m-%d" if dtype == pl.Date else "%Y-%m-%dT%H:%M:%S%.6fZ")


def json_objects(members: Sequence[pl.Series]) -> pl.Series:
    """JSON objects of members that are texts, a row each, without those that are null; null where all of them are."""
    named = pl.DataFrame([each.alias(str(nth)) for nth, each in enumerate(members)])
    text = pl.concat_str(pl.all(), separator=",", ignore_nulls=True)
    return named.select(
        pl.when(pl.any_horizontal(pl.all().is_not_null()))
        .then(pl.concat_str(pl.lit("{"), text, pl.lit("}")))
        .alias("object")
    ).to_series()
