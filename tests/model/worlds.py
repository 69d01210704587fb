"""Random worlds: a catalog of properties and the loads that one workspace gets, from one seed."""

import random
from dataclasses import dataclass, field, replace

from cdpkit.core.properties import Property, PropertyType
from tests.model.pools import (
    CONSENT,
    EMPTY_TEXTS,
    FLAVOURS,
    IDENTIFIER_FLAVOURS,
    OBJECTIVES,
    SHORT_OF_PRECISION,
    SUMMABLE,
    Flavour,
    catalog,
)
from tests.model.rules import RULES
from tests.model.runs import Load
from tests.model.values import elements

Mapping = dict[str, str]


@dataclass(frozen=True)
class World:
    properties: list[Property]
    loads: list[Load]


@dataclass(frozen=True)
class Field:
    """One source field; its kind is "text", "list", "int" or "float"."""

    name: str
    flavour: Flavour
    kind: str
    numbers_only: bool = False


@dataclass(frozen=True)
class Source:
    """What loads of one source have in common."""

    fields: list[Field]
    identifiers: dict[str, str]
    mappings: list[Mapping]
    goal: str | None
    rows: list[dict[str, object]] = field(default_factory=list)


def world(seed: int, *, consent: bool = False) -> World:
    """The world of a seed: the same one every time; on wish its sources carry consent, and most of its loads ask."""
    rng = random.Random(seed)
    properties = catalog(rng, consent=consent)
    named = {property_.name: property_ for property_ in properties}
    goals = ["night", "day", "week", "month", "year"]
    sources: list[Source] = []
    loads: list[Load] = []
    for _ in range(rng.randint(2, 5)):
        if not sources or rng.random() < 0.35:
            goal = goals[len(sources)] if rng.random() < 0.75 else None
            source = _source(rng, named, goal)
            sources.append(source)
        else:
            at = rng.randrange(len(sources))
            source = sources[at] = _next_night(rng, named, sources[at])
        loads.append(_load(rng, source, consent=consent))
    return World(properties, loads)


def kinds(load: Load) -> dict[str, str]:
    """Field -> kind of a load's columns: text, list (of text), int or float; text when every value is None."""
    found: dict[str, str] = {}
    for name in load.rows[0] if load.rows else ():
        types = {type(row[name]) for row in load.rows} - {type(None)}
        found[name] = {list: "list", int: "int", float: "float"}.get(types.pop() if types else str, "text")
    return found


def _source(rng: random.Random, named: dict[str, Property], goal: str | None) -> Source:
    chosen = rng.choice([["email"], ["email"], ["code"], ["number_id"], ["email", "code"], ["code", "number_id"]])
    fields = [Field(f"id_{name}", IDENTIFIER_FLAVOURS[name], _kind(rng, IDENTIFIER_FLAVOURS[name])) for name in chosen]
    for at, name in enumerate(
        rng.choices([*FLAVOURS, "mail", "code", "whole", "huge", "ratio", "total", "total"], k=rng.randint(2, 6))
    ):
        kind = _kind(rng, FLAVOURS[name])
        fields.append(Field(f"{name}_{at}", FLAVOURS[name], kind))
    identifiers = {f"id_{name}": name for name in chosen}
    mappings = _mappings(rng, named, fields)
    for name in (name for name in CONSENT if name in named):
        _carry(rng, name, named, fields, mappings)
    if rng.random() < 0.5:
        _link(rng, fields, mappings, chosen)
    source = Source(fields, identifiers, mappings, goal)
    return replace(source, rows=_rows(rng, source, rng.choice([1, 3, 6, 10, 15, 25])))


def _link(rng: random.Random, fields: list[Field], mappings: list[Mapping], chosen: list[str]) -> None:
    """Write an identifier property that rows are not matched on, so that profiles come to share its values."""
    to = rng.choice([name for name in ("email", "code") if [name] != chosen])
    if to not in {mapping["to"] for mapping in mappings}:
        flavour = FLAVOURS["mail" if to == "email" else "code"]
        fields.append(Field(f"link_{to}", flavour, rng.choice(["text", "list"])))
        mappings.append({"from": f"link_{to}", "to": to, "rule": "set"})


def _carry(
    rng: random.Random, name: str, named: dict[str, Property], fields: list[Field], mappings: list[Mapping]
) -> None:
    """Most sources say what people consented to, some what they refused."""
    if rng.random() < (0.85 if name.startswith("consented") else 0.5):
        one = Field(name, CONSENT[name], rng.choice(["text", "list"]))
        fields.append(one)
        mappings.append({"from": name, "to": name, "rule": _rule(rng, named[name], one, summed=False)})


def _kind(rng: random.Random, flavour: Flavour) -> str:
    kinds = ["text"] * 4 + ["list"] * 2 + ["int"] * 2 * bool(flavour.ints) + ["float"] * bool(flavour.floats)
    return rng.choice(kinds)


def _mappings(rng: random.Random, named: dict[str, Property], fields: list[Field]) -> list[Mapping]:
    """Each property is the target of at most one mapping, each field of at most one sum."""
    mappings: list[Mapping] = []
    for _ in range(rng.randint(1, 7)):
        one = rng.choice(fields)
        open_ = [name for name in _targets(rng, named, one) if name not in {mapping["to"] for mapping in mappings}]
        if open_:
            to = rng.choice(open_)
            summed = any(mapping["from"] == one.name and mapping["rule"] == "sum" for mapping in mappings)
            mappings.append({"from": one.name, "to": to, "rule": _rule(rng, named[to], one, summed=summed)})
    return mappings


