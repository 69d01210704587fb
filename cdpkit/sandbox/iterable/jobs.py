"""Exports as jobs, `/api/export/start` and what follows: files that appear, with addresses that expire."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.gate import Endpoint
from cdpkit.sandbox.iterable.answers import answer, bad_json, body, envelope, refuse
from cdpkit.sandbox.iterable.asked import Asked, asked
from cdpkit.sandbox.iterable.events import Timeline
from cdpkit.sandbox.iterable.exports import UserRows, columns, with_created
from cdpkit.sandbox.iterable.project import Project
from cdpkit.sandbox.limiter import Rate
from cdpkit.sandbox.world.files import Shelf, pieces
from cdpkit.sandbox.world.jobs import Job, Jobs, write_files
from cdpkit.sandbox.world.rows import csv_parts

_RATE = Rate(1, 1)
_JOBS = Rate(5, 1)
_PAGE = 10
_AT_ONCE = 4
_FORMATS = {"application/x-json-stream": "json", "text/csv": "csv"}
_FIRST_JOB = 3562
_FIRST_FILE = 1_700_000_000_000
_STAGES = ("enqueued", "running", "completed")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a job exports, and the form of its files: json or csv, with its delimiter."""

    rows: Asked
    ending: str
    delimiter: str


def _iso(seconds: float) -> str:
    """A time of a job."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat(timespec="milliseconds")


class ExportJobs:
    """The calls about export jobs of a project."""

    def __init__(self, project: Project, timeline: Timeline) -> None:
        self.project = project
        self.rows = UserRows(project, timeline)
        self.jobs: Jobs[Wanted] = Jobs(project.clock, _STAGES, project.settings.job_polls, _FIRST_JOB, _AT_ONCE)
        self.shelf = Shelf(project.clock, project.settings.url_seconds)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls; files are had without a key."""
        return (
            Endpoint("POST", "/api/export/start", self.start, _RATE),
            Endpoint("GET", "/api/export/jobs", self.all, _JOBS),
            Endpoint("GET", "/api/export/{jobId}/files", self.files, _RATE),
            Endpoint("DELETE", "/api/export/{jobId}", self.cancel, _RATE),
            self.shelf.endpoint(),
        )

    async def start(self, request: Request) -> Response:
        """POST /api/export/start."""
        self.project.later.settle()
        given = await body(request)
        ending = _FORMATS.get(given.get("outputFormat", ""))
        if ending is None:
            raise bad_json(request, {"obj.outputFormat": f"one of {', '.join(_FORMATS)} expected"})
        for name in ("onlyFields", "omitFields", "delimiter"):
            if not isinstance(given.get(name, ""), str):
                raise bad_json(request, {f"obj.{name}": "String value expected"})
        wanted = asked(
            given.get("dataTypeName"),
            given.get("startDateTime"),
            given.get("endDateTime"),
            [given.get("onlyFields", "")],
            [given.get("omitFields", "")],
            given.get("range"),
            self.project.clock(),
        )
        job = self.jobs.start(Wanted(wanted, ending, given.get("delimiter", ",")), self._write)
        if job.number - _FIRST_JOB < self.project.settings.job_failures:
            self.jobs.end(job, "failed")
        return answer({"jobId": job.number})

    async def _write(self, job: Job[Wanted]) -> None:
        """Write the files of a job."""
        settings = self.project.settings
        contents = pieces(self._parts(job), settings.file_bytes)
        await write_files(
            job, contents, self.shelf, settings.job_bytes, lambda at: f"file-{_FIRST_FILE + at}.{job.asked.ending}"
        )

    async def _parts(self, job: Job[Wanted]) -> AsyncIterator[list[bytes]]:
        wanted = job.asked
        rows = self.rows.lines(wanted.rows, order=self.rows.order(job.number))
        if wanted.ending == "json":
            async for part in rows:
                yield [line.encode() + (b"\n" if at else b"\n\n") for at, line in enumerate(part)]
        else:
            async for text in csv_parts(rows, columns(self.project, wanted.rows), wanted.delimiter, with_created):
                yield [text]

    def _job(self, request: Request) -> Job[Wanted]:
        number = request.path_params["jobId"]
        found = self.jobs.get(int(number)) if number.isdecimal() else None
        if found is None:
            raise refuse("NotFound", f"Export job {number} does not exist", None, 404)
        return found

    async def files(self, request: Request) -> Response:
        """GET /api/export/{jobId}/files: at most ten, after `startAfter`; the later half while it is running."""
        job = self._job(request)
        state = self.jobs.poll(job)
        # Nothing says that names only grow: the last files are there first.
        first = {"enqueued": len(job.files), "running": len(job.files) // 2}.get(state, 0)
        after = request.query_params.get("startAfter", "")
        names = [name for name, _ in job.files[first:] if name > after][:_PAGE]
        files = [{"file": name, "url": self.shelf.address(request, str(job.number), name)} for name in names]
        truncated = job.truncated and state == "completed"
        return answer({"jobId": job.number, "jobState": state, "exportTruncated": truncated, "files": files})

    async def all(self, request: Request) -> Response:
        """GET /api/export/jobs, perhaps those in one state alone."""
        state = request.query_params.get("jobState")
        return answer({"jobs": [self._shown(job) for job in self.jobs if state in {None, self.jobs.state(job)}]})

    def _shown(self, job: Job[Wanted]) -> dict[str, Any]:
        ended = {"endTime": _iso(job.ended)} if job.ended is not None else {}
        return {
            "id": job.number,
            "dataTypeName": job.asked.rows.data,
            "jobState": self.jobs.state(job),
            "scheduledStartTime": _iso(job.begun),
            **ended,
            "bytesExported": sum(size for _, size in job.files),
        }

    async def cancel(self, request: Request) -> Response:
        """DELETE /api/export/{jobId}."""
        job = self._job(request)
        if self.jobs.over(job):
            raise refuse("BadParams", f"Export job {job.number} is {self.jobs.state(job)}")
        self.jobs.end(job, "cancelling")
        return envelope()
