"""The command about a vendor's fields: which there are, and rows for those that a goal does not map."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cdpkit.cli.base import Answer, ConnectionArgument, WorkspaceOption, command, open_workspace
from cdpkit.cli.connections import GoalOption
from cdpkit.errors import ConfigurationError

if TYPE_CHECKING:
    import polars as pl


@command()
def fields(
    connection: ConnectionArgument,
    workspace: WorkspaceOption = Path(),
    goal: GoalOption = None,
    add: Annotated[bool, typer.Option("--add", help="Add a row to the goal for each of these fields.")] = False,
    rule: Annotated[str | None, typer.Option("--rule", metavar="RULE", help="The merge rule of the new rows.")] = None,
    prefix: Annotated[str, typer.Option("--prefix", metavar="TEXT", help="In front of the names of properties.")] = "",
) -> Answer:
    """List a vendor's fields; with a goal those that it does not map yet, and what may be meant by them."""
    opened = open_workspace(workspace).connection(connection)
    if goal is None:
        if add or rule is not None or prefix:
            raise ConfigurationError("rows are added to a goal; name it with --goal NAME")
        there = opened.discover()
        return Answer({"connection": connection, "fields": there.fields.to_dicts()}, _table(there.fields))
    there, goals = opened.discover(), opened.goals
    left = goals.remaining(goal, there)
    if not add:
        proposed = goals.suggestions(goal, there)
        lines = [f"Goal {goal!r} does not map {left.height} fields:", *_table(left)]
        lines += ["Properties that are called much like them:", *_table(proposed)] if proposed.height else []
        told = {"remaining": left.to_dicts(), "suggestions": proposed.to_dicts()}
        return Answer({"connection": connection, "goal": goal, **told}, lines)
    goals.add_remaining(goal, rule, prefix, there)
    more = goals.remaining(goal, there)
    added = left.filter(~left["name"].is_in(more["name"].implode()))
    notices = [str(notice) for notice in goals.notices(goal)]
    lines = [f"Goal {goal!r} has {added.height} rows more.", *notices]
    if more.height:
        lines += [f"{more.height} fields are left, since no property is called like them:", *_table(more)]
    found = {"added": added["name"].to_list(), "remaining": more.to_dicts(), "notices": notices}
    return Answer({"connection": connection, "goal": goal, **found}, lines)


def _table(frame: "pl.DataFrame") -> list[str]:
    from cdpkit.workspace.texts import text_table

    return [f"  {line}" for line in text_table(frame.columns, frame.iter_rows())]
