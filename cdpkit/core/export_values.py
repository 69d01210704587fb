"""What an export may send of a profile: one entry a type of value, which all that knows of it is read from.

A connection file is checked against `takes` and `needs`, a goal against `problems`; the plan reads `column` and finds
out who bears which of `labels`; rendering makes the value by `expression`. Another type is another entry.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from cdpkit.core.goal import no_identifier
from cdpkit.core.properties import PROFILE_ID, Property
from cdpkit.problem import Problem, unknown

MAPPINGS = "mappings"
"""The part of a goal in which values have their problems."""


class Asked(Protocol):
    """The keys of a mapping that say which value is meant; None where a key is left out."""

    @property
    def source(self) -> str | None:
        """`from`: a property."""

    @property
    def text(self) -> str | None:
        """A text."""

    @property
    def segments(self) -> tuple[str, ...] | None:
        """Names of segments."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """What values are made of.

    Attributes:
        properties: All properties by name.
        segments: Name to expression over profiles.
        expose_segments: Whether names of segments may be sent to vendors.
    """

    properties: Mapping[str, Property]
    segments: Mapping[str, str]
    expose_segments: bool


Held = pl.Expr
Labels = pl.Expr


def _no_column(_: Asked) -> str | None:
    return None


def _no_labels(_: Asked, __: Workspace) -> Mapping[str, str]:
    return {}


def _no_problems(_: Asked, __: Workspace) -> list[Problem]:
    return []


def _as_held(_: Asked, held: Held, __: Labels) -> pl.Expr:
    return held


@dataclass(frozen=True, slots=True)
class ValueType:
    """A type of value.

    Attributes:
        name: As a mapping names it.
        help: What is sent, for people.
        takes: The keys that a mapping may have with it.
        needs: Those among them that it must have.
        column: The property that is read; None for none.
        labels: The names that profiles may bear, each with the expression over profiles by which they do; none where
            names are not to be sent.
        expression: The value, from the property that is read, and from the list of those of its labels that the profile
            bears.
        problems: What has to be mended before it can be sent.
        hidden: Says why names are not sent, where the workspace does not let them; else empty.
        decides: Whether a profile without any such value is not sent at all (semantics, 8).
    """

    name: str
    help: str
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    column: Callable[[Asked], str | None] = _no_column
    labels: Callable[[Asked, Workspace], Mapping[str, str]] = _no_labels
    expression: Callable[[Asked, Held, Labels], pl.Expr] = _as_held
    problems: Callable[[Asked, Workspace], list[Problem]] = _no_problems
    hidden: Callable[[Workspace], str] = lambda _: ""
    decides: bool = False


def _named(asked: Asked) -> str | None:
    return asked.source


def _identifier(asked: Asked) -> str:
    return asked.source or PROFILE_ID.name


def _property_problems(asked: Asked, known: Workspace) -> list[Problem]:
    return [] if asked.source is None else no_property(MAPPINGS, asked.source, known.properties)


def _identifier_problems(asked: Asked, known: Workspace) -> list[Problem]:
    return no_identifying(MAPPINGS, _identifier(asked), known.properties)


def no_property(where: str, name: str, properties: Mapping[str, Property]) -> list[Problem]:
    """That there is no property of this name, if so."""
    there = name in properties
    return [] if there else [unknown(where, "property", name, properties, f"add it with ws.properties.add({name!r})")]


def no_identifying(where: str, name: str, properties: Mapping[str, Property]) -> list[Problem]:
    """That there is no property of this name on which somebody can be matched, if so."""
    if name in properties and not properties[name].identifier:
        return [no_identifier(where, name, properties)]
    return no_property(where, name, properties)


def no_segment(where: str, name: str, segments: Mapping[str, str]) -> list[Problem]:
    """That there is no segment of this name, if so."""
    fix = f"add it with ws.segments.add({name!r}, where)"
    return [] if name in segments else [unknown(where, "segment", name, segments, fix)]


def _segments(asked: Asked, known: Workspace) -> Mapping[str, str]:
    names = known.segments if asked.segments is None else asked.segments
    return {name: known.segments[name] for name in names} if known.expose_segments else {}


def _segment_problems(asked: Asked, known: Workspace) -> list[Problem]:
    return [problem for name in asked.segments or () for problem in no_segment(MAPPINGS, name, known.segments)]


def _segments_hidden(known: Workspace) -> str:
    off = "names of segments are not sent, because expose_segments is off in cdpkit.toml; see ws.segments.expose()"
    return "" if known.expose_segments else off


_TYPES = (
    ValueType(
        "property",
        "a property of the profile",
        takes=("from",),
        needs=("from",),
        column=_named,
        problems=_property_problems,
        decides=True,
    ),
    ValueType(
        "identifier",
        "an identifier of the profile, by default the profile's id",
        takes=("from",),
        column=_identifier,
        problems=_identifier_problems,
    ),
    ValueType(
        "segments",
        "the names of the segments that the profile is in, of all or of those named",
        takes=("segments",),
        labels=_segments,
        expression=lambda _, __, labels: labels,
        problems=_segment_problems,
        hidden=_segments_hidden,
    ),
    ValueType(
        "viewed_interactions",
        "all interactions that the profile has viewed",
        column=lambda _: "viewed_interactions",
    ),
    ValueType("permission_level", "the profile's permission level", column=lambda _: "permission_level"),
    ValueType(
        "text",
        "the same text for everybody",
        takes=("text",),
        needs=("text",),
        expression=lambda asked, _, __: pl.lit(asked.text),
    ),
)

VALUE_TYPES: Mapping[str, ValueType] = {each.name: each for each in _TYPES}
"""All types by name."""
