"""The people of an account before anybody wrote to it, and who of them has which identifier; nobody is stored."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import polars as pl

from cdpkit.sandbox.world.mixing import mixed, salt
from cdpkit.sandbox.world.people import COLUMNS, ids_of, people

_PART = 10_000

_FEW = 2000
"""So many people are kept where there are no more; inventing some takes as long as inventing a thousand."""

Known = Mapping[str, Mapping[str, int]]
"""Who of the people at the start has which identifier: by the identifier's name, its text to an id."""


@dataclass(frozen=True, slots=True)
class Population:
    """The people of ids 0 to `count` - 1.

    Attributes:
        count: How many there are.
        seed: Who they are.
        identifiers: The columns of `people` by which somebody can be found.
        lacking: Identifiers that not everybody has: everybody draws a number below 100, and lacks one whose range
            holds it. Ranges that do not overlap leave everybody the others.
    """

    count: int
    seed: int
    identifiers: tuple[str, ...] = ("email", "userId")
    lacking: Mapping[str, range] = field(default_factory=dict)

    def frame(self, ids: pl.Series, columns: Collection[str] = COLUMNS) -> pl.DataFrame:
        """People of these ids with these columns, without the identifiers that they lack."""
        percent = mixed(pl.col("id"), salt(self.seed, "identifiers")) % 100
        return self._people(ids, columns).with_columns(
            pl.when(~percent.is_between(lack.start, lack.stop, closed="left")).then(name).alias(name)
            for name, lack in self.lacking.items()
            if name in columns
        )

    def _people(self, ids: pl.Series, columns: Collection[str]) -> pl.DataFrame:
        """As `people`; of few, who are asked for again and again, all are kept."""
        if self.count > _FEW:
            return people(ids, self.seed, columns)
        return _few(self.count, self.seed).select(pl.col("id", *_in_order(columns)).gather(ids.cast(pl.UInt32)))

    def keys(self, ids: pl.Series) -> pl.DataFrame:
        """Of people of these ids: `id`, their identifiers, and `created` and `updated` as Unix seconds."""
        frame = self.frame(ids, {*self.identifiers, "created", "updated"})
        return frame.select("id", *self.identifiers, "created", "updated")

    def known(self, texts: Mapping[str, Collection[str]]) -> Known:
        """Who has these identifiers, by their names; many at once, as each look costs as much as many."""
        found = {name: ids_of(name, given, self.count, self.seed) for name, given in texts.items()}
        return {name: self._true(name, each) if name in self.lacking else each for name, each in found.items()}

    def _true(self, name: str, claimed: Mapping[str, int]) -> dict[str, int]:
        """Without those who lack the identifier that they would have."""
        if not claimed:
            return {}
        keys = self.keys(pl.Series(sorted(set(claimed.values())), dtype=pl.Int64))
        having = set(keys.drop_nulls(name)["id"])
        return {text: number for text, number in claimed.items() if number in having}

    def parts(self) -> Iterable[pl.Series]:
        """All ids, in parts that take little memory."""
        for start in range(0, self.count, _PART):
            yield pl.int_range(start, min(start + _PART, self.count), eager=True)


@lru_cache(maxsize=16)
def _few(count: int, seed: int) -> pl.DataFrame:
    return people(pl.int_range(count, eager=True), seed)


def _in_order(columns: Collection[str]) -> list[str]:
    return [name for name in COLUMNS if name in columns]
