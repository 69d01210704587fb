"""How the lines of a CSV file are laid out: what stands between fields, and which line names them.

Separators stand for election: each is tried on the first lines, quotes minded, and the one wins under which most lines
have as many fields as the first.
"""

import contextlib
import csv
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cdpkit.errors import SourceError

_CANDIDATES = (",", ";", "\t", "|")
_RECORDS = 200
_ENOUGH = 3
"""So many lines alike are no accident."""
_MOST = 0.8
_ADDRESS = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_NUMERAL = re.compile(r"^[\s\d.,:/+-]+$")
_VALUES = "the first line holds values and no names; if that is so write read={'header': False}, else {'header': True}"


@dataclass(frozen=True, slots=True)
class Separator:
    """What stands between two fields.

    Attributes:
        mark: The character.
        rivals: Others under which the lines are as even.
    """

    mark: str
    rivals: tuple[str, ...] = ()


def vote(lines: Sequence[str], quote: str | None, first: str) -> Separator:
    """The separator of these lines.

    Args:
        lines: The first lines, whole ones.
        quote: What stands around fields.
        first: The separator that is likely by the file's name.
    """
    marks = sorted(_CANDIDATES, key=lambda mark: mark != first)
    even: dict[str, tuple[float, int]] = {}
    body: dict[str, tuple[float, int]] = {}
    for mark in marks:
        counts = [len(record) for record in records(lines, mark, quote)]
        if not counts:
            continue
        if counts[0] > 1:
            even[mark] = (counts.count(counts[0]) / len(counts), counts[0])
        width, times = Counter(counts).most_common(1)[0]
        if width > 1 and times >= _ENOUGH:
            body[mark] = (times / len(counts), width)
    tried = even or body
    if not tried:
        return Separator(first)
    if body and max(body.values())[0] > 2 * max(share for share, _ in tried.values()):
        tried = body  # a line of title before the names has a mark by chance
    best = max(tried, key=lambda mark: tried[mark])
    rivals = [mark for mark in tried if mark != best and tried[mark][0] >= tried[best][0]]
    return Separator(best, tuple(rivals))


def records(lines: Sequence[str], mark: str, quote: str | None) -> list[list[str]]:
    """The first records of these lines; blank lines are none."""
    found: list[list[str]] = []
    with contextlib.suppress(csv.Error):  # a field that is too long; what is before it has a vote
        found.extend(itertools.islice(filter(None, _reader(lines, mark, quote)), _RECORDS))
    return found


def _reader(lines: Sequence[str], mark: str, quote: str | None) -> "csv._reader":  # type: ignore[name-defined]
    if quote is None:
        return csv.reader(lines, delimiter=mark, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=mark, quotechar=quote)


def check_names(names: Sequence[str]) -> None:
    """Refuse a first line that names nothing: an address would be shown as the name of a field.

    Raises:
        SourceError: It has an e-mail address.
    """
    if any(_ADDRESS.match(name.strip()) for name in names):
        raise SourceError(_VALUES)


def check_title(lines: Sequence[str], mark: str, quote: str | None) -> None:
    """Refuse a first line that is a title, with the names in a line below it.

    Raises:
        SourceError: The lines say so; names the option.
    """
    found = records(lines, mark, quote)
    counts = _counts(found)
    if not counts:
        return
    width, times = Counter(counts).most_common(1)[0]
    if counts[0] > max(1, width / 2) or times < _ENOUGH or times / len(counts) < _MOST / 2:
        return  # names of which a few are missing are no title
    place = counts.index(width)
    alike = counts[place:].count(width) / len(counts[place:])
    if alike < _MOST or counts[0] in counts[place:] or not _names_fields(found[place], strict=counts[0] > 1):
        return
    skip = _line_of(lines, place, mark, quote)
    raise SourceError(
        f"line 1 has {counts[0]} field{'' if counts[0] == 1 else 's'} and line {skip + 1} with most lines below it has "
        f"{width}, so that line 1 seems to be a title: write read={{'skip': {skip}}}"
    )


def _counts(found: Sequence[Sequence[str]]) -> list[int]:
    """How many fields the lines have; a title that is filled up with separators, as Excel writes it, has one."""
    counts = [len(record) for record in found]
    for place, record in enumerate(found):
        said = sum(bool(field.strip()) for field in record)
        if said > 1 or len(record) < _ENOUGH:
            break
        counts[place] = said
    return counts


def _names_fields(record: Sequence[str], *, strict: bool) -> bool:
    """Whether these are names; a line of one field is a title also above doubled and empty names."""
    names = [name.strip() for name in record]
    said = [name for name in names if name]
    plain = not any(_ADDRESS.match(name) or _NUMERAL.match(name) for name in said)
    if not strict:
        return plain and len(set(said)) > len(names) / 2
    return plain and len(set(said)) == len(said) and len(said) >= len(names) - 1


def _line_of(lines: Sequence[str], place: int, mark: str, quote: str | None) -> int:
    """How many lines stand before the record at this place."""
    reader = _reader(lines, mark, quote)
    record = next(itertools.islice(filter(None, reader), place, None))
    more = len("".join(record).splitlines()) - 1  # of names that go over several lines
    return int(reader.line_num) - 1 - max(more, 0)
