"""A workspace with a connection to an imitation of Iterable that answers in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cdpkit
from cdpkit.face.desks.connection import ConnectionDesk
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.server import Site, running
from cdpkit.workspace.connection import Connection

IMPORT: dict[str, Any] = {
    "kind": "import_profiles",
    "name": "Subscribers",
    "source": {"lists": ["Newsletter"]},
    "identifiers": [{"from": "email", "to": "email"}],
    "mappings": [{"from": "firstName", "to": "first_name", "rule": "set_if_empty"}, {"from": "tier", "to": "plan"}],
}


@dataclass(frozen=True)
class Office:
    """Somebody's workspace.

    Attributes:
        ws: The workspace.
        conn: A connection to the imitation, that works.
        site: The imitation.
        key: The secret of it.
    """

    ws: cdpkit.Workspace
    conn: Connection
    site: Site
    key: str

    def desk(self) -> ConnectionDesk:
        """The form of the connection, which has asked the vendor."""
        desk = ConnectionDesk(self.conn)
        desk.look()
        desk.work.wait()
        return desk


@contextmanager
def office(folder: Path, *, latency: float = 0) -> Iterator[Office]:
    """A workspace in a folder, and an imitation with 50 people, each answer of which comes so many seconds late."""
    options = Options(people=50, limits_factor=1000, latency=latency)
    with running("iterable", options=options, job_polls=0) as site:
        told = site.addresses["iterable"]
        (folder / "key").write_text(told["api_key"], encoding="utf-8")
        ws = cdpkit.create(folder / "w")
        ws.properties.add("email", identifier=True)
        ws.properties.add("plan")
        ws.segments.add("gold", "plan = 'gold'")
        settings = {"base_url": told["base_url"], "api_key": f"file:{folder / 'key'}", "limits_factor": 1000}
        conn = ws.connect("iterable", "news", settings)
        conn.goals.add(IMPORT)
        yield Office(ws, conn, site, told["api_key"])
