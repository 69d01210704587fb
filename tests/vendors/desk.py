"""A workspace with a connection to an account that only one test sees."""

from collections.abc import Mapping
from typing import Any

from tests.vendors.stage import Stage, load


def address(name: str) -> str:
    return f"{name}@example.com"


class Desk:
    """A workspace and its connection; goals are run with what a test says of them, and else with what they are made of.

    Attributes:
        incoming: What an import goal is made of where nothing else is said.
        outgoing: Likewise an export goal.
    """

    incoming: Mapping[str, Any]
    outgoing: Mapping[str, Any]

    def __init__(self, stage: Stage) -> None:
        self.ws, self.conn = stage.connected()

    def importing(self, **goal: Any) -> Mapping[str, Any]:
        """Add or change an import goal and run it; returns its counters."""
        return self._run({"kind": "import_profiles", "name": "In", "create_profiles": True, **self.incoming, **goal})

    def exporting(self, **goal: Any) -> Mapping[str, Any]:
        """Add or change an export goal and run it; returns its counters."""
        return self._run({"kind": "export_profiles", "name": "Out", "segment": "active", **self.outgoing, **goal})

    def _run(self, goal: dict[str, Any]) -> Mapping[str, Any]:
        name = goal["name"]
        if name in self.conn.goals:
            self.conn.goals.change(name, **goal)
        else:
            self.conn.goals.add(**goal)
        run = self.conn.run(name)
        run.raise_for_state()
        counters: Mapping[str, Any] = run.counters
        return counters

    def profiles(self) -> dict[str, dict[str, Any]]:
        """All profiles by address."""
        return {row["email"]: row for row in self.ws.profiles.collect().iter_rows(named=True)}

    def load(self, *names: str, **values: Any) -> None:
        """Let there be profiles in the segment."""
        load(self.ws, *({"customer": n, "email": address(n), "active": True, **values} for n in names))

    def leave(self, *names: str) -> None:
        """Let profiles leave the segment."""
        load(self.ws, *({"customer": n, "active": False} for n in names))
