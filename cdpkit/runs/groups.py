"""Groups as frames: those of all types side by side, and the profiles that belong to each."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from cdpkit.config.settings import Settings
from cdpkit.config.taken import check_groups
from cdpkit.core.keys import compared
from cdpkit.core.properties import GROUP_BUILT_IN, GROUP_ID, GROUP_RESERVED, Property, PropertyType
from cdpkit.core.text import to_text
from cdpkit.errors import ConfigurationError
from cdpkit.problem import Problem, unknown
from cdpkit.runs.catalogue import catalogued
from cdpkit.runs.home import Home
from cdpkit.store.snapshot import Snapshot

GROUPS, MEMBERS = "groups", "group_members"
"""The names by which SQL knows them."""

LINKING = (PropertyType.TEXT, PropertyType.NUMBER)
"""The types of properties that can hold the id of a group."""

_KEPT = [prop.name for prop in GROUP_BUILT_IN if prop != GROUP_ID]
_VALUES = {GROUP_ID.name: pl.String(), "property": pl.String(), "value": pl.String()}
_OF_PROFILE = {"type": pl.String(), **_VALUES}
_MEMBERS = {"type": pl.String(), GROUP_ID.name: pl.String(), "row": pl.Int64(), "profile_id": pl.String()}


def properties_of(settings: Settings, group: str) -> Mapping[str, Property]:
    """The properties of profiles, or of the groups of a type; those built in where there is no such type (any more)."""
    if not group or group in settings.groups:
        return settings.catalogue(group)
    return {prop.name: prop for prop in GROUP_BUILT_IN}


def planned_on(snapshot: Snapshot | None, group: str) -> tuple[Property, ...]:
    """The properties of the groups of a type that plans are going to make, which are not committed yet."""
    if snapshot is None:
        return ()
    plans = [each.properties for each in snapshot.planned if each.population.group == group]
    made = {prop.name: prop for properties in plans for prop in properties}
    return tuple(prop for prop in made.values() if prop not in GROUP_BUILT_IN)


def refuse_new(settings: Settings, snapshot: Snapshot, group: str, new: Sequence[Property]) -> None:
    """Refuse properties of groups where the table `groups` has, or plans are to give it, other values by their name.

    Args:
        settings: The types as they are.
        snapshot: The groups as plans before this one leave them.
        group: The type whose properties they are.
        new: Those that it does not have yet.

    Raises:
        ConfigurationError: Another type has another property of that name, or `refuse_former` raises it.
    """
    own = {kind: [each.to_property() for each in held.properties] for kind, held in settings.groups.items()}
    planned = {kind: {prop.name: prop for prop in (*own[kind], *planned_on(snapshot, kind))} for kind in own}
    check_groups({kind: [*held.values(), *(new if kind == group else ())] for kind, held in planned.items()})
    refuse_former(snapshot, group, new)


def refuse_former(snapshot: Snapshot, group: str, new: Iterable[Property]) -> None:
    """Refuse what groups of a type that was removed, and is defined again, have otherwise.

    Raises:
        ConfigurationError: Says what they have, and how it is had again.
    """
    for kind in snapshot.known_groups:
        if kind.lower() == group.lower() and kind != group:
            raise ConfigurationError(
                f"there are groups of the type {kind!r} from before; define it by that name (upper and lower case are "
                "the same), or choose another one"
            )
    stored = snapshot.of(group).schema
    written = {name.lower(): name for name in stored}
    for prop in new:
        there = written.get(prop.name.lower(), prop.name)
        if prop.name.lower() in GROUP_RESERVED or there not in stored:
            continue
        if (there, stored[there]) != (prop.name, prop.dtype):
            was = _of_dtype(there, stored[there])
            same = f"[{was!r}]" if was.multi else f"{{{was.name!r}: {was.type.value!r}}}"
            raise ConfigurationError(
                f"groups of the type {group!r} have values of a property {there!r} from before, which are not what "
                f"{prop!r} holds; have it back with ws.groups.define({group!r}, properties={same}), or choose another "
                "name"
            )


def _of_dtype(name: str, dtype: pl.DataType) -> Property:
    element = dtype.inner if isinstance(dtype, pl.List) else dtype
    kinds = (kind for kind in PropertyType if Property(name, kind).element == element)
    return Property(name, next(kinds), multi=isinstance(dtype, pl.List))


def link_problems(settings: Settings, link: str) -> list[Problem]:
    """What is wrong with a property of profiles that is to hold the ids of groups."""
    catalogue = settings.catalogue()
    if link not in catalogue:
        return [unknown("link", "property", link, catalogue, f"add it with ws.properties.add({link!r})")]
    if catalogue[link].type not in LINKING:
        what = f"property {link!r} is {catalogue[link].type.value}, and ids of groups are text or number"
        return [Problem("link", what, "name another property, or change its type")]
    return []


def groups_of(home: Home, snapshot: Snapshot, group: str) -> pl.LazyFrame:
    """The groups of a type: `row`, `group_id`, their properties, then what the workspace keeps of each."""
    there = catalogued(home, snapshot.of(group))
    return there.select("row", GROUP_ID.name, pl.exclude("row", GROUP_ID.name, *_KEPT), *_KEPT)


def all_groups(home: Home, snapshot: Snapshot) -> pl.LazyFrame:
    """The groups of all types: `type`, `group_id`, the properties of all types, what is kept of each, and `row`.

    Where the settings were edited so that a property is not what is stored, it is what both can be.
    """
    settings = home.settings.read()
    kept = {prop.name: prop.dtype for prop in GROUP_BUILT_IN}
    own = {name: prop.dtype for group in settings.groups for name, prop in settings.catalogue(group).items()}
    columns = ["type", GROUP_ID.name, *(name for name in own if name not in kept), *_KEPT, "row"]
    empty = pl.LazyFrame(schema={"type": pl.String(), **kept, **own, "row": pl.Int64()})
    each = [groups_of(home, snapshot, group).with_columns(type=pl.lit(group)) for group in settings.groups]
    return pl.concat([empty, *each], how="diagonal_relaxed").select(columns)


def members_of(home: Home, snapshot: Snapshot, group: str) -> pl.LazyFrame:
    """`type`, `group_id`, `row`, `profile_id`: the profiles that hold the id of a group of this type, once for each.

    A group need not be there for that; ids are compared as identifiers are.
    """
    settings = home.settings.read()
    prop = settings.catalogue().get(settings.groups[group].link)
    if prop is None or prop.type not in LINKING:
        return pl.LazyFrame(schema=_MEMBERS)
    linked = catalogued(home, snapshot).select("row", "profile_id", **{GROUP_ID.name: _as_id(prop)})
    linked = (linked.explode(GROUP_ID.name) if prop.multi else linked).filter(pl.col(GROUP_ID.name).is_not_null())
    return linked.with_columns(type=pl.lit(group)).select(*_MEMBERS)


def _as_id(prop: Property) -> pl.Expr:
    held = compared(pl.col(prop.name), prop)
    return held.cast(pl.List(pl.String)) if prop.multi else held.cast(pl.String)


def all_members(home: Home, snapshot: Snapshot) -> pl.LazyFrame:
    """The same for the groups of all types."""
    each = [members_of(home, snapshot, group) for group in home.settings.read().groups]
    return pl.concat([pl.LazyFrame(schema=_MEMBERS), *each])


def groups_of_profile(home: Home, snapshot: Snapshot, row: int) -> pl.DataFrame:
    """The groups that one profile belongs to: `type`, `group_id`, `property`, `value` (text), a line for each value."""
    parts = [pl.DataFrame(schema=_OF_PROFILE)]
    for group in home.settings.read().groups:
        ids = members_of(home, snapshot, group).filter(pl.col("row") == row).select(GROUP_ID.name).collect()
        known = groups_of(home, snapshot, group).drop("row", *_KEPT)
        held = known.filter(pl.col(GROUP_ID.name).is_in(ids[GROUP_ID.name].implode())).collect()
        own = [name for name in held.columns if name != GROUP_ID.name]
        texts = [held.select(GROUP_ID.name, to_text(held[name]).alias("value"), property=pl.lit(name)) for name in own]
        values = pl.concat([pl.DataFrame(schema=_VALUES), *(text.select(*_VALUES) for text in texts)])
        found = values.drop_nulls("value")
        lines = ids.join(found, on=GROUP_ID.name, how="left", maintain_order="left")
        parts.append(lines.with_columns(type=pl.lit(group)).select(*_OF_PROFILE))
    return pl.concat(parts)


def group_tables(home: Home, snapshot: Snapshot) -> Mapping[str, pl.LazyFrame]:
    """What SQL sees of groups, by name."""
    return {GROUPS: all_groups(home, snapshot), MEMBERS: all_members(home, snapshot)}
