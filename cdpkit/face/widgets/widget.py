"""One widget for all views: it carries what a desk shows to the browser, and what the browser says to the desk."""

from collections.abc import Mapping
from typing import Any

import anywidget
import traitlets

from cdpkit.face.desk import Desk
from cdpkit.face.web import packed, style


class Widget(anywidget.AnyWidget):
    """Shows a desk.

    What is drawn is a trait, and so may be kept in a saved notebook: no secret is in it, and no rows of tables. Those,
    and all that the browser says, are messages that are kept nowhere.

    Attributes:
        view: What the browser draws.
    """

    view = traitlets.Dict().tag(sync=True)

    def __init__(self, desk: Desk, web: str) -> None:
        """Carry between a desk and the browser.

        Args:
            desk: What is shown.
            web: The module that draws it.
        """
        self._esm = packed(web)
        self._css = style(web)
        super().__init__()
        self._desk = desk
        self.on_msg(self._hear)
        desk.join(self._draw, self._say)

    def bundle(self) -> dict[str, Any]:
        """What shows it in a notebook."""
        made = self._repr_mimebundle_()
        return {} if made is None else dict(made[0])

    def _hear(self, _widget: object, content: object, _buffers: object) -> None:
        self._desk.hear(content)

    def _draw(self, drawn: dict[str, Any]) -> None:
        self.view = drawn

    def _say(self, message: Mapping[str, Any]) -> None:
        self.send(dict(message))


def widget_of(desk: Desk, web: str) -> Widget:
    """A widget that shows a desk; a view that is drawn by another module is of another class."""
    of = type(f"Widget_{web}", (Widget,), {})
    made: Widget = of(desk, web)
    return made
