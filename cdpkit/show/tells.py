"""An object that shows itself."""

from cdpkit.show.html import as_html
from cdpkit.show.text import as_text
from cdpkit.show.told import Told


class Tells:
    """Shows what `_told` gives, wherever it is looked at: as text in a terminal, as HTML in a notebook."""

    __slots__ = ()

    def _told(self) -> Told:
        raise NotImplementedError

    def _telling(self) -> Told:
        return self._told()

    def __repr__(self) -> str:
        return as_text(self._telling())

    def __str__(self) -> str:
        return repr(self)

    def _repr_html_(self) -> str:
        return as_html(self._telling())


def told_of(thing: Tells) -> Told:
    """What an object tells."""
    return thing._telling()  # noqa: SLF001 - it is told to whoever shows it
