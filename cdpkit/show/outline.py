"""A report of lines below each other as something that tells: what is further in belongs to what stands above it."""

import re
from itertools import groupby

from cdpkit.show.told import Lines, Told

_COUNTED = re.compile(r"\s*([\d,]+) {2}(\S.*)")


def outline(text: str) -> Told:
    """Read a text: lines that begin with a number and two blanks are a table of numbers."""
    headline, *lines = text.splitlines() or [""]
    parts: list[str | Lines | Told] = []
    for counted, group in groupby(lines, lambda line: bool(_COUNTED.fullmatch(line))):
        if counted:
            found = [_COUNTED.fullmatch(line) for line in group]
            parts.append(Lines((), [(int(each[1].replace(",", "")), each[2]) for each in found if each]))
        else:
            parts += [line.removeprefix("  ") for line in group]
    return Told(headline, parts)
