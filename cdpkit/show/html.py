"""What an object tells, as HTML for notebooks: escaped, without scripts and stylesheets, in the theme's own colours.

A notebook that is not trusted keeps inline styles and loses stylesheets, so that all styles are inline; none of them
sets a colour but those of bars, so that it can be read in any theme. Numbers and words carry all that there is to know.
"""

from collections.abc import Iterator
from html import escape

from cdpkit.show.bar import Bar
from cdpkit.show.cells import cell, is_number, visible
from cdpkit.show.told import Lines, Told

_LINE = "border-bottom:1px solid rgba(128,128,128,.35)"
_TABLE = "border-collapse:collapse;margin:.3em 0 .3em 0;font-size:inherit"
_SCROLLS = "overflow-x:auto;max-width:100%"
_CELL = "padding:.2em .8em;vertical-align:top;text-align:{};white-space:{}"
_LONG = 60
_BAR = "height:.5em;min-width:{}px;border-radius:1px;background:{};width:{:.1f}%;margin-left:{:.1f}%"
_CAPTION = "caption-side:top;text-align:left;font-weight:bold;padding:.4em .8em .1em;white-space:nowrap"
COLOURS = ("#0072b2", "#e69f00", "#cc79a7", "#009e73", "#8c8c8c")
"""Of bars: those of Okabe and Ito, which colour-blind people can tell apart."""


def as_html(told: Told) -> str:
    """The HTML of a `Told`."""
    return f'<div class="cdpkit" style="line-height:1.4">{"".join(_block(told))}</div>'


def _block(told: Told) -> Iterator[str]:
    yield f"<div><strong>{_escaped(told.headline)}</strong></div>"
    for part in told.parts:
        if isinstance(part, str):
            yield f'<div style="margin-left:1em;white-space:pre-wrap">{_escaped(part)}</div>'
        elif isinstance(part, Told):
            yield f'<div style="margin:.4em 0 .4em 1em">{"".join(_block(part))}</div>'
        elif part.rows:
            yield from _table(part)


def _table(table: Lines) -> Iterator[str]:
    header, rows = table.header, table.rows
    right = [any(map(is_number, column)) for column in zip(*rows, strict=True)]
    yield f'<div style="{_SCROLLS}" tabindex="0"><table style="{_TABLE}">'
    if table.caption:
        yield f'<caption style="{_CAPTION}">{_escaped(table.caption)}</caption>'
    if header:
        names = (
            f'<th scope="col" style="{_style(to_right, name)};{_LINE}">{_escaped(name)}</th>'
            for name, to_right in zip(header, right, strict=True)
        )
        yield f"<thead><tr>{''.join(names)}</tr></thead>"
    yield "<tbody>"
    for row in rows:
        yield "<tr>"
        for at, (value, to_right) in enumerate(zip(row, right, strict=True)):
            text, is_name = cell(value), bool(table.caption) and not at and not to_right
            style = _style(to_right, text) + (";font-weight:normal" if is_name else "")
            tag, scope = ("th", ' scope="row"') if is_name else ("td", "")
            yield f'<{tag}{scope} style="{style}">{escape(text)}{_bar(value)}</{tag}>'
        yield "</tr>"
    yield "</tbody></table></div>"


def _bar(value: object) -> str:
    if not isinstance(value, Bar):
        return ""
    bar = _BAR.format(int(value.n > 0), COLOURS[value.kind % len(COLOURS)], value.percent, value.before)
    return f'<div style="width:9em;text-align:left"><div style="{bar}"></div></div>'


def _style(to_right: bool, text: str) -> str:
    """Short texts stay on one line, so that no id or number is torn; long ones are broken."""
    style = _CELL.format("right" if to_right else "left", "nowrap" if len(text) <= _LONG else "normal")
    return style if len(text) <= _LONG else f"{style};min-width:24em;overflow-wrap:anywhere"


def _escaped(text: str) -> str:
    return escape(visible(text))
