"""The command that loads a file."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cdpkit.cli import names
from cdpkit.cli.base import AllowOption, Answer, WorkspaceOption, command, open_workspace
from cdpkit.cli.files import FileArgument, ReadOption, read_of
from cdpkit.cli.outcome import status_of, told
from cdpkit.errors import ConfigurationError, UnknownNameError

if TYPE_CHECKING:
    from cdpkit import Workspace
    from cdpkit.workspace.groups import GroupType

Several = list[str] | None

IdOption = Annotated[
    Several,
    typer.Option("--id", "--identify", metavar="FIELD[=PROPERTY]", help="What rows are matched on; may be repeated."),
]
MapOption = Annotated[
    Several,
    typer.Option("--map", metavar="FIELD[=PROPERTY]", help="Which field goes to which property; may be repeated."),
]
RuleOption = Annotated[
    Several,
    typer.Option("--rule", metavar="[PROPERTY=]RULE", help="How a property is merged, or all; set where left out."),
]
ProcessorOption = Annotated[
    Several,
    typer.Option(
        "--processor",
        metavar="NAME|JSON",
        help="A step over the rows before they are matched; may be repeated.",
        autocompletion=names.processors,
    ),
]
GoalOption = Annotated[
    str | None,
    typer.Option(
        "--goal", metavar="NAME", help="Remembers which rows were seen before.", autocompletion=names.load_goals
    ),
]
CreateOption = Annotated[bool, typer.Option("--create/--no-create", help="Whether rows without match make profiles.")]
MatchesOption = Annotated[str, typer.Option(metavar="newest|skip|all", help="What a row with several matches does.")]
FullOption = Annotated[bool, typer.Option("--full", help="Apply rows again although they were seen before.")]
GroupOption = Annotated[
    str | None,
    typer.Option(
        "--group",
        metavar="TYPE",
        help="The rows are groups of this type; --id names the field of their id.",
        autocompletion=names.groups,
    ),
]
PreviewOption = Annotated[bool, typer.Option("--preview", help="Work out what it would do, and store nothing.")]


@command()
def load(
    ctx: typer.Context,
    file: FileArgument,
    identifiers: IdOption = None,
    mappings: MapOption = None,
    rules: RuleOption = None,
    processors: ProcessorOption = None,
    read: ReadOption = None,
    goal: GoalOption = None,
    create: CreateOption = True,
    on_multiple_matches: MatchesOption = "newest",
    full: FullOption = False,
    group: GroupOption = None,
    preview: PreviewOption = False,
    allow: AllowOption = None,
    workspace: WorkspaceOption = Path(),
) -> Answer:
    """Merge the rows of a file into the profiles, or into groups; or look at what that would do."""
    pairs = [_pair(each) for each in mappings or ()]
    matched = dict(_pair(each) for each in identifiers or ())
    request: dict[str, Any] = {
        "source": file,
        **(
            _of_profiles(matched, on_multiple_matches, create=create)
            if group is None
            else _of_groups(matched, create=create)
        ),
        "mappings": _with_rules(pairs, rules or ()),
        "processors": [_step(each) for each in processors or ()],
        "goal": goal,
        "full": full,
        "read": read_of(read or []),
    }
    ws = open_workspace(workspace)
    into = ws if group is None else ws.groups[group]
    if preview:
        return _looked_at(into, request)
    return _loaded(into, {**request, "allow": allow or ()}, as_json=bool(ctx.obj))


def _of_profiles(matched: dict[str, str], on_multiple_matches: str, *, create: bool) -> dict[str, Any]:
    return {"identifiers": matched, "create_profiles": create, "on_multiple_matches": on_multiple_matches}


def _of_groups(matched: dict[str, str], *, create: bool) -> dict[str, Any]:
    """Groups are known by their id alone."""
    if len(matched) != 1:
        raise ConfigurationError(f"groups are known by one field, not by {len(matched)}; give it once: --id FIELD")
    ((field, prop),) = matched.items()
    if prop not in (field, "group_id"):
        raise ConfigurationError(f"groups are known by their group_id, not by {prop!r}; give --id {field}")
    return {"id": field, "create_groups": create}


def _looked_at(ws: "Workspace | GroupType", request: dict[str, Any]) -> Answer:
    looked = ws.preview_load(**request)
    goals = [{"name": each.name, "counters": dict(each.counters)} for each in looked.goals]
    return Answer({"state": "preview", "goals": goals}, told(looked))


def _loaded(ws: "Workspace | GroupType", request: dict[str, Any], *, as_json: bool) -> Answer:
    run = ws.load(**request, progress=True)
    report = told(run)
    return Answer(run.as_dict(), report, status_of(run), report if as_json else ())


def _pair(text: str) -> tuple[str, str]:
    """A field and its property, of the same name where only one is given; a field's own name may hold `=`."""
    field, _, prop = text.rpartition("=") if "=" in text else (text, "", text)
    return field, prop


def _with_rules(pairs: Sequence[tuple[str, str]], rules: Sequence[str]) -> list[dict[str, str]]:
    """Mappings, each with the rule of its property, or the one that is given for all.

    Raises:
        UnknownNameError: A rule is for a property to which nothing is mapped.
        ConfigurationError: There are several rules for all.
    """
    own = dict(_pair(rule) for rule in rules if "=" in rule)
    for_all = [rule for rule in rules if "=" not in rule]
    mapped = [prop for _, prop in pairs]
    for prop in own:
        if prop not in mapped:
            raise UnknownNameError("mapped property", prop, mapped, f"map a field to it with --map FIELD={prop}")
    if len(for_all) > 1:
        raise ConfigurationError(
            f"--rule is given for all properties {len(for_all)} times ({', '.join(for_all)}); "
            "give one for all, and --rule PROPERTY=RULE for the others"
        )
    return [
        {"from": field, "to": prop, "rule": own.get(prop, for_all[0] if for_all else "set")} for field, prop in pairs
    ]


def _step(text: str) -> Any:
    """A processor by its name, or with its options as a JSON object."""
    if not text.lstrip().startswith("{"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        raise ConfigurationError(
            "--processor takes a name or a JSON object, and this is no whole one; "
            """quote it, such as '{"processor": "split", "fields": ["tags"], "separator": "|"}'"""
        ) from None
