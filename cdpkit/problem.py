"""What stands in the way of a run, with the way to mend it."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

_OBEYED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, separators of lines, marks of direction, and halves of characters."""

_SHORT = 0x100


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend.

    Attributes:
        where: A setting, or a goal and its part: `settings.api_key`, `goal 'VIPs': target.lists`; empty where whoever
            asks knows.
        what: What is wrong; names what exists, never a person's value or a secret.
        fix: What to do about it.
    """

    where: str
    what: str
    fix: str

    def inside(self, place: str) -> "Problem":
        """The same, seen from further out: its place lies in this one."""
        return replace(self, where=f"{place}: {self.where}" if self.where else place)

    def __str__(self) -> str:
        return escaped(f"{self.where}: {self.what}; {self.fix}" if self.where else f"{self.what}; {self.fix}")


def escaped(text: str, keep: str = "") -> str:
    """A text with characters that a terminal obeys, or that change how others read, written as escapes.

    Args:
        text: The text; parts of it may come from a vendor or a file.
        keep: Those that stay, such as line breaks.
    """
    return _OBEYED.sub(lambda found: found[0] if found[0] in keep else _escape(found[0]), text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < _SHORT else f"\\u{code:04x}"


def unknown(where: str, kind: str, name: str, existing: Iterable[str], fix: str = "") -> Problem:
    """A name that does not exist.

    Args:
        where: As of `Problem`.
        kind: What the name was to name, such as `segment`.
        name: The name.
        existing: Those that exist.
        fix: What else to do than to correct the name.
    """
    correct = "correct the name"
    return Problem(where, no_such(kind, name, existing), f"{correct}, or {fix}" if fix else correct)


def no_such(kind: str, name: str, existing: Iterable[str]) -> str:
    """That a name does not exist, and which ones do, those first that it may have been meant to be."""
    return f"no {kind} {name!r}; there are: {', '.join(nearest_first(name, existing)) or 'none yet'}"


def nearest_first(name: str, existing: Iterable[str]) -> list[str]:
    """Names in their order, those first that differ from one little, or in upper and lower case alone."""
    names = list(existing)
    folded: Mapping[str, list[str]] = {each.casefold(): [] for each in names}
    for each in names:
        folded[each.casefold()].append(each)
    near = [each for close in difflib.get_close_matches(name.casefold(), folded) for each in folded[close]]
    return [*near, *(each for each in names if each not in near)]
