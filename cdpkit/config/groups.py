"""Types of groups in the settings file."""

from collections.abc import Iterable

import tomlkit

from cdpkit.config.settings_file import Document, add_property
from cdpkit.core.properties import Property


def put_group(
    document: Document,
    name: str,
    *,
    link: str,
    label: str = "",
    properties: Iterable[Property] = (),
) -> None:
    """Put a type of groups in the place of the one of its name, or behind the others.

    Args:
        document: The file.
        name: The type.
        link: The property of profiles that holds the id of their group.
        label: For people; empty for none.
        properties: Those that it has from now on beside those that it has.
    """
    groups = document.setdefault("groups", tomlkit.table(is_super_table=True))
    table = groups.setdefault(name, tomlkit.table())
    table["link"] = link
    if label:
        table["label"] = label
    else:
        table.pop("label", None)
    for prop in properties:
        add_property(document, prop, name)


def drop_group(document: Document, name: str) -> None:
    """Take a type of groups out."""
    document["groups"].pop(name)
    if not document["groups"]:
        del document["groups"]
