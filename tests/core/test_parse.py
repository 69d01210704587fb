"""Source columns into property values, held against a plain reading of the rules row by row."""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.core.parse import is_empty, parse
from cdpkit.core.properties import Property, PropertyType
from cdpkit.errors import ConfigurationError

BRUSSELS = "Europe/Brussels"
LOST = "would_lose_digits"
BLANKS = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"  # noqa: E501
EVERY_TYPE = pytest.mark.parametrize("kind", list(PropertyType))


def prop(kind: PropertyType, *, multi: bool = False) -> Property:
    return Property("p", kind, multi=multi)


def email(text: str) -> str | None:
    text = "".join(char for char in text if char not in BLANKS and unicodedata.category(char) != "Cf")
    name, at, domain = text.partition("@")
    dotted = any(char == "." and domain[:i] and domain[i + 1 :] for i, char in enumerate(domain))
    return text if name and at and "@" not in domain and dotted else None


def number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"0|-?[1-9][0-9]*", text) and -(2**63) <= int(text) < 2**63 else None


def decimal(text: str) -> float | None:
    if not re.fullmatch(r"-?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        return None
    written = Decimal(text)
    same = math.isfinite(float(text)) and Decimal(f"{float(text):.14e}") == written
    return float(text) if same or written.is_zero() else None


def boolean(text: str) -> bool | None:
    if not text.isascii():
        return None
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(text.lower())


CLOCK = r"[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(?: ?(?:(Z)|([+-])([0-9]{2}):?([0-9]{2})?))?"


def day(text: str) -> date | None:
    own = re.fullmatch(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?:{CLOCK})?", text)
    try:
        if own and not (own[6] or own[7]) and moment(text + "Z"):
            return date.fromisoformat(own[1])
        if own and len(text) == len("2024-01-01"):
            return date.fromisoformat(text)
        found = moment(text)
        return found.astimezone(ZoneInfo(BRUSSELS)).date() if found else None
    except (ValueError, OverflowError):
        return None


def moment(text: str) -> datetime | None:
    shaped = re.fullmatch(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?:{CLOCK})?", text)
    if not shaped or text.endswith(":"):
        return None
    on, hour, minute, second, fraction, utc, sign, off_hours, off_minutes = shaped.groups()
    try:
        local = datetime.fromisoformat(on).replace(
            hour=int(hour or 0),
            minute=int(minute or 0),
            second=int(second or 0),
            microsecond=int((fraction or "0")[:6].ljust(6, "0")),
        )
        if not (utc or sign):
            placed = local.replace(tzinfo=ZoneInfo(BRUSSELS)).astimezone(UTC)
            return placed if placed.astimezone(ZoneInfo(BRUSSELS)).replace(tzinfo=None) == local else None
        if int(off_hours or 0) > 23 or int(off_minutes or 0) > 59:
            return None
        offset = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
        return (local - offset if sign != "-" else local + offset).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


READERS: dict[PropertyType, Callable[[str], object]] = {
    PropertyType.TEXT: str,
    PropertyType.EMAIL: email,
    PropertyType.NUMBER: number,
    PropertyType.DECIMAL: decimal,
    PropertyType.BOOLEAN: boolean,
    PropertyType.DATE: day,
    PropertyType.DATETIME: moment,
}


def read(text: str | None, kind: PropertyType) -> object:
    if text is None or not text.strip(BLANKS):
        return None
    return READERS[kind](text if kind is PropertyType.TEXT else text.strip(BLANKS))


def present(text: str | None) -> bool:
    return text is not None and bool(text.strip(BLANKS))


def padded(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    blank = st.sampled_from(["", "", "", " ", "\t", "\u00a0", "\n "])
    return st.tuples(blank, texts, blank).map("".join)


MOMENT_TEXTS = st.tuples(
    st.sampled_from(["2024-03-31", "2024-10-27", "2024-02-29", "2023-02-29", "0001-01-01", "9999-12-31", "1969-12-31"]),
    st.sampled_from(["", "T", " ", "t"]),
    st.sampled_from(["", "02:30", "00:00:00", "23:59:59", "24:00", "2:30", "12:60", "02:30:60"]),
    st.sampled_from(["", ".1", ".123456", ".123456789", ".1234567890", "."]),
    st.sampled_from(["", "Z", " Z", "+02:00", "-0330", " +05", "+24:00", "+01:60", "+1", "z", "+02:"]),
).map("".join)
# The time zones of Polars know no summer time after 2099.
RULED = datetime(2099, 12, 31)  # noqa: DTZ001
TEXTS = st.none() | padded(
    st.text(st.sampled_from("0123456789+-.eE@ab: TZ_,\u0663\u00a0"), max_size=12)
    | st.text(max_size=8)
    | st.integers(-(2**64), 2**64).map(str)
    | st.floats().map(str)
    | st.sampled_from(["yes", "No", "TRUE", "ye\u017f", "1e400", "-1E-400", "+.5", "5.", ".", "0x1F", "1_000", "1,000"])
    | st.dates(max_value=RULED.date()).map(str)
    | st.datetimes(max_value=RULED).map(lambda at: at.isoformat())
    | MOMENT_TEXTS
    | st.emails()
)
FAST = settings(max_examples=30, deadline=None, database=None)


@EVERY_TYPE
@FAST
@given(texts=st.lists(TEXTS, max_size=60))
def test_text_is_read_as_the_rules_say(kind: PropertyType, texts: list[str | None]) -> None:
    """Every text is accepted, empty or rejected just as a plain reading of the rules says, one by one."""
    expected = [read(text, kind) for text in texts]
    refused = [value is None and present(text) for text, value in zip(texts, expected, strict=True)]
    parsed = parse(pl.Series("s", texts, pl.String), prop(kind), BRUSSELS)
    assert expected == parsed.values.to_list()
    assert refused == parsed.refused.to_list()
    assert [i for i, wrong in enumerate(refused) if wrong] == parsed.rejected["position"].to_list()
    assert [text for text, wrong in zip(texts, refused, strict=True) if wrong] == parsed.rejected["value"].to_list()
    assert parsed.rejected["reason"].null_count() == 0


@EVERY_TYPE
@FAST
@given(rows=st.lists(st.none() | st.lists(TEXTS, max_size=4), max_size=20))
def test_lists_are_read_element_by_element(kind: PropertyType, rows: list[list[str | None] | None]) -> None:
    """A list keeps its accepted elements, unique and first seen first, and every other element is reported."""
    values, rejected, refused = [], [], []
    for position, row in enumerate(rows):
        kept = dict.fromkeys(value for value in (read(text, kind) for text in row or []) if value is not None)
        wrong = [text for text in row or [] if present(text) and read(text, kind) is None]
        values.append(list(kept) or None)
        rejected += [(position, text) for text in wrong]
        refused.append(not kept and bool(wrong))
    parsed = parse(pl.Series("s", rows, pl.List(pl.String)), prop(kind, multi=True), BRUSSELS)
    assert values == parsed.values.to_list()
    assert rejected == parsed.rejected.select("position", "value").rows()
    assert refused == parsed.refused.to_list()
    assert parsed.cut == 0


@EVERY_TYPE
@FAST
@given(rows=st.lists(st.none() | st.lists(TEXTS, max_size=4), max_size=20))
def test_a_single_valued_property_takes_the_first(kind: PropertyType, rows: list[list[str | None] | None]) -> None:
    """Of a list, a single-valued property reads the first non-empty element, and longer lists are counted."""
    filled = [[text for text in row or [] if present(text)] for row in rows]
    firsts = pl.Series("s", [row[0] if row else None for row in filled], pl.String)
    parsed = parse(pl.Series("s", rows, pl.List(pl.String)), prop(kind), BRUSSELS)
    alone = parse(firsts, prop(kind), BRUSSELS)
    assert alone.values.to_list() == parsed.values.to_list()
    assert alone.refused.to_list() == parsed.refused.to_list()
    assert alone.rejected.rows() == parsed.rejected.rows()
    assert sum(len(row) > 1 for row in filled) == parsed.cut


@FAST
@given(rows=st.lists(st.none() | st.lists(TEXTS, max_size=3), max_size=20))
def test_emptiness(rows: list[list[str | None] | None]) -> None:
    """Null, blank text, and lists of nothing else are empty."""
    lists = pl.Series("s", rows, pl.List(pl.String))
    texts = lists.explode()
    assert [not any(present(text) for text in row or []) for row in rows] == is_empty(lists).to_list()
    assert [not present(text) for text in texts] == is_empty(texts).to_list()


@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize(
    "source",
    [
        pl.Series([None, None]),
        pl.Series([], dtype=pl.String),
        pl.Series([[], None, [None]], dtype=pl.List(pl.Null)),
        pl.Series([[], ["", " "]], dtype=pl.List(pl.String)),
        pl.Series([[None, ""]], dtype=pl.Array(pl.String, 2)),
        pl.Series(["", None], dtype=pl.Categorical),
        pl.Series([b"", b" ", None]),
        pl.Series([None], dtype=pl.Struct({"a": pl.Int64})),
    ],
    ids=str,
)
@EVERY_TYPE
def test_empty_columns_of_any_dtype(kind: PropertyType, source: pl.Series, *, multi: bool) -> None:
    """An empty source gives nulls of the property's type and rejects nothing."""
    target = prop(kind, multi=multi)
    parsed = parse(source, target)
    assert (target.name, target.dtype, source.len()) == (parsed.values.name, parsed.values.dtype, parsed.values.len())
    assert [None] * source.len() == parsed.values.to_list()
    assert [False] * source.len() == parsed.refused.to_list()
    expected = {"position": pl.UInt32, "value": pl.String, "reason": pl.String}
    assert expected == parsed.rejected.schema
    assert parsed.rejected.is_empty()
    assert is_empty(source).all()


NAIVE = pl.Series([datetime(2024, 3, 31, 2, 30), datetime(2024, 10, 27, 2, 30), datetime(2024, 1, 1)])  # noqa: DTZ001


@pytest.mark.parametrize(
    ("source", "kind", "expected", "reasons"),
    [
        (pl.Series([1.0, 1.5, 1e20, math.nan, -0.0]), "number", [1, None, None, None, 0], [
            "not_a_whole_number", LOST]),
        (pl.Series([2.0**53, 2.0**53 + 2, math.inf]), "number", [2**53, None, None], [LOST, "not_a_whole_number"]),
        (pl.Series([2.0**24, 2.0**24 + 2], dtype=pl.Float32), "number", [2**24, None], [LOST]),
        (pl.Series(["1e3", "+5", "007", "-0", "1.0", "-12"]), "number", [*[None] * 5, -12], [
            LOST, LOST, LOST, LOST, "not_a_whole_number"]),
        (pl.Series([2**64 - 1, 5], dtype=pl.UInt64), "number", [None, 5], [LOST]),
        (pl.Series([True]), "number", [None], ["not_a_whole_number"]),
        (pl.Series([Decimal("2.00"), Decimal("2.50")]), "number", [2, None], ["not_a_whole_number"]),
        (pl.Series(["9" * 19, "9" * 18]), "number", [None, 10**18 - 1], [LOST]),
        (pl.Series(["1e400", "inf"]), "decimal", [None, None], ["out_of_range", "not_a_decimal_number"]),
        (pl.Series([math.inf, math.nan, 0.5]), "decimal", [None, None, 0.5], ["not_finite"]),
        (pl.Series([0.1, 16777217.0], dtype=pl.Float32), "decimal", [0.1, 16777216.0], []),
        (pl.Series([10**15 - 1, 10**15 + 1]), "decimal", [1e15 - 1, None], [LOST]),
        (pl.Series([Decimal("0.1234567890123456"), Decimal("0.5")]), "decimal", [None, 0.5], [LOST]),
        (pl.Series(["90071992547409931", "1e-400", "1.5e3", "00.5", "+1"]), "decimal", [None, None, 1500.0, None, None],
            [LOST] * 4),
        (pl.Series([Decimal("2.50")]), "decimal", [2.5], []),
        (pl.Series([True]), "decimal", [None], ["not_a_decimal_number"]),
        (pl.Series([1, 0, 2]), "boolean", [True, False, None], ["not_true_or_false"]),
        (pl.Series([1.0, 0.0, 0.5]), "boolean", [True, False, None], ["not_true_or_false"]),
        (pl.Series([5e-324, 0.1, 1.0, math.nan, math.inf]), "text", ["5e-324", "0.1", "1", None, None], [
            "not_finite"]),
        (pl.Series([1001.0, 2.0**53, 2.0**53 + 2]), "text", ["1001", "9007199254740992", None], [LOST]),
        (pl.Series([0.1], dtype=pl.Float32), "text", ["0.1"], []),
        (pl.Series([True, False]), "text", ["true", "false"], []),
        (pl.Series([date(2024, 2, 29)]), "text", ["2024-02-29"], []),
        (pl.Series([{"a": 'x"', "b": [1, None]}, None]), "text", ['{"a":"x\\"","b":[1,null]}', None], []),
        (pl.Series([{"a": "x@y.be"}]), "email", [None], ["nested_value"]),
        (pl.Series([{"a": 1}]), "number", [None], ["nested_value"]),
        (pl.Series([{"a": b"x"}]), "text", [None], ["nested_value"]),
        (pl.Series([b"a", b"\xff", "\u20ac\U0001f600".encode()]), "text", ["a", None, "\u20ac\U0001f600"], [
            "not_utf8"]),
        (pl.Series([timedelta(seconds=90)]), "text", ["PT1M30S"], []),
        (pl.Series([object()], dtype=pl.Object), "text", [None], ["no_text_form"]),
        (pl.Series(["7", "x"], dtype=pl.Categorical), "number", [7, None], ["not_a_whole_number"]),
        (pl.Series(["2023-02-29", "0000-01-01", "x"]), "date", [None] * 3, [
            "no_such_date", "out_of_range", "not_a_date"]),
        (pl.Series(["2023-02-29", "0000-01-01", "x"]), "datetime", [None] * 3, [
            "no_such_date", "out_of_range", "not_a_date_and_time"]),
        (NAIVE, "date", [date(2024, 3, 31), date(2024, 10, 27), date(2024, 1, 1)], []),
        (NAIVE, "datetime", [
            None, datetime(2024, 10, 27, 0, 30, tzinfo=UTC), datetime(2023, 12, 31, 23, tzinfo=UTC)], [
            "skipped_hour:Europe/Brussels"]),
        (NAIVE, "text", [None, "2024-10-27T00:30:00.000000Z", "2023-12-31T23:00:00.000000Z"], [
            "skipped_hour:Europe/Brussels"]),
        (pl.Series([datetime(2024, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo"))]), "date", [date(2023, 12, 31)], []),
        (pl.Series([datetime(2024, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo"))]), "datetime", [
            datetime(2023, 12, 31, 15, tzinfo=UTC)], []),
        (pl.Series([date(2024, 7, 1)]), "datetime", [datetime(2024, 6, 30, 22, tzinfo=UTC)], []),
        (pl.Series([2**62, 1999]).cast(pl.Datetime("ms")), "datetime", [
            None, datetime(1970, 1, 1, tzinfo=ZoneInfo(BRUSSELS)).astimezone(UTC) + timedelta(milliseconds=1999)], [
            "out_of_range"]),
        (pl.Series([1999]).cast(pl.Datetime("ns", "UTC")), "datetime", [
            datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)], []),
        (pl.Series([1]).cast(pl.Datetime("ns")), "date", [date(1970, 1, 1)], []),
        (pl.Series([2**63 - 1, -(2**63)]).cast(pl.Datetime("us")), "datetime", [None, None], ["out_of_range"] * 2),
        (pl.Series([2**63 - 1, -(2**63)]).cast(pl.Datetime("us", "Asia/Tokyo")), "date", [None, None], [
            "out_of_range"] * 2),
        (pl.Series([4_000_000], dtype=pl.Int32).cast(pl.Date), "date", [None], ["out_of_range"]),
    ],
    ids=lambda case: f"{case.dtype}" if isinstance(case, pl.Series) else None,
)  # fmt: skip
def test_typed_sources(source: pl.Series, kind: str, expected: list[object], reasons: list[str]) -> None:
    """A typed column is read by its values, and what does not fit is rejected with its reason."""
    parsed = parse(source, prop(PropertyType(kind)), BRUSSELS)
    assert expected == parsed.values.to_list()
    assert reasons == parsed.rejected["reason"].to_list()


UNSEEN = st.text(st.sampled_from("\u200b\ufeff\u00ad\u202a\u202c \t\u00a0"), max_size=3)


@FAST
@given(before=UNSEEN, inside=UNSEEN, after=UNSEEN)
def test_what_cannot_be_seen_makes_nobody_else(before: str, inside: str, after: str) -> None:
    """White space and format characters around an identifier, and anywhere in an address, are no part of it."""
    source = pl.Series([f"{before}a{inside}b@example.com{after}"])
    address = parse(source, Property("p", PropertyType.EMAIL)).values.to_list()
    code = parse(source, Property("p", identifier=True)).values.to_list()
    assert (address, code) == (["ab@example.com"], [f"a{inside}b@example.com"])


@FAST
@given(numeral=st.decimals(allow_nan=False, allow_infinity=False).map(str) | st.integers(-(10**20), 10**20).map(str))
def test_a_numeral_keeps_every_digit_or_is_rejected(numeral: str) -> None:
    """As text, number and decimal alike: what is stored is exactly what was written."""
    source = pl.Series([numeral])
    for kind in (PropertyType.TEXT, PropertyType.NUMBER, PropertyType.DECIMAL):
        parsed = parse(source, prop(kind))
        kept = parsed.values.item()
        assert (kept is None) == (parsed.rejected.height == 1)
        assert kept is None or Decimal(kept if isinstance(kept, int | str) else repr(kept)) == Decimal(numeral)


@pytest.mark.parametrize("dtype", [pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128, pl.UInt8, pl.UInt32, pl.UInt64])
def test_integers_of_any_width_are_numerals(dtype: type[pl.DataType]) -> None:
    """A column that cannot hold a number of sixteen digits, or none below zero, is read as any other."""
    source = pl.Series([0, 100, None], dtype=dtype)
    for kind in (PropertyType.NUMBER, PropertyType.DECIMAL):
        assert parse(source, prop(kind)).values.to_list() == [0, 100, None]
        assert parse(source.clear(), prop(kind)).values.is_empty()


def test_identifiers_are_stripped_and_text_is_not() -> None:
    """Text is kept as it comes, blanks around it included, unless people are matched on it."""
    source = pl.Series([" a ", "b"])
    kept = parse(source, Property("p")).values
    bare = parse(source, Property("p", identifier=True)).values
    assert source.to_list() == kept.to_list()
    assert source.str.strip_chars().to_list() == bare.to_list()


def test_choices_are_named_when_a_value_is_none_of_them() -> None:
    """A property with choices takes those alone, stripped, and the rejection names them."""
    parsed = parse(pl.Series([" on ", "ON", "", "x"]), Property("p", choices=("on", "off")))
    reason = "not_a_choice:on, off"
    expected = ["on", None, None, None], [(1, "ON", reason), (3, "x", reason)]
    assert expected == (parsed.values.to_list(), parsed.rejected.rows())


def test_a_single_value_becomes_a_list_of_one() -> None:
    """A multi-valued property takes a plain column as lists of one."""
    parsed = parse(pl.Series(["1", "x", None]), prop(PropertyType.NUMBER, multi=True))
    expected = [[1], None, None], [False, True, False]
    assert expected == (parsed.values.to_list(), parsed.refused.to_list())


def test_rejections_of_a_long_column_keep_their_positions() -> None:
    """Rows stay in order however many cores read them."""
    count = 300_000
    rows = pl.int_range(count, eager=True)
    source = pl.select(pl.when(rows % 7 == 0).then(pl.lit("x")).otherwise(pl.lit("2024-01-01T00:00:00.5Z"))).to_series()
    parsed = parse(source, prop(PropertyType.DATETIME))
    assert rows.filter(rows % 7 == 0).to_list() == parsed.rejected["position"].to_list()
    assert parsed.rejected["position"].to_list() == parsed.refused.arg_true().to_list()
    assert parsed.refused.equals(parsed.values.is_null())


@pytest.mark.parametrize("zone", ["Europe/Nowhere", ""])
def test_an_unknown_zone_is_named(zone: str) -> None:
    """A zone that does not exist is an error of the configuration, whatever the column holds."""
    with pytest.raises(ConfigurationError, match=f"no time zone '{zone}'"):
        parse(pl.Series(["2024-01-01"]), prop(PropertyType.DATETIME), zone)


def test_an_identifier_is_the_same_whatever_places_a_decimal_column_has() -> None:
    """A whole number is written without them; a price that identifies nobody keeps its places."""
    column = pl.Series("v", [Decimal("1001.00"), Decimal("1001.50"), None], pl.Decimal(10, 2))
    assert parse(column, Property("v", identifier=True)).values.to_list() == ["1001", "1001.50", None]
    assert parse(column, Property("v")).values.to_list() == ["1001.00", "1001.50", None]
