"""The vendors, as lines for people and as JSON: what each is told, and what goes which way."""

import textwrap
from collections.abc import Iterator
from typing import Any

from cdpkit import vendors
from cdpkit.cli.tables import WIDTH
from cdpkit.config.vendor_settings import LIMITS_FACTOR
from cdpkit.kit.vendor import Setting, Vendor

_OF_EVERY_VENDOR = Setting(
    LIMITS_FACTOR, "The rates of the vendor's limits are multiplied by it, where more was agreed on", default="1.0"
)


def vendor_objects() -> list[dict[str, Any]]:
    """Each vendor with name, title, help, directions (`import`, `export`) and settings."""
    return [
        {
            "name": vendor.name,
            "title": vendor.title,
            "help": vendor.help,
            "directions": directions(vendor),
            "settings": [
                {
                    "name": setting.name,
                    "help": setting.help,
                    "secret": setting.secret,
                    "required": setting.default is None,
                    "default": setting.default,
                    "choices": list(setting.choices),
                }
                for setting in settings(vendor)
            ],
        }
        for vendor in map(vendors.get, vendors.names())
    ]


def vendor_lines() -> Iterator[str]:
    """Each vendor with its settings below it, in 80 columns."""
    for vendor in map(vendors.get, vendors.names()):
        yield f"{vendor.name}: {vendor.help}"
        yield f"  directions: {', '.join(directions(vendor))}"
        yield "  settings:"
        width = max(len(setting.name) for setting in settings(vendor)) + 6
        for setting in settings(vendor):
            first = f"    {setting.name:<{width - 4}}"
            yield textwrap.fill(_told(setting), WIDTH, initial_indent=first, subsequent_indent=" " * width)


def directions(vendor: Vendor) -> list[str]:
    """What goes which way, seen from the workspace."""
    both = {"import": vendor.importer, "export": vendor.exporter}
    return [name for name, part in both.items() if part is not None]


def settings(vendor: Vendor) -> tuple[Setting, ...]:
    """Those that it declares, and the one that all vendors have."""
    return (*vendor.settings, _OF_EVERY_VENDOR)


def _told(setting: Setting) -> str:
    more = ["a secret: env:NAME, file:path or keyring:service/name"] if setting.secret else []
    more += [f"one of {', '.join(setting.choices)}"] if setting.choices else []
    more += ["has to be given"] if setting.default is None else [f"default {setting.default}"]
    return f"{setting.help} ({'; '.join(more)})"
