"""What an import makes events of: which fields are their id, their time and their properties."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from cdpkit.core.events.types import BETWEEN, EventType
from cdpkit.core.likeness import Name
from cdpkit.errors import ConfigurationError
from cdpkit.problem import At, Problem, listed, nearest_first, unknown

ALL = "*"
"""Stands for all properties of the type, in the place of a field and of a property."""
_KEYS = ("type", "time", "id", "mappings", "where")
_PAIR = ("from", "to")
_EVENTS = "events"


@dataclass(frozen=True, slots=True)
class EventMapping:
    """How rows become events of one type.

    Attributes:
        type: The name of the type.
        time: The field with their time.
        id: The field with their id; None for the one that fills the property of the type that identifies them, and
            else for an id that is made of the event.
        mappings: Pairs of field and property, such as `("items.sku", "products.sku")`.
        where: A field and the value that it has in rows that are such events; None where all may be.
    """

    type: str
    time: str
    id: str | None = None
    mappings: tuple[tuple[str, str], ...] = ()
    where: tuple[str, str] | None = None

    @property
    def wanted(self) -> tuple[str, ...]:
        """The fields that it names."""
        named = [self.time, *([] if self.id is None else [self.id]), *(field for field, _ in self.mappings)]
        named += [] if self.where is None else [self.where[0]]
        return tuple(dict.fromkeys(named))

    def identified_by(self, kind: EventType) -> str | None:
        """The field with the id of events; None where each is known by all that it holds."""
        if self.id is not None or kind.identifier is None:
            return self.id
        return next((field for field, target in self.mappings if target == kind.identifier), None)

    def fingerprint(self) -> str:
        """A text that differs when other events would be made of the same row."""
        pairs = "\x1e".join(f"{field}\x1f{target}" for field, target in self.mappings)
        where = "" if self.where is None else "\x1d" + "\x1f".join(self.where)
        return f"{self.type}\x1d{self.time}\x1d{self.id or ''}\x1d{pairs}{where}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the values of a field are.

    Attributes:
        column: A column of the source.
        members: The names below it, from the outside; empty for the column itself.
    """

    column: str
    members: tuple[str, ...] = ()


def place_of(field: str, schema: Mapping[str, pl.DataType]) -> Place | None:
    """Where a field is: a column, or a value inside the objects that one holds, such as `items.sku`.

    What no object holds is empty there; texts may be JSON that has it, as fields of a CSV file are.
    """
    if field in schema:
        return Place(field)
    empty = None
    for at in (at for at, char in enumerate(field) if char == BETWEEN):
        column, rest = field[:at], field[at + 1 :]
        if column not in schema:
            continue
        inside = _inside(schema[column])
        if inside is not None:
            found = place_of(rest, inside)
            if found is not None:
                return Place(column, (found.column, *found.members))
            empty = empty or Place(column, (rest,))
    return empty


def _inside(dtype: pl.DataType) -> dict[str, pl.DataType] | None:
    """What objects hold, of a column of them or of lists of them; None of a column that can hold none."""
    inner = dtype.inner if isinstance(dtype, pl.List) else dtype
    if inner in (pl.Null, pl.String):  # texts may be JSON
        return {}
    return {each.name: each.dtype for each in inner.fields} if isinstance(inner, pl.Struct) else None  # type: ignore[misc]


def columns_of(fields: Iterable[str]) -> set[str]:
    """The names of all columns in which fields may be."""
    return {field[:at] for field in fields for at in (*(n for n, c in enumerate(field) if c == BETWEEN), len(field))}


def read_events(given: object) -> tuple[EventMapping, ...]:
    """Mappings as they are written.

    Args:
        given: `{"type": "order", "time": field, "id": field, "mappings": [{"from": field, "to": property}]}`; `id` may
            be left out, `mappings="*"` maps every property of the type that a field is called like, and
            `"where": {field: value}` keeps the rows that have this value there.

    Raises:
        ConfigurationError: They are none.
    """
    if isinstance(given, str | Mapping) or not isinstance(given, Sequence):
        raise _misread()
    found = []
    for each in given:
        if not isinstance(each, Mapping) or set(each) - set(_KEYS) or not {"type", "time"} <= set(each):
            raise _misread()
        pairs = each.get("mappings", ())
        pairs = ({"from": ALL, "to": ALL},) if pairs == ALL else pairs
        if isinstance(pairs, str | Mapping) or not all(
            isinstance(pair, Mapping) and "from" in pair and not set(pair) - set(_PAIR) for pair in pairs
        ):
            raise ConfigurationError(
                "the mappings of events are a list such as [{'from': 'amount', 'to': 'total'}], or '*' for all"
            )
        mappings = tuple((pair["from"], pair.get("to", pair["from"])) for pair in pairs)
        given_texts: list[Any] = [each["type"], each["time"], each.get("id", ""), *(t for p in mappings for t in p)]
        if not all(isinstance(text, str) for text in given_texts):
            raise _misread()
        found.append(EventMapping(each["type"], each["time"], each.get("id"), mappings, _where(each.get("where"))))
    return tuple(found)


