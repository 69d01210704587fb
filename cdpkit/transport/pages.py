"""Answers that are stored as files, whole or not at all."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

from cdpkit.errors import ConfigurationError
from cdpkit.kit.effects import Call

FITTING = re.compile(r"(?!\.)[\w.-]+(/(?!\.)[\w.-]+)*")
BUFFER = 1 << 20


def check_name(call: Call) -> None:
    """Refuse a page that would lie outside its folder.

    Raises:
        ConfigurationError: The name is none for a file below the folder.
    """
    if call.page is not None and not FITTING.fullmatch(call.page):
        raise ConfigurationError(f"no file can have the name of the page {call.page!r}: use letters, digits, . _ and -")


def store(folder: Path, name: str, chunks: Iterable[bytes]) -> None:
    """Store what comes as a file below a folder; it appears when all of it is on the disk, else not at all.

    Raises:
        OSError: It cannot be written.
    """
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{uuid4().hex}.unfinished")
    try:
        with unfinished.open("wb", buffering=BUFFER) as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
