"""Which control asks for which key of a goal, and what it is called; keys of further kinds get one by their types."""

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cdpkit.config.goal import GoalSettings
from cdpkit.kit.declare import label_of


@dataclass(frozen=True, slots=True)
class Control:
    """How a key is asked for.

    Attributes:
        kind: What the browser draws: switch, choice, text, number, property, segment, options, pairs, parameters,
            mappings, processors, group, field, events, event_types, period; none where the control of another key asks
            for it too.
        label: What people call it.
        help: One line for them.
        choices: Pairs of value and label, of a choice.
    """

    kind: str
    label: str
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()


_MULTIPLE = (("newest", "Change the newest one"), ("skip", "Skip the row"), ("all", "Change all of them"))
_LISTS = (("add", "Join the names that are there"), ("set_or_clear", "Replace the names that are there"))
KNOWN: Mapping[str, Control] = {
    "source": Control("options", "What is imported"),
    "target": Control("options", "At the vendor"),
    "segment": Control("segment", "Segment", "The profiles that are sent: those that are in it when the goal runs"),
    "save_lists_to": Control("property", "Save the names of lists to", "A property that holds the lists of a person"),
    "save_lists_rule": Control("choice", "The names of lists", choices=_LISTS),
    "identifiers": Control("pairs", "Identifiers", "All of them must match at once"),
    "parameters": Control("parameters", "Parameters", "By what the vendor is asked: a property for each"),
    "pause": Control("text", "Pause", "Nobody is asked about again before it is over: 30 days, 6 months, 1 year"),
    "max_requests": Control("number", "Most requests of a run"),
    "budget": Control("number", "Budget of a run", "In the currency of the connection's price; empty for no limit"),
    "repeat_in_doubt": Control(
        "switch", "Ask again where no answer came", "Inside the pause too; such requests may be paid twice"
    ),
    "batch": Control("switch", "In runs of the connection", "About the whole segment, as far as it has changed"),
    "real_time": Control("switch", "In real time", "As soon as a parameter of somebody changes, while a watch runs"),
    "on_multiple_matches": Control("choice", "Where several profiles match", choices=_MULTIPLE),
    "create_profiles": Control("switch", "Create a profile where none matches"),
    "group": Control("group", "Type of the groups", "As the workspace knows it, such as household"),
    "id": Control("field", "Field with the ID", "The field that holds the id of each group"),
    "create_groups": Control("switch", "Create a group where the id is not known"),
    "create": Control("switch", "Let the vendor create people it does not know"),
    "mappings": Control("mappings", "Mappings"),
    "events": Control("events", "Timeline events", "What rows become on the time lines of profiles, type by type"),
    "types": Control("event_types", "Types of events", "All of them, where none is chosen"),
    "since": Control("period", "Period", "Of which time; an event is sent once, whatever the period"),
    "until": Control("none", "Until"),
    "last_days": Control("none", "Last days"),
    "skip_unchanged_payload": Control("switch", "Leave out people for whom nothing has changed since they were sent"),
    "processors": Control("processors", "Processors", "They filter or change rows, one after the other"),
}
RULES = (
    ("set", "Set"),
    ("set_if_empty", "Set if empty"),
    ("set_or_clear", "Set or clear"),
    ("add", "Add"),
    ("sum", "Sum"),
)
"""What people call the merge rules."""


def control_of(model: type[GoalSettings], key: str) -> Control:
    """The control of a key."""
    if key in KNOWN:
        return KNOWN[key]
    label = label_of(key)
    kinds = _kinds(model.model_fields[key].annotation)
    for kind in kinds:
        if kind is bool:
            return Control("switch", label)
        if kind in (int, float):
            return Control("number", label)
        words = typing.get_args(kind) if typing.get_origin(kind) is typing.Literal else ()
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            words = tuple(each.value for each in kind)
        if words:
            return Control("choice", label, choices=tuple((word, label_of(word)) for word in words))
    return Control("text", label)


def _kinds(hint: Any) -> list[Any]:
    """The types that a value may have, out of what annotates them."""
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        return _kinds(typing.get_args(hint)[0])
    if origin in (typing.Union, types.UnionType):
        return [kind for arg in typing.get_args(hint) for kind in _kinds(arg)]
    return [hint]
