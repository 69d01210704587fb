"""Names that people choose: which of them cannot be one, on any system and in any message."""

import re

from cdpkit.errors import ConfigurationError

LONGEST = 200
"""Characters."""

_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def unfit_name(name: str) -> tuple[str, str] | None:
    """What is wrong with a name and how to mend it; None where nothing is."""
    if not name.strip():
        return "is empty", "fill it in"
    if len(name) > LONGEST:
        return f"has {len(name)} characters", f"use {LONGEST} at most"
    if _HIDDEN.search(name):
        return f"{name!r} has a line break or another character that is not shown", "remove it"
    if name.startswith("-"):
        return f"{name!r} begins with a dash, as options of commands do", "choose another one"
    if _DEVICE.fullmatch(name.strip()):
        return f"{name!r} is the name of a device on some systems", "choose another one"
    return None


def check_name(what: str, name: str) -> None:
    """Refuse a name that cannot be one.

    Args:
        what: What it is to name, such as `segment`.
        name: The name.

    Raises:
        ConfigurationError: It is empty, too long, has characters that are not shown, or means something else.
    """
    wrong = unfit_name(name)
    if wrong is not None:
        raise ConfigurationError(f"the name of the {what} {wrong[0]}; {wrong[1]}")
