"""The rows of an export goal: which of the vendor's fields are not filled yet, and which properties may fill them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cdpkit.config.goals.export_profiles import ExportGoalSettings, ExportMappingSettings
from cdpkit.config.vendor_settings import option_problems
from cdpkit.core import remaining as core
from cdpkit.core.fields import Field, can_be_sent
from cdpkit.core.properties import BUILT_IN, Property
from cdpkit.errors import ConfigurationError
from cdpkit.kit.discovery import VendorField
from cdpkit.kit.lists import ids_named
from cdpkit.problem import Problem
from cdpkit.runs.exports.goal import asked_of
from cdpkit.runs.found import Found, each_once
from cdpkit.runs.rows import Bulk, Catalogue, Rows, Suggestion, suggested


def _fields(found: Found, goal: ExportGoalSettings) -> tuple[VendorField, ...]:
    """Those with which the vendor finds nothing wrong where this goal fills them."""
    exporter, discovery = found.vendor.exporter, found.discovery
    if exporter is None:
        return ()
    if option_problems(exporter.options, goal.target, "target"):  # as while it is being filled in
        goal = goal.model_copy(update={"target": {}})
    asked = replace(asked_of(exporter, goal, found.settings, discovery), fields=())
    wrong = set(exporter.problems(asked))
    fields = each_once(discovery.fields_of(ids_named(exporter.options, asked.options, discovery)))
    return tuple(each for each in fields if not {*exporter.problems(replace(asked, fields=(each.name,)))} - wrong)


def _remaining(goal: ExportGoalSettings, fields: Sequence[VendorField]) -> tuple[VendorField, ...]:
    return core.remaining(fields, {*(pair.target for pair in goal.identifiers), *(row.target for row in goal.mappings)})


def _add_remaining(
    goal: ExportGoalSettings, fields: Sequence[VendorField], catalogue: Catalogue, bulk: Bulk
) -> ExportGoalSettings:
    """The fields that a property is named after; the others have to be told by what they are filled."""
    if bulk.rule is not None:
        raise ConfigurationError("what an export sends is not merged; leave the rule out")
    rows = core.filled_by(_remaining(goal, fields), catalogue, bulk.prefix)
    made = (ExportMappingSettings.model_validate({"from": prop, "to": field}) for prop, field in rows)
    return goal.model_copy(update={"mappings": (*goal.mappings, *made)})


def _empty(prefix: str) -> Mapping[str, Any]:
    return {"value": "property", "from": prefix, "to": ""}


def _notices(_goal: ExportGoalSettings, _catalogue: Catalogue) -> dict[int, Problem]:
    return {}


def _suggestions(
    goal: ExportGoalSettings, fields: Sequence[VendorField], catalogue: Catalogue
) -> tuple[Suggestion, ...]:
    return suggested(_remaining(goal, fields), catalogue, _fits, {prop.name for prop in BUILT_IN})


def _fits(field: Field, prop: Property) -> bool:
    return can_be_sent(prop, field)


ROWS = Rows(_fields, _remaining, _add_remaining, _empty, _notices, _suggestions)
