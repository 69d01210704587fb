"""Exports as jobs, `/api/export/start` and what follows: files that appear, with addresses that expire."""

import asyncio
import hashlib
import hmac
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from cdpkit.sandbox.gate import Endpoint
from cdpkit.sandbox.iterable.answers import answer, bad_json, body, envelope, refuse
from cdpkit.sandbox.iterable.asked import Asked, asked
from cdpkit.sandbox.iterable.exports import UserRows, columns, csv_parts
from cdpkit.sandbox.iterable.project import Project, shown_time
from cdpkit.sandbox.limiter import Rate

_RATE = Rate(1, 1)
_JOBS = Rate(5, 1)
_PAGE = 10
_AT_ONCE = 4
_SECRET = b"signs the addresses of files"
_FORMATS = {"application/x-json-stream": "json", "text/csv": "csv"}
_FIRST_JOB = 3562
_FIRST_FILE = 1_700_000_000_000
_FORGOTTEN = 60.0
_OVER = {"completed", "cancelled", "failed"}


@dataclass(slots=True)
class Job:
    """An export job.

    Attributes:
        id: Its number.
        wanted: What it exports.
        ending: json or csv.
        delimiter: Of a CSV file.
        begun: Unix seconds.
        polls: How often its files were asked for since it was its turn.
        files: Name and size of those that are written.
        written: Whether all of them are.
        truncated: Whether it would have been too large.
        cancelled: Whether it was cancelled.
        ended: Unix seconds.
    """

    id: int
    wanted: Asked
    ending: str
    delimiter: str
    begun: float
    polls: int = 0
    files: list[tuple[str, int]] = field(default_factory=list)
    written: bool = False
    truncated: bool = False
    cancelled: bool = False
    ended: float | None = None


