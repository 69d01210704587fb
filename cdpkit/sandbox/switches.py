"""The sandbox's own calls, below `/_sandbox`: what happened, who is there, and failures to come. They need no key."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cdpkit.errors import ConfigurationError
from cdpkit.sandbox.faults import fault
from cdpkit.sandbox.gate import Gate
from cdpkit.sandbox.imitation import Parts
from cdpkit.sandbox.stream import Stream


def switches(vendor: str, gate: Gate, parts: Parts) -> list[Route]:
    """The routes `state`, `calls`, `people`, `tracked` and `faults` of one imitation.

    - `GET /_sandbox/state`: `vendor`, `calls` by endpoint, `faults` that wait, and what the imitation holds.
    - `GET /_sandbox/calls?last=N`: the last calls, oldest first, as `{"calls": [...]}`.
    - `GET /_sandbox/people?times=1`: all people, a JSON object a line, to be compared byte for byte.
    - `GET /_sandbox/tracked`: how often each event is there by the id that it came with, in `{"tracked": {...}}`.
    - `POST /_sandbox/faults`: a fault, or a list of them; `GET` shows those that wait, `DELETE` forgets them.
    """

    async def state(_: Request) -> Response:
        seen: dict[str, Any] = {"vendor": vendor, "calls": gate.calls.counted(), "faults": gate.faults.left()}
        return JSONResponse({**seen, **parts.state()})

    async def calls(request: Request) -> Response:
        recent = gate.calls.recent()
        return JSONResponse({"calls": recent[-int(request.query_params.get("last", str(len(recent) or 1))) :]})

    async def people(request: Request) -> Response:
        return Stream(parts.everybody("times" in request.query_params), "application/x-ndjson", gzip=False)

    async def tracked(_: Request) -> Response:
        return JSONResponse({"tracked": parts.tracked()})

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            gate.faults.clear()
        if request.method == "POST":
            try:
                given = json.loads(await request.body())
                new = [fault(each) for each in (given if isinstance(given, list) else [given])]
            except (ConfigurationError, AttributeError, ValueError) as error:
                return JSONResponse({"error": str(error)}, status_code=400)
            for each in new:
                gate.faults.add(each)
        return JSONResponse({"faults": gate.faults.left()})

    return [
        *parts.switches,
        Route("/_sandbox/state", state, methods=["GET"]),
        Route("/_sandbox/calls", calls, methods=["GET"]),
        Route("/_sandbox/people", people, methods=["GET"]),
        Route("/_sandbox/tracked", tracked, methods=["GET"]),
        Route("/_sandbox/faults", faults, methods=["GET", "POST", "DELETE"]),
    ]
