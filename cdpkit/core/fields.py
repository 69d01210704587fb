"""Fields of a source or a vendor beside properties: whose values fit which, and which merge rule a row may have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cdpkit.core.goal import Rule, can_sum
from cdpkit.core.properties import Property, PropertyType

_NUMERIC = frozenset({PropertyType.NUMBER, PropertyType.DECIMAL})
_TEMPORAL = frozenset({PropertyType.DATE, PropertyType.DATETIME})
_TEXTS = frozenset({PropertyType.TEXT, PropertyType.EMAIL})


class Field(Protocol):
    """A field, as far as mappings ask."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def holds(self) -> PropertyType | None:
        """The type of property that fits its values; None where that is not known."""

    @property
    def several(self) -> bool:
        """Whether it holds several values."""

    @property
    def in_parts(self) -> bool:
        """Whether its parts are fields of their own."""


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a source of rows."""

    name: str
    holds: PropertyType | None = None
    several: bool = False
    in_parts: bool = False


def can_be_stored(field: Field, prop: Property) -> bool:
    """Whether a property may hold the values of a field, as far as their types tell; all of them, where it is a list.

    A text may hold whatever it likes, and still is proposed for texts alone.
    """
    return _flows(field.holds, prop.type) and (prop.multi or not field.several)


def can_be_sent(prop: Property, field: Field) -> bool:
    """Whether a field may hold the values of a property; several go as one text where it is none for several."""
    joined = field.several or not prop.multi or field.holds in (None, PropertyType.TEXT)
    return _flows(prop.type, field.holds) and joined


def _flows(source: PropertyType | None, target: PropertyType | None) -> bool:
    if source is None or target is None or target is PropertyType.TEXT:
        return True
    return any(source in alike and target in alike for alike in (_NUMERIC, _TEMPORAL, _TEXTS)) or source is target


def fitting_rule(rule: Rule, field: Field, target: str, catalogue: Mapping[str, Property]) -> Rule:
    """The rule of a row that is to have this one; `set`, where its property cannot take it.

    Args:
        rule: The rule.
        field: The field of the row.
        target: The property; one that is not there yet is made to fit the field and the rule.
        catalogue: The properties that are there.
    """
    prop = catalogue.get(target)
    if rule is Rule.ADD:
        fits = prop is None or prop.multi
    elif rule is Rule.SUM:
        new = not field.several and (field.holds is None or field.holds in _NUMERIC)
        fits = can_sum(prop) if prop is not None else new
    else:
        fits = True
    return rule if fits else Rule.SET
