"""What an object tells, as text: a headline, and aligned lines below it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from cdpkit.show.cells import cell, cut, is_number, visible, width
from cdpkit.show.told import Lines, Told

_INDENT, _WIDTH = "  ", 120


def as_text(told: Told) -> str:
    """The text of a `Told`."""
    return "\n".join(_lines(told))


def text_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Aligned columns, the first one and texts to the left, numbers to the right; a value that is null is a dash."""
    given = [tuple(row) for row in rows]
    lines = [tuple(map(visible, header)), *(tuple(map(cell, row)) for row in given)]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    right = [any(map(is_number, column)) for column in zip(*given, strict=True)] or [False] * len(widths)
    for line in lines:
        placed = (_placed(*each) for each in zip(line, widths, right, strict=True))
        yield "  ".join(placed).rstrip()


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 goal`, `2 goals`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _lines(told: Told) -> Iterator[str]:
    yield visible(told.headline)
    for part in told.parts:
        for line in _part(part):
            yield f"{_INDENT}{line}"


def _part(part: str | Lines | Told) -> Iterable[str]:
    if isinstance(part, str):
        return [visible(part)]
    if isinstance(part, Lines):
        return _captioned(part) if part.rows else []
    return _lines(part)


def _captioned(table: Lines) -> Iterator[str]:
    if not table.caption:
        yield from _fitting(table)
        return
    yield visible(table.caption)
    for line in _fitting(table):
        yield f"{_INDENT}{line}"


def _fitting(table: Lines) -> Iterator[str]:
    """A table; of a wide one the first columns that fit, and the names of the others."""
    columns = len(table.header)
    if table.wide:
        cells = zip(table.header, *table.rows, strict=True)
        ends = accumulate(2 + max(width(cell(value)) for value in column) for column in cells)
        columns = max(1, sum(end <= _WIDTH for end in ends))
    yield from text_table(table.header[:columns], [row[:columns] for row in table.rows])
    more = table.header[columns:]
    if more:
        yield f"and {counted(len(more), 'more column')}: {cut(', '.join(map(visible, more)), _WIDTH)}"


def _placed(text: str, places: int, to_right: bool) -> str:
    blanks = " " * (places - width(text))
    return blanks + text if to_right else text + blanks
