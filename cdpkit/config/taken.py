"""Names in the settings file: each is given once, whatever its case, and none is one that the workspace keeps."""

from collections.abc import Collection, Iterable, Mapping

from cdpkit.core.events.types import BUILT_IN_EVENTS
from cdpkit.core.properties import BUILT_IN, GROUP_RESERVED, RESERVED, Property, is_name
from cdpkit.errors import ConfigurationError


def check_names(
    properties: Iterable[Property], event_types: Iterable[str], groups: Mapping[str, Collection[Property]]
) -> None:
    """Refuse settings in which two things have one name, or one has a name that is kept.

    Args:
        properties: Those of profiles, built-in ones left out.
        event_types: The names of the types of timeline events, likewise.
        groups: The types of groups, each with its properties, likewise.

    Raises:
        ConfigurationError: Says which, and what to do.
    """
    taken = {name.lower() for name in RESERVED} | {prop.name.lower() for prop in BUILT_IN}
    _check_properties(properties, taken, "change it with ws.properties.change({!r}, ...), or ")
    kinds = {name.lower() for name in BUILT_IN_EVENTS}
    for kind in event_types:
        if kind.lower() in kinds:
            raise ConfigurationError(f"there is an event type {kind!r} already; choose another name")
        kinds.add(kind.lower())
    check_groups(groups)


def _check_properties(properties: Iterable[Property], taken: Collection[str], change: str) -> None:
    seen: dict[str, str] = {}
    for prop in properties:
        name = prop.name.lower()
        if name in taken:
            raise ConfigurationError(f"property name {prop.name!r} is kept by the workspace; choose another one")
        if name in seen:
            raise ConfigurationError(
                f"there is a property {seen[name]!r} already (upper and lower case are the same); "
                f"{change.format(seen[name])}choose another name"
            )
        seen[name] = prop.name


def check_groups(groups: Mapping[str, Collection[Property]]) -> None:
    """Types have names as properties have, and what two of them call the same is the same in the table `groups`.

    Raises:
        ConfigurationError: Says what does not fit, and what to do.
    """
    held: dict[str, tuple[str, Property]] = {}
    kinds = dict[str, str]()
    for group, properties in groups.items():
        if not is_name(group):
            raise ConfigurationError(
                f"the name of the group type {group!r} may only have letters, digits, '_' and '-'; rename it"
            )
        if group.lower() in kinds:
            raise ConfigurationError(f"there is a group type {kinds[group.lower()]!r} already; choose another name")
        kinds[group.lower()] = group
        _check_properties(properties, GROUP_RESERVED, "")
        for prop in properties:
            if prop.identifier:
                raise ConfigurationError(
                    f"property {prop.name!r} of group type {group!r} is no identifier: groups are known by their "
                    "group_id alone; take the flag away"
                )
            other, first = held.setdefault(prop.name.lower(), (group, prop))
            if first.dtype != prop.dtype or first.name != prop.name:
                raise ConfigurationError(
                    f"group types {other!r} and {group!r} both have a property {prop.name!r}, which is one column of "
                    f"the table groups: {_kind(first)} of the one and {_kind(prop)} of the other; give them the same "
                    "name and type, or call one otherwise"
                )


def _kind(prop: Property) -> str:
    return f"{prop.name!r} ({prop.type.value}{', several values' if prop.multi else ''})"
