"""What an object tells, as data that the browser draws: the same words and numbers as in its static twin."""

from typing import Any

from cdpkit.show.bar import Bar
from cdpkit.show.cells import cell, is_number, visible
from cdpkit.show.told import Lines, Told


def drawn(told: Told) -> dict[str, Any]:
    """A headline and parts: texts, tables, and more of the same."""
    return {"headline": visible(told.headline), "parts": [_part(part) for part in told.parts if not _is_empty(part)]}


def drawn_lines(lines: Lines) -> dict[str, Any]:
    """A table: `caption`, `header`, which columns are numbers, and rows of texts and bars."""
    return {
        "caption": visible(lines.caption),
        "header": [visible(name) for name in lines.header],
        "numbers": [any(map(is_number, column)) for column in zip(*lines.rows, strict=True)],
        "rows": [[_cell(value) for value in row] for row in lines.rows],
    }


def _is_empty(part: str | Lines | Told) -> bool:
    return isinstance(part, Lines) and not part.rows


def _part(part: str | Lines | Told) -> Any:
    if isinstance(part, str):
        return visible(part)
    return drawn_lines(part) if isinstance(part, Lines) else drawn(part)


def _cell(value: object) -> Any:
    if not isinstance(value, Bar):
        return cell(value)
    return {
        "text": cell(value),
        "before": round(value.before, 2),
        "percent": round(value.percent, 2),
        "kind": value.kind,
    }
