"""Objects that have a view of their own in a notebook; what it looks like is the face's, which is found by name.

No room below the face imports it, and importing the package loads no widgets.
"""

from importlib import import_module
from typing import Any, Protocol, cast

FACE = "cdpkit.face"


class Shown(Protocol):
    """A view of an object, or a form: shown by being the last line of a cell."""

    def _ipython_display_(self) -> None: ...


def face_of(thing: object) -> Shown:
    """The view of an object.

    Raises:
        ConfigurationError: The packages that notebooks need are not installed.
    """
    return cast("Shown", import_module(FACE).face_of(thing))


class Faced:
    """Shows its view where it is the last line of a cell, and as HTML and text wherever nothing can be clicked."""

    __slots__ = ()

    def _ipython_display_(self) -> None:
        import_module(FACE).show(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        bundle: dict[str, str] = import_module(FACE).bundle(self)
        return bundle
