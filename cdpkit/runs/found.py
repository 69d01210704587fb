"""What a connection found at its vendor, asked once, for whoever fills in goals."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import Discovery, VendorField
from cdpkit.kit.vendor import Vendor


@dataclass(frozen=True, slots=True)
class Found:
    """A vendor, and what a connection to it found.

    Attributes:
        vendor: The vendor.
        settings: The connection's; secrets are wrapped.
        discovery: The vendor's fields, lists and other things to choose, as they were when it was asked.
    """

    vendor: Vendor
    settings: Settings
    discovery: Discovery


def each_once(fields: Iterable[VendorField]) -> tuple[VendorField, ...]:
    """Fields by name: one that several lists have as different fields is of no known type, and belongs to them all."""
    found: dict[str, VendorField] = {}
    for field in fields:
        held = found.get(field.name)
        found[field.name] = field if held is None else _both(held, field)
    return tuple(found.values())


def _both(one: VendorField, other: VendorField) -> VendorField:
    lists = tuple(dict.fromkeys([*one.lists, *other.lists])) if one.lists and other.lists else ()
    same = (one.holds, one.several) == (other.holds, other.several)
    kind = one.type if one.type == other.type else f"{one.type}, {other.type}"
    return replace(one, type=kind, lists=lists, holds=one.holds if same else None, several=one.several or other.several)
