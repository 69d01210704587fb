"""The rows of an import goal: which fields are not mapped yet, and what properties may take them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from cdpkit.config.goals.enrich_profiles import EnrichGoalSettings
from cdpkit.config.goals.import_groups import GROUP_ID, ImportGroupsGoalSettings
from cdpkit.config.goals.import_profiles import ImportGoalSettings, ImportMappingSettings
from cdpkit.config.vendor_settings import option_problems, resolve_options
from cdpkit.core import remaining as core
from cdpkit.core.fields import can_be_stored
from cdpkit.core.goal import Rule
from cdpkit.core.properties import BUILT_IN
from cdpkit.kit.discovery import VendorField
from cdpkit.kit.importing import ImportAsked
from cdpkit.kit.lists import ids_named
from cdpkit.problem import Problem
from cdpkit.runs.found import Found, each_once
from cdpkit.runs.rows import Bulk, Catalogue, Rows, Suggestion, suggested

S = TypeVar("S", ImportGoalSettings, EnrichGoalSettings, ImportGroupsGoalSettings)


def _fields(found: Found, goal: ImportGoalSettings) -> tuple[VendorField, ...]:
    """The vendor's identifiers, and the fields of everybody and of the lists that the goal names.

    Those are left out with which the vendor finds something wrong where this goal names them.
    """
    importer = found.vendor.importer
    if importer is None:
        return ()
    given = {} if option_problems(importer.options, goal.source, "source") else goal.source
    options = resolve_options(importer.options, given)
    fields = found.discovery.fields_of(ids_named(importer.options, options, found.discovery))
    named = {field.name for field in fields}
    own = (VendorField(name, "text") for name in importer.identifiers if name not in named)
    asked = ImportAsked(found.settings, options, found.discovery, ())
    wrong = set(importer.problems(asked))
    return tuple(
        each
        for each in each_once([*own, *fields])
        if not {*importer.problems(replace(asked, fields=(each.name,)))} - wrong
    )


def filling_rows(
    fields: Callable[[Found, S], tuple[VendorField, ...]],
    linked: Callable[[S], set[str]],
    filled: Callable[[S], set[str]],
) -> Rows[S]:
    """What can be asked of rows that fill properties, whatever the kind of their goals.

    Args:
        fields: See `Rows`.
        linked: The vendor's fields that a goal names beside its rows.
        filled: The properties that it uses beside them.
    """

    def remaining(goal: S, fields: Sequence[VendorField]) -> tuple[VendorField, ...]:
        return core.remaining(fields, {*linked(goal), *(row.source for row in goal.mappings)})

    def taken(goal: S) -> set[str]:
        return {*filled(goal), *(row.target for row in goal.mappings)}

    def add_remaining(goal: S, fields: Sequence[VendorField], catalogue: Catalogue, bulk: Bulk) -> S:
        rows = core.new_rows(
            remaining(goal, fields),
            taken=taken(goal),
            catalogue=catalogue,
            rule=bulk.rule or Rule.SET,
            prefix=bulk.prefix,
        )
        more: tuple[ImportMappingSettings, ...] = tuple(
            ImportMappingSettings.model_validate({"from": r.source, "to": r.target, "rule": r.rule}) for r in rows
        )
        return goal.model_copy(update={"mappings": (*goal.mappings, *more)})

    def suggestions(goal: S, fields: Sequence[VendorField], catalogue: Catalogue) -> tuple[Suggestion, ...]:
        without = {*taken(goal), *(prop.name for prop in BUILT_IN)}
        return suggested(remaining(goal, fields), catalogue, can_be_stored, without)

    return Rows(fields, remaining, add_remaining, _empty, _notices, suggestions)


def _empty(prefix: str) -> Mapping[str, Any]:
    return {"from": "", "to": prefix, "rule": Rule.SET.value}


def _notices(
    goal: ImportGoalSettings | EnrichGoalSettings | ImportGroupsGoalSettings, catalogue: Catalogue
) -> dict[int, Problem]:
    """The rows whose property is there already, perhaps with values that are not of this vendor."""
    return {
        number: Problem(
            f"mappings no. {number + 1}",
            f"existing property {row.target!r} ({catalogue[row.target].type})",
            f"its values are merged by rule {row.rule.value!r}; choose another name to keep them apart",
        )
        for number, row in enumerate(goal.mappings)
        if row.target in catalogue
    }


def _linked(goal: ImportGoalSettings) -> set[str]:
    return {pair.source for pair in goal.identifiers}


def _filled(goal: ImportGoalSettings) -> set[str]:
    saved = [goal.save_lists_to] if goal.save_lists_to else []
    return {*(pair.target for pair in goal.identifiers), *saved}


def _of_groups(found: Found, goal: ImportGroupsGoalSettings) -> tuple[VendorField, ...]:
    """Of a vendor that is asked, what it answers."""
    if found.vendor.enricher is not None and found.vendor.importer is None:
        return each_once(found.discovery.fields)
    return _fields(found, goal.pulled())


ROWS = filling_rows(_fields, _linked, _filled)
GROUP_ROWS = filling_rows(_of_groups, lambda goal: {goal.id}, lambda _: {GROUP_ID})
