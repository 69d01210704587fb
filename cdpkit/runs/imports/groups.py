"""A goal that imports groups: as an import whose profiles are the groups of a type, so that nothing is done twice."""

from collections.abc import Mapping

from cdpkit.config.goals.import_groups import ImportGroupsGoalSettings
from cdpkit.config.settings import Settings
from cdpkit.problem import At, Problem, unknown
from cdpkit.runs.imports.goal import groups_of, import_problems
from cdpkit.runs.session import Known

_PLACES: Mapping[At, At] = {
    ("identifiers", 0, "from"): ("id",),
    ("identifiers", 0, "to"): ("group",),
    ("create_profiles",): ("create_groups",),
}
"""Where the keys of an import stand in a goal that imports groups."""


def import_groups_problems(known: Known, goal: ImportGroupsGoalSettings) -> list[Problem]:
    """What has to be mended before a goal can run that reads groups from a vendor; the same of each."""
    where, vendor = f"goal {goal.name!r}", known.vendor
    found = [problem.inside(where) for problem in type_problems(known.home.settings.read(), goal)]
    found += [
        Problem(
            f"{where}: {key}", f"{vendor.title} is read, and not asked about people", f"remove the key {key}"
        ).about((key,))
        for key in goal.asking
    ]
    found += import_problems(known, goal.pulled(), groups_of(goal.group))
    return [in_place(problem) for problem in found]


def type_problems(settings: Settings, goal: ImportGroupsGoalSettings) -> list[Problem]:
    """Whether there is no such type of groups."""
    if goal.group in settings.groups:
        return []
    fix = f"add it with ws.groups.define({goal.group!r}, link='PROPERTY')"
    return [unknown("group", "group type", goal.group, settings.groups, fix).about(("group",))]


def in_place(problem: Problem) -> Problem:
    """The same, of its places in the keys of the goal."""
    return problem.about(*(_PLACES.get(at, at) for at in problem.at))
