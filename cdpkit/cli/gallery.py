"""The vendors, as lines for people and as JSON: what each is told, and what goes which way."""

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from cdpkit import vendors
from cdpkit.cli.tables import WIDTH
from cdpkit.kit.declare import Setting, describe
from cdpkit.kit.vendor import Vendor


def vendor_objects() -> list[dict[str, Any]]:
    """Each vendor with name, title, help, directions, settings, options of each direction, and things to choose."""
    return [
        {
            "name": vendor.name,
            "title": vendor.title,
            "help": vendor.help,
            "directions": list(options(vendor)),
            "settings": [describe(setting) for setting in vendor.settings],
            "options": {way: [describe(option) for option in declared] for way, declared in options(vendor).items()},
            "things": [asdict(thing) for thing in vendor.things],
        }
        for vendor in map(vendors.get, vendors.names())
    ]


def vendor_lines() -> Iterator[str]:
    """Each vendor with its settings below it, in 80 columns."""
    for vendor in map(vendors.get, vendors.names()):
        yield f"{vendor.name}: {vendor.help}"
        yield f"  directions: {', '.join(options(vendor))}"
        yield "  settings:"
        width = max(len(setting.name) for setting in vendor.settings) + 6
        for setting in vendor.settings:
            first = f"    {setting.name:<{width - 4}}"
            yield textwrap.fill(_told(setting), WIDTH, initial_indent=first, subsequent_indent=" " * width)


def options(vendor: Vendor) -> dict[str, tuple[Setting, ...]]:
    """What a goal is told, by what goes which way, seen from the workspace."""
    both = {"import": vendor.importer, "export": vendor.exporter}
    return {way: part.options for way, part in both.items() if part is not None}


def _told(setting: Setting) -> str:
    more = [setting.kind.expected]
    more += ["has to be given"] if setting.required else []
    more += [] if setting.default in (None, "") else [f"default {setting.default}"]
    return f"{setting.help} ({'; '.join(more)})"
