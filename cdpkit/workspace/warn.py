"""Warnings that point at the caller's own line."""

import sys
import warnings
from types import FrameType

_PACKAGE = __name__.partition(".")[0]


def warn(text: str) -> None:
    """Warn whoever called the package."""
    level = 1
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - Python 3.12 has `skip_file_prefixes` for this
    while frame is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] == _PACKAGE:
        level, frame = level + 1, frame.f_back
    warnings.warn(text, UserWarning, stacklevel=level)
