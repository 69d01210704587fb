"""How a file is to be read: what is given decides, what is left out is detected from the file and said."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from cdpkit.errors import ConfigurationError
from cdpkit.problem import no_such

_EXAMPLE = "read={'separator': ';', 'encoding': 'cp1252'}"
_NAMES = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "\\t": "\t"}


@dataclass(frozen=True, slots=True)
class Read:
    """The options of a reader; None is what is detected, or what the format has by itself.

    Attributes:
        format: csv, ndjson, json, parquet or excel, whatever the file's ending says.
        separator: What stands between two fields: one character, or its name: tab, comma, semicolon, pipe.
        encoding: How letters are written, as Python names it: utf-8, cp1252, utf-16.
        quote: What stands around fields; False for nothing.
        header: True where the first line names the fields, False where none does; or the number of the line.
        skip: How many lines (of a sheet: rows) at the beginning are passed over.
        decimal: The decimal mark of numbers, `.` or `,`.
        thousands: The mark between thousands, such as `.`, `'` or a space; such numbers are written without it.
        nulls: Words that mean that there is no value.
        dates: The format of dates, as `parse_dates` has it; or by field.
        sheet: The sheet of an Excel file: its name, or its number from 1.
        guard: Whether the apostrophes go that keep spreadsheets from working cells of CSV out, where a file has them.
        lists: The fields of CSV in which a JSON array of texts is a list.
        allow_http: Whether an address of another machine may be read without encryption.
    """

    format: str | None = None
    separator: str | None = None
    encoding: str | None = None
    quote: str | bool | None = None
    header: bool | int | None = None
    skip: int | None = None
    decimal: str | None = None
    thousands: str | None = None
    nulls: tuple[str, ...] = ()
    dates: str | Mapping[str, str] | None = None
    sheet: str | int | None = None
    guard: bool | None = None
    lists: tuple[str, ...] = ()
    allow_http: bool | None = None

    def given(self) -> dict[str, Any]:
        """The options that were given, as they can be given again."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in found.items()
            if value not in (None, ())
        }


FORMATS = ("csv", "ndjson", "json", "parquet", "excel")
NAMES = tuple(field.name for field in fields(Read))


def read_options(given: "Mapping[str, Any] | Read | None") -> Read:
    """The options of a mapping such as `{"separator": ";"}`.

    Raises:
        ConfigurationError: There is no such option, or a value does not fit it; says what fits.
    """
    if given is None or isinstance(given, Read):
        return given or Read()
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"read= takes a mapping of options such as {_EXAMPLE}, not a {type(given).__name__}")
    unknown = [name for name in given if name not in NAMES]
    if unknown:
        raise ConfigurationError(f"read: {no_such('option', str(unknown[0]), NAMES)}")
    options = {name: value for name, value in given.items() if value is not None}
    for name, check in _CHECKS.items():
        if name in options:
            options[name] = check(options[name])
    _check_together(options)
    return Read(**options)


def _check_together(options: Mapping[str, Any]) -> None:
    mark = options.get("thousands")
    if mark is not None and mark == options.get("decimal", "."):
        raise ConfigurationError(
            f"read: {mark!r} cannot part thousands and decimals; write both, such as 'decimal': ',', 'thousands': '.'"
        )
    if "quote" in options and options["quote"] == options.get("separator", ","):
        raise ConfigurationError("read: the separator and the quote are one character; give two")


def _misfit(name: str, fits: str) -> ConfigurationError:
    return ConfigurationError(f"read: {name!r} takes {fits}")


def _format(value: Any) -> str:
    if value not in FORMATS:
        raise ConfigurationError(f"read: {no_such('format', str(value), FORMATS)}")
    return str(value)


def _separator(value: Any) -> str:
    value = _NAMES.get(value, value) if isinstance(value, str) else value
    if not _is_mark(value) or value in '\r\n"':
        raise _misfit("separator", "one character, such as ';', '\\t' or '|'")
    return str(value)


def _is_mark(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 1 and value.isascii()


def _encoding(value: Any) -> str:
    try:
        found = codecs.lookup(value)
        "".encode(found.name)
    except (LookupError, TypeError, ValueError):
        raise _misfit("encoding", "a name that Python knows, such as 'utf-8', 'cp1252' or 'utf-16'") from None
    return found.name


def _quote(value: Any) -> str | bool:
    if value is not False and (not _is_mark(value) or value in "\r\n"):
        raise _misfit("quote", "one character, or False where fields are never quoted")
    return value  # type: ignore[no-any-return]  # one of the two by now


def _header(value: Any) -> bool | int:
    if not isinstance(value, int) or (not isinstance(value, bool) and value < 1):
        raise _misfit("header", "True, False, or the number of the line with the names, from 1")
    return value


def _skip(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _misfit("skip", "how many lines are passed over, such as 2")
    return value


def _decimal(value: Any) -> str:
    if value not in (".", ","):
        raise _misfit("decimal", "'.' or ','")
    return str(value)


def _thousands(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 1 or value.isalnum() or value in "+-\r\n":
        raise _misfit("thousands", "one character, such as '.', ',', \"'\" or ' '")
    return value


def _nulls(value: Any) -> tuple[str, ...]:
    words = (value,) if isinstance(value, str) else value
    if not isinstance(words, list | tuple | set | frozenset) or not all(isinstance(word, str) for word in words):
        raise _misfit("nulls", "a list of words, such as ['n/a', '-']")
    return tuple(words)


def _dates(value: Any) -> str | Mapping[str, str]:
    if isinstance(value, str) or (
        isinstance(value, Mapping) and all(isinstance(text, str) for pair in value.items() for text in pair)
    ):
        return value if isinstance(value, str) else dict(value)
    raise _misfit("dates", "a format such as '%d.%m.%Y', or one by field: {'born': '%d.%m.%Y'}")


def _sheet(value: Any) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int) or value in ("", 0):
        raise _misfit("sheet", "the name of a sheet, or its number from 1")
    return value


def _guard(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _misfit("guard", "True where cells may have an apostrophe before a formula that is to go, else False")
    return value


def _lists(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise _misfit("lists", "a list of fields such as ['tags']")
    return tuple(value)


def _allow_http(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _misfit("allow_http", "True where the way to the address is a safe one, else False")
    return value


_CHECKS = {
    "format": _format,
    "separator": _separator,
    "encoding": _encoding,
    "quote": _quote,
    "header": _header,
    "skip": _skip,
    "decimal": _decimal,
    "thousands": _thousands,
    "nulls": _nulls,
    "dates": _dates,
    "sheet": _sheet,
    "guard": _guard,
    "lists": _lists,
    "allow_http": _allow_http,
}
