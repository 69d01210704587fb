"""An object whose text says all, and looks the same in a notebook."""

from html import escape

from cdpkit.show.cells import visible

_STYLE = "font-family:monospace;white-space:pre-wrap;overflow-wrap:anywhere;margin:0"


class AsText:
    """Its HTML is its text, escaped."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        lines = "\n".join(map(visible, repr(self).splitlines()))
        return f'<pre class="cdpkit" style="{_STYLE}">{escape(lines)}</pre>'
