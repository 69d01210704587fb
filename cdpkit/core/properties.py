"""What a profile property is: a name, a type of the grammar, and flags (semantics, section 1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.show.astext import AsText


class PropertyType(StrEnum):
    """The types that a value can have."""

    TEXT = "text"
    EMAIL = "email"
    NUMBER = "number"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"


UTC = pl.Datetime("us", "UTC")

_DTYPES: Mapping[PropertyType, pl.DataType] = {
    PropertyType.TEXT: pl.String(),
    PropertyType.EMAIL: pl.String(),
    PropertyType.NUMBER: pl.Int64(),
    PropertyType.DECIMAL: pl.Float64(),
    PropertyType.BOOLEAN: pl.Boolean(),
    PropertyType.DATE: pl.Date(),
    PropertyType.DATETIME: UTC,
}

_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, repr=False)
class Property(AsText):
    """A profile property.

    Attributes:
        name: Letters, digits, `_` and `-`; unique without regard to case; never changes.
        type: One of `PropertyType`; never changes, except between text and email.
        multi: Whether it holds a list of unique values, in first-seen order.
        identifier: Whether rows may be matched on it.
        pii: Whether it tells who a person is.
        choices: The only texts it may hold; empty for any.
    """

    name: str
    type: PropertyType = PropertyType.TEXT
    multi: bool = False
    identifier: bool = False
    pii: bool = False
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise ConfigurationError(
                f"property name {self.name!r} may only have letters, digits, '_' and '-'; rename it"
            )
        if self.type not in set(PropertyType):
            raise UnknownNameError("property type", self.type, PropertyType)
        object.__setattr__(self, "type", PropertyType(self.type))  # it may be given as its word

    def __repr__(self) -> str:
        """What makes the same one; what is at its default is left out."""
        flags = [f"{name}=True" for name in ("multi", "identifier", "pii") if getattr(self, name)]
        flags += [f"choices={self.choices!r}"] if self.choices else []
        return f"Property({', '.join([repr(self.name), f'type={self.type.value!r}', *flags])})"

    @property
    def element(self) -> pl.DataType:
        """The Polars type of one value."""
        return _DTYPES[self.type]

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of the stored column: `element`, or a list of it when `multi`."""
        return pl.List(self.element) if self.multi else self.element


def is_name(text: str) -> bool:
    """Whether a property, or a type of groups, can be called so."""
    return _NAME.fullmatch(text) is not None


PERMISSION_LEVELS = ("DO_NOT_TRACK", "ANONYMOUS", "PERSONAL")
DEFAULT_PERMISSION_LEVEL = "PERSONAL"

PROFILE_ID = Property("profile_id", identifier=True)

BUILT_IN: tuple[Property, ...] = (
    PROFILE_ID,
    Property("created_at", PropertyType.DATETIME),
    Property("updated_at", PropertyType.DATETIME),
    Property("updated_seq", PropertyType.NUMBER),
    Property("permission_level", choices=PERMISSION_LEVELS),
    Property("consented_objectives", multi=True),
    Property("refused_objectives", multi=True),
    Property("viewed_interactions", multi=True),
)
"""Every profile has these; the last four may be the target of a mapping."""

MAPPABLE_BUILT_IN = ("permission_level", "consented_objectives", "refused_objectives", "viewed_interactions")

RESERVED = frozenset(
    {"row", "layer", "deleted", "profile_id", "created_at", "updated_at", "updated_seq", "permission_level"}
)
"""Names that no property of a workspace may take."""

GROUP_ID = Property("group_id", identifier=True)

GROUP_BUILT_IN: tuple[Property, ...] = (GROUP_ID, *(prop for prop in BUILT_IN if prop.name.endswith(("_at", "_seq"))))
"""Every group has these; none of them may be the target of a mapping."""

GROUP_RESERVED = RESERVED | {"group_id", "type"}
"""Names that no property of groups may take."""

SOURCE_ROW = "_source_row"
"""The column that numbers the rows of a source, from 0, wherever source rows flow."""
