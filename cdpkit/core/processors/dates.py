"""The processor that reads dates written in other ways than ISO 8601."""

import re
from functools import cache
from typing import Literal, NamedTuple

import polars as pl
from polars.exceptions import PolarsError

from cdpkit.core.processors.fields import OnError, attempt_texts
from cdpkit.core.processors.options import option
from cdpkit.core.processors.registry import Context, processor
from cdpkit.errors import ConfigurationError

_MOMENT = pl.datetime(2024, 5, 17, 10, 30, 17, 123456, time_zone="UTC")
_MIDNIGHT = pl.datetime(2024, 5, 17, time_zone="UTC")
_POSIX_TURN = 2069
_EARLY_YEAR = r"(?:^|[^0-9])0[0-9]{3}(?:[^0-9]|$)"
_EXAMPLE = "such as '%d/%m/%Y' or '%d.%m.%Y %H:%M'"


class _Format(NamedTuple):
    """A format that gives a date, and what else it gives."""

    text: str
    has_time: bool
    has_offset: bool
    short_year: bool


@processor("parse_dates")
class ParseDates:
    """Read dates written in given formats and write them in ISO 8601."""

    fields: tuple[str, ...] = option("The fields with dates", names_fields=True)
    formats: tuple[str, ...] = option(f"The formats, {_EXAMPLE}; the first that fits a value reads it")
    to: Literal["text", "date"] = option(
        "text: ISO 8601, with the time if the format has one; date: a date", default="text"
    )
    zone: str = option("Time zone of times without an offset, such as Europe/Paris; times become UTC", default="")
    on_error: OnError = option("A value that no format fits: empty it, exclude the row, or keep it", default="empty")

    def __post_init__(self) -> None:
        if self.to == "date" and self.on_error == "keep":
            raise ConfigurationError("a field of dates cannot keep other texts; set on_error to exclude or empty")
        for text in self.formats:
            _tried_format(text)
        if self.zone:
            try:
                pl.select(_MOMENT.dt.convert_time_zone(self.zone))
            except PolarsError as error:
                raise ConfigurationError(
                    f"there is no time zone {self.zone!r}; write a name of the IANA database, such as 'Europe/Paris'"
                ) from error

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows with ISO dates.

        A time without an offset is left without one when no zone is given, so that whoever reads it may choose the
        zone. A time that the zone's clocks skipped fits no format; one that they showed twice is the earlier.
        """
        return attempt_texts(rows, self.fields, self._attempt, self.on_error, context)

    def _attempt(self, text: pl.Expr) -> pl.Expr:
        stripped = text.str.strip_chars()
        return pl.coalesce([self._parsed(stripped, _tried_format(given)) for given in self.formats])

    def _parsed(self, text: pl.Expr, given: _Format) -> pl.Expr:
        if not given.has_time:
            date = _with_its_year(text.str.strptime(pl.Date(), given.text, strict=False), text, given)
            return date if self.to == "date" else date.dt.to_string("%Y-%m-%d")
        moment = _with_its_year(text.str.strptime(pl.Datetime("us"), given.text, strict=False), text, given)
        if not given.has_offset and self.zone:
            moment = moment.dt.replace_time_zone(self.zone, ambiguous="earliest", non_existent="null")
        has_offset = given.has_offset or bool(self.zone)
        if self.to == "date":
            return (moment.dt.convert_time_zone(self.zone) if self.zone else moment).dt.date()
        if not has_offset:
            return moment.dt.to_string("%Y-%m-%dT%H:%M:%S%.f")
        return moment.dt.convert_time_zone("UTC").dt.to_string("%Y-%m-%dT%H:%M:%S%.fZ")


def _with_its_year(moment: pl.Expr, text: pl.Expr, given: _Format) -> pl.Expr:
    """Null where `%Y` was read from other than four digits; `%y` of 69 to 99 is 1969 to 1999, as POSIX has it."""
    year = moment.dt.year()
    if given.short_year:
        return pl.when(year == _POSIX_TURN).then(moment.dt.offset_by("-100y")).otherwise(moment)
    written = year.is_between(1000, 9999) | (year.is_between(1, 999) & text.str.contains(_EARLY_YEAR))
    return pl.when(written).then(moment)


@cache
def _tried_format(given: str) -> _Format:
    """Try a format on a known moment, so that a wrong one is found before the first row."""
    if re.search(r"%[Zs]", given.replace("%%", "")):
        raise ConfigurationError(
            f"format {given!r}: %Z and %s cannot be read safely; use %z, or a sql step for seconds"
        )
    # Python writes %f after a point, Polars reads fractions of seconds with %.f only.
    text = given.replace(".%f", "%.f")
    printable = text.replace("%#z", "%z")
    try:
        shown = pl.select(moment=_MOMENT.dt.to_string(printable), midnight=_MIDNIGHT.dt.to_string(printable))
        read = shown.select(pl.col("moment").str.strptime(pl.Datetime("us"), text, strict=False)).to_series()
    except PolarsError as error:
        raise ConfigurationError(f"format {given!r} cannot be read; write one {_EXAMPLE}") from error
    if read.dt.year().to_list() != [2024]:
        raise ConfigurationError(f"format {given!r} gives no date; write one {_EXAMPLE}")
    dtype = read.dtype
    return _Format(
        text=text,
        has_time=shown["moment"].item() != shown["midnight"].item(),
        has_offset=isinstance(dtype, pl.Datetime) and dtype.time_zone is not None,
        short_year=re.search(r"%[-_0]?[yDx]", text.replace("%%", "")) is not None,
    )
