"""What libraries note of the calls to a bucket: keys, signatures and bodies, none of it for a log."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import local

_INSIDE = local()


class _Quiet(logging.Filter):
    """Drops what was noted in a call of ours; other users of the same library log on."""

    def filter(self, record: logging.LogRecord) -> bool:
        del record
        return not getattr(_INSIDE, "calls", 0)


_QUIET = _Quiet()


def hush(*libraries: str) -> None:
    """Keep what libraries note within `unheard` out of every log; done again, where they may have made more loggers."""
    there = [name for name in list(logging.root.manager.loggerDict) if name.partition(".")[0] in libraries]
    for name in {*libraries, *there}:
        logging.getLogger(name).addFilter(_QUIET)


@contextmanager
def unheard() -> Iterator[None]:
    """Make a call of which nothing is noted."""
    _INSIDE.calls = getattr(_INSIDE, "calls", 0) + 1
    try:
        yield
    finally:
        _INSIDE.calls -= 1
