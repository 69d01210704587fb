"""The imitation of Iterable: which addresses are possible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpkit.sandbox.iterable.addresses import possible


@pytest.mark.parametrize(
    "address",
    [
        *("a@example.com", "a+b/c'd@sub.example.co.uk", "A.B@EXAMPLE.ORG", '"quoted local"@example.com'),
        *("x@bücher.de", "x@xn--bcher-kva.example.xn--p1ai", "x@[192.0.2.1]", "test+mcptest+1f@example.com"),
    ],
)
def test_addresses_that_can_be(address: str) -> None:
    """Quoted local parts, other scripts and numbers in brackets among them."""
    assert possible(address)


@pytest.mark.parametrize(
    "address",
    [
        *("", "@", "foo@", "@example.com", "000", "x..y@example.com", ".x@example.com", "x.@example.com"),
        *("x@example", "x@.com", "x@example..com", "x@-a.com", "x@a-.com", "x@example.nosuchtld", "x@localhost"),
        *("a b@example.com", "a,b@example.com", "a@b@example.com", "x@[300.1.1.1]", f"{'l' * 65}@example.com"),
    ],
)
def test_addresses_that_cannot_be(address: str) -> None:
    """Two dots, a dot at an edge, unknown top-level domains."""
    assert not possible(address)


@given(st.text(max_size=30))
def test_any_text_is_judged(text: str) -> None:
    """And one with a blank outside quotes never passes."""
    for address in (text, f"{text}@example.com", f"x@{text}.com"):
        assert not (possible(address) and '"' not in address and any(letter.isspace() for letter in address))
