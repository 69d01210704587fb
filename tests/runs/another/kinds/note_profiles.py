"""What runs do with the kind of goal that tests add."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cdpkit.config.goals import settings_of
from cdpkit.core.goal import FieldMapping, ImportGoal, Rule
from cdpkit.problem import Problem
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.imports.planned import PlannedImport, planned_import, store
from cdpkit.runs.imports.prepare import prepare_rows
from cdpkit.runs.kind import FormStep, GoalKind, Line, Undoing, Work
from cdpkit.runs.session import Known
from cdpkit.runs.sources import read_source


def _adds(goal: Any) -> tuple[str, ...]:
    linked = [pair.source for pair in goal.identifiers]
    return tuple(dict.fromkeys(name for row in goal.rows for name in row if name not in linked))


def _problems(known: Known, goal: Any, _planned: Sequence[str]) -> list[Problem]:
    catalogue = known.home.settings.read().catalogue()
    return [
        Problem(f"goal {goal.name!r}", f"there is no property {pair.target!r}", "add it")
        for pair in goal.identifiers
        if pair.target not in catalogue
    ]


def _plan(work: Work, goal: Any) -> PlannedImport:
    home, key = work.session.home, work.session.key(goal)
    asked = ImportGoal(
        identifiers=tuple((pair.source, pair.target) for pair in goal.identifiers),
        mappings=tuple(FieldMapping(name, name, Rule.SET) for name in _adds(goal)),
        name=key,
    )
    prepared = prepare_rows(home, asked, read_source(pl.DataFrame(goal.rows)), work.planned)
    return planned_import(
        home, prepared, work.run, GoalRun(goal.name, "", kind=goal.kind, key=key), work.show, on=work.on
    )


def _carry_out(work: Work, plan: PlannedImport, line: Line) -> GoalRun:
    return store(plan, line, work.show, waited=work.waited)


def _undo(_ended: GoalRun, _asked: Mapping[str, Any]) -> Undoing:
    return Undoing()


KIND = GoalKind(
    name="note_profiles",
    direction="export",
    order=10,
    settings=settings_of("note_profiles"),
    steps=(FormStep("rows", "Write the rows", ("rows", "identifiers")),),
    problems=_problems,
    adds=_adds,
    plan=_plan,
    carry_out=_carry_out,
    undo=_undo,
)
