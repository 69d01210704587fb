"""The identifiers of a vendor beside the properties on which people may be matched."""

from collections.abc import Iterable, Mapping

from cdpkit.core.properties import PROFILE_ID, Property


def alike(identifiers: Iterable[str], properties: Mapping[str, Property]) -> list[tuple[str, str]]:
    """The first of a vendor's identifiers that a property is called like, with it; none where there is no such one.

    Args:
        identifiers: Those of the vendor, what it knows most people by first.
        properties: The catalogue by name.
    """
    flagged = {_bare(name): name for name, prop in properties.items() if prop.identifier and name != PROFILE_ID.name}
    return next(([(each, flagged[_bare(each)])] for each in identifiers if _bare(each) in flagged), [])


def _bare(name: str) -> str:
    """A name as people read it: without regard to case and to marks between words."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())
