"""Dates and moments from text and from typed columns: ISO 8601, read in a named zone, kept in UTC.

Only years 1 to 9999 are stored: text has four digits for the year, and most readers of the tables know no other.
"""

from datetime import UTC as UTC_ZONE
from datetime import date, datetime

import polars as pl

from cdpkit.core import reasons
from cdpkit.errors import ConfigurationError

_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_OFFSET = r"(?:Z|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)"
_DATETIME = rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:[T ]{_CLOCK} ?{_OFFSET}?)?$"

_FIRST = datetime.min.replace(tzinfo=UTC_ZONE)
_LAST = datetime.max.replace(tzinfo=UTC_ZONE)


def dates(source: pl.Series, zone: str = "UTC") -> pl.Series:
    """Read days.

    Args:
        source: Date, Datetime of any unit, or stripped String: a date, or a date and a time with an optional offset.
        zone: Of a moment with an offset or a zone the day is the one that this zone has then; one without keeps its
            own.

    Returns:
        Date of the same length; null where the source is null or holds no day of the years 1 to 9999.

    Raises:
        ConfigurationError: The zone is unknown, and the column has moments.
    """
    value = pl.col("value")
    if source.dtype == pl.Date:
        day: pl.Expr = value
    elif isinstance(source.dtype, pl.Datetime):
        local = _in_micros(source.dtype)
        if source.dtype.time_zone is not None:
            _check_zone(zone)
            local = local.dt.convert_time_zone(zone)
        day = local.dt.date()
    else:
        plain = is_day(source)
        if not plain.fill_null(value=True).all():
            return _written_days(source, plain, zone)
        day = _day(value)
    in_range = day.is_between(date.min, date.max)
    return _collect(_frame(source).select(pl.when(in_range).then(day)))


def is_day(text: pl.Series) -> pl.Series:
    """Whether stripped text has the form of a day alone, `YYYY-MM-DD`; null where there is none."""
    return text.str.contains(_DATE)


def _written_days(text: pl.Series, plain: pl.Series, zone: str) -> pl.Series:
    """The days of texts of which some are dates, and the others moments or neither."""
    _check_zone(zone)
    local, offset = pl.col("local"), pl.col("offset")
    moment = (local - _duration_of(offset)).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    day = (
        pl.when(pl.lit(plain))
        .then(_day(pl.col("value")))
        .when(offset == "")
        .then(local.dt.date())
        .otherwise(moment.dt.date())
        .alias("day")
    )
    in_range = pl.col("day").is_between(date.min, date.max)
    return _collect(_text_parts(text).select(day).select(pl.when(in_range).then("day")))


def datetimes(source: pl.Series, zone: str) -> pl.Series:
    """Read moments.

    Args:
        source: Date (its midnight), Datetime of any unit, or stripped String: a date, or a date and a time with an
            optional offset.
        zone: Where values without a zone of their own are read. Of an hour that occurs twice it is the first.

    Returns:
        Datetime in microseconds UTC, of the same length; null where the source is null, holds no moment of the years
        1 to 9999, or an hour that the zone skips. Digits beyond microseconds are cut off.

    Raises:
        ConfigurationError: The zone is unknown.
    """
    moment = pl.col("moment")
    in_range = moment.is_between(_FIRST, _LAST)
    return _collect(_moments(source, zone).select(pl.when(in_range).then(moment)))


def date_reasons(rejected: pl.Series) -> pl.Series:
    """Say why `dates` accepted none of these values, as String of the same length."""
    value = pl.col("value")
    if rejected.dtype != pl.String:
        reason = pl.lit(reasons.OUT_OF_RANGE.code)
    else:
        shaped = value.str.contains(_DATETIME).fill_null(value=False)
        reason = (
            pl.when(~shaped)
            .then(pl.lit(reasons.NOT_A_DATE.code))
            .when(_day(pl.when(shaped).then(value.str.slice(0, 10))).is_null())
            .then(pl.lit(reasons.NO_SUCH_DATE.code))
            .otherwise(pl.lit(reasons.OUT_OF_RANGE.code))
        )
    return _collect(_frame(rejected).with_columns(reason.alias("reason")).select("reason"))


def datetime_reasons(rejected: pl.Series, zone: str) -> pl.Series:
    """Say why `datetimes` accepted none of these values, as String of the same length."""
    local, moment = pl.col("local"), pl.col("moment")
    unshaped = (
        ~pl.col("value").str.contains(_DATETIME).fill_null(value=False)
        if rejected.dtype == pl.String
        else pl.lit(value=False)
    )
    reason = (
        pl.when(unshaped)
        .then(pl.lit(reasons.NOT_A_DATETIME.code))
        .when(local.is_not_null() & moment.is_null())
        .then(pl.lit(reasons.SKIPPED_HOUR.of(zone)))
        .when(local.is_null() & (rejected.dtype == pl.String))
        .then(pl.lit(reasons.NO_SUCH_DATE.code))
        .otherwise(pl.lit(reasons.OUT_OF_RANGE.code))
    )
    return _collect(_moments(rejected, zone).with_columns(reason.alias("reason")).select("reason"))


