"""The export of users as a stream, `/api/export/data.json` and `data.csv`, and the rows that jobs write too."""

import json
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import polars as pl
from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.gate import Endpoint
from cdpkit.sandbox.iterable.asked import Asked, asked
from cdpkit.sandbox.iterable.events import Timeline
from cdpkit.sandbox.iterable.profile import TIMES
from cdpkit.sandbox.iterable.project import Project
from cdpkit.sandbox.limiter import Rate
from cdpkit.sandbox.stream import Stream
from cdpkit.sandbox.world.rows import csv_parts, flattened, json_lines, lines

_RATE = Rate(4, 60)
_PART = 5000


class UserRows:
    """The rows of exports of users, and of events: flat, in no order."""

    def __init__(self, project: Project, timeline: Timeline) -> None:
        self.project = project
        self.timeline = timeline

    async def lines(
        self, wanted: Asked, *, order: random.Random | None, canonical: bool = False
    ) -> AsyncIterator[list[str]]:
        """JSON lines, part by part; shuffled where there is an order, else by id; members sorted where canonical."""
        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=canonical).encode
        if wanted.data != "user":
            found = [encode(row) for row in self.timeline.rows(wanted)]
            if order is not None:
                order.shuffle(found)
            for at in range(0, len(found), _PART):
                yield found[at : at + _PART]
            return
        async for part in lines(
            self.project.people,
            lambda ids: self._untouched(wanted, ids, canonical=canonical),
            lambda ids: [encode(row) for row in self._touched(wanted, ids)],
            order,
        ):
            yield part

    def _touched(self, wanted: Asked, ids: Sequence[int]) -> Iterator[dict[str, Any]]:
        takes = cache(wanted.takes)
        for whole in self.project.profiles(ids):
            if (wanted.start or "") <= whole["profileUpdatedAt"] < (wanted.end or "~"):
                yield {name: value for name, value in flattened(whole).items() if takes(name)}

    def _untouched(self, wanted: Asked, ids: pl.Series, *, canonical: bool) -> list[str]:
        frame = self.project.start_frame(ids)
        if wanted.start is not None:
            frame = frame.filter(pl.col("profileUpdatedAt") >= wanted.start)
        if wanted.end is not None:
            frame = frame.filter(pl.col("profileUpdatedAt") < wanted.end)
        names = [name for name in frame.columns if name != "id" and wanted.takes(name)]
        return json_lines(frame, sorted(names) if canonical else names, TIMES).to_list()

    def order(self, number: int) -> random.Random:
        """The disorder of the export of this number."""
        return random.Random(f"{self.project.people.population.seed}/{number}")  # noqa: S311 - an order


class Exports:
    """The calls that stream."""

    def __init__(self, project: Project, timeline: Timeline) -> None:
        self.project = project
        self.rows = UserRows(project, timeline)
        self._calls = 0

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        return (
            Endpoint("GET", "/api/export/data.json", self.as_json, _RATE),
            Endpoint("GET", "/api/export/data.csv", self.as_csv, _RATE),
        )

    def _asked(self, request: Request) -> Asked:
        self.project.later.settle()
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
        """GET /api/export/data.json: an object a line, no line end at the end."""
        rows = self.rows.lines(self._asked(request), order=self.rows.order(self._calls))
        return Stream(_joined(rows), "text/plain", gzip=not self.project.settings.plain)

    async def as_csv(self, request: Request) -> Response:
        """GET /api/export/data.csv: a header, `createdAt` always first."""
        wanted = self._asked(request)
        delimiter = request.query_params.get("delimiter", ",")
        stamp = datetime.fromtimestamp(self.project.clock(), UTC).strftime("%Y%m%d%H%M%S")
        name = {"Content-Disposition": f'attachment; filename="{wanted.data}_{stamp}.csv"'}
        rows = self.rows.lines(wanted, order=self.rows.order(self._calls))
        parts = csv_parts(rows, columns(self.project, wanted), delimiter, with_created)
        return Stream(parts, "text/csv", name, gzip=not self.project.settings.plain)


def columns(project: Project, wanted: Asked) -> list[str]:
    """The columns of a CSV file: `createdAt`, then all known fields that were asked for."""
    kept = [name for name, kind in project.types.items() if kind != "object" and wanted.takes(name)]
    return ["createdAt", *kept]


def with_created(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a CSV file."""
    return {"createdAt": row.get(TIMES[0], ""), **row}


async def _joined(rows: AsyncIterator[list[str]]) -> AsyncIterator[bytes]:
    """Lines as Iterable streams them: nothing after the last, and none that is blank."""
    between = ""
    async for part in rows:
        if part:
            yield (between + "\n".join(part)).encode()
            between = "\n"
