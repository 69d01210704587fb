"""Names in the settings file: each is given once, whatever its case, and none is one that the workspace keeps."""

from collections.abc import Collection, Mapping, Sequence

from cdpkit.config.settings import GroupSettings, PropertySettings, Settings
from cdpkit.core.events.types import BUILT_IN_EVENTS
from cdpkit.core.properties import BUILT_IN, GROUP_RESERVED, RESERVED, Property
from cdpkit.errors import ConfigurationError


def check_names(settings: Settings) -> None:
    """Refuse settings in which two things have one name, or one has a name that is kept.

    Raises:
        ConfigurationError: Says which, and what to do.
    """
    taken = {name.lower() for name in RESERVED} | {prop.name.lower() for prop in BUILT_IN}
    _check_properties(settings.properties, taken, "ws.properties")
    kinds = dict.fromkeys(name.lower() for name in BUILT_IN_EVENTS)
    for kind in settings.event_types:
        if kind.to_type().name.lower() in kinds:
            raise ConfigurationError(f"there is an event type {kind.name!r} already; choose another name")
        kinds[kind.name.lower()] = None
    _check_groups(settings.groups)


def _check_properties(properties: Sequence[PropertySettings], taken: Collection[str], where: str) -> None:
    seen: dict[str, str] = {}
    for prop in properties:
        name = prop.to_property().name.lower()
        if name in taken:
            raise ConfigurationError(f"property name {prop.name!r} is kept by the workspace; choose another one")
        if name in seen:
            raise ConfigurationError(
                f"there is a property {seen[name]!r} already (upper and lower case are the same); "
                f"change it with {where}.change({seen[name]!r}, ...), or choose another name"
            )
        seen[name] = prop.name


def _check_groups(groups: Mapping[str, GroupSettings]) -> None:
    """Types have names as properties have, and what two of them call the same is the same in the table `groups`."""
    held: dict[str, tuple[str, Property]] = {}
    kinds = dict[str, str]()
    for group, settings in groups.items():
        Property(group)  # its name is written by the same letters
        if group.lower() in kinds:
            raise ConfigurationError(f"there is a group type {kinds[group.lower()]!r} already; choose another name")
        kinds[group.lower()] = group
        _check_properties(settings.properties, GROUP_RESERVED, f"ws.groups[{group!r}]")
        for prop in (each.to_property() for each in settings.properties):
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
