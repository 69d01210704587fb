"""Jobs, and files with addresses that expire."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request

from cdpkit.sandbox.world.files import Shelf, pieces
from cdpkit.sandbox.world.jobs import Job, Jobs, write_files

STAGES = ("enqueued", "running", "completed")


async def nothing(_: Job[str]) -> None:
    return


async def begun(jobs: Jobs[str]) -> Job[str]:
    job = jobs.start("people", nothing)
    await asyncio.sleep(0)
    assert job.written
    return job


def test_a_job_goes_on_by_being_asked_about() -> None:
    """Nobody has to wait: it is in each state for so many polls, and then in the last for ever."""

    async def told(polls: int) -> list[str]:
        jobs: Jobs[str] = Jobs(lambda: 50.0, STAGES, polls)
        job = await begun(jobs)
        assert jobs.state(job) == "enqueued"
        states = [jobs.poll(job) for _ in range(6)]
        assert (jobs.over(job), job.ended) == (True, 50.0)
        return states

    assert asyncio.run(told(0)) == ["completed"] * 6
    assert asyncio.run(told(1)) == ["enqueued", "running", *["completed"] * 4]
    assert asyncio.run(told(2)) == ["enqueued"] * 2 + ["running"] * 2 + ["completed"] * 2


def test_a_job_can_end_before_it_is_through() -> None:
    """Cancelled, failed, interrupted: it stays so, however often it is asked about."""

    async def ended() -> None:
        jobs: Jobs[str] = Jobs(lambda: 50.0, STAGES)
        job = await begun(jobs)
        jobs.poll(job)
        jobs.end(job, "failed")
        assert [jobs.poll(job) for _ in range(4)] == ["failed"] * 4
        assert jobs.over(job)

    asyncio.run(ended())


def test_jobs_wait_for_their_turn() -> None:
    """One at a time: the second goes on when the first is over, or when nobody asked about that for long."""

    async def queued() -> None:
        now = [0.0]
        jobs: Jobs[str] = Jobs(lambda: now[0], STAGES, polls=0, first=7, at_once=1)
        one, two, three = [await begun(jobs) for _ in range(3)]
        assert [each.number for each in jobs] == [7, 8, 9]
        assert jobs.get(8) is two
        assert jobs.poll(two) == "enqueued"
        assert [jobs.poll(one), jobs.poll(two)] == ["completed", "completed"]
        jobs.start("people", nothing)
        now[0] = 61.0
        assert jobs.poll(three) == "completed"

    asyncio.run(queued())


async def parts() -> AsyncIterator[list[bytes]]:
    for part in ([b"one\n", b"two\n"], [b"three\n"], [b"a long line\n", b"x\n"]):
        yield part


def test_files_hold_whole_lines() -> None:
    """A file has at most so many bytes, unless a single line is longer."""

    async def cut(most: int) -> list[bytes]:
        return [each async for each in pieces(parts(), most)]

    assert asyncio.run(cut(8)) == [b"one\ntwo\n", b"three\n", b"a long line\n", b"x\n"]
    assert asyncio.run(cut(1000)) == [b"one\ntwo\nthree\na long line\nx\n"]


def asked(address: str = "") -> Request:
    path, _, query = address.removeprefix("http://testserver").partition("?")
    *_, folder, name = ("", "", *path.split("/"))
    return Request(
        {
            "type": "http",
            "scheme": "http",
            "method": "GET",
            "path": path or "/",
            "root_path": "",
            "server": ("testserver", 80),
            "headers": [],
            "query_string": query.encode(),
            "path_params": {"folder": folder, "file": name},
        }
    )


def test_what_does_not_fit_is_left_out() -> None:
    """Beyond so many bytes a job is truncated; its files until then are there."""

    async def written(most: int) -> Job[str]:
        shelf = Shelf(lambda: 0.0, 10.0)
        job = Job(1, "people", 0.0)
        await write_files(job, pieces(parts(), 8), shelf, most, lambda at: f"{at}.json")
        return job

    whole, truncated = asyncio.run(written(1000)), asyncio.run(written(15))
    assert whole.files == [("0.json", 8), ("1.json", 6), ("2.json", 12), ("3.json", 2)]
    assert (truncated.files, truncated.truncated) == (whole.files[:2], True)


def test_an_address_is_good_for_a_while() -> None:
    """A changed address, one that expired, and one of a file that there is not yet are refused alike."""

    async def had() -> None:
        now = [0.0]
        shelf = Shelf(lambda: now[0], 10.0)
        address = shelf.address(asked(), "7", "a.json")
        statuses = [(await shelf.download(asked(address))).status_code]
        shelf.put("7", "a.json", b"{}")
        statuses += [(await shelf.download(asked(each))).status_code for each in (address, address + "0")]
        now[0] = 11.0
        statuses.append((await shelf.download(asked(address))).status_code)
        assert statuses == [403, 200, 403, 403]

    asyncio.run(had())
