"""What is shown of an object."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cdpkit.face.desk import Desk
from cdpkit.show.tells import told_of
from cdpkit.show.told import Told


@dataclass(frozen=True, slots=True)
class View:
    """What is shown of objects of some classes.

    Attributes:
        of: The classes.
        desk: What the browser talks with.
        web: The module in `web/` that draws it.
        told: What is shown where nothing can be clicked: complete, in numbers and words; what the object tells, where
            nothing else is said.
        first: What is shown of it until all of that is known; None where that takes no time. Its desk says when.
    """

    of: tuple[type, ...]
    desk: Callable[[Any], Desk]
    web: str
    told: Callable[[Any], Told] = told_of
    first: Callable[[Any], Told] | None = None
