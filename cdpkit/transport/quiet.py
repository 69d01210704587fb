"""What libraries note of calls: addresses that may name people, keys, signatures and bodies, none of it for a log."""

import logging
from typing import Final

from cdpkit.transport.pool import NAME


class _Quiet(logging.Filter):
    """Drops what was noted in a thread that carries calls; other users of the same library log on."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.threadName or "").startswith(NAME)


_QUIET: Final = _Quiet()


def hush(*libraries: str) -> None:
    """Keep what libraries note of calls that carriers make out of every log, at every level.

    A logger asks its own filters alone and not those above it, so that each logger that is there by now gets one; may
    be done as often as a library may have made more of them.

    Args:
        libraries: Their names, such as `httpx`.
    """
    there = [name for name in list(logging.root.manager.loggerDict) if name.partition(".")[0] in libraries]
    for name in {*libraries, *there}:
        logging.getLogger(name).addFilter(_QUIET)
