"""What a timeline event can hold: types of events, and their properties, of which some hold properties themselves."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdpkit.core.properties import PropertyType
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.show.astext import AsText

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_KEYS = ("name", "type", "multiple", "identifier", "properties")
BETWEEN = "."
"""Stands between the name of a property and the name of one inside it: `products.sku`."""


@dataclass(frozen=True, slots=True)
class EventProperty(AsText):
    """A property of a type of events.

    Attributes:
        name: Letters, digits, `_` and `-`.
        type: Of its values; of one that holds properties without meaning.
        multiple: Whether it holds a list; of one that holds properties, whether it is there several times.
        identifier: Whether its value is the id of the event, where no other is mapped.
        properties: What it holds itself; empty for a plain value.
    """

    name: str
    type: PropertyType = PropertyType.TEXT
    multiple: bool = False
    identifier: bool = False
    properties: "tuple[EventProperty, ...]" = ()

    def __post_init__(self) -> None:
        _check_name("property of an event", self.name)
        if self.type not in set(PropertyType):
            raise UnknownNameError("property type", self.type, PropertyType)
        object.__setattr__(self, "type", PropertyType(self.type))  # it may be given as its word
        if any(inner.properties for inner in self.properties):
            raise ConfigurationError(
                f"property {self.name!r} holds properties that hold properties themselves; of one level is kept, so "
                "give those inside names of their own there"
            )
        if self.properties and self.identifier:
            raise ConfigurationError(f"property {self.name!r} holds properties, so it identifies no event")
        _check_names(f"property {self.name!r}", self.properties)


@dataclass(frozen=True, slots=True)
class EventType(AsText):
    """A type of timeline events.

    Attributes:
        name: Letters, digits, `_` and `-`.
        properties: What its events hold beside id and time.
        label: For people.
    """

    name: str
    properties: tuple[EventProperty, ...] = ()
    label: str = ""

    def __post_init__(self) -> None:
        _check_name("type of events", self.name)
        _check_names(f"event type {self.name!r}", self.properties)
        several = [prop.name for prop in self.properties if prop.identifier]
        if len(several) > 1:
            raise ConfigurationError(
                f"event type {self.name!r} has several identifiers ({', '.join(several)}); keep one"
            )

    @property
    def identifier(self) -> str | None:
        """The property whose value is the id of an event."""
        return next((prop.name for prop in self.properties if prop.identifier), None)

    def leaves(self) -> Iterator[tuple[str, EventProperty]]:
        """Each property with a value by its path, such as `total` and `products.sku`, in order."""
        for prop in self.properties:
            if not prop.properties:
                yield prop.name, prop
            for inner in prop.properties:
                yield f"{prop.name}{BETWEEN}{inner.name}", inner


def _check_name(what: str, name: object) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigurationError(f"the name of a {what} has letters, digits, '_' and '-' alone; {name!r} is none")


def _check_names(where: str, properties: Sequence[EventProperty]) -> None:
    names = [prop.name for prop in properties]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ConfigurationError(f"{where} has {twice!r} twice; keep one")


def read_properties(given: Mapping[str, Any] | Sequence[Any]) -> tuple[EventProperty, ...]:
    """Properties as they are written.

    Args:
        given: `{"total": "decimal", "products": [...]}`, a property's name to its type or to what it holds several
            times; or a list of `{"name", "type", "multiple", "identifier", "properties"}`.

    Raises:
        ConfigurationError: It is none of these.
        UnknownNameError: No such type.
    """
    if isinstance(given, Mapping):
        return tuple(_short(name, what) for name, what in given.items())
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise ConfigurationError("properties of events are written such as {'total': 'decimal', 'coupon': 'text'}")
    return tuple(_long(each) for each in given)


def _short(name: str, what: Any) -> EventProperty:
    if isinstance(what, str):
        return EventProperty(name, _type(what))
    return EventProperty(name, multiple=True, properties=read_properties(what))


def _long(given: Any) -> EventProperty:
    if isinstance(given, EventProperty):
        return given
    if not isinstance(given, Mapping) or "name" not in given or set(given) - set(_KEYS):
        raise ConfigurationError(f"a property of events is written with the keys {', '.join(_KEYS)}, a name at least")
    return EventProperty(
        given["name"],
        _type(given.get("type", "text")),
        bool(given.get("multiple", False)),
        bool(given.get("identifier", False)),
        read_properties(given.get("properties", ())),
    )


def _type(word: Any) -> PropertyType:
    if word not in set(PropertyType):
        raise UnknownNameError("property type", str(word), PropertyType)
    return PropertyType(word)


_NUMBER, _DECIMAL = PropertyType.NUMBER, PropertyType.DECIMAL

ORDER = EventType(
    "order",
    (
        EventProperty("order_id", identifier=True),
        EventProperty("total", _DECIMAL),
        EventProperty("currency"),
        EventProperty("quantity", _NUMBER),
        EventProperty("discount", _DECIMAL),
        EventProperty("shipping", _DECIMAL),
        EventProperty("tax", _DECIMAL),
        EventProperty("coupon"),
        EventProperty(
            "products",
            multiple=True,
            properties=(
                EventProperty("id"),
                EventProperty("name"),
                EventProperty("sku"),
                EventProperty("price", _DECIMAL),
                EventProperty("quantity", _NUMBER),
                EventProperty("category"),
                EventProperty("variant"),
            ),
        ),
    ),
    "Order",
)

BUILT_IN_EVENTS: Mapping[str, EventType] = {ORDER.name: ORDER}
"""The types that every workspace has, by name; none of them can be changed."""
