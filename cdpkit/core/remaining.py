"""Rows for the fields that a mapping has not yet: each with a property of its own, a rule, and perhaps a prefix."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import polars as pl

from cdpkit.core.fields import Column, Field, can_be_sent, fitting_rule
from cdpkit.core.goal import FieldMapping, ImportGoal, Rule
from cdpkit.core.infer import infer, slug
from cdpkit.core.likeness import Name
from cdpkit.core.properties import (
    BUILT_IN,
    GROUP_ID,
    GROUP_RESERVED,
    PROFILE_ID,
    SOURCE_ROW,
    Property,
    PropertyType,
)
from cdpkit.core.rows import Rows
from cdpkit.errors import ConfigurationError

F = TypeVar("F", bound=Field)
_BUILT_IN = frozenset(prop.name for prop in BUILT_IN)


def remaining(fields: Sequence[F], mapped: Collection[str]) -> tuple[F, ...]:
    """The fields that are not mapped yet, each name once; one whose parts are fields of their own is left to those."""
    left: dict[str, F] = {}
    for field in fields:
        if field.name not in mapped and field.name != SOURCE_ROW and not field.in_parts:
            left.setdefault(field.name, field)
    return tuple(left.values())


def new_rows(
    fields: Sequence[Field],
    *,
    taken: Collection[str],
    catalogue: Mapping[str, Property],
    rule: Rule = Rule.SET,
    prefix: str = "",
) -> tuple[FieldMapping, ...]:
    """A row for each field, with the property that is named after it.

    A property that there is keeps its spelling. One that the goal fills already, and a field that would be called like
    another one, get a number: `name_2`. What the workspace itself keeps of profiles is never filled.

    Args:
        fields: Those to map.
        taken: The properties that the goal fills, or knows profiles by.
        catalogue: All properties.
        rule: Of each row whose property can take it; the others are `set`.
        prefix: In front of each property's name.
    """
    known = {name.casefold(): name for name in catalogue}
    used = {name.casefold() for name in taken}
    targets: dict[str, str] = {}
    of_groups = GROUP_ID.name in catalogue and PROFILE_ID.name not in catalogue
    # Who is called so already comes first, so that the order of fields decides as little as can be.
    for field in sorted(fields, key=lambda each: slug(prefix, each.name) != prefix + each.name):
        name = target_name(prefix, field.name)
        name = f"{name}_" if of_groups and name.casefold() in GROUP_RESERVED else name
        name = next(each for each in _numbered(name, len(fields) + len(used) + 1) if each.casefold() not in used)
        used.add(name.casefold())
        targets[field.name] = known.get(name.casefold(), name)
    return tuple(
        FieldMapping(field.name, targets[field.name], fitting_rule(rule, field, targets[field.name], catalogue))
        for field in fields
    )


def target_name(prefix: str, field: str) -> str:
    """The property that takes a field by default; never one that the workspace itself keeps."""
    name = slug(prefix, field)
    return f"{name}_" if name.casefold() in _BUILT_IN else name


def _numbered(name: str, most: int) -> Sequence[str]:
    return [name, *(f"{name}_{number}" for number in range(2, most + 2))]


def filled_by(
    fields: Sequence[Field], catalogue: Mapping[str, Property], prefix: str = ""
) -> tuple[tuple[str, str], ...]:
    """For the fields that a property is named after: property and field, in the order of the fields, each once.

    Args:
        fields: The vendor's.
        catalogue: All properties; those that the workspace itself keeps are left out.
        prefix: In front of each property's name, as an import made it; such a property comes first.
    """
    own = [prop for prop in catalogue.values() if prop.name not in _BUILT_IN]
    found: dict[str, str] = {}
    used: set[str] = set()
    exact = {prop.name: prop for prop in own}
    bare = {Name(prop.name).bare: prop for prop in reversed(own)}
    for known, called in ((exact, _as_written), (bare, _as_meant)):
        for field in fields:
            prop = known.get(called(prefix, field.name))
            if prop is not None and field.name not in found and prop.name not in used and _can_fill(prop, field):
                found[field.name] = prop.name
                used.add(prop.name)
    return tuple((found[field.name], field.name) for field in fields if field.name in found)


def _can_fill(prop: Property, field: Field) -> bool:
    """A text that is called like a field may hold what that takes, as one does for which an import met no value yet."""
    return can_be_sent(prop, field) or (prop.type is PropertyType.TEXT and not prop.multi)


def _as_written(prefix: str, field: str) -> str:
    return prefix + field


def _as_meant(prefix: str, field: str) -> str:
    return Name(target_name(prefix, field)).bare


REST = "*"
"""Names all fields that have no row of their own, in the place of a field; behind a prefix in that of a property."""


def with_rest(goal: ImportGoal, rows: Rows, catalogue: Mapping[str, Property]) -> ImportGoal:
    """The goal with a row for each field that has none, where a row says so: `{"from": "*", "to": "crm_*"}`.

    The new rows stand where that row stood. A source that has a field of this very name means the field.

    Args:
        goal: The goal.
        rows: The source.
        catalogue: All properties.

    Raises:
        ConfigurationError: It does not end with the mark, or there are two such rows.
    """
    rest = [row for row in goal.mappings if row.source == REST and REST not in rows.schema]
    if not rest:
        return goal
    row, *more = rest
    if more or not row.target.endswith(REST):
        raise ConfigurationError(
            "all other fields are mapped by one row such as {'from': '*', 'to': 'crm_*', 'rule': 'set'}"
        )
    mapped = {name for name, _ in (*goal.identifiers, *goal.stored)}
    taken = {target for name, target in (*goal.identifiers, *goal.stored) if name != REST}
    columns = [_column(rows, name, typed=row.rule is Rule.SUM) for name in rows.schema if name not in mapped]
    made = new_rows(
        remaining(columns, ()), taken=taken, catalogue=catalogue, rule=row.rule, prefix=row.target.removesuffix(REST)
    )
    at = goal.mappings.index(row)
    return replace(goal, mappings=(*goal.mappings[:at], *made, *goal.mappings[at + 1 :]))


def _column(rows: Rows, name: str, *, typed: bool) -> Column:
    """A field of a source; the type of its values is found out only where it decides something."""
    several = isinstance(rows.schema[name], pl.List | pl.Array)
    return Column(name, infer(rows.columns([name]).to_series(), "field").type if typed else None, several)
