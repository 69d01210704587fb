"""What an import is asked to do: identifiers, mappings, merge rules, and what to do with rows that do not fit."""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

from cdpkit.core.events.mapping import EventMapping, event_problems
from cdpkit.core.events.types import BUILT_IN_EVENTS, EventType
from cdpkit.core.properties import (
    GROUP_ID,
    GROUP_RESERVED,
    MAPPABLE_BUILT_IN,
    PROFILE_ID,
    RESERVED,
    SOURCE_ROW,
    Property,
    PropertyType,
)
from cdpkit.errors import ConfigurationError
from cdpkit.problem import At, Problem, listed, nearest_first, unknown

if TYPE_CHECKING:
    from cdpkit.core.processors import Step


_IDENTIFIERS, _MAPPINGS = "identifiers", "mappings"
_CORRECT = "correct the names in identifiers and mappings, or in the source"


class Rule(StrEnum):
    """The five merge rules, over the accepted values of one profile's rows in source order."""

    SET = "set"
    SET_IF_EMPTY = "set_if_empty"
    SET_OR_CLEAR = "set_or_clear"
    ADD = "add"
    SUM = "sum"


class OnMultiple(StrEnum):
    """What happens to a row that matches several profiles."""

    NEWEST = "newest"
    SKIP = "skip"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """One source field, the property it is stored in, and the rule that merges it."""

    source: str
    target: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class ImportGoal:
    """Everything that decides an import, apart from the rows and the profiles.

    Attributes:
        identifiers: Pairs of source field and property; all must match at once.
        mappings: What is stored, in the order given.
        create_profiles: Whether a row without match makes a profile.
        on_multiple_matches: What a row with several matches does.
        steps: Processors, applied in order before matching.
        name: The goal under which the import delta is kept; without one every row is applied.
        full: Apply rows again although they were seen before.
        zone: The time zone in which texts without one are read.
        objectives: The linked objectives that need consent: rows are applied to profiles alone that consented to at
            least one of them. Empty where the goal is linked to none, or to one that needs no consent: everybody
            passes then. No part of the fingerprint, since a row left out for want of consent is not kept as seen.
        events: What becomes of rows beside values of profiles: events of these types.
        types: All types of events, by name.
    """

    identifiers: tuple[tuple[str, str], ...]
    mappings: tuple[FieldMapping, ...]
    create_profiles: bool = True
    on_multiple_matches: OnMultiple = OnMultiple.NEWEST
    steps: "tuple[Step, ...]" = ()
    name: str | None = None
    full: bool = False
    zone: str = "UTC"
    objectives: tuple[str, ...] = ()
    events: tuple[EventMapping, ...] = ()
    types: Mapping[str, EventType] = dataclasses.field(default_factory=lambda: BUILT_IN_EVENTS)

    @property
    def named(self) -> tuple[str, ...]:
        """The fields that it names, each once."""
        pairs = (field for field, _ in (*self.identifiers, *self.stored))
        return tuple(dict.fromkeys([*pairs, *(field for each in self.events for field in each.wanted)]))

    @property
    def stored(self) -> tuple[tuple[str, str], ...]:
        """Pairs of field and property that are mapped, in order."""
        return tuple((mapping.source, mapping.target) for mapping in self.mappings)

    @property
    def gathered(self) -> frozenset[str]:
        """The properties to which values are added; made on the spot, they hold several."""
        return frozenset(mapping.target for mapping in self.mappings if mapping.rule is Rule.ADD)

    def fingerprint(self) -> str:
        """A text that differs when what is stored from the same row would differ."""
        pairs = "\x1e".join(f"{field}\x1f{target}" for field, target in self.identifiers)
        mapped = "\x1e".join(f"{m.source}\x1f{m.target}\x1f{m.rule}" for m in self.mappings)
        steps = "\x1e".join(step.fingerprint() for step in self.steps)
        events = "".join(f"\x1d\x1d{each.fingerprint()}" for each in self.events)
        return f"{pairs}\x1d{mapped}\x1d{steps}{events}"

    def problems(
        self,
        fields: Iterable[str],
        properties: Mapping[str, Property],
        *,
        apart: bool = False,
        schema: Mapping[str, pl.DataType] | None = None,
    ) -> list[Problem]:
        """What has to be mended before this goal can run on a source with these fields; empty when nothing has.

        Args:
            fields: Those of the source.
            properties: The catalogue by name, built-in properties included.
            apart: Say of each field that is not there that it is not, instead of all in one problem.
            schema: The types of those whose type is known; events are also made of what is inside objects.
        """
        known = list(fields)
        return [
            *_missing_fields(self, known, apart=apart),
            *_identifier_problems(self, known, properties),
            *_mapping_problems(self, known, properties),
            *event_problems(self.events, self.types, known, schema or {}),
        ]


