"""The commands to begin with: make a workspace, and see what cdpkit does."""

import shlex
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

import cdpkit
from cdpkit.cli.base import Answer, command
from cdpkit.place import is_bucket, named

IGNORED = """\
# Profiles, what runs keep, and secrets stay out of git; cdpkit.toml and the folder connections belong in it.
/tables/
/runs/
/locks/
/secrets/
*.key
*.lock
.env
"""
"""What `cdpkit init` writes into `.gitignore`."""


@command()
def demo(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A new or an empty folder; it is kept.")] = Path(
        "cdpkit-demo"
    ),
) -> Answer:
    """Show on invented people what cdpkit does: load, preview, undo, query, and a sync with Iterable."""
    from cdpkit.cli.demo import run_demo

    return Answer(run_demo(path, partial(typer.echo, err=bool(ctx.obj))))


@command()
def init(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A new or an empty folder, or s3://bucket/prefix.")],
) -> Answer:
    """Make a new workspace, and say what to do next."""
    workspace = cdpkit.create(path)
    if not is_bucket(path):
        with (workspace.path / ".gitignore").open("a+", encoding="utf-8") as file:  # of an earlier repository
            file.seek(0)
            before = file.read()
            file.write(("\n" if before and not before.endswith("\n") else "") + IGNORED)
    steps = next_steps(named(path))
    lines = [f"A new workspace is in {workspace.address}. Next:"]
    for number, (why, line) in enumerate(steps, 1):
        lines += [f"  {number}  {why}", f"     {line}"]
    lines.append(f"In Python: ws = cdpkit.open({workspace.address!r})")
    return Answer({"workspace": workspace.address, "next": [line for _, line in steps]}, lines)


def next_steps(path: str) -> list[tuple[str, str]]:
    """What to do in a new workspace: why, and the command; with a sample file, so that each works as it stands."""
    at = f"-w {shlex.quote(path)}"
    question = "select plan, count(*) as profiles from profiles group by plan"
    load = f"cdpkit load sample:crm.csv --id email --map plan --map country --processor trim {at}"
    return [
        ("Say what tells people apart:", f"cdpkit properties add email --type email --identifier --pii {at}"),
        ("Look at what a file would bring, here a sample; without --preview it is stored:", f"{load} --preview"),
        ("Ask:", f'cdpkit sql "{question}" {at}'),
    ]
