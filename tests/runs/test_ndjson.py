"""Lines of JSON keep every digit of their numerals, or hand them on as they were written."""

import json
import math
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpkit.runs.files.ndjson import changed_by_floats, read_ndjson

DIGITS = st.text("0123456789", min_size=1, max_size=45).map(lambda text: text.lstrip("0") or "0")
FRACTIONS = st.just("") | st.text("0123456789", min_size=1, max_size=25).map(lambda text: f".{text}")
EXPONENTS = st.just("") | st.integers(-400, 400).map(lambda number: f"e{number}")


def midway(numeral: str) -> bool:
    """Whether two texts of as many digits are equally near to its float, of which Polars may write the other."""
    written, value = Decimal(numeral), float(numeral)
    unit = Decimal(1).scaleb(int(written.as_tuple().exponent))
    return math.isfinite(value) and 2 * abs(Decimal(value) - written) == unit


NUMERALS = (
    st.tuples(st.sampled_from(["", "-"]), DIGITS, FRACTIONS, EXPONENTS)
    .map("".join)
    .filter(lambda text: not midway(text))
)
NEAR = st.sampled_from(["1", "1.5", "9007199254740993", "9223372036854775808", '"x"', "null"])


def value(kept: object) -> Decimal:
    """What a value stands for, a float for the text that is made of it."""
    return Decimal(pl.Series([kept]).cast(pl.String).item() if isinstance(kept, float) else str(kept))


@given(numerals=st.lists(NUMERALS, min_size=1, max_size=4), near=NEAR)
def test_a_numeral_is_what_was_written(numerals: list[str], near: str) -> None:
    """Alone or among texts, floats and integers; in a list and in an object too."""
    lines = [f'{{"a": {each}, "b": {{"c": [{each}]}}}}' for each in numerals]
    read = read_ndjson("\n".join([*lines, f'{{"a": {near}}}']).encode())
    nested = read["b"].struct.field("c").explode().head(len(numerals))
    for written, alone, inside in zip(numerals, read["a"], nested, strict=False):
        assert value(alone) == value(inside) == Decimal(written)


@given(text=st.text() | NUMERALS.map(lambda numeral: f'\\": {numeral}, [{numeral}, "'))
def test_texts_stay_as_they_are(text: str) -> None:
    """Also where they look like a numeral in an object, beside one that a float would change."""
    line = json.dumps({"a": text, "b": 1})
    read = read_ndjson(line.replace('"b": 1', '"b": 0.12345678901234567891').encode())
    assert read.row(0) == (text, "0.12345678901234567891")


@pytest.mark.parametrize("numeral", ["0.30000000000000004", "2.5000000000000000", "1e22", "0e999", "123456789012345"])
def test_what_a_float_holds_stays_a_number(numeral: str) -> None:
    """However long it is written, as programs write what they have worked out; nothing is made slow for them."""
    line = f'{{"a": {numeral}}}'.encode()
    assert not changed_by_floats(line)
    assert read_ndjson(line)["a"].dtype.is_numeric()


def test_integers_stay_integers_where_no_float_is() -> None:
    """Long ids are no texts, since nothing is lost of them."""
    read = read_ndjson(b'{"a": 9007199254740993}\n{"a": 9223372036854775808}')
    assert read["a"].dtype.is_integer()
    assert read["a"].to_list() == [9007199254740993, 9223372036854775808]
