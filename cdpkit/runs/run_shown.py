"""What views ask of a run, and users have no use for."""

from cdpkit.runs.home import Home
from cdpkit.runs.parts import Part
from cdpkit.runs.run import Run
from cdpkit.show.told import Told


def numbers_of(run: Run) -> Told:
    """What it tells, without a value of anybody."""
    return run._numbers()  # noqa: SLF001


def parts(run: Run) -> tuple[Part, ...]:
    """Its frames as people look at them; each is made once, when it has ended."""
    return run._parts()  # noqa: SLF001


def home_of(run: Run) -> Home:
    """The workspace."""
    return run._home  # noqa: SLF001
