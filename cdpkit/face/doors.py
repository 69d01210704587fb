"""How views reach the notebook: first what can be read everywhere, then what can be clicked.

Two outputs, since no front end falls back from one to the other inside one: a notebook that is opened again without its
kernel says that it does not find the widget, and papermill's files hold widgets that nobody can draw. The first output
is plain HTML and always there. The second one is the live view, only where somebody can click. While it is drawn, a
style in the first one hides the first one; where it cannot be drawn, that style hides its error.
"""

import sys
from importlib.util import find_spec
from typing import Any
from uuid import uuid4

from cdpkit.errors import ConfigurationError
from cdpkit.face import views
from cdpkit.face.desk import Desk
from cdpkit.face.view import View
from cdpkit.runs.progress import is_watched
from cdpkit.show.html import as_html
from cdpkit.show.text import as_text
from cdpkit.show.told import Told

_PANEL = ".jp-NotebookPanel .jp-OutputArea-child"
_STATIC = f"{_PANEL}:has(.cdp-static)"
STYLE = (
    f"<style>{_STATIC}:has(+ .jp-OutputArea-child .cdp){{display:none}}"
    f"{_STATIC} + .jp-OutputArea-child:has(.jupyter-widgets):not(:has(.jupyter-widgets > *)){{display:none}}</style>"
)
"""Only inside a notebook panel: an exported page has the static view alone."""
NEEDS = 'forms need packages that are not installed; install them with pip install "cdpkit[notebook]"'


def bundle(thing: object) -> dict[str, str]:
    """What is shown of an object where nothing can be clicked, by media type."""
    return _static(views.view_of(thing).told(thing))


def _static(told: Told) -> dict[str, str]:
    return {"text/plain": as_text(told), "text/html": f'<div class="cdp-static">{as_html(told)}</div>'}


def show(thing: object) -> None:
    """Show an object as the output of the cell that is at work."""
    if _has_widgets() and is_watched():
        view = views.view_of(thing)
        _show_both(thing, view, view.desk(thing))
    else:
        _publish(bundle(thing))


class Form:
    """A view of an object that is asked for by name: `conn.form()`.

    Attributes:
        desk: Its state; what a click does, code can do too.
    """

    def __init__(self, thing: object) -> None:
        self._thing = thing
        self._view = views.view_of(thing)
        self.desk: Desk = self._view.desk(thing)

    def _ipython_display_(self) -> None:
        if is_watched():
            _show_both(self._thing, self._view, self.desk)
        else:
            _publish(bundle(self._thing))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return bundle(self._thing)

    def __repr__(self) -> str:
        return bundle(self._thing)["text/plain"]


def face_of(thing: object) -> Form:
    """The view of an object, to be shown.

    Raises:
        ConfigurationError: The packages that notebooks need are not installed.
    """
    if not _has_widgets():
        raise ConfigurationError(NEEDS)
    return Form(thing)


def _has_widgets() -> bool:
    return find_spec("anywidget") is not None


def _show_both(thing: object, view: View, desk: Desk) -> None:
    """What can be read everywhere, and what can be clicked; the former comes whole once all of it is known."""
    if view.first is None:
        _publish(_beside(bundle(thing)))
    else:
        place = uuid4().hex
        _publish(_beside(_static(view.first(thing))), place)
        desk.once_known(lambda: _publish(_beside(bundle(thing)), place, again=True))
    _show_live(desk, view.web)


def _beside(static: dict[str, str]) -> dict[str, str]:
    """What can be read, hidden where its live view stands below it."""
    return {**static, "text/html": static["text/html"] + STYLE}


def _publish(data: dict[str, str], place: str = "", *, again: bool = False) -> None:
    """An output of the cell, in the place of the one that was called like this before; on a terminal, text."""
    if "IPython" not in sys.modules:
        print(data["text/plain"])  # noqa: T201 - nothing else shows it there
        return
    from IPython.display import publish_display_data

    transient = {"display_id": place} if place else {}
    publish_display_data(data, transient=transient, update=again)  # type: ignore[no-untyped-call]


def _show_live(desk: Desk, web: str) -> None:
    from cdpkit.face.widgets.widget import widget_of

    live = widget_of(desk, web)
    _publish({**live.bundle(), "text/plain": ""})
