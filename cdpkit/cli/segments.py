"""The commands about segments: list, define, count, remove."""

from pathlib import Path
from typing import Annotated

import typer

from cdpkit.cli import names
from cdpkit.cli.base import Answer, WorkspaceOption, command, group, open_workspace

segments = group("segments", "Named expressions over the profiles: list (also without a word), define, count, remove.")

SegmentArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="How the segment is called.", autocompletion=names.segments)
]


@command("list", on=segments)
def list_segments(workspace: WorkspaceOption = Path()) -> Answer:
    """List the segments, with how many profiles belong to each now."""
    from cdpkit.workspace.texts import text_table

    frame = open_workspace(workspace).segments.frame()
    lines = text_table([name.upper() for name in frame.columns], frame.iter_rows())
    none = ["No segments yet. `cdpkit segments define NAME WHERE` makes one."]
    return Answer({"segments": frame.to_dicts()}, lines if frame.height else none)


@command("define", on=segments)
def define(
    name: SegmentArgument,
    where: Annotated[
        str, typer.Argument(metavar="WHERE", help="A SQL expression over the profiles, such as \"plan = 'gold'\".")
    ],
    workspace: WorkspaceOption = Path(),
) -> Answer:
    """Add a segment, or give the one of this name another expression."""
    segment = open_workspace(workspace).segments.define(name, where)
    count = segment.count()
    return Answer(
        {"name": name, "where": segment.where, "profiles": count},
        [f"Segment {name!r} is defined; {count:,} {_belong(count)}."],
    )


@command("count", on=segments)
def count(name: SegmentArgument, workspace: WorkspaceOption = Path()) -> Answer:
    """Count the profiles that belong to a segment now."""
    number = open_workspace(workspace).segments[name].count()
    return Answer({"name": name, "profiles": number}, [str(number)])


@command("remove", on=segments)
def remove(name: SegmentArgument, workspace: WorkspaceOption = Path()) -> Answer:
    """Forget a segment; profiles stay as they are."""
    open_workspace(workspace).segments.remove(name)
    return Answer({"name": name, "removed": True}, [f"Segment {name!r} is removed."])


def _belong(number: int) -> str:
    return "profile belongs to it now" if number == 1 else "profiles belong to it now"
