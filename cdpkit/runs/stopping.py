"""What an interrupt by the user leaves, in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from cdpkit.errors import Stopped


@contextmanager
def stopping(left: str) -> Iterator[None]:
    """Say of an interrupt what it leaves; a notebook shows that in the place of a traceback.

    Raises:
        Stopped: There was an interrupt.
    """
    try:
        yield
    except Stopped:
        raise
    except KeyboardInterrupt as error:
        raise Stopped(f"Stopped: {left}.") from error
