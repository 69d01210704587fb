"""A goal that imports groups in the form of a connection: what it asks for, and what is checked while it is typed."""

from pathlib import Path
from typing import Any

import cdpkit
from cdpkit.face.desks.connection import ConnectionDesk
from tests.face.clicking import Clicking


def keys_of(goal: dict[str, Any]) -> dict[str, list[str]]:
    return {step["name"]: [item["key"] for item in step["items"]] for step in goal["steps"]}


def test_f203_a_goal_of_groups_is_filled_in_and_saved(tmp_path: Path) -> None:
    """Of files nothing is paid for, so nothing is asked about that; the type is checked as it is typed."""
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("household_id")
    ws.groups.define("household", "household_id", {"size": "number"})
    conn = ws.connect("files", name="crm", settings={"address": str(tmp_path)})
    click = Clicking(ConnectionDesk(conn))
    goal = click("add_goal", kind="import_groups")["goal"]
    assert keys_of(goal) == {
        "source": ["source"],
        "processors": ["processors"],
        "groups": ["group", "id", "create_groups"],
        "mappings": ["mappings"],
    }
    number = goal["id"]
    click("choose", id=number, key="source", option="files", value="homes.csv")
    click("fill", id=number, key="id", value="home")
    shown = click("fill", id=number, key="group", value="hausehold")["goal"]
    (item,) = [item for step in shown["steps"] for item in step["items"] if item["key"] == "group"]
    assert item["problem"].startswith("no group type 'hausehold'; there are: household")
    click("fill", id=number, key="group", value="household")
    click("add_row", id=number, key="mappings", values={"from": "size", "to": "size"})
    assert click.rows[-1]["notice"].startswith("existing property 'size' (number)")
    click("make_property", name="rooms", type="number", several=False, identifier=False, goal=number)
    assert ("rooms" in ws.groups["household"].properties, "rooms" in ws.properties) == (True, False)
    click("fill", id=number, key="name", value="Homes")
    assert click("save")["failed"] == ""
    assert conn.goals["Homes"].given() == {
        "kind": "import_groups",
        "name": "Homes",
        "group": "household",
        "id": "home",
        "source": {"files": "homes.csv"},
        "mappings": [{"from": "size", "to": "size"}],
    }
