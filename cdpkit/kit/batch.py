"""Bodies joined into the requests of a vendor, cut by rows and by bytes."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import polars as pl

from cdpkit.errors import ConfigurationError


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """One request; its repr holds no person's value.

    Attributes:
        body: The whole request body in UTF-8: prefix, bodies with separators, suffix.
        keys: The keys of its bodies, in order; the index of an error in the vendor's answer is an index into it.
    """

    body: bytes = field(repr=False)
    keys: pl.Series = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """All requests for some bodies; iterating joins them one at a time, any number of times. The repr holds no value.

    Attributes:
        bodies: The bodies that fit into a request, in order.
        keys: Their keys.
        too_large: The keys of the bodies that are over the limit of bytes by themselves, in order; they are in no
            batch.
        starts: The index in `bodies` at which each batch starts.
        prefix: Written once before the bodies of a batch.
        separator: Written between two of them.
        suffix: Written once after them.
    """

    bodies: pl.Series = field(repr=False)
    keys: pl.Series = field(repr=False)
    too_large: pl.Series = field(repr=False)
    starts: tuple[int, ...]
    prefix: str
    separator: str
    suffix: str

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[Batch]:
        for start, end in pairwise((*self.starts, len(self.bodies))):
            joined = self.separator.join(self.bodies[start:end].to_list())
            yield Batch(f"{self.prefix}{joined}{self.suffix}".encode(), self.keys[start:end])


def batches(
    bodies: pl.Series,
    keys: pl.Series,
    *,
    prefix: str = "",
    separator: str = ",",
    suffix: str = "",
    max_rows: int,
    max_bytes: int,
) -> Batches:
    """Cut bodies greedily, in order: a batch ends where one more body would exceed a limit.

    Args:
        bodies: One text per row, without nulls.
        keys: The rows' keys, of any type, as long as `bodies`.
        prefix: Written once before the bodies of a batch.
        separator: Written between two of them.
        suffix: Written once after them.
        max_rows: Most bodies in a batch.
        max_bytes: Most UTF-8 bytes of a batch, with prefix, separators and suffix.

    Returns:
        The batches, and the keys of bodies that are too large for any. No body, no batch.

    Raises:
        ConfigurationError: A limit below 1, keys that are not as many as the bodies, or a null among the bodies.
    """
    if max_rows < 1 or max_bytes < 1:
        raise ConfigurationError(f"limits are at least 1; max_rows is {max_rows}, max_bytes is {max_bytes}")
    if len(bodies) != len(keys) or bodies.null_count():
        raise ConfigurationError(
            f"each body needs a key: {len(bodies)} bodies, {bodies.null_count()} of them null, and {len(keys)} keys"
        )
    room = max_bytes - len((prefix + suffix).encode())
    sizes = bodies.cast(pl.String).str.len_bytes().cast(pl.Int64)
    fits = sizes <= room
    gap = len(separator.encode())
    # Every body counts one separator, so the room counts one more.
    reached = (sizes.filter(fits) + gap).cum_sum()
    return Batches(
        bodies=bodies.filter(fits),
        keys=keys.filter(fits),
        too_large=keys.filter(~fits),
        starts=tuple(_starts(reached, room + gap, max_rows)),
        prefix=prefix,
        separator=separator,
        suffix=suffix,
    )


def _starts(reached: pl.Series, room: int, max_rows: int) -> Iterator[int]:
    """Where batches start, by a search per batch in the running total of bytes."""
    start, before = 0, 0
    while start < len(reached):
        yield start
        end = min(start + max_rows, len(reached))
        if reached[end - 1] > before + room:
            end = bisect_right(reached, before + room, lo=start, hi=end)
        start, before = end, reached[end - 1]
