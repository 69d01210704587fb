"""Changes of what a connection file says at its top and below `[settings]`."""

from collections.abc import Iterable, Mapping
from typing import Any

from cdpkit import vendors
from cdpkit.config import goal_edits
from cdpkit.config.connections import ConnectionFile, ConnectionSettings
from cdpkit.config.toml_file import Document
from cdpkit.config.vendor_settings import settings_problems, shown_settings
from cdpkit.errors import ChangedError, refuse
from cdpkit.runs.home import Home
from cdpkit.workspace.warn import warn


def change_file(
    home: Home,
    file: ConnectionFile,
    settings: Mapping[str, Any] | None,
    given: Mapping[str, Any],
    expected: ConnectionSettings | None,
) -> None:
    """Change what is given of a connection; the rest of its file stays.

    Args:
        home: The workspace.
        file: The connection.
        settings: The vendor's settings to change, by name; None takes one away.
        given: Keys at the top of the file; those that are None stay as they are.
        expected: What the file said when it was read; None to change it whatever it says by now.

    Raises:
        ConfigurationError: A setting does not fit.
        ChangedError: What is to be changed is not as expected.
    """
    changed = dict(settings or {})
    others = {
        key: list(value) if isinstance(value, list | tuple) else value
        for key, value in given.items()
        if value is not None
    }
    held = file.read()
    merged = {key: value for key, value in {**held.settings, **changed}.items() if value is not None}
    check_settings(home, held.vendor, merged, changed)

    def change(document: Document) -> None:
        if expected is not None:
            _check_unchanged(file.name, expected, file.parse(document), others, changed)
        goal_edits.change_connection(document, changed, others)

    file.edit(change)


def check_settings(home: Home, vendor: str, settings: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Refuse what does not fit of the settings that were given just now.

    A secret that is not there yet is only warned about: it is looked up when it is used.

    Raises:
        ConfigurationError: One does not fit.
    """
    declared, folder = vendors.get(vendor).settings, home.root.nearby
    refuse("the connection does not fit", settings_problems(declared, settings, folder, only=given, secrets=False))
    for problem in settings_problems(declared, settings, folder, only=given):
        warn(f"{problem}; it is looked up when the connection is used, and conn.check() tells whether it is there")


def _check_unchanged(
    name: str,
    expected: ConnectionSettings,
    found: ConnectionSettings,
    others: Iterable[str],
    settings: Iterable[str],
) -> None:
    """Refuse to write over what somebody else has written since; values that may be secret are not shown.

    Raises:
        ChangedError: One of the keys or settings to be changed is not as expected.
    """
    keys, own = list(others), list(settings)
    same = all(getattr(expected, key) == getattr(found, key) for key in keys)
    if same and all(expected.settings.get(key) == found.settings.get(key) for key in own):
        return
    declared = vendors.get(found.vendor).settings
    both = [
        {key: getattr(each, key) for key in keys}
        | {f"settings.{key}": value for key, value in shown_settings(declared, each.settings).items() if key in own}
        for each in (expected, found)
    ]
    raise ChangedError(f"connection {name!r}", *both)
