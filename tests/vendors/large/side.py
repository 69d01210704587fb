"""What a large exchange has to know of a vendor; each has a module of its name in `tests.vendors.large.sides`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

Person = dict[str, Any]
"""Somebody at the vendor, as a line of its imitation's `/_sandbox/people`."""


@dataclass(frozen=True)
class Bad:
    """A kind of profiles that cannot be sent, or that the vendor refuses.

    Attributes:
        email: The pattern of their addresses; None for none.
        reason: Why they are refused; None for those who are never sent, since nothing identifies them.
        points: What they have as points.
    """

    email: str | None
    reason: str | None
    points: str = "1"


def nobody(_person: Person, _list: str) -> str | None:
    """Of those whom the vendor has it refuses none."""
    return None


def whole(person: Person) -> Person:
    """All of a person is compared with the model."""
    return person


@dataclass(frozen=True)
class Side:
    """A vendor in a large exchange.

    Attributes:
        settings: Of its imitation.
        list: The name of the list to which people go.
        first: The field of first names, or of names.
        points: The field of points; what people have there is a number, or a text of digits.
        note: A field that few people have, with a text that is no number.
        source: A text field that nobody has.
        batch: People of a full batch.
        pushes: The endpoints of which each takes such batches.
        bad: Kinds of bad profiles, by name.
        write: Changes a person, or an empty one, as an accepted push changes it: name, points, the list's id.
        refused: Why the vendor refuses somebody whom it has already; None for all others.
        target: Further options of the export.
        more: Values of further fields, which everybody is sent, as texts.
        compared: What of a person is compared with the model.
    """

    settings: Mapping[str, Any]
    list: str
    first: str
    points: str
    note: str
    source: str
    batch: int
    pushes: tuple[str, ...]
    bad: Mapping[str, Bad]
    write: Callable[[Person, str | None, str | None, str], None]
    refused: Callable[[Person, str], str | None] = nobody
    target: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)
    compared: Callable[[Person], Person] = whole


def names() -> tuple[str, ...]:
    """The vendors that have a side."""
    return tuple(sorted(path.stem for path in Path(__file__).with_name("sides").glob("*.py")))


def side_of(vendor: str) -> Side:
    """The side of a vendor; without one it fails."""
    found: Side = import_module(f"tests.vendors.large.sides.{vendor}").SIDE
    return found
