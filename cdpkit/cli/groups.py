"""The commands about groups, such as households: list, define, remove; `cdpkit load --group` fills them."""

from pathlib import Path
from typing import Annotated

import typer

from cdpkit.cli import names
from cdpkit.cli.base import Answer, WorkspaceOption, command, group, open_workspace
from cdpkit.errors import ConfigurationError

groups = group("groups", "Types of groups, such as households: list (also without a word), define, remove.")

TypeArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="The type, such as household.", autocompletion=names.groups)
]


@command("list", on=groups)
def list_groups(workspace: WorkspaceOption = Path()) -> Answer:
    """List the types of groups, with how many groups there are of each."""
    ws = open_workspace(workspace)
    found = [
        {
            "name": kind.name,
            "link": kind.link,
            "groups": kind.count(),
            "properties": {name: prop.type.value for name, prop in kind.properties.items()},
        }
        for kind in ws.groups.values()
    ]
    none = ["No types of groups yet. `cdpkit groups define NAME --link PROPERTY` makes one."]
    return Answer({"groups": found}, repr(ws.groups).splitlines() if found else none)


@command("define", on=groups)
def define(
    name: TypeArgument,
    link: Annotated[
        str | None, typer.Option("--link", metavar="PROPERTY", help="What holds the id of a profile's group.")
    ] = None,
    properties: Annotated[
        list[str] | None,
        typer.Option("--property", metavar="NAME[=TYPE]", help="What is known of each group; may be repeated."),
    ] = None,
    label: Annotated[str | None, typer.Option("--label", metavar="TEXT", help="For people.")] = None,
    workspace: WorkspaceOption = Path(),
) -> Answer:
    """Add a type of groups, or give the one of this name another link or more properties."""
    typed = [_typed(each) for each in properties or ()]
    given = dict(typed)
    if len(given) < len(typed):
        raise ConfigurationError("--property gives a name twice; give each once")
    made = open_workspace(workspace).groups.define(name, link, given, label)
    told = {
        "name": made.name,
        "link": made.link,
        "properties": {each: prop.type.value for each, prop in made.properties.items()},
    }
    return Answer(told, repr(made).splitlines())


@command("remove", on=groups)
def remove(name: TypeArgument, workspace: WorkspaceOption = Path()) -> Answer:
    """Forget a type of groups; its groups are shown again when it is defined again."""
    open_workspace(workspace).groups.remove(name)
    return Answer({"name": name, "removed": True}, [f"Group type {name!r} is removed."])


def _typed(text: str) -> tuple[str, str]:
    name, _, kind = text.partition("=")
    if not name:
        raise ConfigurationError("--property takes the name of one, and its type: --property size=number")
    return name, kind or "text"
