"""Damaged answers of a vendor: the imitation behind a server that damages some of what it says."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

import cdpkit
from tests.fuzz.mutate import mutated
from tests.runs.sync.place import LIST, Place, place, pros
from tests.transport.servers import Asked, Said, serving

KEPT = ("content-type",)


@contextmanager
def answer_case(folder: Path) -> Iterator[Callable[[random.Random], str]]:
    """A function that runs a connection whose vendor's answers are damaged; it returns how that ended."""
    with place(folder, people=40) as vendor, httpx.Client(trust_env=False) as http:
        damage: list[tuple[random.Random, float]] = []

        def answer(asked: Asked) -> Said:
            headers = {name: value for name, value in asked.headers.items() if name.lower() in ("api-key", *KEPT)}
            url = str(vendor.http.base_url).rstrip("/") + asked.path
            said = http.request(asked.method, url, headers=headers, content=asked.body)
            body = said.content
            for draw, share in damage:
                body = mutated(body, draw) if draw.random() < share else body
            return Said(said.status_code, body, {name: said.headers[name] for name in KEPT if name in said.headers})

        with serving(answer) as server:
            conn = _connected(vendor, server.url)

            def one(draw: random.Random) -> str:
                damage[:] = [(draw, draw.choice([0.02, 0.1, 0.3]))]
                try:
                    repr(conn.check())
                    run = conn.run(full=True)
                    repr(run), run.report()
                    return str(run.state)
                except cdpkit.errors.CdpkitError as error:
                    return type(error).__name__
                finally:
                    damage.clear()

            yield one


def _connected(vendor: Place, url: str) -> "cdpkit.Connection":
    vendor.load(*pros(*range(12)))
    vendor.importing()
    vendor.exporting(target={"lists": [LIST], "on_enter": True, "on_leave": True})
    settings = {"base_url": url, "api_key": "file:key.txt", "limits_factor": 1000.0, "project_type": "email"}
    conn = vendor.ws.connect("iterable", name="damaged", settings=settings)
    for name in vendor.conn.goals:
        conn.goals.add(**vendor.conn.goals[name].model_dump(by_alias=True, exclude_none=True))
    return conn
