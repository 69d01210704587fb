"""Sealed JSON: whole, or refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpkit.place.sealed import sealed, unsealed

VALUES = st.dictionaries(
    st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()), min_size=1
)


@given(VALUES)
def test_what_was_sealed_is_read_back(value: dict[str, Any]) -> None:
    """As JSON has it; the seal is no part of it."""
    value.pop("crc", None)
    if value:
        assert unsealed(sealed(value)) == value
        assert b"\n" not in sealed(value)


@given(VALUES, st.data())
def test_a_flipped_bit_is_noticed(value: dict[str, Any], data: st.DataObject) -> None:
    """Wherever it is; in the name of the seal alone it changes nothing that was said."""
    value.pop("crc", None)
    text = bytearray(sealed(value or {"a": 1}))
    text[data.draw(st.integers(0, len(text) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        read = unsealed(bytes(text))
    except ValueError:
        return
    assert {name: part for name, part in read.items() if name in value} == value


@given(VALUES, st.data())
def test_a_cut_is_noticed(value: dict[str, Any], data: st.DataObject) -> None:
    """Wherever it is."""
    text = sealed(value)
    with pytest.raises(ValueError, match=r"."):
        unsealed(text[: data.draw(st.integers(0, len(text) - 1))])


def test_what_an_earlier_version_wrote_has_no_seal() -> None:
    """It is taken as it is."""
    assert unsealed(b'{"way": "bulk", "seq": 3}') == {"way": "bulk", "seq": 3}