def _targets(rng: random.Random, named: dict[str, Property], one: Field) -> list[str]:
    """Floats are never mapped to a property that is no number: how they are written there is no matter of merging."""
    misfits = one.flavour.misfits if rng.random() < 0.15 else ()
    numbers = (PropertyType.NUMBER, PropertyType.DECIMAL)
    return [name for name in misfits or one.flavour.targets if one.kind != "float" or named[name].type in numbers]


def _rule(rng: random.Random, to: Property, one: Field, *, summed: bool) -> str:
    """Only sums of the flavours made for them reach a text."""
    rules = [rule for rule in RULES if rule not in ("add", "sum")]
    if to.multi:
        rules += ["add"] * 2
    if to.name in SUMMABLE and to.name in one.flavour.targets and not summed:
        rules += ["sum"] * 4
    return rng.choice(rules)


def _rows(rng: random.Random, source: Source, count: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for _ in range(count):
        row = {one.name: _value(rng, one, source) for one in source.fields}
        if rows and rng.random() < 0.3:
            row = dict(rng.choice(rows))
        if rows and rng.random() < 0.3:
            one = rng.choice(source.fields)
            row[one.name] = _value(rng, one, source)
        rows.append(row)
    return rows


def _value(rng: random.Random, one: Field, source: Source) -> object:
    if one.kind == "list":
        size = rng.choice([0, 1, 1, 2, 2, 3]) or (one.name in source.identifiers)
        items = [_scalar(rng, one, source) for _ in range(size)]
        return None if rng.random() < 0.04 else items
    return _scalar(rng, one, source)


def _scalar(rng: random.Random, one: Field, source: Source) -> object:
    """An element or a scalar of the field's kind; identifiers are seldom empty."""
    empty = rng.random() < (0.03 if one.name in source.identifiers else 0.2)
    if one.kind in ("int", "float"):
        return None if empty else rng.choice(one.flavour.ints if one.kind == "int" else one.flavour.floats)
    return rng.choice(EMPTY_TEXTS) if empty else rng.choice(one.flavour.texts)


def _next_night(rng: random.Random, named: dict[str, Property], source: Source) -> Source:
    """The same source again: unchanged, with rows changed, or written or mapped in another way."""
    rows = [dict(row) for row in source.rows]
    what = rng.choice(
        ["same", "one row", "one row", "some rows", "order", "fewer", "kind", "lists", "mapping", "mapping"]
    )
    if what in ("one row", "some rows"):
        for _ in range(1 if what == "one row" else rng.randint(1, 6)):
            one = rng.choice(source.fields)
            rng.choice(rows)[one.name] = _value(rng, one, source)
    if what == "some rows":
        rows = (rows + _rows(rng, source, rng.randint(1, 3)))[:25]
    if what == "order":
        rng.shuffle(rows)
    if what == "lists":
        rows = [
            {name: value[::-1] if isinstance(value, list) else value for name, value in row.items()} for row in rows
        ]
    if what == "fewer":
        rows = rng.sample(rows, rng.randint(1, len(rows)))
    if what == "kind":
        return _other_kind(rng, replace(source, rows=rows))
    if what == "mapping":
        return replace(source, rows=rows, mappings=_changed_mappings(rng, named, source))
    return replace(source, rows=rows)


def _other_kind(rng: random.Random, source: Source) -> Source:
    """One field written in another type, which says the same to a row's hash."""
    one = rng.choice(source.fields)
    rows = [dict(row) for row in source.rows]
    flavour = next((name for name, known in FLAVOURS.items() if known is one.flavour), "")
    numbers_only = all(
        mapping["to"] in ("count", "counts", "score", "scores", "number_id")
        for mapping in source.mappings
        if mapping["from"] == one.name
    )
    kind = {"int": "text", "text": "list"}.get(one.kind, one.kind)
    if one.kind == "int" and numbers_only and flavour not in SHORT_OF_PRECISION and one.flavour.floats:
        kind = "float"
    for row in rows:
        value = elements(row[one.name])
        if kind == "list" and one.kind == "text":
            row[one.name] = value
        elif kind != one.kind:
            row[one.name] = (float(str(value[0])) if kind == "float" else str(value[0])) if value else None
    fields = [replace(known, kind=kind) if known is one else known for known in source.fields]
    return replace(source, rows=rows, fields=fields)


def _changed_mappings(rng: random.Random, named: dict[str, Property], source: Source) -> list[Mapping]:
    """One mapping more, one less, or one with another rule."""
    mappings = [dict(mapping) for mapping in source.mappings]
    known = {one.name: one for one in source.fields}
    what = rng.choice(["more", "less", "rule", "rule"])
    if what == "less" and len(mappings) > 1:
        mappings.remove(rng.choice(mappings))
    elif what == "rule" and mappings:
        mapping = rng.choice(mappings)
        others = [one for one in mappings if one is not mapping and one["from"] == mapping["from"]]
        summed = any(one["rule"] == "sum" for one in others)
        mapping["rule"] = _rule(rng, named[mapping["to"]], known[mapping["from"]], summed=summed)
    else:
        for mapping in _mappings(rng, named, source.fields):
            others = [one for one in mappings if one["from"] == mapping["from"] and one["rule"] == "sum"]
            if mapping["to"] not in {one["to"] for one in mappings} and not (others and mapping["rule"] == "sum"):
                mappings.append(mapping)
                break
    return mappings


def _load(rng: random.Random, source: Source, *, consent: bool) -> Load:
    return Load(
        rows=[dict(row) for row in source.rows],
        identifiers=dict(source.identifiers),
        mappings=[dict(mapping) for mapping in source.mappings],
        create_profiles=rng.random() < 0.85,
        on_multiple_matches=rng.choice(["newest", "newest", "skip", "all"]),
        goal=source.goal,
        full=rng.random() < 0.12,
        objectives=tuple(rng.sample(OBJECTIVES, rng.choice([0, 1, 1, 2]))) if consent else (),
    )