class Jobs:
    """The calls about export jobs of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.rows = UserRows(project)
        self._jobs: dict[int, Job] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls; files are had without a key."""
        return (
            Endpoint("POST", "/api/export/start", self.start, _RATE),
            Endpoint("GET", "/api/export/jobs", self.all, _JOBS),
            Endpoint("GET", "/api/export/{jobId}/files", self.files, _RATE),
            Endpoint("DELETE", "/api/export/{jobId}", self.cancel, _RATE),
            Endpoint("GET", "/_files/{jobId}/{file}", self.download, None, open=True),
        )

    async def start(self, request: Request) -> Response:
        """POST /api/export/start."""
        self.project.settle()
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
        job = Job(_FIRST_JOB + len(self._jobs), wanted, ending, given.get("delimiter", ","), self.project.clock())
        self._jobs[job.id] = job
        task = asyncio.create_task(self._write(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return answer({"jobId": job.id})

    def _home(self, job: Job) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="cdpkit-sandbox-")
        home = Path(self._folder.name) / str(job.id)
        home.mkdir(exist_ok=True)
        return home

    async def _write(self, job: Job) -> None:
        """Write the files of a job, giving way to other calls between parts."""
        home, most, total = self._home(job), self.project.settings.file_bytes, 0
        async for piece in self._pieces(job, most):
            total += len(piece)
            if job.cancelled:
                return
            if total > self.project.settings.job_bytes:
                job.truncated = True
                break
            name = f"file-{_FIRST_FILE + len(job.files)}.{job.ending}"
            (home / name).write_bytes(piece)
            job.files.append((name, len(piece)))
        job.written = True

    async def _pieces(self, job: Job, most: int) -> AsyncIterator[bytes]:
        """The contents of the files: whole lines, at most so many bytes a file."""
        held = bytearray()
        async for part in self._parts(job):
            for line in part:
                if held and len(held) + len(line) > most:
                    yield bytes(held)
                    held.clear()
                held += line
        if held:
            yield bytes(held)

    async def _parts(self, job: Job) -> AsyncIterator[list[bytes]]:
        lines = self.rows.lines(job.wanted, order=self.rows.order(job.id))
        if job.ending == "json":
            async for part in lines:
                yield [line.encode() + b"\n" for line in part]
        else:
            async for text in csv_parts(lines, columns(self.project, job.wanted), job.delimiter):
                yield [text]

    def _state(self, job: Job) -> str:
        """Where a job is; it is known by how often it was asked for, so that no test has to wait."""
        if job.cancelled:
            return "cancelled"
        polls = self.project.settings.job_polls
        if not job.written or job.polls <= polls:
            return "enqueued"
        return "running" if job.polls <= 2 * polls else "completed"

    def _others(self, job: Job) -> int:
        """How many jobs are before this one; one that nobody asks for does not block others for ever."""
        now = self.project.clock()
        return sum(
            each.id < job.id and self._state(each) not in _OVER and now - each.begun < _FORGOTTEN
            for each in self._jobs.values()
        )

    def _job(self, request: Request) -> Job:
        number = request.path_params["jobId"]
        found = self._jobs.get(int(number)) if number.isdecimal() else None
        if found is None:
            raise refuse("NotFound", f"Export job {number} does not exist", None, 404)
        return found

    async def files(self, request: Request) -> Response:
        """GET /api/export/{jobId}/files: at most ten, after `startAfter`; half of all while it is running."""
        job = self._job(request)
        if job.written and self._others(job) < _AT_ONCE:
            job.polls += 1
        state = self._state(job)
        shown = {"enqueued": 0, "running": len(job.files) // 2}.get(state, len(job.files))
        if state == "completed" and job.ended is None:
            job.ended = self.project.clock()
        after = request.query_params.get("startAfter", "")
        names = [name for name, _ in job.files[:shown] if name > after][:_PAGE]
        files = [{"file": name, "url": self._address(request, job, name)} for name in names]
        truncated = job.truncated and state == "completed"
        return answer({"jobId": job.id, "jobState": state, "exportTruncated": truncated, "files": files})

    def _signature(self, job: str, name: str, until: str) -> str:
        return hmac.new(_SECRET, f"{job}/{name}/{until}".encode(), hashlib.sha256).hexdigest()

    def _address(self, request: Request, job: Job, name: str) -> str:
        until = f"{self.project.clock() + self.project.settings.url_seconds:.3f}"
        signature = self._signature(str(job.id), name, until)
        return f"{request.base_url}_files/{job.id}/{name}?X-Amz-Expires={until}&X-Amz-Signature={signature}"

    async def download(self, request: Request) -> Response:
        """GET a file at its signed address, for as long as that is good."""
        job, name = request.path_params["jobId"], request.path_params["file"]
        until = request.query_params.get("X-Amz-Expires", "")
        signature = request.query_params.get("X-Amz-Signature", "")
        if not hmac.compare_digest(signature.encode(), self._signature(job, name, until).encode()):
            return _denied("SignatureDoesNotMatch", "The request signature does not match")
        if float(until) < self.project.clock():
            return _denied("AccessDenied", "Request has expired")
        return FileResponse(self._home(self._jobs[int(job)]) / name, media_type="application/octet-stream")

    async def all(self, request: Request) -> Response:
        """GET /api/export/jobs, perhaps those in one state alone."""
        state = request.query_params.get("jobState")
        jobs = [self._shown(job) for job in self._jobs.values() if state in {None, self._state(job)}]
        return answer({"jobs": jobs})

    def _shown(self, job: Job) -> dict[str, Any]:
        ended = {"endTime": shown_time(job.ended)} if job.ended is not None else {}
        return {
            "id": job.id,
            "dataTypeName": job.wanted.data,
            "jobState": self._state(job),
            "scheduledStartTime": shown_time(job.begun),
            **ended,
            "bytesExported": sum(size for _, size in job.files),
        }

    async def cancel(self, request: Request) -> Response:
        """DELETE /api/export/{jobId}."""
        job = self._job(request)
        if self._state(job) in _OVER:
            raise refuse("BadParams", f"Export job {job.id} is {self._state(job)}")
        job.cancelled = True
        job.ended = self.project.clock()
        return envelope()


def _denied(code: str, message: str) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(text, 403, media_type="application/xml")
