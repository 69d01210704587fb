"""A goal that asks about groups: the answers about people say to which household they belong, and what is known of it.

It is asked as a goal that enriches is: by the same ledger, pause, cap and budget. What differs is where answers go.
"""

from collections.abc import Sequence

from cdpkit.config.goals.import_groups import ImportGroupsGoalSettings
from cdpkit.problem import Problem
from cdpkit.runs.enrichments.goal import Into, enrich_problems
from cdpkit.runs.imports.groups import in_place, type_problems
from cdpkit.runs.session import Known


def into(goal: ImportGroupsGoalSettings) -> Into:
    """Where the answers go."""
    return Into(goal.group, goal.id, goal.create_groups)


def asked_problems(known: Known, goal: ImportGroupsGoalSettings, planned: Sequence[str]) -> list[Problem]:
    """What has to be mended before a goal can run that asks a vendor about groups."""
    where, title = f"goal {goal.name!r}", known.vendor.title
    found = [problem.inside(where) for problem in type_problems(known.home.settings.read(), goal)]
    found += [
        Problem(f"{where}: {key}", f"is missing, and {title} is asked about given people", f"add the key {key}").about(
            (key,)
        )
        for key in ("segment", "parameters")
        if getattr(goal, key) is None
    ]
    if not found:
        found = [in_place(problem) for problem in enrich_problems(known, goal.asked(), planned, into(goal))]
    return found
