"""The export jobs by which everybody comes, and events do, and how far they are."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from cdpkit.errors import RemoteError
from cdpkit.kit.answers import OK, part, said
from cdpkit.kit.declare import Settings
from cdpkit.kit.effects import Effects, Keep, Wait
from cdpkit.kit.jobs import Started, once, started_from, until
from cdpkit.kit.pages import download, store
from cdpkit.vendors.iterable.api import get, post, read

FIRST, LAST = "2000-01-01 00:00:00", "2100-01-01 00:00:00"
"""Everybody was updated between these, so that no clock is needed."""
CLOCK = "%Y-%m-%d %H:%M:%S"
_TRIES = 3
USERS = "user"
_CALLED = {USERS: "users"}
"""What pages are called after, where that is not the data's own name."""
_REST = 5
"""Seconds before a job that failed is asked for again."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pull is.

    Attributes:
        windows: Spans of time that are still to be exported, from and to; the first is under way.
        job: Its job; `before` is the newest job of the project before that, None where it is not known.
        fetched: How many of its files are pages by now.
        after: The name of the last of them.
        failures: How many jobs of this window have failed.
        done: The jobs of the windows before, with the number of pages of each.
        lists: The ids of the lists that were asked for.
        stored: The ids of those that are pages.
        warnings: What could not be had.
        data: What is exported, as Iterable calls it.
        before: The pages of other data, which came before it.
    """

    windows: tuple[tuple[str, str], ...] = ((FIRST, LAST),)
    job: Started = field(default_factory=Started)
    fetched: int = 0
    after: str | None = None
    failures: int = 0
    done: tuple[tuple[str, int], ...] = ()
    lists: tuple[str, ...] = ()
    stored: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    data: str = USERS
    before: tuple[str, ...] = ()

    @classmethod
    def of(cls, state: Mapping[str, Any] | None) -> "Progress":
        """Read what `Keep` was given; JSON has no tuples."""
        kept = {name: _tuples(value) for name, value in (state or {}).items()}
        if "asked" in kept:  # as it was kept in workspaces of format 1
            job = {"asked": kept.pop("asked"), "before": kept.pop("newest"), "job": kept["job"]}
            kept["job"] = job | {"job": None if job["job"] is None else str(job["job"])}
        return cls(**kept | {"job": started_from(kept.get("job"))})

    def kept(self) -> Keep:
        """What is to be remembered."""
        return Keep(asdict(self))

    def again(self, *windows: tuple[str, str]) -> "Progress":
        """Without its job, whose window is replaced by these."""
        whole = (*windows, *self.windows[1:])
        return replace(self, windows=whole, job=Started(), fetched=0, after=None, failures=0)

    def pages(self) -> tuple[str, ...]:
        """The pages of all jobs that are done."""
        own = (_page(self.data, job, number) for job, count in self.done for number in range(1, count + 1))
        return (*self.before, *own)

    def onward(self, data: str, *windows: tuple[str, str]) -> "Progress":
        """The same with other data, of these spans of time, when all pages of the data before it are there."""
        return Progress(windows, data=data, before=self.pages(), warnings=self.warnings)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value


def _page(data: str, job: str | None, number: int) -> str:
    return f"{_CALLED.get(data, data)}-{job}-{number}.ndjson"


def of_data(data: str, pages: Iterable[str]) -> tuple[str, ...]:
    """Those of the pages that hold this data."""
    return tuple(page for page in pages if page.startswith(f"{_CALLED.get(data, data)}-"))


def started(settings: Settings, fields: Mapping[str, str], progress: Progress) -> Effects[Progress]:
    """Start the job of the first window, unless it is under way.

    Args:
        settings: The connection's.
        fields: The part of the job's body that leaves out fields.
        progress: How far the pull is.
    """
    if not progress.windows:
        return progress
    job = yield from once(
        partial(_start, settings, fields, progress),
        partial(_find, settings, progress.data),
        progress.job,
        keep=lambda job: replace(progress, job=job).kept(),
        before=partial(_newest, settings, progress.data),
    )
    return replace(progress, job=replace(progress.job, asked=True, job=job))


def _start(settings: Settings, fields: Mapping[str, str], progress: Progress) -> Effects[str]:
    start, end = (f"{moment} +00:00" for moment in progress.windows[0])
    body = {"dataTypeName": progress.data, "outputFormat": "application/x-json-stream"}
    body |= {"startDateTime": start, "endDateTime": end, **fields}
    call = post(settings, "/api/export/start", "export_job", json.dumps(body).encode(), repeatable=False)
    reply = yield call
    return str(part(read(reply, settings), "jobId", int, reply))