def _where(given: object) -> tuple[str, str] | None:
    if given is None:
        return None
    pairs = list(given.items()) if isinstance(given, Mapping) else []
    if len(pairs) != 1 or not all(isinstance(text, str) for text in pairs[0]):
        raise ConfigurationError("'where' of events is one field and its value, such as {'kind': 'purchase'}")
    return pairs[0]


def _misread() -> ConfigurationError:
    return ConfigurationError(
        f"events are a list such as [{{'type': 'order', 'time': 'ordered_at', 'id': 'number', 'mappings': [...]}}]; "
        f"the keys are {', '.join(_KEYS)}, of which type and time are needed"
    )


def with_all(mapping: EventMapping, types: Mapping[str, EventType], fields: Sequence[str]) -> EventMapping:
    """The mapping with a pair for each property that has none and that a field is called like, where it says so.

    Args:
        mapping: The mapping.
        types: All types by name.
        fields: Those of the source, those inside objects among them.
    """
    if (ALL, ALL) not in mapping.mappings or mapping.type not in types:
        return mapping
    own = [pair for pair in mapping.mappings if pair != (ALL, ALL)]
    taken = {target for _, target in own}
    called = {Name(field).bare: field for field in reversed(fields)}
    inside = {Name(field.rpartition(BETWEEN)[2]).bare: field for field in reversed(fields) if BETWEEN in field}
    more = []
    for path, prop in types[mapping.type].leaves():
        names = [path, *([] if BETWEEN in path else [f"{mapping.type}_{path}"])]
        names += [f"{path.split(BETWEEN)[0].removesuffix('s')}_{prop.name}"] if BETWEEN in path else []
        field = next((called[bare] for name in names if (bare := Name(name).bare) in called), None)
        if field is None and BETWEEN in path:  # of a list that is called otherwise
            field = inside.get(Name(prop.name).bare)
        more += [(field, path)] if field is not None and path not in taken else []
    return replace(mapping, mappings=(*own, *more))


def fields_in(schema: Mapping[str, pl.DataType]) -> list[str]:
    """The fields of a source, those inside objects among them."""
    found = list(schema)
    for name, dtype in schema.items():
        found += [f"{name}{BETWEEN}{inner}" for inner in fields_in(_inside(dtype) or {})]
    return found


def event_problems(
    mappings: Sequence[EventMapping],
    types: Mapping[str, EventType],
    fields: Sequence[str],
    schema: Mapping[str, pl.DataType],
) -> list[Problem]:
    """What has to be mended before rows can become events.

    Args:
        mappings: How they are to.
        types: All types by name.
        fields: Those of the source.
        schema: The types of those whose type is known; what is inside objects of theirs may be mapped too.
    """
    problems: list[Problem] = []
    for nth, mapping in enumerate(mappings):
        at: At = (_EVENTS, nth)
        if mapping.type not in types:
            fix = f"add it with ws.event_types.add({mapping.type!r}, properties)"
            problems.append(unknown(_EVENTS, "event type", mapping.type, types, fix).about((*at, "type")))
            continue
        there = {*fields, ALL}
        missing = [field for field in mapping.wanted if field not in there and place_of(field, schema) is None]
        if missing:
            near = nearest_first(missing[0], [*fields, *(each for each in fields_in(schema) if each not in there)])
            what = f"no field {', '.join(map(repr, missing))}; there are: {listed(near) or 'none'}"
            where = [at] if mapping.where is not None and mapping.where[0] in missing else []
            where += [(*at, key) for key in ("time", "id") if getattr(mapping, key) in missing]
            where += _ends(at, mapping, "from", lambda pair, missing=missing: pair[0] in missing)  # type: ignore[misc]
            problems.append(Problem(_EVENTS, what, "correct the names of fields").about(*where))
        known = [path for path, _ in types[mapping.type].leaves()]
        targets = Counter(target for _, target in mapping.mappings if target != ALL)
        for target, times in targets.items():
            where = _ends(at, mapping, "to", lambda pair, target=target: pair[1] == target)  # type: ignore[misc]
            if target not in known:
                kind = f"property of event type {mapping.type!r}"
                problems.append(unknown(_EVENTS, kind, target, known).about(*where))
            elif times > 1:
                what = f"property {target!r} of event type {mapping.type!r} is filled twice"
                problems.append(Problem(_EVENTS, what, "keep one").about(*where))
    return problems


def _ends(at: At, mapping: EventMapping, end: str, fits: Callable[[tuple[str, str]], bool]) -> list[At]:
    """The places of one end of the pairs that fit."""
    return [(*at, "mappings", nth, end) for nth, pair in enumerate(mapping.mappings) if fits(pair)]
