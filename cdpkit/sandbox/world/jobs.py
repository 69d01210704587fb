"""Work that a call starts and others ask about: enqueued, running, over; with files where it writes some."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from cdpkit.sandbox.world.files import Shelf

Asked = TypeVar("Asked")

_FORGOTTEN = 60.0


@dataclass(slots=True)
class Job(Generic[Asked]):
    """A job.

    Attributes:
        number: Its id; a vendor with other ids makes them of it.
        asked: What the call that started it asked for.
        begun: Unix seconds.
        polls: How often it was asked about since it was its turn.
        files: Name and size of those that are written.
        written: Whether its work is done.
        truncated: Whether its files would have been too large.
        cut_short: The state in which it was ended before it was through, such as cancelled or failed.
        ended: Unix seconds.
    """

    number: int
    asked: Asked
    begun: float
    polls: int = 0
    files: list[tuple[str, int]] = field(default_factory=list)
    written: bool = False
    truncated: bool = False
    cut_short: str | None = None
    ended: float | None = None


@dataclass(slots=True)
class Jobs(Generic[Asked]):
    """The jobs of an account. Where one is follows from how often it was asked about, so that no test has to wait.

    Attributes:
        clock: Unix seconds.
        stages: The vendor's words for the states that a job goes through; the last one is that of success.
        polls: How often a job is asked about in each state but the last.
        first: The number of the first job.
        at_once: How many are not in their first state at a time.
    """

    clock: Callable[[], float]
    stages: tuple[str, ...]
    polls: int = 1
    first: int = 1
    at_once: int = 1_000_000
    _jobs: dict[int, Job[Asked]] = field(default_factory=dict, repr=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, repr=False)

    def __iter__(self) -> Iterator[Job[Asked]]:
        return iter(list(self._jobs.values()))

    def get(self, number: int) -> Job[Asked] | None:
        """The job of this number."""
        return self._jobs.get(number)

    def start(self, asked: Asked, work: Callable[[Job[Asked]], Awaitable[None]]) -> Job[Asked]:
        """Start a job; its work goes on between other calls, and looks at `cut_short` now and then."""
        job = Job(self.first + len(self._jobs), asked, self.clock())
        self._jobs[job.number] = job
        task = asyncio.create_task(_done(job, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def state(self, job: Job[Asked]) -> str:
        """Where a job is."""
        if job.cut_short is not None:
            return job.cut_short
        last = len(self.stages) - 1
        if not job.written or job.polls == 0:
            return self.stages[0]
        return self.stages[min((job.polls - 1) // self.polls if self.polls > 0 else last, last)]

    def over(self, job: Job[Asked]) -> bool:
        """Whether a job will change no more."""
        return job.cut_short is not None or self.state(job) == self.stages[-1]

    def poll(self, job: Job[Asked]) -> str:
        """Ask where a job is, which brings it on once it is its turn."""
        if job.written and self._before(job) < self.at_once:
            job.polls += 1
        if job.ended is None and self.over(job):
            job.ended = self.clock()
        return self.state(job)

    def _before(self, job: Job[Asked]) -> int:
        """How many jobs are before this one; one that nobody asks about does not block others for ever."""
        now = self.clock()
        return sum(
            each.number < job.number and not self.over(each) and now - each.begun < _FORGOTTEN
            for each in self._jobs.values()
        )

    def end(self, job: Job[Asked], state: str) -> None:
        """End a job that is not over: cancelled, failed, interrupted."""
        job.cut_short = state
        job.ended = self.clock()


async def _done(job: Job[Asked], work: Callable[[Job[Asked]], Awaitable[None]]) -> None:
    await work(job)
    job.written = True


async def write_files(
    job: Job[Asked], contents: AsyncIterator[bytes], shelf: Shelf, most: int, name: Callable[[int], str]
) -> None:
    """Write the files of a job in a folder of its number, and end with `truncated` beyond so many bytes.

    Args:
        job: The job.
        contents: The files, one by one.
        shelf: Where they are written.
        most: Bytes of all of them.
        name: The name of the file of a position.
    """
    total = 0
    async for content in contents:
        total += len(content)
        if job.cut_short is not None:
            return
        if total > most:
            job.truncated = True
            return
        shelf.put(str(job.number), name(len(job.files)), content)
        job.files.append((name(len(job.files)), len(content)))
