"""How people are written out: nested or flat, as JSON lines or CSV, the computed ones beside those written to."""

import asyncio
import csv
import io
import json
import random
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

import polars as pl

from cdpkit.sandbox.world.directory import Directory

_PART = 5000


def json_lines(frame: pl.DataFrame, names: Iterable[str], safe: Collection[str] = ()) -> pl.Series:
    """One JSON object a row, without the fields that are null; texts as Python's `json` writes them.

    Args:
        frame: The rows.
        names: The members, in this order.
        safe: Text columns that hold nothing that JSON escapes, which is faster; other types are told apart here.
    """
    texts: list[pl.Expr] = []
    for name in names:
        column, kind = pl.col(name), frame.schema[name]
        if kind == pl.List(pl.Int64):
            texts.append(
                pl.concat_str(pl.lit(f'"{name}":['), column.cast(pl.List(pl.String)).list.join(","), pl.lit("]"))
            )
        elif name in safe or kind in (pl.Int64, pl.Boolean, pl.Float64):
            quote = pl.lit('"') if kind == pl.String else pl.lit("")
            texts.append(pl.concat_str(pl.lit(f'"{name}":'), quote, column.cast(pl.String), quote))
        else:
            whole = pl.struct(column).struct.json_encode()
            inner = whole.str.slice(1, whole.str.len_chars() - 2)
            texts.append(pl.when(column.is_not_null()).then(inner))
    line = pl.concat_str(pl.lit("{"), pl.concat_str(texts, separator=",", ignore_nulls=True), pl.lit("}"))
    return frame.select(line.alias("line")).to_series()


def nested(flat: dict[str, Any]) -> dict[str, Any]:
    """An object whose dotted names are inner objects; null values are left out."""
    whole: dict[str, Any] = {}
    for name, value in flat.items():
        if value is None:
            continue
        inner = whole
        *path, last = name.split(".")
        for step in path:
            inner = inner.setdefault(step, {})
        inner[last] = value
    return whole


def flattened(whole: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """An object whose inner objects are dotted names; arrays stay as they are."""
    flat: dict[str, Any] = {}
    for name, value in whole.items():
        if isinstance(value, dict):
            flat.update(flattened(value, f"{prefix}{name}."))
        elif value is not None:
            flat[prefix + name] = value
    return flat


async def lines(
    directory: Directory,
    untouched: Callable[[pl.Series], Iterable[str]],
    touched: Callable[[Sequence[int]], Iterable[str]],
    order: random.Random | None = None,
) -> AsyncIterator[list[str]]:
    """Everybody in a directory as lines, part by part, giving way to other calls between parts.

    Args:
        directory: Who is there.
        untouched: The lines of people of these ids, whom nobody wrote to; by columns.
        touched: The lines of people of these ids, who were written to.
        order: The disorder of parts and lines; by id where there is none.
    """
    parts: list[tuple[pl.Series | None, list[int]]] = [
        (ids, directory.among(ids[0], ids[-1])) for ids in directory.population.parts()
    ]
    newcomers = directory.newcomers()
    parts += [(None, newcomers[at : at + _PART]) for at in range(0, len(newcomers), _PART)]
    if order is not None:
        order.shuffle(parts)
    for ids, written in parts:
        await asyncio.sleep(0)
        found = list(touched([number for number in written if not directory.touched[number].gone]))
        if ids is not None:
            found += untouched(ids.filter(~ids.is_in(written)) if written else ids)
        if order is not None:
            order.shuffle(found)
        yield found


async def in_order(parts: AsyncIterator[list[str]], *names: str) -> AsyncIterator[bytes]:
    """JSON lines in the order of these text members, whatever order they come in; to be compared byte for byte."""
    frames = [pl.DataFrame({"line": part}, schema={"line": pl.String}) async for part in parts]
    keys = [pl.col("line").str.extract(f'"{name}":"([^"]*)"').fill_null("") for name in names]
    whole = pl.concat([*frames, pl.DataFrame(schema={"line": pl.String})]).sort(*keys, maintain_order=True)
    for part in whole.iter_slices(_PART):
        yield ("\n".join(part["line"].to_list()) + "\n").encode()


async def csv_parts(
    parts: AsyncIterator[list[str]],
    names: Sequence[str],
    delimiter: str,
    shown: Callable[[dict[str, Any]], dict[str, Any]],
) -> AsyncIterator[bytes]:
    """JSON lines as CSV with a header; what is not a text is JSON text.

    Args:
        parts: The lines, part by part.
        names: The columns.
        delimiter: Between columns.
        shown: The columns of a row, of its members as texts.
    """
    yield (delimiter.join(names) + "\n").encode()
    async for part in parts:
        text = io.StringIO()
        writer = csv.DictWriter(
            text, names, restval="", extrasaction="ignore", delimiter=delimiter, lineterminator="\n"
        )
        writer.writerows(shown(dict(_texts(json.loads(line)))) for line in part)
        yield text.getvalue().encode()


def _texts(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
