"""What Delta Lake is told of a table: what its log says of files, when it is summed up, and what it remembers."""

import math

from cdpkit.place import Place

_INTERVAL, _FAR = "10", "4"
"""So many entries of a log, which are read one by one, there are after a checkpoint; fewer where each is a call."""

ORPHANS = 1.0
"""Days after which a file that no commit names is nobody's: until then a process may be about to commit it."""

_RETENTION = {"delta.deletedFileRetentionDuration": 7, "delta.logRetentionDuration": 30}
"""How many days a table remembers removed files and old versions when nothing is set."""


def of_new(root: Place) -> dict[str, str]:
    """Of a new table: null counts of all columns, not of 32 alone, and when a checkpoint is made."""
    return {"delta.dataSkippingNumIndexedCols": "-1", "delta.checkpointInterval": _FAR if root.far else _INTERVAL}


def remembering(root: Place, days: float) -> dict[str, str]:
    """The same, with removed files named for so many days at least; forgotten ones are orphans."""
    return of_new(root) | {name: f"interval {max(n, math.ceil(days))} days" for name, n in _RETENTION.items()}
