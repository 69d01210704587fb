"""A TOML file that people, forms and git share: read strictly, changed under a lock, replaced as a whole."""

import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import tomlkit
from filelock import FileLock

Document = tomlkit.TOMLDocument

T = TypeVar("T")


def read(path: Path) -> str:
    """The text of a file; it ends with a line break, since an editor appends to the last line otherwise.

    Raises:
        FileNotFoundError: There is none.
        OSError: It cannot be read.
        UnicodeDecodeError: It is no UTF-8.
    """
    text = path.read_bytes().decode("utf-8-sig")
    return text if text.endswith("\n") else text + "\n"


def parse(text: str) -> dict[str, Any]:
    """What a text holds.

    Raises:
        tomllib.TOMLDecodeError: It is no TOML; the message has line and column, and never a value.
    """
    return tomllib.loads(text)


def edit(path: Path, load: Callable[[], str], change: Callable[[Document], None], check: Callable[[str], T]) -> T:
    """Change a file: comments stay, nobody else's change is lost, and a text that does not fit is not written.

    Args:
        path: The file.
        load: Reads its text; raises where it is no TOML.
        change: Is given the document, and changes it in place.
        check: Makes of the new text what is returned; raises where it does not fit.
    """
    with locked(path):
        document = tomlkit.parse(load())
        change(document)
        text = tomlkit.dumps(document)
        checked = check(text)
        replace(path, text)
    return checked


def locked(path: Path) -> FileLock:
    """The lock for changes of a file; the system frees it when its holder dies."""
    return FileLock(f"{path}.lock")


def replace(path: Path, text: str) -> None:
    """Write a file as a whole; a reader sees the old text or the new one, also after a crash."""
    written = path.with_name(f".{path.name}-{uuid4().hex}")
    with written.open("wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    written.replace(path)
