"""Patterns of names in which `*` and `?` stand for what is between slashes, and `**` for that with slashes."""

import re
from typing import Final

_SIGNS: Final = re.compile(r"[*?\[]")


def is_glob(name: str) -> bool:
    """Whether it names more than the one that is called so."""
    return _SIGNS.search(name) is not None


def start_of(glob: str) -> str:
    """What all names begin with that fit."""
    return _SIGNS.split(glob, maxsplit=1)[0]


def fitting(glob: str) -> re.Pattern[str]:
    """A regular expression that matches the whole of a name that fits."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[!?\]?[^\]]*\])", glob)
    marks = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(marks.get(part) or _set(part) for part in parts) + r"\Z", re.DOTALL)


def _set(part: str) -> str:
    if len(part) > 2 and part.startswith("[") and part.endswith("]"):  # noqa: PLR2004 - brackets with something in them
        inside = part[1:-1].replace("\\", "\\\\")
        return f"[^/{inside[1:]}]" if inside.startswith("!") else f"[{inside.replace('^', chr(92) + '^', 1)}]"
    return re.escape(part)


def natural(name: str) -> list[tuple[int, str]]:
    """Orders part-2 before part-10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]+)", name)]
