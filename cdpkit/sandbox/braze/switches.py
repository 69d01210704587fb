"""The sandbox's own call about exports: what runs, and when what arrives."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cdpkit.sandbox.braze.exports import FAILED, RUNNING, Exports
from cdpkit.sandbox.braze.settings import ARCHIVES

_TAKEN = "arrive (a number of files), fail (true), held (true or false), archive (" + ", ".join(ARCHIVES) + ")"


def switches(exports: Exports) -> tuple[Route, ...]:
    """`/_sandbox/exports`.

    - `GET`: the exports, oldest first, as `{"exports": [...]}`.
    - `POST {"arrive": N}`: the next N files of each export that runs arrive; `{"fail": true}`: they end without a word.
    - `POST {"held": true}`: from now on files wait for that; `{"archive": NAME}`: what the last file of each further
      export is, such as `truncated`; `zip` for a proper one.
    """

    async def call(request: Request) -> Response:
        if request.method == "POST":
            try:
                given = json.loads(await request.body())
            except ValueError:
                given = None
            if not isinstance(given, dict) or not _understood(given):
                return JSONResponse({"error": f"exports take: {_TAKEN}"}, status_code=400)
            _told(exports, given)
        return JSONResponse({"exports": [each.shown() for each in exports.all]})

    return (Route("/_sandbox/exports", call, methods=["GET", "POST"]),)


def _understood(given: Mapping[str, Any]) -> bool:
    types = {"arrive": int, "fail": bool, "held": bool, "archive": str}
    return all(isinstance(value, types.get(name, ())) for name, value in given.items()) and (
        given.get("archive", "zip") in ARCHIVES
    )


def _told(exports: Exports, given: Mapping[str, Any]) -> None:
    exports.archive = given.get("archive", exports.archive)
    exports.held = given.get("held", exports.held)
    for each in exports.all:
        if each.state != RUNNING:
            continue
        for _ in range(min(given.get("arrive", 0), len(each.files))):
            exports.arrive(each)
        if given.get("fail"):
            exports.end(each, FAILED)
    exports.settle()
