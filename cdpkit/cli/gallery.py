"""The vendors, as lines for people and as JSON: what each is told, and what goes which way."""

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from cdpkit import vendors
from cdpkit.cli.tables import WIDTH
from cdpkit.kit.declare import Setting
from cdpkit.kit.vendor import Vendor
from cdpkit.workspace.gallery import Gallery


def vendor_objects(search: str = "") -> list[dict[str, Any]]:
    """Each vendor with name, title, help, directions, settings, options of each direction, and things to choose.

    Args:
        search: Only those in which these words occur.
    """
    return [
        {name: value for name, value in asdict(entry).items() if value or name != "missing"}
        for entry in Gallery().search(search).values()
    ]


def vendor_lines(search: str = "") -> Iterator[str]:
    """Each vendor with its settings below it, in 80 columns."""
    for vendor in map(vendors.get, Gallery().search(search)):
        yield f"{vendor.name}: {vendor.help}"
        yield f"  directions: {', '.join(options(vendor))}"
        yield "  settings:"
        width = max(len(setting.name) for setting in vendor.settings) + 6
        for setting in vendor.settings:
            first = f"    {setting.name:<{width - 4}}"
            yield textwrap.fill(_told(setting), WIDTH, initial_indent=first, subsequent_indent=" " * width)


def options(vendor: Vendor) -> dict[str, tuple[Setting, ...]]:
    """What a goal is told, by what goes which way, seen from the workspace."""
    return {
        way: tuple(option for each, part in vendor.parts if each == way for option in part.options)
        for way in vendor.directions
    }


def _told(setting: Setting) -> str:
    more = [setting.kind.expected]
    more += ["has to be given"] if setting.required else []
    more += [] if setting.default in (None, "") else [f"default {setting.default}"]
    return f"{setting.help} ({'; '.join(more)})"
