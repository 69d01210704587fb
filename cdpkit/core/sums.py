"""The merge rule `sum`: a running total for each profile, exact, with every overflow rejected where it happens."""

import polars as pl

from cdpkit.core.hashing import canonical
from cdpkit.core.properties import Property, PropertyType
from cdpkit.core.rules import Lines, Merged

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_UNKNOWN = 16
"""A float with so many places has more digits than a sum of such can keep."""
_EXACT = 2.0**53
_WHOLE = r"^[+-]?[0-9]+$"
_NUMERIC = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"


def merge_sum(lines: Lines, prop: Property, before: pl.Series, values: pl.Series) -> Merged:
    """Add numbers to what a profile holds; an empty property counts as 0.

    Args:
        lines: The lines.
        prop: A single-valued number, decimal or text property.
        before: What the profile held when the run began, for each line.
        values: The accepted number of each line; for a text property the text of it.
    """
    if prop.type is PropertyType.TEXT:
        return _merge_text(lines, before, values)
    total, rejected = _totals(lines, before, values)
    accepted = values.is_not_null() & ~rejected
    previous = _previous(lines, accepted, total, before)
    return Merged(accepted & total.ne_missing(previous), total, rejected)


def number_texts(values: pl.Series) -> pl.Series:
    """Accepted numbers as texts that are equal when the numbers are, whatever the property's type."""
    if values.dtype != pl.String:
        return values.to_frame("number").select(canonical(pl.col("number"), values.dtype)).to_series()
    stripped = values.str.strip_chars()
    numbers = pl.DataFrame({"whole": _whole(stripped), "decimal": _decimal(stripped)})
    texts = [canonical(pl.col(name), numbers.schema[name]) for name in numbers.columns]
    return numbers.select(pl.coalesce(texts).alias("number")).to_series()


def _merge_text(lines: Lines, before: pl.Series, values: pl.Series) -> Merged:
    """Totals kept in a text: whole numbers while every operand is whole, decimals from the first that is not.

    A text that is no number stays as it is, and what was to be added to it counts as accepted.
    """
    held, given = before.str.strip_chars(), values.str.strip_chars()
    numeric = _decimal(held)
    usable = given.is_not_null() & (held.is_null() | numeric.is_not_null())
    whole, whole_before = _whole(given), _whole(held)
    mixed = usable & (whole.is_null() | (held.is_not_null() & whole_before.is_null()))
    earlier = lines.before(mixed)
    decimal = mixed if earlier is None else mixed | earlier.is_not_null()
    exact, over = _totals(lines, whole_before, _where(usable & ~decimal, whole))
    rough, beyond = _totals(lines, numeric, _where(usable & ~over, _decimal(given)))
    total = _either(decimal, rough.cast(pl.String), exact.cast(pl.String))
    rejected = usable & _either(decimal, beyond, over)
    accepted = usable & ~rejected
    return Merged(accepted & total.ne_missing(_previous(lines, accepted, total, before)), total, rejected)


def _totals(lines: Lines, before: pl.Series, values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The running total after each line, and which values are left out of it because they overflow.

    A value that overflows does not count for the lines after it, so the first of each profile is taken out and the
    totals are made again, until none is left.
    """
    rejected = pl.repeat(value=False, n=values.len(), dtype=pl.Boolean, eager=True)
    adding = values
    while True:
        total, over = _running(lines, before, adding)
        over &= adding.is_not_null()
        if not over.any():
            return total, rejected
        earlier = lines.before(over)
        first = over if earlier is None else over & earlier.is_null()
        rejected |= first
        adding = _where(~first, adding)


def _running(lines: Lines, before: pl.Series, values: pl.Series) -> tuple[pl.Series, pl.Series]:
    if values.dtype.is_float():
        totals = _running_floats(lines, before.fill_null(0.0), values.fill_null(0.0))
        return totals, ~totals.is_finite()
    wide = values.cast(pl.Int128).fill_null(0)
    if lines.start is not None:
        sums = wide.cum_sum()
        wide = sums - (sums - wide).gather(lines.start)
    totals = before.cast(pl.Int128).fill_null(0) + wide
    return totals.cast(pl.Int64, strict=False), (totals < _SMALLEST) | (totals > _LARGEST)


def _running_floats(lines: Lines, before: pl.Series, values: pl.Series) -> pl.Series:
    """Added one after the other, as a person would, each total rounded to the most places that its parts have."""
    if lines.start is None:
        places = pl.select(pl.max_horizontal(pl.lit(_places(before)), pl.lit(_places(values)))).to_series()
        return _rounded(before + values, places)
    index = pl.int_range(pl.len(), dtype=pl.UInt32)
    frame = pl.DataFrame({"start": lines.start, "before": before, "value": values})
    first = pl.col("start") == index
    terms = pl.when(first).then(pl.col("before") + pl.col("value")).otherwise("value").alias("term")
    most = pl.max_horizontal(pl.lit(_places(before)), pl.lit(_places(values))).alias("places")
    running = frame.select("start", terms, most).select(
        pl.col("term").cum_sum().over("start"), pl.col("places").cum_max().over("start")
    )
    return _rounded(running["term"], running["places"])


def _places(values: pl.Series) -> pl.Series:
    """How many decimal places the shortest text of each float has; `_UNKNOWN` for more than a sum can keep."""
    places = pl.repeat(0, values.len(), dtype=pl.Int64, eager=True)
    for count in range(_UNKNOWN):
        open_ones = (_scaled(values, pl.Series([count]).new_from_index(0, values.len())) != values) & values.is_finite()
        places += open_ones.cast(pl.Int64)
        if not open_ones.any():
            break
    return places


def _rounded(totals: pl.Series, places: pl.Series) -> pl.Series:
    """Totals at their places, where they are few and the total is small enough for that to be exact."""
    if not (places > 0).any():
        return totals
    rounded = _scaled(totals, places)
    keep = (places == 0) | (places >= _UNKNOWN) | ~rounded.is_finite()
    return _either(keep, totals, rounded)


def _scaled(values: pl.Series, places: pl.Series) -> pl.Series:
    """Rounded to so many places; a whole number divided by a power of ten is the float nearest to the decimal."""
    power = pl.lit(10.0).pow(pl.lit(places))
    scaled = pl.lit(values) * power
    exact = scaled.abs() < _EXACT
    return pl.select(pl.when(exact).then(scaled.round() / power).otherwise(pl.lit(values))).to_series()


def _previous(lines: Lines, accepted: pl.Series, totals: pl.Series, before: pl.Series) -> pl.Series:
    index = lines.before(accepted)
    return before if index is None else _either(index.is_not_null(), totals.gather(index), before)


def _whole(text: pl.Series) -> pl.Series:
    return _where(text.str.contains(_WHOLE), text).str.strip_prefix("+").cast(pl.Int64, strict=False)


def _decimal(text: pl.Series) -> pl.Series:
    numbers = _where(text.str.contains(_NUMERIC), text).cast(pl.Float64, strict=False)
    return _where(numbers.is_finite(), numbers)


def _where(condition: pl.Series, values: pl.Series) -> pl.Series:
    return pl.select(pl.when(condition).then(values)).to_series()


def _either(condition: pl.Series, values: pl.Series, others: pl.Series) -> pl.Series:
    return pl.select(pl.when(condition).then(values).otherwise(others)).to_series()
