"""A vendor that costs next to nothing: it takes all people it is sent, and hands out files of an export job.

`python -m tests.benchmarks.sink FOLDER [FILE]` speaks as much of Iterable's API as a sync needs, on loopback, in a
process of its own. It prints its address, hands out the files that are in the folder, and ends when standard input
does. Bodies that it is sent are kept, one a line, in a file where one is named.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

ROOT = Path(__file__).parents[2]
JOB = 1
AT_ONCE = 10
"""Files that the vendor names in an answer."""
LIST = {"id": 501, "name": "Newsletter", "listType": "Standard"}
FIELDS = {
    **dict.fromkeys(("email", "userId", "plan", "country", "city", "company", "language", "tags"), "string"),
    **dict.fromkeys(("points", "emailListIds"), "long"),
    **dict.fromkeys(("profileUpdatedAt", "signup_date"), "date"),
    "balance": "double",
    "subscribed": "boolean",
}
"""The fields that the project has, with their types."""


@contextmanager
def sink(files: Path, *kept: Path) -> Iterator[str]:
    """The address of a sink that hands out the files of a folder, and runs as long as the block lasts."""
    command = [sys.executable, "-m", "tests.benchmarks.sink", str(files), *map(str, kept)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def application(files: Path, kept: BinaryIO | None) -> "Starlette":
    """What is answered to whom; bodies go into a file, one a line, where there is one."""
    from starlette.applications import Starlette
    from starlette.responses import FileResponse, JSONResponse
    from starlette.routing import Route

    names = sorted(path.name for path in files.iterdir())
    taken = {"calls": 0, "people": 0, "bytes": 0}

    async def bulk(request: "Request") -> "Response":
        body = await request.body()
        people = body.count(b'"dataFields"')
        if kept is not None:
            kept.write(body + b"\n")
        for what, more in (("calls", 1), ("people", people), ("bytes", len(body))):
            taken[what] += more
        return JSONResponse({"successCount": people, "failCount": 0})

    async def named(request: "Request") -> "Response":
        after = request.query_params.get("startAfter", "")
        following = [name for name in names if name > after][:AT_ONCE]
        found = [{"file": name, "url": f"{request.base_url}files/{name}"} for name in following]
        return JSONResponse({"jobId": JOB, "jobState": "completed", "exportTruncated": False, "files": found})

    async def fetched(request: "Request") -> "Response":
        return FileResponse(files / request.path_params["name"], media_type="application/octet-stream")

    def says(what: object) -> Callable[["Request"], Awaitable["Response"]]:
        async def answer(_: "Request") -> "Response":
            return JSONResponse(what)

        return answer

    return Starlette(
        routes=[
            Route("/api/users/bulkUpdate", bulk, methods=["POST"]),
            Route("/api/users/getFields", says({"fields": FIELDS})),
            Route("/api/lists", says({"lists": [LIST]})),
            Route("/api/export/jobs", says({"jobs": []})),
            Route("/api/export/start", says({"jobId": JOB}), methods=["POST"]),
            Route("/api/export/{job}/files", named),
            Route("/files/{name}", fetched),
            Route("/taken", says(taken)),
        ]
    )


def serve(files: Path, kept: Path | None = None) -> None:
    """Serve until standard input ends."""
    import uvicorn

    # With the protocol named, asyncio turns Nagle's algorithm off; without, each answer would take 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    with nullcontext() if kept is None else kept.open("wb") as keep:
        config = uvicorn.Config(application(files, keep), lifespan="off", log_level="warning", access_log=False)
        server = uvicorn.Server(config)

        def watch() -> None:
            while os.read(0, 4096):
                pass
            server.should_exit = True

        Thread(target=watch, daemon=True).start()
        print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        server.run(sockets=[listening])


if __name__ == "__main__":
    serve(*map(Path, sys.argv[1:]))
