"""Somebody who clicks in the form of a connection, told to its desk: no kernel and no browser."""

import json
from typing import Any

import cdpkit
from cdpkit.face.desks.connection import ConnectionDesk

BOTH = ("activecampaign", "campaign_monitor", "braze", "iterable")
"""The vendors from which people come, and to which they go."""
VENDORS = ("acxiom", *BOTH)


class Clicking:
    """Tells a desk what a browser would, and looks at what it shows."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.said = list[Any]()
        self.shown = dict[str, Any]()
        desk.join(lambda drawn: self.shown.update(json.loads(json.dumps(drawn))), self.said.append)

    def __call__(self, do: str, **arguments: Any) -> dict[str, Any]:
        self.desk.hear({"do": do, **arguments})
        self.desk.work.wait()
        return self.shown

    @property
    def rows(self) -> list[dict[str, Any]]:
        steps = {item["key"]: item for step in self.shown["goal"]["steps"] for item in step["items"]}
        rows: list[dict[str, Any]] = steps["mappings"]["rows"]
        return rows


class Form(Clicking):
    """A form that somebody fills in."""

    def __init__(self, ws: cdpkit.Workspace, vendor: str, kind: str = "") -> None:
        super().__init__(ConnectionDesk(ws.connections[vendor]))
        self.goal = -1
        if kind:
            self("add_goal", kind=kind)
            self.goal = self.shown["tab"]

    @property
    def items(self) -> dict[str, dict[str, Any]]:
        """What the goal asks for, by key."""
        return {item["key"]: item for step in self.shown["goal"]["steps"] for item in step["items"]}

    def options(self, key: str) -> dict[str, dict[str, Any]]:
        """The vendor's own options, by name."""
        return {each["name"]: each for each in self.items[key]["options"]}

    @property
    def settings(self) -> dict[str, dict[str, Any]]:
        """The vendor's settings, by name."""
        return {each["name"]: each for each in self.shown["settings"]}

    def row(self, key: str, **values: Any) -> dict[str, Any]:
        """Add a row and fill it in."""
        self("add_row", id=self.goal, key=key, values={})
        number = self.items[key]["rows"][-1]["id"]
        for name, value in values.items():
            self("set_row", id=self.goal, key=key, row=number, name=name, value=value)
        last: dict[str, Any] = self.items[key]["rows"][-1]
        return last

    def given(self) -> dict[str, Any]:
        """The goal as it would be stored."""
        goal = self.desk.form.goal(self.goal)
        return goal.given()  # type: ignore[no-any-return]


def every_vendor(ws: cdpkit.Workspace) -> cdpkit.Workspace:
    """A workspace with a connection to every vendor, none of which is set up."""
    ws.properties.add("email", type="email", identifier=True)
    ws.properties.add("lists", multi=True)
    ws.segments.add("gold", "true")
    for vendor in VENDORS:
        ws.connect(vendor, vendor)
    return ws
