"""Numbers that look random and are the same on every machine: they follow from a seed, a name and an id alone."""

import hashlib
from functools import cache

import polars as pl

_MASK = (1 << 64) - 1
_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


@cache
def salt(seed: int, name: str) -> int:
    """A 64-bit number for a use of a seed, so that two uses do not follow each other."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8], "big")


def _unsigned(number: int) -> pl.Expr:
    return pl.lit(number, dtype=pl.UInt64)


def mixed(ids: pl.Expr, salted: int) -> pl.Expr:
    """A 64-bit number for each id (the finaliser of SplitMix64); Polars wraps around like C."""
    number = ids.cast(pl.UInt64) * _unsigned(_STEP) + _unsigned(salted)
    number = (number ^ (number // _unsigned(1 << 30))) * _unsigned(_FIRST)
    number = (number ^ (number // _unsigned(1 << 27))) * _unsigned(_SECOND)
    return number ^ (number // _unsigned(1 << 31))


def mixed_one(number: int, salted: int) -> int:
    """What `mixed` gives for one id."""
    number = (number * _STEP + salted) & _MASK
    number = ((number ^ (number >> 30)) * _FIRST) & _MASK
    number = ((number ^ (number >> 27)) * _SECOND) & _MASK
    return number ^ (number >> 31)
