"""What an entry of a log says of a file."""

import json
import time
from typing import Any

from deltalake.transaction import AddAction, RemoveAction

from cdpkit.store.data_file import DataFile

Action = AddAction | RemoveAction


def add_action(file: DataFile, partition: str | None) -> AddAction:
    """That a file is a part of its table, with what readers want to know before they open it."""
    stats: dict[str, Any] = {"numRecords": file.rows, "nullCount": dict(file.nulls)}
    if file.first is not None:
        stats |= {"minValues": {"row": file.first}, "maxValues": {"row": file.last}}
    return AddAction(file.path, file.size, _values(file, partition), _now(), True, json.dumps(stats))


def remove_action(file: DataFile, partition: str | None) -> RemoveAction:
    """That a file is no part of its table any more."""
    return RemoveAction(
        file.path,
        data_change=True,
        deletion_timestamp=_now(),
        size=file.size,
        partition_values=_values(file, partition),
    )


def _values(file: DataFile, partition: str | None) -> dict[str, str | None]:
    return {partition: file.partition} if partition else {}


def _now() -> int:
    return int(time.time() * 1000)
