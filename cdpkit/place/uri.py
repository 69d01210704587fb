"""The address of a folder, as libraries want it that take addresses in the place of paths."""

import os
import re
from pathlib import Path

from cdpkit.errors import ConfigurationError

_LOST = re.compile(r"%(?=[0-9A-Fa-f]{2})|[\x00-\x1f\x7f]" + ("" if os.name == "nt" else r"|\\"))
"""What Delta Lake reads as something else: it decodes percent signs twice, and takes a backslash for a slash."""


def uri_of(folder: Path) -> str:
    """The address of a folder, each character of its path written so that it is read back as itself.

    Raises:
        ConfigurationError: Its path has a character that no address keeps.
    """
    found = _LOST.search(str(folder))
    if found is not None:
        raise ConfigurationError(
            f"{str(folder)!r} cannot hold tables, because of the {found[0]!r} in its path; choose a folder without it"
        )
    return folder.absolute().as_uri()
