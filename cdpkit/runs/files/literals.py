"""Numerals of JSON that a float gives back in another form: the column has them as they were written.

`1.50`, `12e3` and `-0` are the numbers that their floats are, but as a text, such as a code, they are lost in one. Of
long ones in a column with texts the reader may write another one that is as near to the float.
"""

import json
import re

import polars as pl
import pyarrow as pa

from cdpkit.core.numerals import float_texts
from cdpkit.runs.files.content import matches

_FORM = r"-?[0-9]+\.[0-9]+0|-?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+|-0|-?[0-9.]{16,}"
_ANYWHERE = rf"[:\s](?:{_FORM})\s*(?:[,}}\r\n]|$)"
_NUMERAL = r"(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)\s*[,}]"
_WHOLE = ".0"


def may_lose_form(content: bytes) -> bool:
    """Whether lines of JSON may hold such numerals."""
    return matches(pa.py_buffer(content), _ANYWHERE)


def as_written(page: pl.DataFrame, lines: pl.Series) -> pl.DataFrame:
    """Columns with such numerals as texts, in which all others stand as `float_texts` writes them.

    Args:
        page: The objects of the lines.
        lines: Their texts, one for each row.
    """
    names = [column.name for column in page if column.dtype.is_numeric() or column.dtype == pl.String]
    if not names or lines.len() != page.height:
        return page
    odd = lines.str.contains(_ANYWHERE)
    if not odd.any():
        return page
    return page.with_columns(_column(page[name], lines, odd) for name in names)


def _column(values: pl.Series, lines: pl.Series, odd: pl.Series) -> pl.Series:
    at = odd.arg_true()
    key = re.escape(json.dumps(values.name, ensure_ascii=False))
    written = lines.gather(at).str.extract(rf"{key}\s*:\s*{_NUMERAL}")
    held = values.gather(at)
    same = held.cast(pl.Float64, strict=False) == written.cast(pl.Float64, strict=False)
    alone = ~lines.gather(at).str.contains(rf'{key}\s*:\s*"')  # not the text beside an inner object's number
    other = written.str.contains(f"^(?:{_FORM})$") & (written.str.strip_suffix(_WHOLE) != _texts(held))
    taken = (same & alone & other).fill_null(value=False)
    if not taken.any():
        return values
    return _texts(values).scatter(at.filter(taken), written.filter(taken))


def _texts(values: pl.Series) -> pl.Series:
    text = values.cast(pl.String)
    return float_texts(values).fill_null(text) if values.dtype.is_float() else text