def _jobs(settings: Settings, data: str) -> Effects[dict[int, str] | None]:
    """The project's jobs for this data, with their states; None where they cannot be seen: none is found again then."""
    reply = yield get(settings, "/api/export/jobs", "export_job")
    jobs = said(reply).get("jobs") if reply.status in OK else None
    if not isinstance(jobs, list):
        return None
    found = [job for job in jobs if isinstance(job, dict) and job.get("dataTypeName") == data]
    return {job["id"]: _state(job) for job in found if isinstance(job.get("id"), int)}


def _newest(settings: Settings, data: str) -> Effects[int | None]:
    jobs = yield from _jobs(settings, data)
    return None if jobs is None else max(jobs, default=0)


def _find(settings: Settings, data: str, newest: int | None) -> Effects[str | None]:
    """The job that was asked for: the only living one that came after `newest`."""
    jobs = yield from _jobs(settings, data)
    living = {job for job, state in (jobs or {}).items() if state in ("enqueued", "running", "completed")}
    since = [job for job in living if newest is not None and job > newest]
    return str(since[0]) if len(since) == 1 else None


def _state(job: Mapping[str, Any]) -> str:
    return str(job.get("jobState")).lower()


def followed(settings: Settings, progress: Progress) -> Effects[Progress]:
    """Wait until the job is done, and fetch its files.

    They are listed from the start once it is done: nothing says that the names of files only grow, and a job that is
    running may start anew.
    """
    seen, vain = set[str](), 0
    while True:
        there, onward = yield from until(partial(_files, settings, progress))
        if onward is not progress:
            return onward
        files = tuple(file for file in there if file[0] not in seen)
        if not files:
            return replace(progress.again(), done=(*progress.done, (str(progress.job.job), progress.fetched)))
        before = progress.fetched
        progress = yield from _fetch(progress, files)
        stored = progress.fetched - before
        seen |= {name for name, _ in files[:stored]}
        vain = 0 if stored else vain + 1
        if vain == _TRIES:
            raise RemoteError(
                f"the files of export job {progress.job.job} cannot be fetched although their addresses are fresh; "
                "check that the network lets through the address of Iterable's file store"
            )


_Files = tuple[tuple[str, str], ...]
"""Names and addresses."""


def _files(settings: Settings, progress: Progress) -> Effects[tuple[_Files, Progress] | None]:
    """Files that are not pages yet, none after the last, and the same progress; None while the job works.

    It is another progress where another job is needed, or the files of this one are needed anew.

    Raises:
        RemoteError: Nobody knows the job any more, somebody cancelled it, or jobs fail again and again.
    """
    after = () if progress.after is None else (("startAfter", progress.after),)
    job = progress.job.job
    reply = yield get(settings, f"/api/export/{job}/files", "export_job", *after)
    if reply.status in (400, 404):
        yield progress.again(progress.windows[0]).kept()
        raise RemoteError(f"Iterable no longer knows export job {job}; run it again to start another")
    told = read(reply, settings)
    state = _state(told)
    if told.get("exportTruncated") is True:
        return (), progress.again(*_halved(progress.windows[0]))
    if state == "failed" and progress.failures + 1 < _TRIES:
        again = replace(progress.again(progress.windows[0]), failures=progress.failures + 1)
        yield again.kept()
        yield Wait(_REST)
        return (), again
    if state in ("failed", "cancelling", "cancelled"):
        yield progress.again(progress.windows[0]).kept()
        often = f", as were the {progress.failures} before it" if progress.failures else ""
        raise RemoteError(f"export job {job} was {state} at Iterable{often}; run it again to start another")
    found = part(told, "files", list, reply)
    files = tuple((part(file, "file", str, reply), part(file, "url", str, reply)) for file in found)
    if state == "completed":
        return files, progress
    return None if progress.after is None else ((), replace(progress, fetched=0, after=None))


def _halved(window: tuple[str, str]) -> tuple[tuple[str, str], tuple[str, str]]:
    start, end = (datetime.strptime(moment, CLOCK) for moment in window)  # noqa: DTZ007
    half = (end - start) // 2 // timedelta(seconds=1)
    if not half:
        raise RemoteError(
            "Iterable cuts off the export of a single second, so people would be missing; ask its support"
        )
    middle = (start + timedelta(seconds=half)).strftime(CLOCK)
    return (window[0], middle), (middle, window[1])


def _fetch(progress: Progress, files: _Files) -> Effects[Progress]:
    """Store files as pages, up to the first whose address has expired."""

    def after(stored: int) -> Progress:
        return replace(progress, fetched=progress.fetched + stored, after=files[stored - 1][0])

    numbers = range(progress.fetched + 1, progress.fetched + len(files) + 1)
    calls = [
        download(url, "download", _page(progress.data, progress.job.job, number))
        for (_, url), number in zip(files, numbers, strict=True)
    ]
    stored = yield from store(calls, lambda stored: after(stored).kept())
    return after(stored) if stored else progress
