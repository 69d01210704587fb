"""Parts of a whole that is asked for page by page: by number, or by an offset."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A page.

    Attributes:
        items: What is on it; nothing beyond the end.
        total: How many there are on all pages.
        pages: How many pages there are.
        more: Whether another page follows.
    """

    items: Sequence[Item]
    total: int
    pages: int
    more: bool


def by_offset(whole: Sequence[Item], offset: int, limit: int) -> Page[Item]:
    """The `limit` items after the first `offset`."""
    total = len(whole)
    return Page(whole[offset : offset + limit], total, -(-total // limit), offset + limit < total)


def by_number(whole: Sequence[Item], number: int, size: int, first: int = 1) -> Page[Item]:
    """The page of this number, where the first one bears the number `first`."""
    return by_offset(whole, (number - first) * size, size)
