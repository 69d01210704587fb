"""Answers that are stored as pages."""

import re

from cdpkit.errors import ConfigurationError
from cdpkit.kit.effects import Http

FITTING = re.compile(r"(?!\.)[\w.-]+(/(?!\.)[\w.-]+)*")


def check_name(http: Http) -> None:
    """Refuse a page that would lie outside its folder.

    Raises:
        ConfigurationError: The name is none for a file below the folder.
    """
    if http.page is not None and not FITTING.fullmatch(http.page):
        raise ConfigurationError(f"no file can have the name of the page {http.page!r}: use letters, digits, . _ and -")
