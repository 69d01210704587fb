"""How things of a workspace show themselves: a headline, and aligned lines below it."""

from collections.abc import Iterable, Iterator, Sequence

from cdpkit.problem import escaped


def shown(headline: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A headline with a table below it, indented; the headline alone where there is no row."""
    lines = list(rows)
    return "\n".join([headline, *(f"  {line}" for line in text_table(header, lines))] if lines else [headline])


def text_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Aligned columns, the first one and texts to the left, numbers to the right; a value that is null is a dash."""
    cells = [tuple(row) for row in rows]
    lines = [tuple(header), *(tuple(map(_cell, row)) for row in cells)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    right = [
        any(isinstance(value, int | float) and not isinstance(value, bool) for value in column)
        for column in zip(*cells, strict=True)
    ] or [False] * len(widths)
    for line in lines:
        placed = (
            f"{cell:>{width}}" if to_right else f"{cell:<{width}}"
            for cell, width, to_right in zip(line, widths, right, strict=True)
        )
        yield "  ".join(placed).rstrip()


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 goal`, `2 goals`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _cell(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:,.2f}"
        case int():
            return f"{value:,}"
        case list() | tuple():
            return escaped(", ".join(map(str, value))) or "-"
        case _:
            return escaped(str(value))
