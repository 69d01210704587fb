"""A desk as a front end sees it, and workspaces to look at."""

from pathlib import Path
from typing import Any

import cdpkit
from cdpkit.face.desk import Desk, Drawn

HOSTILE = "<img src=x onerror=alert(1)>"
"""What somebody may have written into a form."""

MAPPINGS = [{"from": name, "to": name} for name in ("plan", "points")]


class Looking:
    """What a desk has shown and said."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.shown = list[Drawn]()
        self.said = list[Any]()
        desk.join(self.shown.append, self.said.append)

    @property
    def last(self) -> Drawn:
        return self.shown[-1]

    def do(self, do: str, **given: Any) -> Drawn:
        """Click, and wait until what that began has ended."""
        self.desk.hear({"do": do, **given})
        self.desk.work.wait()
        self.desk.names.wait()
        assert self.last["failed"] == ""
        return self.last

    def rows(self, table: str = "rows", **where: Any) -> list[list[str | None]]:
        """The first rows of a table."""
        self.do("window", table=table, asked=1, start=0, n=50, sort="", down=False, where=where)
        found: list[list[str | None]] = self.said[-1]["rows"]
        return found

    def pick(self, at: int, name: str = "pick") -> Any:
        """Click on a row; returns what was said of it."""
        self.do(name, at=at, sort="", down=False, where={})
        return self.said[-1]["told"] if self.said else None


def workspace(folder: Path) -> cdpkit.Workspace:
    """Three customers, one of them with tags in the name of the plan."""
    ws = cdpkit.create(folder / "w")
    ws.properties.add("email", type="email", identifier=True, pii=True)
    ws.properties.add("plan")
    ws.properties.add("points", type="number")
    people = [{"email": f"old{n}@example.com", "plan": "free", "points": n} for n in range(3)]
    ws.load(people, {"email": "email"}, MAPPINGS)
    return ws


def rows() -> list[dict[str, Any]]:
    """Two customers change, one comes, one row has no address, and one value is no number."""
    return [
        {"email": "old0@example.com", "plan": HOSTILE, "points": 10},
        {"email": "old1@example.com", "plan": "free", "points": "many"},
        {"email": "new@example.com", "plan": "pro", "points": 1},
        {"email": HOSTILE, "plan": "pro", "points": 1},
    ]


def previewed(ws: cdpkit.Workspace) -> cdpkit.Preview:
    """What loading them would do."""
    return ws.preview_load(rows(), {"email": "email"}, MAPPINGS)


def loaded(ws: cdpkit.Workspace) -> cdpkit.Run:
    """Loading them."""
    return ws.load(rows(), {"email": "email"}, MAPPINGS)
