"""How people are written out."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence

import polars as pl

from cdpkit.sandbox.world.directory import Directory
from cdpkit.sandbox.world.population import Population
from cdpkit.sandbox.world.rows import csv_parts, flattened, in_order, json_lines, lines, nested

START = Population(100, 0)


def by_columns(ids: pl.Series) -> list[str]:
    return json_lines(START.keys(ids), ["email", "userId"]).to_list()


def test_nesting_and_flattening_are_each_other_s_reverse() -> None:
    """Dotted names are inner objects; null values are left out, arrays are kept."""
    flat = {"a": 1, "b.c": "x", "b.d.e": [1, {"f": 2}]}
    assert nested({**flat, "g.h": None}) == {"a": 1, "b": {"c": "x", "d": {"e": [1, {"f": 2}]}}}
    assert flattened(nested(flat)) == flat


async def _everybody(order: random.Random | None) -> list[str]:
    people = Directory(START, lambda: 0.0)
    people.delete(3)
    people.touch([4])
    people.identify(people.create(), email="new@example.com")

    def one_by_one(ids: Sequence[int]) -> list[str]:
        return [json.dumps({"written": number}) for number in ids]

    return [line async for part in lines(people, by_columns, one_by_one, order) for line in part]


def test_the_computed_and_the_written_make_the_whole() -> None:
    """Everybody is in it once, whom a call touched as the call left them, and nobody who is gone."""
    found = asyncio.run(_everybody(None))
    rest = [line for line in by_columns(pl.int_range(0, 100, eager=True)) if "u-0000003" not in line]
    assert sorted(found) == sorted(['{"written": 4}', '{"written": 100}', *(x for x in rest if "u-0000004" not in x)])


def test_disorder_follows_from_its_seed() -> None:
    """The same disorder comes again, and it is one."""
    one, two = (asyncio.run(_everybody(random.Random(5))) for _ in range(2))
    assert one == two != asyncio.run(_everybody(None))
    assert sorted(one) == sorted(asyncio.run(_everybody(None)))


async def _given(*parts: list[str]) -> AsyncIterator[list[str]]:
    for part in parts:
        yield part


def test_states_can_be_compared_byte_for_byte() -> None:
    """The same lines in any order and any parts come out the same."""
    some = by_columns(pl.int_range(0, 20, eager=True))

    async def whole(*parts: list[str]) -> bytes:
        return b"".join([part async for part in in_order(_given(*parts), "email", "userId")])

    assert asyncio.run(whole(some)) == asyncio.run(whole(some[::-1][:7], [], some[::-1][7:]))
    assert asyncio.run(whole()).strip() == b""


def test_rows_as_csv() -> None:
    """A column for each name, empty where a row has none; what is no text is JSON text; the vendor may add columns."""

    async def whole() -> bytes:
        rows = _given(['{"a":"x","b":[1]}'], ['{"a":"y;","c":1}'])
        return b"".join([part async for part in csv_parts(rows, ["id", "a", "b"], ";", lambda row: {"id": "7", **row})])

    assert asyncio.run(whole()).decode() == 'id;a;b\n7;x;[1]\n7;"y;";\n'
