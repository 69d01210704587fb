"""Bodies cut into requests."""

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.errors import ConfigurationError
from cdpkit.kit.batch import Batches, batches

affixes = st.sampled_from(["", ",", "\n", '{"users":[', "é😀"])
limits = {"max_rows": st.integers(1, 6), "max_bytes": st.integers(1, 40)}


def cut(bodies: list[str], **options: object) -> Batches:
    keys = pl.Series("key", range(len(bodies)), pl.Int64)
    return batches(pl.Series(bodies, dtype=pl.String), keys, **options)  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.text(st.sampled_from("ab{é😀"), max_size=9), max_size=25),
    st.fixed_dictionaries({"prefix": affixes, "separator": affixes, "suffix": affixes, **limits}),
)
def test_batches_are_greedy_within_both_limits(bodies: list[str], options: dict[str, object]) -> None:
    """Batches equal those of a model that takes one body after the other."""
    prefix, separator, suffix = (str(options[name]) for name in ("prefix", "separator", "suffix"))
    most_rows, most_bytes = options["max_rows"], options["max_bytes"]
    assert isinstance(most_rows, int)
    assert isinstance(most_bytes, int)

    def request(keys: list[int]) -> bytes:
        return f"{prefix}{separator.join(bodies[key] for key in keys)}{suffix}".encode()

    expected: list[list[int]] = []
    too_large = []
    for key in range(len(bodies)):
        if len(request([key])) > most_bytes:
            too_large.append(key)
        elif expected and len(expected[-1]) < most_rows and len(request([*expected[-1], key])) <= most_bytes:
            expected[-1].append(key)
        else:
            expected.append([key])

    actual = cut(bodies, **options)
    assert expected == [batch.keys.to_list() for batch in actual]
    assert [request(keys) for keys in expected] == [batch.body for batch in actual]
    assert too_large == actual.too_large.to_list()
    assert len(expected) == len(actual)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 400), max_size=300), st.integers(1, 80), st.integers(100, 2000))
def test_no_key_is_lost_and_no_limit_exceeded(sizes: list[int], max_rows: int, max_bytes: int) -> None:
    """All keys come back in order, and one more body would exceed a limit of every batch but the last."""
    bodies = ["x" * size for size in sizes]
    result = cut(bodies, prefix="[", separator=",", suffix="]", max_rows=max_rows, max_bytes=max_bytes)
    found = list(result)
    sent = [key for batch in found for key in batch.keys]
    too_large = result.too_large.to_list()
    assert list(range(len(bodies))) == sorted(sent + too_large)
    assert sorted(sent) == sent
    assert sorted(too_large) == too_large
    assert all(len(batch.body) <= max_bytes and len(batch.keys) <= max_rows for batch in found)
    for batch, after in pairwise(found):
        grown = len(batch.body) + 1 + sizes[after.keys[0]]
        assert len(batch.keys) == max_rows or grown > max_bytes


def test_a_body_that_is_too_large_is_set_apart() -> None:
    """The others close ranks around it, and its key tells whose body it was."""
    actual = cut(["a", "b" * 10, "c"], prefix="[", suffix="]", max_rows=5, max_bytes=11)
    assert [batch.body for batch in actual] == [b"[a,c]"]
    assert actual.too_large.to_list() == [1]


def test_bytes_are_counted_in_utf_8() -> None:
    """A character of four bytes counts four."""
    options = {"separator": "", "max_rows": 5}
    assert [len(batch.keys) for batch in cut(["😀"] * 3, max_bytes=8, **options)] == [2, 1]
    assert [len(batch.keys) for batch in cut(["😀"] * 3, max_bytes=7, **options)] == [1, 1, 1]


def test_batches_can_be_gone_through_again() -> None:
    """A second walk gives the same requests, so that one that failed can be asked again."""
    actual = cut(["a", "b", "c"], max_rows=2, max_bytes=100)
    assert [b"a,b", b"c"] == [batch.body for batch in actual] == [batch.body for batch in actual]


def test_no_body_makes_no_batch() -> None:
    """Nothing to send asks for nothing."""
    actual = cut([], prefix="[", suffix="]", max_rows=2, max_bytes=100)
    assert list(actual) == []
    assert len(actual) == 0
    assert actual.too_large.to_list() == []


def test_a_repr_holds_no_value() -> None:
    """Batches may end in a log, bodies and keys may not."""
    actual = cut(["ada@example.com", "x" * 200], max_rows=2, max_bytes=100)
    assert "ada" not in f"{actual}{list(actual)}"


def test_wrong_use_is_refused() -> None:
    """Limits are at least 1, and each body is a text with a key."""
    with pytest.raises(ConfigurationError, match="max_rows is 0"):
        cut(["a"], max_rows=0, max_bytes=1)
    with pytest.raises(ConfigurationError, match="2 bodies, 0 of them null, and 1 keys"):
        batches(pl.Series(["a", "b"]), pl.Series([1]), max_rows=1, max_bytes=1)
    with pytest.raises(ConfigurationError, match="1 of them null"):
        batches(pl.Series(["a", None]), pl.Series([1, 2]), max_rows=1, max_bytes=1)
