"""Closing the record of a run that nobody goes on with."""

import json
from collections.abc import Mapping
from typing import Any

from cdpkit.runs.home import Home
from cdpkit.runs.ids import now
from cdpkit.runs.run import FAILED, RUNNING
from cdpkit.store.record import RunRecord, as_json


def close(home: Home, line: Mapping[str, Any]) -> None:
    """End the record of a run whose process died; what its goals stored until then stays and is told."""
    details = json.loads(line["details"]) | {"message": "the process ended before the run did"}
    goals = [goal | ({"state": FAILED} if goal["state"] == RUNNING else {}) for goal in json.loads(line["goals"])]
    home.tables.record(
        RunRecord(
            run_id=line["run_id"],
            kind=line["kind"],
            name=line["name"],
            state=FAILED,
            started_at=line["started_at"].isoformat(),
            finished_at=now().isoformat(),
            goals=as_json(goals),
            details=as_json(details),
            step=len(goals) + 1,
            version=line["version"],
            seq=line["seq"],
        )
    )
