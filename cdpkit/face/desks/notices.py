"""What a person should know of rows of a goal that are right as they are."""

from cdpkit.config.goals import read_goal
from cdpkit.core.export_values import VALUE_TYPES, Workspace
from cdpkit.errors import ConfigurationError
from cdpkit.face.forms.goal import GoalForm, readable
from cdpkit.runs import kinds
from cdpkit.runs.groups import properties_of
from cdpkit.runs.home import Home


def notices(home: Home, goal: GoalForm) -> dict[int, str]:
    """By the numbers of rows of mappings: which properties are there already, and what is not sent."""
    rows, settings = kinds.get(goal.kind).rows, home.settings.read()
    if rows is None:
        return {}
    known = Workspace(properties_of(settings, goal.about), settings.segments, settings.expose_segments)
    types = {row.id: VALUE_TYPES.get(str(row.values.get("value"))) for row in goal.rows["mappings"].rows}
    told = {row: said for row, kind in types.items() if kind is not None and (said := kind.hidden(known))}
    whole = [row.id for row in goal.rows["mappings"].rows if row.values.get("from") and row.values.get("to")]
    try:
        found = rows.notices(read_goal(readable(goal)), known.properties)
    except ConfigurationError:
        return told
    return told | {whole[at]: f"{problem.what}; {problem.fix}" for at, problem in found.items() if at < len(whole)}
