"""Answers that are stored as pages."""

import re

from cdpkit.errors import ConfigurationError
from cdpkit.kit.effects import Call

FITTING = re.compile(r"(?!\.)[\w.-]+(/(?!\.)[\w.-]+)*")


def check_name(call: Call) -> None:
    """Refuse a page that would lie outside its folder.

    Raises:
        ConfigurationError: The name is none for a file below the folder.
    """
    if call.page is not None and not FITTING.fullmatch(call.page):
        raise ConfigurationError(f"no file can have the name of the page {call.page!r}: use letters, digits, . _ and -")
