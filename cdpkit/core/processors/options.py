"""What a processor may be told: its options, declared once as data and read with precise errors."""

import dataclasses
import math
import typing
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal

from cdpkit.core.properties import SOURCE_ROW
from cdpkit.errors import ConfigurationError
from cdpkit.show.astext import AsText

Scalar = str | int | float | bool
"""A single value as settings files can write it."""


class Kind(StrEnum):
    """What an option holds; forms choose their control by it."""

    TEXT = "a text"
    NUMBER = "a whole number"
    FLAG = "true or false"
    CHOICE = "one of a few words"
    TEXTS = "a list of texts"
    TABLE = "a table of text to text"
    VALUE = "a text, a number, true or false"


_KINDS: Mapping[object, Kind] = {
    str: Kind.TEXT,
    int: Kind.NUMBER,
    bool: Kind.FLAG,
    tuple[str, ...]: Kind.TEXTS,
    Mapping[str, str]: Kind.TABLE,
    Scalar: Kind.VALUE,
}

_INT64 = range(-(2**63), 2**63)


@dataclasses.dataclass(frozen=True, slots=True)
class Option(AsText):
    """One option of a processor, from which forms, documentation and validation are made.

    Attributes:
        name: The key in a step's specification.
        help: One line for people.
        kind: What it holds.
        required: Whether it must be given (and, for texts, lists and tables, not be empty).
        default: Its value when it is not given; None when `required`.
        choices: The words of a `Kind.CHOICE`.
        names_fields: Whether its texts are names of fields (of a table: keys and values).
    """

    name: str
    help: str
    kind: Kind
    required: bool
    default: object
    choices: tuple[str, ...]
    names_fields: bool


def option(about: str, *, default: object = dataclasses.MISSING, names_fields: bool = False) -> Any:
    """Declare an option as a field of a processor class; its annotation says what it holds.

    Args:
        about: One line for people.
        default: Its value when it is not given; without it the option is required. A dict is copied.
        names_fields: Whether its texts are names of fields.
    """
    metadata = {"help": about, "names_fields": names_fields}
    if isinstance(default, dict):
        table = dict(default)
        return dataclasses.field(default_factory=lambda: dict(table), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def options_of(cls: type[Any]) -> tuple[Option, ...]:
    """The declared options of a processor class, in the order they are written."""
    hints = typing.get_type_hints(cls)
    return tuple(_option(field, hints[field.name]) for field in dataclasses.fields(cls))


def _option(field: dataclasses.Field[Any], hint: object) -> Option:
    is_choice = typing.get_origin(hint) is Literal
    required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    default = None if required else field.default
    if field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    return Option(
        name=field.name,
        help=field.metadata["help"],
        kind=Kind.CHOICE if is_choice else _KINDS[hint],
        required=required,
        default=default,
        choices=typing.get_args(hint) if is_choice else (),
        names_fields=field.metadata["names_fields"],
    )


def checked_option(option: Option, given: object, where: str) -> object:
    """The value of an option as a processor class takes it.

    Args:
        option: The declaration.
        given: What the user wrote.
        where: The step, for messages.

    Raises:
        ConfigurationError: Its type or value does not fit.
    """
    value = _of_kind(option, given)
    if value is None:
        wanted = f"one of {', '.join(map(repr, option.choices))}" if option.choices else option.kind.value
        # The value itself is not repeated: tables and fixed values may hold personal data.
        given_instead = "" if option.choices and isinstance(given, str) else f", not a {type(given).__name__}"
        raise ConfigurationError(f"{where}: option {option.name!r} must be {wanted}{given_instead}")
    if option.required and option.kind is not Kind.VALUE and value in ("", (), {}):
        raise ConfigurationError(f"{where}: option {option.name!r} is empty; give it {option.kind.value}")
    if option.names_fields:
        _refuse_bad_names(option, value, where)
    return value


def _of_kind(option: Option, given: object) -> object:
    """`given` in the form that classes take, or None when it is of another kind."""
    fits = False
    match option.kind:
        case Kind.TEXT:
            fits = isinstance(given, str)
        case Kind.NUMBER:
            fits = isinstance(given, int) and not isinstance(given, bool)
        case Kind.FLAG:
            fits = isinstance(given, bool)
        case Kind.CHOICE:
            fits = given in option.choices
        case Kind.VALUE:
            fits = _is_scalar(given)
        case Kind.TEXTS:
            if isinstance(given, Sequence) and not isinstance(given, str) and _all_text(given):
                return tuple(given)
        case Kind.TABLE:
            if isinstance(given, Mapping) and _all_text(given) and _all_text(given.values()):
                return dict(given)
    return given if fits else None


def _is_scalar(given: object) -> bool:
    match given:
        case str() | bool():
            return True
        case int():
            return given in _INT64
        case float():
            return math.isfinite(given)
        case _:
            return False


def _all_text(values: typing.Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _refuse_bad_names(option: Option, value: object, where: str) -> None:
    names: list[str] = []
    match value:
        case str():
            # An optional single field may be left empty.
            names = [value] if value else []
        case tuple():
            names = [*value]
        case dict():
            names = [*value.keys(), *value.values()]
    if "" in names:
        raise ConfigurationError(f"{where}: option {option.name!r} holds an empty field name; remove it")
    if SOURCE_ROW in names:
        raise ConfigurationError(
            f"{where}: option {option.name!r} names {SOURCE_ROW!r}, which numbers the rows and must stay; remove it"
        )


def given_options(processor: Any) -> dict[str, object]:
    """The options of a processor that differ from their defaults, ready for JSON.

    Defaults are left out so that an option added in a later version does not change what is stored of older steps.
    """
    values = [(declared, getattr(processor, declared.name)) for declared in options_of(type(processor))]
    return {declared.name: value for declared, value in values if declared.required or value != declared.default}
