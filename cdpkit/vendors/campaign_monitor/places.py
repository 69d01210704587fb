"""Where things belong: fields to a list, lists to a client, and clients to a time zone."""

from collections.abc import Iterable

from cdpkit.kit.discovery import Discovery, VendorField

CLIENT, ZONE = "client", "zone"
"""Facts of a discovery: behind the one stands the id of a list, behind the other that of a client."""


def fields_of(discovery: Discovery, list_id: str) -> dict[str, VendorField]:
    """The custom fields of a list by name."""
    return {field.name: field for field in discovery.fields if field.lists == (list_id,)}


def client_of(discovery: Discovery, list_id: str) -> str:
    """The id of the client whose list it is."""
    return discovery.facts[f"{CLIENT} {list_id}"]


def zone_at(discovery: Discovery, list_id: str) -> str:
    """The zone in which times of a list are written."""
    return discovery.facts[f"{ZONE} {client_of(discovery, list_id)}"]


def zones_of(discovery: Discovery, lists: Iterable[str]) -> list[str]:
    """The zones of lists, each once."""
    return list(dict.fromkeys(zone_at(discovery, each) for each in lists))
