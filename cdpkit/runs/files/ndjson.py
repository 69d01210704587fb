"""Lines of JSON into frames, so that no numeral loses a digit.

Polars reads a numeral with a point or an exponent through a float, one among floats too, and none of more than 38
digits. One that a float would change is made a text before, so that it is stored as it was written, or rejected.
"""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl
import pyarrow as pa

from cdpkit.runs.files.content import matches

_PERHAPS = r"[:\[,]\s*-?(?:[0-9.]{16,}(?:[eE][+-]?[0-9]+)?|[0-9.]+[eE][+-]?[0-9]{3,})"
"""All shorter ones are safe: a float holds any fifteen digits, and its range has no exponent of three."""
_EXACT = 2.0**53
"""From here on floats cannot tell integers apart."""
_BEFORE = ":[, \t\r\n"
_NUMERAL = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
_INTEGER = r"^-?[0-9]{1,38}$"
"""What Polars reads as an integer."""
_TEXT_OR_NUMERAL = re.compile(rb'"(?:[^"\\\r\n]|\\.)*"|-?[0-9][0-9.eE+-]*')


@dataclass(frozen=True, slots=True)
class Changed:
    """Numerals that a float would change; the repr shows none.

    Attributes:
        integers: Those beyond 2^53, which are read exactly where no float is among them.
        others: Those that never are.
    """

    integers: frozenset[str] = field(default=frozenset(), repr=False)
    others: frozenset[str] = field(default=frozenset(), repr=False)

    def __bool__(self) -> bool:
        return bool(self.integers or self.others)


def read_ndjson(content: bytes) -> pl.DataFrame:
    """The objects of lines of JSON; a column in which a float would change a numeral is of texts.

    Raises:
        PolarsError: A line is no JSON object, or its types cannot be reconciled with those of the others.
    """
    changed = changed_by_floats(content)
    read = _read(_as_texts(content, changed.others))
    if changed.integers and any(map(_beyond, read)):
        read = _read(_as_texts(content, changed.others | changed.integers))
    return read


def changed_by_floats(content: bytes | pa.Buffer) -> Changed:
    """The numerals of lines of JSON that a float would change."""
    if not matches(pa.py_buffer(content), _PERHAPS):
        return Changed()
    text = pl.Series([bytes(content).decode(errors="replace")])
    found = text.str.extract_all(_PERHAPS).explode().str.strip_chars(_BEFORE).unique()
    numerals = found.filter(found.str.contains(_NUMERAL))
    floats = numerals.cast(pl.Float64, strict=False)
    whole_numbers = numerals.str.contains(_INTEGER)
    exact = floats.abs() < _EXACT
    others = pl.DataFrame([numerals.alias("numeral"), floats.cast(pl.String).alias("kept")]).filter(~whole_numbers)
    differ = {
        numeral
        for numeral, kept in others.filter(pl.col("numeral") != pl.col("kept")).iter_rows()
        if _differ(numeral, kept)
    }
    return Changed(frozenset(numerals.filter(whole_numbers & ~exact.fill_null(value=False))), frozenset(differ))


def _differ(numeral: str, kept: str) -> bool:
    """Whether a numeral and the text of the float that it becomes are two numbers."""
    if float(kept) in (0, float("inf"), float("-inf")):  # its exponent may be beyond any number
        return any(digit in "123456789" for digit in re.split("[eE]", numeral)[0])
    return Decimal(kept) != Decimal(numeral)


def _as_texts(content: bytes, numerals: AbstractSet[str]) -> bytes:
    """The same with quotes around these numerals, where they are none of a text."""
    if not numerals:
        return content
    wanted = {numeral.encode() for numeral in numerals}
    return _TEXT_OR_NUMERAL.sub(lambda found: b'"%b"' % found[0] if found[0] in wanted else found[0], content)


def _read(content: bytes) -> pl.DataFrame:
    return pl.read_ndjson(content, infer_schema_length=None)


def _beyond(column: pl.Series) -> bool:
    """Whether some of it are floats that may have been integers which floats cannot tell apart."""
    if isinstance(column.dtype, pl.List):
        return _beyond(column.explode())
    if isinstance(column.dtype, pl.Struct):
        return any(map(_beyond, column.struct.unnest()))
    return column.dtype.is_float() and bool((column.abs() >= _EXACT).any())
