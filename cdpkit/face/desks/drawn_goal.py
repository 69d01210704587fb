"""What the browser draws of a goal: its steps in order, what asks for each key, and what is wrong beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

from cdpkit.config.goals import settings_of
from cdpkit.face.desk import Drawn
from cdpkit.face.forms.controls import control_of
from cdpkit.face.forms.events import EVENTS, pairs_of
from cdpkit.face.forms.goal import ROWS, GoalForm
from cdpkit.face.forms.rows import Row, Rows
from cdpkit.kit.declare import describe
from cdpkit.kit.exporting import Price
from cdpkit.kit.kinds import Unfit
from cdpkit.kit.vendor import Vendor
from cdpkit.problem import Problem
from cdpkit.runs import kinds
from cdpkit.runs.kind import FormStep


def drawn_goal(goal: GoalForm, vendor: Vendor, problems: Sequence[Problem], notices: Mapping[int, str]) -> Drawn:
    """A goal.

    Args:
        goal: What was filled in.
        vendor: Whose goal it is.
        problems: What is wrong with it, with its places.
        notices: What a person should know of rows, by their numbers.
    """
    kind = kinds.get(goal.kind)
    at = _by_place(problems)
    steps = []
    for step in kind.steps:
        items = [
            {**_item(goal, vendor, key, at, notices), **_words(step, key)}
            for key in step.keys
            if _asks(goal, vendor, key)
        ]
        if not items:
            continue
        told = sum(any(place[0] == item["key"] for place in at) for item in items)
        steps.append({"name": step.name, "label": step.label, "items": items, "problems": told})
    known = {key for step in kind.steps for key in step.keys}
    loose = [problem for problem in problems if not any(place[0] in known | {"name"} for place in problem.at if place)]
    return {
        "id": goal.id,
        "name": goal.name,
        "named": at.get(("name",), ""),
        "direction": kind.direction,
        "kind": goal.kind.replace("_", " "),
        "active": goal.active,
        "unsaved": goal.unsaved,
        "prefix": goal.prefix,
        "suggests": kind.rows is not None,
        "steps": steps,
        "problems": [str(problem) for problem in loose],
    }


def _by_place(problems: Sequence[Problem]) -> dict[tuple[Any, ...], str]:
    """What is said of each place; several things stand below each other."""
    said = dict[tuple[Any, ...], str]()
    for problem in problems:
        text = f"{problem.what}; {problem.fix}"
        for place in problem.at:
            said[place] = f"{said[place]}\n{text}" if place in said else text
    return said


def _asks(goal: GoalForm, vendor: Vendor, key: str) -> bool:
    """Whether a key is asked for at this vendor."""
    if key == "segment":
        return kinds.get(goal.kind).segments(vendor)
    if key in kinds.get(goal.kind).without(vendor):
        return False
    if key == "save_lists_rule":
        return bool(goal.values.get("save_lists_to"))
    return control_of(settings_of(goal.kind), key).kind != "none"


def _item(
    goal: GoalForm, vendor: Vendor, key: str, at: Mapping[tuple[Any, ...], str], notices: Mapping[int, str]
) -> Drawn:
    model = settings_of(goal.kind)
    control = control_of(model, key)
    field = model.model_fields.get(key)
    default = None if field is None or field.is_required() else field.default
    item: Drawn = {
        "key": key,
        "control": control.kind,
        "label": control.label,
        "help": control.help,
        "choices": control.choices,
        "problem": at.get((key,), ""),
    }
    if key in ROWS:
        paid = _paid(goal, vendor) if key == "mappings" else ""
        return {**item, "rows": _rows(goal, key, at, notices), "help": paid or item["help"]}
    if key == EVENTS:
        return {**item, "rows": [_event(goal, nth, row, at) for nth, row in enumerate(goal.rows[EVENTS].rows)]}
    if control.kind == "event_types":
        item["problem"] = "\n".join(text for place, text in at.items() if place[:1] == (key,))
    if control.kind == "period":
        ends = ("since", "until", "last_days")
        return {**item, "value": {end: goal.values.get(end) for end in ends}, "problem": _said_of(ends, at)}
    if control.kind == "options":
        return {**item, "options": _options(goal, vendor, key, at)}
    value = goal.values.get(key, default)
    return {**item, "value": None if value is None else getattr(value, "value", value)}


def _words(step: FormStep, key: str) -> Drawn:
    """What a key is called in a step, where the usual words do not fit."""
    return dict(zip(("label", "help"), step.words.get(key, ()), strict=False))


def _paid(goal: GoalForm, vendor: Vendor) -> str:
    """That the vendor bills what it is sent, where it does."""
    price = getattr(kinds.get(goal.kind).part(vendor), "price", None)
    if not isinstance(price, Price):
        return ""
    return f"{vendor.title} bills {price.unit} for values that it is sent: a preview counts them"


def _said_of(keys: Sequence[str], at: Mapping[tuple[Any, ...], str]) -> str:
    return "\n".join(dict.fromkeys(text for key in keys if (text := at.get((key,)))))


def _event(goal: GoalForm, nth: int, row: Row, at: Mapping[tuple[Any, ...], str]) -> Drawn:
    """A type of events, with the rows that fill its properties and their key."""
    key, place = pairs_of(row.id), (EVENTS, nth, "mappings")
    pairs = [_row(each, (*place, number), at) for number, each in enumerate(goal.rows.get(key, Rows()).rows)]
    own = {where: text for where, text in at.items() if where[:3] != place or where == place}
    return {**_row(row, (EVENTS, nth), own), "pairs": {"key": key, "rows": pairs}}


def _row(row: Row, place: tuple[Any, ...], at: Mapping[tuple[Any, ...], str]) -> Drawn:
    """A row, with what is wrong in it by key, once somebody has filled in anything."""
    deep = len(place)
    said = {"".join(map(str, where[deep : deep + 1])): text for where, text in at.items() if where[:deep] == place}
    return {"id": row.id, "values": dict(row.values), **({"problems": said} if said and not row.fresh else {})}


def _rows(goal: GoalForm, key: str, at: Mapping[tuple[Any, ...], str], notices: Mapping[int, str]) -> list[Drawn]:
    rows = []
    for number, row in enumerate(goal.rows[key].rows):
        drawn = _row(row, (key, number), at)
        said = drawn.get("problems", {})
        if key == "mappings" and row.id in notices and "to" not in said:
            drawn["notice"] = notices[row.id]
        rows.append(drawn)
    return rows


def _options(goal: GoalForm, vendor: Vendor, key: str, at: Mapping[tuple[Any, ...], str]) -> list[Drawn]:
    part = kinds.get(goal.kind).part(vendor)
    declared = () if part is None else part.options
    given = goal.values.get(key, {})
    values = {each.name: _read(each, given) for each in declared}
    return [
        {
            **describe(each),
            "value": given.get(each.name),
            "applies": each.applies_to(values),
            "problem": "\n".join(text for place, text in at.items() if place[:2] == (key, each.name)),
        }
        for each in declared
    ]


def _read(declared: Any, given: Mapping[str, Any]) -> Any:
    """The value of an option as others are compared with it."""
    if given.get(declared.name) is None:
        return declared.default
    found = declared.kind.read(given[declared.name])
    return declared.default if isinstance(found, Unfit) else found