def _frame(source: pl.Series) -> pl.LazyFrame:
    return source.alias("value").to_frame().lazy()


def _collect(column: pl.LazyFrame) -> pl.Series:
    """Run the one-column query on all cores; an eager expression would run on one."""
    return column.collect(engine="streaming").to_series()


def _in_micros(dtype: pl.Datetime) -> pl.Expr:
    """Null beyond the years 1 to 9999: Polars panics when it places the far ends of its own range in a zone."""
    micros = pl.col("value").cast(pl.Datetime("us", dtype.time_zone), strict=False)
    in_range = micros.to_physical().is_between(pl.lit(_FIRST).to_physical(), pl.lit(_LAST).to_physical())
    return pl.when(in_range).then(micros)


def _day(text: pl.Expr) -> pl.Expr:
    return text.str.to_date("%Y-%m-%d", strict=False)


def _moments(source: pl.Series, zone: str) -> pl.LazyFrame:
    """Columns `value`, `local` (what a wall clock says; no zone) and `moment` (in UTC, out of range included)."""
    _check_zone(zone)
    dtype = source.dtype
    local = pl.col("local")
    if isinstance(dtype, pl.Datetime):
        frame = _frame(source).with_columns(_in_micros(dtype).alias("local"))
        moment = _in_zone(local, zone) if dtype.time_zone is None else local.dt.convert_time_zone("UTC")
    elif dtype == pl.Date:
        day = pl.col("value")
        in_range = day.is_between(date.min, date.max)
        frame = _frame(source).with_columns(pl.when(in_range).then(day).cast(pl.Datetime("us")).alias("local"))
        moment = _in_zone(local, zone)
    else:
        frame = _text_parts(source)
        offset = pl.col("offset")
        here = _in_zone(local, zone)
        there = (local - _duration_of(offset)).dt.replace_time_zone("UTC")
        moment = pl.when(offset == "").then(here).otherwise(there)
    return frame.with_columns(moment.alias("moment"))


def _text_parts(text: pl.Series) -> pl.LazyFrame:
    """Columns `value`, `local` and `offset` (`Z`, a signed offset, or empty) of text; null where it has no such shape.

    The shape is checked once; after that the parts stand at known places, which is far cheaper than capture groups.
    """
    value, shaped, tail = pl.col("value"), pl.col("shaped"), pl.col("tail")
    offset = tail.str.strip_chars_start(":.0123456789 ")
    fraction = tail.str.extract(r"^:..\.([0-9]{1,6})").str.pad_end(6, "0")
    clock = pl.duration(
        hours=_digits(shaped.str.slice(11, 2)),
        minutes=_digits(shaped.str.slice(14, 2)),
        seconds=_digits(pl.when(tail.str.starts_with(":")).then(tail.str.slice(1, 2))),
        microseconds=_digits(fraction),
        time_unit="us",
    )
    local = _day(shaped.str.slice(0, 10)).cast(pl.Datetime("us")) + clock
    return (
        _frame(text)
        .with_columns(pl.when(value.str.contains(_DATETIME)).then(value).alias("shaped"))
        .with_columns(shaped.str.slice(16).alias("tail"))
        .select("value", local.alias("local"), offset.alias("offset"))
    )


def _digits(text: pl.Expr) -> pl.Expr:
    return text.cast(pl.Int64, strict=False).fill_null(0)


def _duration_of(offset: pl.Expr) -> pl.Expr:
    minutes = _digits(offset.str.slice(1, 2)) * 60 + _digits(offset.str.slice(3).str.strip_prefix(":"))
    signed = pl.when(offset.str.starts_with("-")).then(-minutes).otherwise(minutes)
    return pl.duration(minutes=signed, time_unit="us")


def _in_zone(local: pl.Expr, zone: str) -> pl.Expr:
    placed = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return placed.dt.convert_time_zone("UTC")


def _check_zone(zone: str) -> None:
    try:
        # Polars takes an empty name for "no zone"; here nobody can mean that.
        pl.select(pl.lit(date.min).cast(pl.Datetime("us")).dt.replace_time_zone(zone or "none"))
    except pl.exceptions.ComputeError as error:
        raise ConfigurationError(f"no time zone {zone!r}; give a name such as 'UTC' or 'Europe/Brussels'") from error
