"""A TOML file that people, forms and git share: read strictly, changed under a lock, replaced as a whole."""

import tomllib
from collections.abc import Callable
from typing import Any, TypeVar

import tomlkit

from cdpkit.place import Place

Document = tomlkit.TOMLDocument

T = TypeVar("T")

DEEPEST = 32
"""So many tables and lists may lie in each other; no file needs more than half of it."""

_TOO_DEEP = f"tables or lists nest deeper than {DEEPEST} levels"


def read(place: Place) -> str:
    """The text of a file; it ends with a line break, since an editor appends to the last line otherwise.

    Raises:
        FileNotFoundError: There is none.
        OSError: It cannot be read.
        UnicodeDecodeError: It is no UTF-8.
    """
    text = place.read().decode("utf-8-sig")
    return text if text.endswith("\n") else text + "\n"


def parse(text: str) -> dict[str, Any]:
    """What a text holds.

    Raises:
        tomllib.TOMLDecodeError: It is no TOML, or nests too deeply; the message never has a value.
    """
    try:
        values = tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError(_TOO_DEEP) from None
    if _depth(values) > DEEPEST:
        raise tomllib.TOMLDecodeError(_TOO_DEEP)
    return values


def _depth(value: Any) -> int:
    """How deeply tables and lists nest."""
    depth, level = 0, [value]
    while level:
        depth += 1
        inner = (each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list))
        level = [each for part in inner for each in part]
    return depth


def edit(place: Place, load: Callable[[], str], change: Callable[[Document], None], check: Callable[[str], T]) -> T:
    """Change a file: comments stay, nobody else's change is lost, and a text that does not fit is not written.

    Args:
        place: The file.
        load: Reads its text; raises where it is no TOML.
        change: Is given the document, and changes it in place.
        check: Makes of the new text what is returned; raises where it does not fit.
    """
    with place.claim(wait=True):
        document = tomlkit.parse(load())
        change(document)
        text = tomlkit.dumps(document)
        checked = check(text)
        replace(place, text)
    return checked


def replace(place: Place, text: str) -> None:
    """Write a file as a whole; a reader sees the old text or the new one, also after a crash."""
    place.write([text.encode()])
