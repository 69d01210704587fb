"""Which options of a reader give the texts of a source types; they are said, and never taken by themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

_AMONG = 1000
_MOST = 0.9
"""The share of values that must fit: one that does not is a typo."""
_ALWAYS = ("n/a", "n.a.", "k.a.", "k. a.", "#n/a", "#nv")
_PERHAPS = (*_ALWAYS, "na", "null", "none", "nan", "-", "--", "?", "unknown", "unbekannt", "keine angabe")
"""Words for no value; those that may be a name or a note count where all else in the field has a type."""
_MARKS = {
    (",", "."): r"^\s*[+-]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?\s*$",
    (".", ","): r"^\s*[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?\s*$",
}
_SURE = {(",", "."): r"\.[0-9]{3},|,(?:[0-9]{1,2}|[0-9]{4,})\s*$", (".", ","): r",[0-9]{3}(?:\.|,)"}
"""What a value with these marks has that one with the others has not: `1,234` may be either."""
_POINT = r"^\s*[+-]?[0-9]+\.[0-9]+\s*$"
_DAYS = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%Y%m%d")
_CLOCKS = ("", " %H:%M", " %H:%M:%S")
_SHAPE = r"^\s*(?:[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4})(?: [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?\s*$"
_ISO = r"^\s*[0-9]{4}-"
_YES_NO = ({"ja", "nein"}, {"yes", "no"}, {"oui", "non"}, {"j", "n"}, {"y", "n"})


@dataclass(slots=True)
class Hints:
    """What would give texts their types.

    Attributes:
        read: Options of the reader, as `ws.load(..., read=...)` takes them.
        notes: What no option says.
    """

    read: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


NO_HINTS = Hints()


def hints(columns: Iterable[pl.Series], given: Mapping[str, Any]) -> Hints:
    """Look at the first values of text columns.

    Args:
        columns: The fields of texts, as they were read; those that hold decimals as they are, too.
        given: The options with which they were read; nothing is said about these.
    """
    nulls: dict[str, None] = {}
    marks: dict[tuple[str, str], list[str]] = {}
    formats: dict[str, str] = {}
    found, words, pointed = Hints(), [], False
    for column in columns:
        values = column.head(_AMONG).drop_nulls()
        values = values.filter(values.str.contains(r"\S"))
        low = values.str.strip_chars().str.to_lowercase()
        rest = values.filter(~low.is_in(_PERHAPS))
        mark, form = _mark(rest), _format(rest)
        typed = mark or form or _is_yes_no(rest) or (rest.len() and rest.str.contains(_POINT).all())
        nulls |= dict.fromkeys(values.filter(low.is_in(_PERHAPS if typed else _ALWAYS)).unique(maintain_order=True))
        pointed |= bool(values.str.contains(_POINT).any())
        if mark:
            marks.setdefault(mark, []).append(column.name)
        elif form:
            formats[column.name] = form
        elif _is_yes_no(rest):
            words.append(column.name)
    _numbers(found, marks, pointed=pointed, given=given)
    if nulls and "nulls" not in given:
        found.read["nulls"] = list(nulls)
    if formats and "dates" not in given:
        several = set(formats.values())
        found.read["dates"] = formats if len(several) > 1 else several.pop()
    if words:
        step = {"processor": "parse_booleans", "fields": words}
        found.notes.append(f"words for yes and no become true and false with processors=[{step!r}]")
    return found


def _numbers(
    found: Hints, marks: Mapping[tuple[str, str], list[str]], *, pointed: bool, given: Mapping[str, Any]
) -> None:
    if "thousands" in given:
        return
    for (decimal, thousands), fields in marks.items():
        if given.get("decimal", decimal) != decimal:
            continue
        if len(marks) == 1 and not (pointed and decimal == "," and "decimal" not in given):
            found.read |= {"decimal": decimal, "thousands": thousands}
        else:  # an option is for the whole file, and another field has points that mean something else
            step = {"processor": "parse_numbers", "fields": fields, "decimal": decimal, "thousands": thousands}
            found.notes.append(f"not all numbers are written alike; these are read with processors=[{step!r}]")


def _mark(values: pl.Series) -> tuple[str, str] | None:
    """Decimal mark and the one between thousands, where nearly all are numbers with them, and some with no others."""
    for pair, pattern in _MARKS.items():
        fitting = values.filter(values.str.contains(pattern))
        if values.len() and fitting.len() >= _MOST * values.len() and fitting.str.contains(_SURE[pair]).any():
            return pair
    return None


def _format(values: pl.Series) -> str | None:
    """The one format in which most are days; None where two would do."""
    shaped = int(values.str.contains(_SHAPE).sum())
    if not values.len() or shaped < _MOST * values.len() or values.str.contains(_ISO).any():
        return None
    texts = values.str.strip_chars()
    shares = {
        day + clock: texts.str.to_datetime(day + clock, strict=False).is_not_null().sum() / texts.len()
        for clock in _CLOCKS
        for day in _DAYS
    }
    best = max(shares.values())
    fitting = [form for form, share in shares.items() if share == best]
    return fitting[0] if best >= _MOST and len(fitting) == 1 else None


def _is_yes_no(values: pl.Series) -> bool:
    return bool(values.len()) and set(values.str.strip_chars().str.to_lowercase().unique()) in _YES_NO
