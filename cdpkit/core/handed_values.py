"""Values of Python as a column, each as exactly as it is written.

Values of one type are that type. Whole numbers among floats, and numbers among texts, become texts by their own
digits, so that none passes through a float.
"""

import contextlib
import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import polars as pl

_EXACT = 2**53
_PLAIN = (str, bool, int, float, Decimal, UUID, dt.date, dt.datetime, dt.time)
_LISTS = (list, tuple, set, frozenset)
_MISFIT = (TypeError, ValueError, OverflowError, RuntimeError, pl.exceptions.PolarsError)
"""What Polars raises of values that fit no type; the `RuntimeError` of decimals that are too large."""
_BROKEN = "\ufffd"


Column = tuple[pl.Series | None, str, int]
"""A column, or None and what its values are; and how many places of texts were no Unicode."""


def column_of(values: Sequence[Any]) -> Column:
    """A column of these values, or None and what they are; and how many places of texts were no Unicode."""
    kinds = set(map(type, values)) - {type(None)}
    if any(_strange(kind) for kind in kinds) or (float in kinds and len(kinds) > 1):
        values = [_plain(value) for value in values]
        kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        found: Column = pl.Series(values, dtype=pl.Null), "", 0
    elif kinds == {str}:
        found = _texts(values)
    elif any(issubclass(kind, _LISTS) for kind in kinds):
        found = _lists(values)
    elif kinds == {dict}:
        found = _objects(values)
    else:
        found = _scalars(values, kinds)
    return found


def _scalars(values: Sequence[Any], kinds: set[type]) -> Column:
    if len(kinds) == 1 and kinds != {UUID} and not (kinds == {Decimal} and _uneven(values)):
        with contextlib.suppress(*_MISFIT):
            return _of_one_kind(values, next(iter(kinds))), "", 0
    if kinds == {int, float} and all(abs(value) <= _EXACT for value in values if type(value) is int):
        return pl.Series([None if value is None else float(value) for value in values], dtype=pl.Float64), "", 0
    if all(issubclass(kind, _PLAIN) for kind in kinds):
        return _texts([_text(value) for value in values])
    return None, f"objects of Python ({', '.join(sorted(kind.__name__ for kind in kinds))})", 0


def _uneven(decimals: Sequence[Decimal | None]) -> bool:
    """Whether decimals have different numbers of places; a column of decimals would write all with the most."""
    return len({value.as_tuple().exponent for value in decimals if value is not None}) > 1


def _of_one_kind(values: Sequence[Any], kind: type) -> pl.Series:
    if kind is int:
        least, most = _range(values)
        return pl.Series(values, dtype=pl.Int64 if least >= -(2**63) and most < 2**63 else pl.Int128)
    series = pl.Series(values, strict=True)
    if series.dtype == pl.Object:
        raise TypeError
    return series


def _range(values: Sequence[Any]) -> tuple[int, int]:
    numbers = [value for value in values if value is not None]
    return min(numbers), max(numbers)


def _strange(kind: type) -> bool:
    """Whether values of this type have to be looked at one by one: scalars of NumPy, and marks for what is missing."""
    return kind.__module__.partition(".")[0] in ("numpy", "pandas") or (
        kind not in (str, bool, int, float) and issubclass(kind, str | int | float | Decimal)
    )


def _plain(value: Any) -> Any:
    kind = type(value)
    if _missing(value):
        return None
    if kind.__name__ == "datetime64":
        return str(value)
    if kind.__name__ in ("float16", "float32", "longdouble"):
        return _float(value)
    if kind.__module__ == "numpy" and hasattr(value, "tolist"):
        return _plain(value.tolist()) if not isinstance(value.tolist(), list) else value.tolist()
    if kind.__module__.startswith("pandas") and isinstance(value, dt.datetime):
        return value.to_pydatetime(warn=False)  # type: ignore[attr-defined]
    base = next((base for base in (str, bool, int, float) if isinstance(value, base)), kind)
    return value if kind is base else base(value.value if hasattr(value, "value") else value)


def _missing(value: Any) -> bool:
    """Whether a value is a mark for none: NA, NaT or NaN, of whatever make; signalling ones cannot be compared."""
    kind = type(value).__name__
    if isinstance(value, Decimal):
        return value.is_nan()
    if kind == "datetime64":
        return str(value) == "NaT"
    floats = kind in ("longdouble", "float16", "float32") or isinstance(value, float)
    return kind in ("NAType", "NaTType") or (floats and bool(value != value))  # noqa: PLR0124


def _float(value: Any) -> float | Decimal:
    """A float of NumPy of another width than Python's: narrow ones as they are written, wide ones with every digit."""
    near = float(str(value))
    return near if type(value)(near) == value else Decimal(str(value))


def _texts(values: Sequence[str | None]) -> Column:
    try:
        return pl.Series(values, dtype=pl.String), "", 0
    except UnicodeEncodeError:
        whole = [None if value is None else _whole(value) for value in values]
        mended = sum(
            new.count(_BROKEN) - old.count(_BROKEN) for old, new in zip(values, whole, strict=True) if old and new
        )
        return pl.Series(whole, dtype=pl.String), "", mended


def _whole(text: str) -> str:
    """Half a character becomes U+FFFD, two halves one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _lists(values: Sequence[Any]) -> Column:
    lists = [None if value is None else list(value) if isinstance(value, _LISTS) else [value] for value in values]
    inner, what, mended = column_of([each for each in lists if each is not None for each in each])
    if inner is None:
        return None, f"lists of {what}", 0
    flat = iter(inner.to_list())
    nested = [None if each is None else [next(flat) for _ in each] for each in lists]
    return pl.Series(nested, dtype=pl.List(inner.dtype)), "", mended


def _objects(values: Sequence[Any]) -> Column:
    try:
        series = pl.Series(values, strict=True)
    except (*_MISFIT, UnicodeError):
        series = pl.Series(dtype=pl.Object)
    if isinstance(series.dtype, pl.Struct) and pl.Object not in series.dtype.to_schema().values():
        return series, "", 0
    return _texts([None if value is None else json.dumps(value, default=str, ensure_ascii=False) for value in values])


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) <= _EXACT else repr(value)
        case Decimal():
            return format(value, "f") if value.is_finite() and abs(value.adjusted()) < 100 else str(value)  # noqa: PLR2004
        case dt.date() | dt.time():
            return value.isoformat()
        case _:
            return str(value)
