"""What a file is called that was fetched, so that its ending says what it is."""

import re
from collections.abc import Sequence
from typing import Final

from cdpkit.runs.files.found import ending_of

_STRANGE: Final = re.compile(r"[^\w.-]+")
_LONGEST: Final = 100
_KINDS: Final = {
    "text/csv": ".csv",
    "application/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/plain": ".txt",
    "application/json": ".json",
    "text/json": ".json",
    "application/x-ndjson": ".ndjson",
    "application/ndjson": ".ndjson",
    "application/jsonl": ".jsonl",
    "application/x-jsonlines": ".jsonl",
    "application/vnd.apache.parquet": ".parquet",
    "application/x-parquet": ".parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
}
"""Endings of media types; of those that servers give to anything, none."""


def file_name(names: Sequence[str], kind: str, *, was_packed: bool = False) -> str:
    """A name that a file can have here: the first one whose ending is known, else the first with one for its type.

    Args:
        names: What it may be called, the best first.
        kind: Its media type; may be empty.
        was_packed: Whether it was unpacked on its way, so that `.gz` is not true any more.
    """
    taken = [name[:-3] if was_packed and name.lower().endswith(".gz") else name for name in names]
    fitting = [name for name in map(_fitting, taken) if name]
    known = next((name for name in fitting if ending_of(name) is not None), None)
    if known is not None:
        return known
    return f"{fitting[0] if fitting else 'source'}{_KINDS.get(kind, '')}"


def _fitting(name: str) -> str:
    """A name without blanks and signs; the end of a long one, which has the ending."""
    return _STRANGE.sub("_", name).lstrip(".")[-_LONGEST:]
