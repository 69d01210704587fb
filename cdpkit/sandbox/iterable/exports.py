"""The export of users as a stream, `/api/export/data.json` and `data.csv`, and the rows that jobs write too."""

import asyncio
import csv
import io
import json
import random
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import polars as pl
from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.gate import Endpoint
from cdpkit.sandbox.iterable.asked import Asked, asked
from cdpkit.sandbox.iterable.population import TIMES, flattened, json_lines
from cdpkit.sandbox.iterable.project import Project
from cdpkit.sandbox.limiter import Rate
from cdpkit.sandbox.stream import Stream

_RATE = Rate(4, 60)
_PART = 5000


class UserRows:
    """The rows of exports of users: flat, in no order."""

    def __init__(self, project: Project) -> None:
        self.project = project

    async def lines(
        self, wanted: Asked, *, order: random.Random | None, canonical: bool = False
    ) -> AsyncIterator[list[str]]:
        """JSON lines, part by part; shuffled where there is an order, else by id; members sorted where canonical."""
        if wanted.data != "user":
            return
        parts: list[tuple[pl.Series | None, list[int]]] = [
            (ids, self.project.among(ids[0], ids[-1])) for ids in self.project.population.parts()
        ]
        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=canonical).encode
        newcomers = self.project.newcomers()
        parts += [(None, newcomers[at : at + _PART]) for at in range(0, len(newcomers), _PART)]
        if order is not None:
            order.shuffle(parts)
        for ids, touched in parts:
            await asyncio.sleep(0)
            lines = [encode(row) for row in self._touched(wanted, touched)]
            if ids is not None:
                lines += self._untouched(wanted, ids, touched, canonical=canonical)
            if order is not None:
                order.shuffle(lines)
            yield lines

    def _touched(self, wanted: Asked, ids: Sequence[int]) -> Iterator[dict[str, Any]]:
        there = [number for number in ids if not self.project.touched[number].gone]
        takes = cache(wanted.takes)
        for whole in self.project.profiles(there):
            if (wanted.start or "") <= whole["profileUpdatedAt"] < (wanted.end or "~"):
                yield {name: value for name, value in flattened(whole).items() if takes(name)}

    def _untouched(self, wanted: Asked, ids: pl.Series, touched: Collection[int], *, canonical: bool) -> list[str]:
        frame = self.project.population.frame(ids, self.project.roster.static())
        if touched:
            frame = frame.filter(~pl.col("id").is_in(list(touched)))
        if wanted.start is not None:
            frame = frame.filter(pl.col("profileUpdatedAt") >= wanted.start)
        if wanted.end is not None:
            frame = frame.filter(pl.col("profileUpdatedAt") < wanted.end)
        names = [name for name in frame.columns if name != "id" and wanted.takes(name)]
        return json_lines(frame, sorted(names) if canonical else names).to_list()

    def order(self, number: int) -> random.Random:
        """The disorder of the export of this number."""
        return random.Random(f"{self.project.population.seed}/{number}")  # noqa: S311 - an order


class Exports:
    """The calls that stream."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.rows = UserRows(project)
        self._calls = 0

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        return (
            Endpoint("GET", "/api/export/data.json", self.as_json, _RATE),
            Endpoint("GET", "/api/export/data.csv", self.as_csv, _RATE),
        )

    def _asked(self, request: Request) -> Asked:
        self.project.settle()
        self._calls += 1
        given = request.query_params
        return asked(
            given.get("dataTypeName"),
            given.get("startDateTime"),
            given.get("endDateTime"),
            given.getlist("onlyFields"),
            given.getlist("omitFields"),
            given.get("range"),
            self.project.clock(),
        )

    async def as_json(self, request: Request) -> Response:
        """GET /api/export/data.json: an object a line, blank lines between, no line end at the end."""
        lines = self.rows.lines(self._asked(request), order=self.rows.order(self._calls))
        return Stream(_with_blanks(lines), "text/plain", gzip=not self.project.settings.plain)

    async def as_csv(self, request: Request) -> Response:
        """GET /api/export/data.csv: a header, `createdAt` always first."""
        wanted = self._asked(request)
        delimiter = request.query_params.get("delimiter", ",")
        stamp = datetime.fromtimestamp(self.project.clock(), UTC).strftime("%Y%m%d%H%M%S")
        name = {"Content-Disposition": f'attachment; filename="{wanted.data}_{stamp}.csv"'}
        lines = self.rows.lines(wanted, order=self.rows.order(self._calls))
        parts = csv_parts(lines, self.columns(wanted), delimiter)
        return Stream(parts, "text/csv", name, gzip=not self.project.settings.plain)

    def columns(self, wanted: Asked) -> list[str]:
        """The columns of a CSV file."""
        return columns(self.project, wanted)


def columns(project: Project, wanted: Asked) -> list[str]:
    """The columns of a CSV file: `createdAt`, then all known fields that were asked for."""
    kept = [name for name, kind in project.fields.types.items() if kind != "object" and wanted.takes(name)]
    return ["createdAt", *kept]


async def csv_parts(lines: AsyncIterator[list[str]], names: Sequence[str], delimiter: str) -> AsyncIterator[bytes]:
    """Rows as CSV; what is not a single value is JSON text."""
    yield (delimiter.join(names) + "\n").encode()
    async for part in lines:
        text = io.StringIO()
        writer = csv.DictWriter(
            text, names, restval="", extrasaction="ignore", delimiter=delimiter, lineterminator="\n"
        )
        for line in part:
            row = json.loads(line)
            shown = {
                name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                for name, value in row.items()
            }
            writer.writerow({"createdAt": row.get(TIMES[0], ""), **shown})
        yield text.getvalue().encode()


async def _with_blanks(lines: AsyncIterator[list[str]]) -> AsyncIterator[bytes]:
    """Lines as Iterable streams them: a blank one now and then, and nothing after the last."""
    between = ""
    async for part in lines:
        if part:
            yield (between + "\n".join([*part[:1], "", *part[1:]])).encode()
            between = "\n"
