"""Processors that read numbers, words for yes and no, and the days of Excel, as people and programs write them."""

import re

import polars as pl

from cdpkit.core.processors.fields import OnError, attempt_texts, require_fields, written
from cdpkit.core.processors.options import option
from cdpkit.core.processors.registry import Context, processor
from cdpkit.errors import ConfigurationError

_YES = ("ja", "j", "yes", "y", "oui", "o", "si", "sí", "sim", "tak", "true", "wahr", "vrai", "x", "1", "on")
_NO = ("nein", "nee", "n", "no", "non", "não", "nie", "false", "falsch", "faux", "0", "off")
_EPOCHS = {"1900": pl.date(1899, 12, 30), "1904": pl.date(1904, 1, 1)}
_NO_DAY = 60
_LAST_SERIAL = 2_958_466
"""The day after 9999-12-31."""


@processor("parse_numbers")
class ParseNumbers:
    """Read numbers with a decimal comma or marks between thousands, such as 1.234,56, and write them plainly."""

    fields: tuple[str, ...] = option("The fields with numbers", names_fields=True)
    decimal: str = option("The decimal mark", default=",")
    thousands: str = option("The mark between thousands; empty for none", default=".")
    on_error: OnError = option("A value that is no such number: empty it, keep it, or exclude the row", default="empty")

    def __post_init__(self) -> None:
        if len(self.decimal) != 1 or len(self.thousands) > 1 or self.decimal == self.thousands:
            raise ConfigurationError("decimal takes one mark and thousands another one, such as ',' and '.'")

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows with plain numerals; no digit is changed."""
        return attempt_texts(rows, self.fields, self._attempt, self.on_error, context)

    def _attempt(self, text: pl.Expr) -> pl.Expr:
        point, mark = re.escape(self.decimal), re.escape(self.thousands)
        grouped = f"[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+|" if self.thousands else ""
        stripped = text.str.strip_chars()
        number = rf"^[+-]?(?:(?:{grouped}[0-9]+)(?:{point}[0-9]*)?|{point}[0-9]+)$"
        plain = stripped.str.replace_all(self.thousands, "", literal=True) if self.thousands else stripped
        return pl.when(stripped.str.contains(number)).then(plain.str.replace(self.decimal, ".", literal=True))


@processor("parse_booleans")
class ParseBooleans:
    """Read words for yes and no, such as ja and nein, and write true and false."""

    fields: tuple[str, ...] = option("The fields with such words", names_fields=True)
    yes: tuple[str, ...] = option("Words for yes, in any case", default=_YES)
    no: tuple[str, ...] = option("Words for no, in any case", default=_NO)
    on_error: OnError = option("A value that is none of them: empty it, keep it, or exclude the row", default="empty")

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows with `true` and `false`."""
        return attempt_texts(rows, self.fields, self._attempt, self.on_error, context)

    def _attempt(self, text: pl.Expr) -> pl.Expr:
        word = text.str.strip_chars().str.to_lowercase()
        yes, no = ([each.lower() for each in words] for words in (self.yes, self.no))
        return pl.when(word.is_in(yes)).then(pl.lit("true")).when(word.is_in(no)).then(pl.lit("false"))


@processor("excel_dates")
class ExcelDates:
    """Read the numbers that Excel keeps for days, such as 45292, and write dates in ISO 8601."""

    fields: tuple[str, ...] = option("The fields with such numbers", names_fields=True)
    epoch: str = option("1900, or 1904 for files of old Macintosh programs", default="1900")
    on_error: OnError = option("A value that is no such number: empty it, keep it, or exclude the row", default="empty")

    def __post_init__(self) -> None:
        if self.epoch not in _EPOCHS:
            raise ConfigurationError(f"epoch takes {' or '.join(_EPOCHS)}")

    def apply(self, rows: pl.DataFrame, context: Context) -> pl.DataFrame:
        """The rows with ISO dates, and with times where the numbers have a part of a day."""
        require_fields(rows, self.fields, context)
        numeric = [name for name in self.fields if rows.schema[name].is_numeric()]
        texts = rows.with_columns(written(rows, name).alias(name) for name in numeric)
        return attempt_texts(texts, self.fields, self._attempt, self.on_error, context)

    def _attempt(self, text: pl.Expr) -> pl.Expr:
        stripped = text.str.strip_chars()
        serial = pl.when(stripped.str.contains(r"^[0-9]+(?:\.[0-9]+)?$")).then(stripped).cast(pl.Float64, strict=False)
        days: pl.Expr = pl.when((serial >= 1) & (serial < _LAST_SERIAL)).then(serial)
        if self.epoch == "1900":  # Excel has a 29th of February in 1900, which was none
            days = pl.when(days < _NO_DAY).then(days + 1).when(days >= _NO_DAY + 1).then(days)
        seconds = (days * 86_400).round().cast(pl.Int64)
        moment = _EPOCHS[self.epoch].cast(pl.Datetime("us")) + pl.duration(seconds=seconds)
        whole = seconds % 86_400 == 0
        return pl.when(whole).then(moment.dt.to_string("%Y-%m-%d")).otherwise(moment.dt.to_string("%Y-%m-%dT%H:%M:%S"))
