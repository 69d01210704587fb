"""Bodies for vendors: one JSON text per row, built by columns, with empty values left out (semantics, section 8).

An empty value (null, `""`, white space only, `[]`) has no member in the body, since a written null would clear the
field at the vendor; that is why bodies are concatenated of encoded members, and not written by Polars as structs.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import cast

import polars as pl

from cdpkit.core.text import encoded
from cdpkit.errors import ConfigurationError, UnknownNameError

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Entry:
    """Each value is written as an object of its own: the `fixed` members, then one named `value` with the value."""

    value: str
    fixed: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    """How the values of a column are written; the default follows the column's type.

    Attributes:
        text: Numbers and booleans as JSON texts (`"3"`, `"true"`).
        numeral: Texts are numerals as JSON has them, which are written as they are.
        as_float: Whole numbers with `.0`, for vendors that fix a field's type at its first value.
        date: strftime format of dates, or Polars' `iso`.
        datetime: strftime format of datetimes, or Polars' `iso:strict` (microseconds and offset).
        as_list: A single value as an array of one.
        join: A separator: the values of a list become one text, without escaping.
        ends: The separator of `join` stands at both ends too (`||red||blue||`), also around a single value.
        entry: Each value becomes an object; a list becomes several.
    """

    text: bool = False
    numeral: bool = False
    as_float: bool = False
    date: str = "iso"
    datetime: str = "iso:strict"
    as_list: bool = False
    join: str | None = None
    ends: bool = False
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a JSON object, or an item of an array; it takes its value from one of four places.

    Attributes:
        name: The key. Items of an array have `""`; the values of a list column then become so many items.
        column: A column of the frame.
        form: How the column's values are written.
        members: The members of an inner object, or the items of an array; left out when all of them are.
        array: Whether `members` are items of an array.
        fixed: The same value for every row; a text of white space only is empty.
        keep_empty: Write an empty inner object or array as `{}` or `[]`.
        send_empty: JSON text to write as value where it is empty, the vendor's way to clear (`null`, `""`).
        where: A column of truths: the member is left out of the rows in which it is false.

    Raises:
        ConfigurationError: Not exactly one of `column`, `members` and `fixed`, or `send_empty` is not JSON.
    """

    name: str
    column: str | None = None
    form: Form = Form()
    members: tuple["Member", ...] = ()
    array: bool = False
    fixed: Scalar | None = None
    keep_empty: bool = False
    send_empty: str | None = None
    where: str | None = None

    def __post_init__(self) -> None:
        if (self.column is not None) + bool(self.members) + (self.fixed is not None) != 1:
            raise ConfigurationError(f"member {self.name!r} needs exactly one of column, members and fixed")
        if self.members:
            _check_names(self.members, named=not self.array, where=f"member {self.name!r}")
        if self.send_empty is not None:
            try:
                json.loads(self.send_empty)
            except ValueError as error:
                raise ConfigurationError(f'member {self.name!r}: send_empty must be JSON, like null or ""') from error


def render(frame: pl.DataFrame, members: Sequence[Member]) -> pl.Series:
    """Write one JSON text per row.

    Args:
        frame: One row per body; texts, numbers, booleans, dates, datetimes and lists of them. `nan` and `inf`, which
            JSON cannot write, count as empty. White space is Unicode's; a text that holds more is written as it is.
        members: The members of the object, in the order in which they are written. A lone member without a name
            makes bodies that are its bare values.

    Returns:
        A String column `body`, as long as `frame`. An object without members is `{}`; a bare empty value is null.

    Raises:
        ConfigurationError: No member, a name missing or twice in one object, a column of another type, or a form
            that does not fit the column.
        UnknownNameError: A column that the frame lacks.
    """
    texts = _Texts(frame.schema)
    if len(members) == 1 and not members[0].name:
        body = texts.member(members[0])
    else:
        _check_names(members, named=True, where="the body")
        body = pl.concat_str(pl.lit("{"), texts.joined(members), pl.lit("}"))
    if frame.is_empty():
        return pl.Series("body", [], pl.String)
    lines = frame.lazy()
    for inner in texts.inner:
        lines = lines.with_columns(inner)
    return lines.with_columns(body.alias("body")).select("body").collect().to_series()


def _check_names(members: Sequence[Member], *, named: bool, where: str) -> None:
    names = [member.name for member in members]
    if not named and any(names):
        raise ConfigurationError(f"{where} is an array, whose items have no names; there are: {', '.join(names)}")
    if not names or (named and (not all(names) or len(set(names)) < len(names))):
        raise ConfigurationError(f"{where} needs members of different names; there are: {', '.join(names) or 'none'}")


@dataclass(frozen=True, slots=True)
class _Texts:
    """Builds the texts of members.

    Attributes:
        schema: The columns.
        inner: The insides of inner objects, each a column to make before those after it; they are looked at twice
            (are they empty?), and would be worked out twice.
    """

    schema: pl.Schema
    inner: list[pl.Expr] = field(default_factory=list)

    def joined(self, members: Sequence[Member]) -> pl.Expr:
        """The members that have a value, with commas; `""` where none has."""
        return pl.concat_str([self.member(member) for member in members], separator=",", ignore_nulls=True)

    def member(self, member: Member) -> pl.Expr:
        """The text `"name":value`, or `value` alone; null where it is empty and not to be written."""
        key = _key(member)
        if member.column is not None:
            if member.column not in self.schema:
                raise UnknownNameError("column", member.column, self.schema.names())
            text = _column(member, self.schema[member.column])
        elif member.members:
            text = self._object(member, key)
        else:
            blank = isinstance(member.fixed, str) and not member.fixed.strip()
            text = pl.lit(None if blank else key + json.dumps(member.fixed, ensure_ascii=False), pl.String)
        text = text if member.send_empty is None else pl.coalesce(text, pl.lit(key + member.send_empty))
        return text if member.where is None else pl.when(pl.col(member.where)).then(text)

    def _object(self, member: Member, key: str) -> pl.Expr:
        opening, closing = ("[", "]") if member.array else ("{", "}")
        joined = self.joined(member.members)
        name = f"\x00inner {len(self.inner)}"  # no column of a vendor has such a name
        self.inner.append(joined.alias(name))
        text = pl.concat_str(pl.lit(key + opening), name, pl.lit(closing))
        return text if member.keep_empty else pl.when(pl.col(name) != "").then(text)