def read_identifiers(given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Identifier pairs from `{source field: property}`; at least one is needed."""
    if not _are_texts(given):
        raise ConfigurationError("identifiers are pairs of field and property such as identifiers={'email': 'email'}")
    if not given:
        raise ConfigurationError("no identifiers; give at least one pair such as identifiers={'email': 'email'}")
    return tuple(given.items())


def read_mappings(given: Sequence[Mapping[str, str]]) -> tuple[FieldMapping, ...]:
    """Mappings from `{"from": field, "to": property, "rule": rule}`; `rule` is `set` where it is left out."""
    mappings = []
    for mapping in given:
        if not _are_texts(mapping):
            raise ConfigurationError("mappings are a list such as [{'from': 'plan', 'to': 'plan', 'rule': 'set'}]")
        surplus = set(mapping) - {"from", "to", "rule"}
        if surplus or "from" not in mapping:
            raise ConfigurationError(
                f"a mapping has the keys from, to and rule; this one has {', '.join(sorted(mapping)) or 'none'}"
            )
        rule = mapping.get("rule", "set")
        if rule not in set(Rule):
            raise ConfigurationError("", [unknown("", "merge rule", rule, Rule)])
        mappings.append(FieldMapping(mapping["from"], mapping.get("to", mapping["from"]), Rule(rule)))
    return tuple(mappings)


def read_on_multiple(given: str) -> OnMultiple:
    """What a row with several matches does, from its word."""
    if given not in set(OnMultiple):
        raise ConfigurationError("", [unknown("", "on_multiple_matches", str(given), OnMultiple)])
    return OnMultiple(given)


def _are_texts(given: object) -> bool:
    return isinstance(given, Mapping) and all(isinstance(text, str) for pair in given.items() for text in pair)


def _missing_fields(goal: ImportGoal, fields: list[str], *, apart: bool) -> list[Problem]:
    wanted = [(field, (_IDENTIFIERS, nth, "from")) for nth, (field, _) in enumerate(goal.identifiers)]
    wanted += [(mapping.source, (_MAPPINGS, nth, "from")) for nth, mapping in enumerate(goal.mappings)]
    there = set(fields)
    missing = sorted({field for field, _ in wanted if field not in there})
    problems = []
    for names in [[name] for name in missing] if apart else filter(None, [missing]):
        near = fields
        for name in reversed(names):
            near = nearest_first(name, near)
        what = f"no field {', '.join(map(repr, names))}; there are: {listed(near) or 'none'}"
        at = [place for field, place in wanted if field in names]
        problems.append(Problem("source", what, _read_apart(fields) or _CORRECT).about(*at))
    numbers = [place for field, place in wanted if field == SOURCE_ROW]
    if numbers:
        what = f"the field {SOURCE_ROW!r} numbers the rows and cannot be mapped"
        problems.append(Problem("source", what, "rename it in the source").about(*numbers))
    return problems


def _read_apart(fields: list[str]) -> str:
    """How to read a file whose header was taken for one field, since its fields do not stand apart by commas."""
    between = [mark for mark in (";", "\t", "|") if len(fields) == 1 and mark in fields[0]]
    return "".join(
        f"the fields seem to stand apart by {mark!r}: write read={{'separator': {mark!r}}}" for mark in between[:1]
    )


def _identifier_problems(goal: ImportGoal, fields: list[str], properties: Mapping[str, Property]) -> list[Problem]:
    problems = []
    flagged = [name for name, prop in properties.items() if prop.identifier]
    targets = [target for _, target in goal.identifiers]
    for nth, (field, target) in enumerate(goal.identifiers):
        at = (_IDENTIFIERS, nth, "to")
        if target not in properties:
            if field == target and field not in fields:
                continue  # one name for both, and the field is what is misspelt: a property of that name is no mend
            kind = ", type='email'" if "mail" in target.lower() else ""  # as text, each spelling would be somebody else
            fix = f"add it with ws.properties.add({target!r}{kind}, identifier=True)"
            problems.append(unknown(_IDENTIFIERS, "identifying property", target, flagged, fix).about(at))
        elif not properties[target].identifier:
            problems.append(no_identifier(_IDENTIFIERS, target, properties).about(at))
    problems += [
        Problem(_IDENTIFIERS, f"property {name!r} is matched on twice", "use one field for it").about(*at)
        for name, at in _twice(_IDENTIFIERS, targets).items()
    ]
    if PROFILE_ID.name in targets and goal.create_profiles:
        what = "a profile_id is never chosen by a source"
        at = (_IDENTIFIERS, targets.index(PROFILE_ID.name), "to")
        problems.append(Problem(_IDENTIFIERS, what, "match on it with create_profiles=False").about(at))
    return problems


def no_identifier(where: str, name: str, properties: Mapping[str, Property]) -> Problem:
    """A property that exists, and on which nobody can be matched."""
    flagged = nearest_first(name, (each for each, prop in properties.items() if prop.identifier))
    return Problem(
        where,
        f"property {name!r} is no identifier; there are: {', '.join(flagged)}",
        f"use one of them, or flag it with ws.properties.change({name!r}, identifier=True)",
    )


def _mapping_problems(goal: ImportGoal, fields: list[str], properties: Mapping[str, Property]) -> list[Problem]:
    targets = [mapping.target for mapping in goal.mappings]
    of_groups = GROUP_ID.name in properties and PROFILE_ID.name not in properties
    reserved = GROUP_RESERVED if of_groups else RESERVED
    problems = [
        Problem(_MAPPINGS, f"property {name!r} is the target of two mappings", "keep one").about(*at)
        for name, at in _twice(_MAPPINGS, targets).items()
    ]
    for nth, mapping in enumerate(goal.mappings):
        target, rule = (_MAPPINGS, nth, "to"), (_MAPPINGS, nth, "rule")
        prop = properties.get(mapping.target)
        if mapping.target.lower() in reserved and mapping.target not in MAPPABLE_BUILT_IN:
            what = f"property {mapping.target!r} is kept by the workspace"
            problems.append(Problem(_MAPPINGS, what, "map to another one").about(target))
        elif prop is None:
            if mapping.source not in fields:
                continue  # the field is what is missing: with it, the property is made
            fix = f"add it with ws.properties.add({mapping.target!r})"
            problems.append(unknown(_MAPPINGS, "property", mapping.target, properties, fix).about(target))
        elif mapping.rule is Rule.ADD and not prop.multi:
            what = f"rule 'add' needs a multi-valued property, and {prop.name!r} holds one value"
            problems.append(Problem(_MAPPINGS, what, "use rule 'set', or another property").about(rule))
        elif mapping.rule is Rule.SUM and not can_sum(prop):
            what = (
                f"rule 'sum' needs a single-valued number, decimal or text property, and {prop.name!r} is {prop.type}"
                f"{' with several values' if prop.multi else ''}"
            )
            problems.append(Problem(_MAPPINGS, what, "use another rule, or another property").about(rule))
    return problems


def can_sum(prop: Property) -> bool:
    """Whether numbers can be added to what a property holds."""
    numeric = (PropertyType.NUMBER, PropertyType.DECIMAL, PropertyType.TEXT)
    return prop.type in numeric and not prop.multi and prop.name not in MAPPABLE_BUILT_IN


def _twice(part: str, names: list[str]) -> dict[str, list[At]]:
    """The names that come more than once, each with the places where it does."""
    counts = Counter(names)
    return {
        name: [(part, nth, "to") for nth, each in enumerate(names) if each == name]
        for name in sorted(counts)
        if counts[name] > 1
    }
