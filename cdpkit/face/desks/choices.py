"""What there is to choose in the form of a goal. It is said once, and not with every keystroke."""

from typing import Any

from cdpkit.config.event_types import paths_of
from cdpkit.config.goals import read_goal
from cdpkit.core.export_values import VALUE_TYPES
from cdpkit.core.processors import BUILT_INS
from cdpkit.core.properties import PropertyType
from cdpkit.errors import ConfigurationError
from cdpkit.face.desk import Drawn
from cdpkit.face.forms.controls import RULES
from cdpkit.face.forms.goal import GoalForm, readable
from cdpkit.kit.declare import label_of
from cdpkit.kit.discovery import VendorField
from cdpkit.runs import kinds
from cdpkit.runs.groups import properties_of
from cdpkit.runs.home import Home
from cdpkit.workspace.discovered import Discovered
from cdpkit.workspace.processors import Processors


def version(goal: GoalForm, catalogue: int) -> str:
    """Tells what there is to choose from what there was before: for which goal, of which lists, since which change."""
    chosen = [goal.about, *(goal.values.get(key) for key in ("source", "target"))]
    return f"{goal.id}.{catalogue}.{hash(repr(chosen)) & 0xFFFFFF:x}"


def choices(home: Home, goal: GoalForm, found: Discovered | None) -> Drawn:
    """Everything that a form offers for a goal."""
    settings = home.settings.read()
    return {
        "fields": [[field.name, field.type] for field in _fields(goal, found)],
        "identifiers": _identifiers(goal, found),
        "properties": [
            [prop.name, f"{prop.type}{', several' if prop.multi else ''}", prop.identifier]
            for prop in properties_of(settings, goal.about).values()
        ],
        "types": [kind.value for kind in PropertyType],
        "events": [
            {"name": kind.name, "label": kind.label, "identifier": kind.identifier, "properties": [*paths_of(kind)]}
            for kind in settings.types().values()
        ],
        "segments": list(settings.segments),
        "groups": list(settings.groups),
        "things": {} if found is None else {name: found.items(name).rows() for name in found.things},
        "rules": RULES,
        "values": [
            {"name": each.name, "help": each.help, "takes": each.takes, "needs": each.needs}
            for each in VALUE_TYPES.values()
        ],
        "processors": [
            {
                "name": each.name,
                "help": each.help,
                "options": [_option(option) for option in each.options],
                "built_in": each.name in BUILT_INS,
            }
            for each in Processors(home).values()
        ],
    }


def _fields(goal: GoalForm, found: Discovered | None) -> tuple[VendorField, ...]:
    kind = kinds.get(goal.kind)
    rows = kind.rows
    if found is None or rows is None:  # nobody says which fields there are, but for those that the vendor needs itself
        names = () if found is None else getattr(kind.part(found.found.vendor), "needs", ())
        return tuple(VendorField(name, "") for name in names)
    try:
        fields: tuple[VendorField, ...] = rows.fields(found.found, read_goal(readable(goal)))
    except ConfigurationError:  # it is not far enough to tell of which lists
        return found.found.discovery.fields
    return fields


def _identifiers(goal: GoalForm, found: Discovered | None) -> list[str]:
    """The vendor's fields by which it knows people, as far as it declares them."""
    if found is None:
        return []
    return list(kinds.get(goal.kind).identifiers(found.found.vendor, found.found.discovery))


def _option(option: Any) -> Drawn:
    return {
        "name": option.name,
        "label": label_of(option.name),
        "help": option.help,
        "kind": option.kind.name.lower(),
        "required": option.required,
        "default": list(option.default) if isinstance(option.default, tuple) else option.default,
        "choices": list(option.choices),
        "fields": option.names_fields,
    }