def _column(member: Member, dtype: pl.DataType) -> pl.Expr:
    form = member.form
    source = pl.col(member.column or "")
    if not isinstance(dtype, pl.List | pl.Array):
        if not form.as_list:
            value, kind = _plain(source, dtype, member)
            return pl.when(_has_value(value, kind)).then(_single(value, kind, member))
        source, dtype = pl.concat_list(source), pl.List(dtype)
    inner = cast("pl.DataType", dtype.inner)
    element, kind = _plain(pl.element(), inner, member)
    values = source.cast(pl.List(inner)) if isinstance(dtype, pl.Array) else source
    if kind is not _Kind.TEXT or inner != pl.String:
        values = values.list.eval(element)
    values = values.list.filter(_has_value(pl.element(), kind))
    return pl.when(values.list.len() > 0).then(_several(values, kind, member))


def _plain(value: pl.Expr, dtype: pl.DataType, member: Member) -> tuple[pl.Expr, "_Kind"]:
    """Values as they are encoded: dates formatted, what JSON has no form for made null."""
    form = member.form
    number = dtype.is_numeric()
    if form.as_float and not (number or dtype == pl.Null):
        raise ConfigurationError(f"column {member.column!r} is {dtype}, so it cannot be written as a float")
    as_text = form.text or form.join is not None
    if dtype in (pl.Date, pl.Datetime):
        pattern = form.date if dtype == pl.Date else form.datetime
        _check_pattern(pattern, dtype, member)
        return value.dt.to_string(pattern), _Kind.TEXT
    if form.numeral and dtype == pl.String:
        return value, _Kind.TEXT if as_text else _Kind.JSON
    if dtype in (pl.String, pl.Null, pl.Categorical, pl.Enum):
        return (value if dtype == pl.String else value.cast(pl.String)), _Kind.TEXT
    if dtype.is_float():
        value = pl.when(value.is_finite()).then(value)
    elif number and (dtype.is_decimal() or form.as_float):
        # By way of text, which keeps every digit of a 64-bit integer and of a decimal.
        whole = dtype.is_integer() or getattr(dtype, "scale", None) == 0
        value = pl.concat_str(value.cast(pl.String), pl.lit(".0" if whole and form.as_float else ""))
        return value, _Kind.TEXT if as_text else _Kind.JSON
    elif not (number or dtype == pl.Boolean):
        raise ConfigurationError(f"column {member.column!r} is {dtype}, which no member can be written from")
    return (value.cast(pl.String), _Kind.TEXT) if as_text else (value, _Kind.NATIVE)


def _check_pattern(pattern: str, dtype: pl.DataType, member: Member) -> None:
    try:
        pl.Series([0]).cast(dtype).dt.to_string(pattern)
    except pl.exceptions.ComputeError as error:
        raise ConfigurationError(f"column {member.column!r} is {dtype}; format {pattern!r} does not fit it") from error


class _Kind(Enum):
    """What prepared values are."""

    TEXT = auto()  # text, to be escaped
    JSON = auto()  # text that is JSON already
    NATIVE = auto()  # numbers and booleans that Polars writes as JSON does


def _has_value(value: pl.Expr, kind: _Kind) -> pl.Expr:
    return value.str.strip_chars() != "" if kind is _Kind.TEXT else value.is_not_null()


def _single(value: pl.Expr, kind: _Kind, member: Member) -> pl.Expr:
    form = member.form
    if form.join is not None and form.ends:
        value = pl.concat_str(pl.lit(form.join), value, pl.lit(form.join))
    if form.entry is None and kind is not _Kind.JSON:
        return encoded(value, member.name)
    return pl.concat_str(pl.lit(_key(member)), _item(value, kind, form.entry))


def _several(values: pl.Expr, kind: _Kind, member: Member) -> pl.Expr:
    form = member.form
    if form.join is not None:
        return _single(values.list.join(form.join), kind, member)
    if form.entry is None and kind is not _Kind.JSON and member.name:
        return encoded(values, member.name)
    items = values.list.eval(_item(pl.element(), kind, form.entry)).list.join(",")
    return pl.concat_str(pl.lit(_key(member) + "["), items, pl.lit("]")) if member.name else items


def _item(value: pl.Expr, kind: _Kind, entry: Entry | None) -> pl.Expr:
    value = value if kind is _Kind.JSON else encoded(value)
    if entry is None:
        return value
    fixed = {name: scalar for name, scalar in entry.fixed.items() if name != entry.value} | {entry.value: 0}
    opening = json.dumps(fixed, ensure_ascii=False, separators=(",", ":")).removesuffix("0}")
    return pl.concat_str(pl.lit(opening), value, pl.lit("}"))


def _key(member: Member) -> str:
    return f"{json.dumps(member.name, ensure_ascii=False)}:" if member.name else ""
