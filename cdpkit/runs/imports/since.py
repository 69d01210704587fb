"""When a goal has last imported all that it asks for today, so that a vendor need not be asked for all of it again."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cdpkit.config.goal import GoalSettings
from cdpkit.runs.home import Home
from cdpkit.runs.ids import time_of
from cdpkit.runs.run import SUCCEEDED, SYNC, UNDO, WITH_WARNINGS, history
from cdpkit.store.tables import GOAL_UNITS

_APART = ("guards", "active")
"""Keys of a goal that do not decide what it imports."""


def last_import(home: Home, connection: str, goal: GoalSettings) -> datetime | None:
    """When the run began that has last done a goal as it is now; None where none has, or rows of it are to come back.

    A goal that knows of no rows, such as one that was forgotten, begins anew. A run that carried out a preview counts
    from when that asked: what has come since is not in it.

    Args:
        home: The workspace.
        connection: The connection.
        goal: The goal.
    """
    known = home.tables.open(GOAL_UNITS).files()
    if f"{connection}/{goal.name}" not in {file.partition for file in known}:
        return None
    runs = history(home)
    forgotten = runs.filter(kind=UNDO).select("name", "started_at", "details").to_dicts()
    again = {each["name"]: each["started_at"] for each in forgotten if json.loads(each["details"]).get("reimport")}
    own = runs.filter(kind=SYNC, name=connection)
    for line in own.sort("started_at", descending=True).iter_rows(named=True):
        done = [each for each in json.loads(line["goals"]) if each["name"] == goal.name and not each["warnings"]]
        if not done or done[0]["state"] not in {SUCCEEDED, WITH_WARNINGS}:
            continue  # with a warning of its own it lacks something
        before = next(each for each in json.loads(line["details"])["goals"] if each["name"] == goal.name)
        began: datetime = min(line["started_at"], time_of(line["run_id"]))
        late = [at for run, at in again.items() if at >= began and run in own["run_id"]]
        return None if late or _decides(before) != _decides(json.loads(goal.model_dump_json(by_alias=True))) else began
    return None


def _decides(goal: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in goal.items() if key not in _APART}
