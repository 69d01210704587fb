"""The plan of an import once more with other identifiers, mappings or processors, on the rows that were read for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from cdpkit.config.goal import GoalSettings
from cdpkit.config.goals import read_goal
from cdpkit.config.goals.import_groups import ImportGroupsGoalSettings
from cdpkit.config.goals.import_profiles import ImportGoalSettings
from cdpkit.core.goal import ImportGoal, read_identifiers, read_mappings
from cdpkit.core.processors import StepSpec, parse_steps
from cdpkit.core.remaining import REST
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.runs.home import Home
from cdpkit.runs.ids import run_id
from cdpkit.runs.imports.goal import as_import
from cdpkit.runs.imports.planned import PlannedImport, planned_import
from cdpkit.runs.imports.prepare import Prepared as PreparedImport
from cdpkit.runs.imports.prepare import prepare_rows
from cdpkit.runs.plan import Plan
from cdpkit.runs.sync import Prepared


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is to be otherwise; None stays as it is.

    Attributes:
        identifiers: As of a load, or of the goal.
        mappings: Likewise.
        processors: Likewise.
    """

    identifiers: Mapping[str, str] | None
    mappings: Sequence[Mapping[str, str]] | None
    processors: Sequence[StepSpec] | None

    def keys(self) -> dict[str, Any]:
        """What is given, by the keys of a goal."""
        given = {"identifiers": self.identifiers, "mappings": self.mappings, "processors": self.processors}
        return {key: value for key, value in given.items() if value is not None}


def chosen_import(plans: Sequence[Plan], name: str | None) -> PlannedImport:
    """The import among plans that is meant.

    Raises:
        UnknownNameError: There is none of this name; names those that there are.
        ConfigurationError: None is named and there are several, or there is none at all.
    """
    imports = {plan.name: plan for plan in plans if isinstance(plan, PlannedImport)}
    if not imports:
        raise ConfigurationError(
            "this preview has no import, and what is sent follows from the goal; edit that instead"
        )
    if name is None and len(imports) > 1:
        raise ConfigurationError(f"the preview has several imports: name one as goal=, of {', '.join(imports)}")
    if name is not None and name not in imports:
        raise UnknownNameError("import of the preview", name, imports)
    return imports[name or next(iter(imports))]


def suppose(
    home: Home, plan: PlannedImport, supposed: Supposed, prepared: Prepared | None
) -> tuple[PlannedImport, Prepared | None]:
    """Work an import out once more; nothing is read or fetched anew but fields of a file that were left out before.

    Args:
        home: The workspace.
        plan: The import as it is.
        supposed: What is to be otherwise.
        prepared: What its connection carries out; None for a load.

    Returns:
        The plan, and what the connection would carry out if its file had the goal like this.

    Raises:
        ConfigurationError: It does not fit; lists every problem.
        SourceError: Fields have to be read that were not, and the source is not what it was.
    """
    before, run = plan.plan.prepared, run_id()
    if prepared is None:
        goal, would = _of_load(home, before.goal, supposed), None
    else:
        settings = read_goal({**prepared.connection.goal(plan.name).given(), **supposed.keys()})
        goals = tuple(settings if each.name == plan.name else each for each in prepared.connection.goals)
        goal = _of_connection(home, before.goal, settings)
        would = (prepared.connection.model_copy(update={"goals": goals}), replace(prepared.request, goal=plan.name))
    new = planned_import(home, _prepared(home, before, goal), run, plan.asked, on=plan.snapshot)
    if would is None or prepared is None:
        return new, None
    connection, request = would
    return new, Prepared(run, prepared.name, connection, request, (new,))


def _of_load(home: Home, goal: ImportGoal, supposed: Supposed) -> ImportGoal:
    return replace(
        goal,
        identifiers=goal.identifiers if supposed.identifiers is None else read_identifiers(supposed.identifiers),
        mappings=goal.mappings if supposed.mappings is None else read_mappings(supposed.mappings),
        steps=goal.steps if supposed.processors is None else parse_steps(supposed.processors, home.functions),
    )


def _of_connection(home: Home, goal: ImportGoal, settings: GoalSettings) -> ImportGoal:
    given = settings.pulled() if isinstance(settings, ImportGroupsGoalSettings) else settings
    asked = cast("ImportGoalSettings", given)  # its kind was not among what changes
    return as_import(home, asked, key=str(goal.name), zone=goal.zone, objectives=goal.objectives, full=goal.full)


def _prepared(home: Home, before: PreparedImport, goal: ImportGoal) -> PreparedImport:
    """The rows of before under another goal; fields that were not read are read now, where they can be had."""
    if before.read is None:
        raise ConfigurationError("this preview was carried out; preview it anew")
    needed = {field for field, _ in (*goal.identifiers, *goal.stored)}
    read, left_out = (
        before.read,
        before.whole is not None and (bool(goal.steps) or REST in needed or not needed <= set(before.read.rows.schema)),
    )
    if left_out and before.whole is not None:
        read = before.whole()
    known = home.settings.read().catalogue(before.group)
    planned = [prop for name, prop in before.catalogue.items() if name not in known]
    own = {prop.name for prop in before.new_properties}
    told = tuple(prop for prop in planned if prop.name not in own)
    fits = prepare_rows(home, goal, read, told, before.called, before.group)
    return replace(fits, whole=None if left_out else before.whole)
