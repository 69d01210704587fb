"""The commands that ask: SQL, and a look at the profiles."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cdpkit.cli.base import Answer, WorkspaceOption, command, open_workspace
from cdpkit.errors import ConfigurationError

if TYPE_CHECKING:
    import polars as pl

SHOWN = 50
"""How many rows a table shows where nothing else is asked for."""

FIRST = 10
"""How many profiles are shown where nothing else is asked for."""

LimitOption = Annotated[int | None, typer.Option("--limit", "-n", min=0, metavar="N", help="At most so many rows.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="All columns as CSV.")]


@command()
def sql(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="One SELECT; - reads it from standard input.")],
    limit: LimitOption = None,
    csv: CsvOption = False,
    workspace: WorkspaceOption = Path(),
) -> Answer:
    """Query profiles, segments, runs, run_rows, changes and rejected; a table shows 50 rows, --csv and --json all."""
    _one_form(ctx, csv=csv)
    relation = open_workspace(workspace).sql(sys.stdin.read() if query == "-" else query)
    most = SHOWN if limit is None and not (ctx.obj or csv) else limit
    rows = relation if most is None else relation.limit(most + 1)
    return _rows(rows.pl(), most, csv=csv, as_json=bool(ctx.obj))


@command()
def profiles(
    ctx: typer.Context, limit: LimitOption = None, csv: CsvOption = False, workspace: WorkspaceOption = Path()
) -> Answer:
    """Show how many profiles there are, in how many each property is filled, and the first of them."""
    import polars as pl

    from cdpkit.cli.frames import json_rows
    from cdpkit.core.properties import BUILT_IN

    _one_form(ctx, csv=csv)
    lazy = open_workspace(workspace).profiles
    names = lazy.collect_schema().names()
    built_in = {prop.name for prop in BUILT_IN}
    own = [name for name in names if name not in built_in]
    last = [name for name in names if name in built_in]
    first = lazy.select(*own, *last).head(FIRST if limit is None else limit).collect()
    if csv:
        return _rows(first, None, csv=True, as_json=False)
    counted = lazy.select(pl.len().alias(" "), pl.col(own).count()).collect().row(0, named=True)
    total = counted.pop(" ")
    if ctx.obj:
        return Answer({"profiles": total, "filled": counted, "rows": json_rows(first)})
    shown = first.select(own) if own else first
    filled = [f"  {name}: {count:,}" for name, count in counted.items()]
    lines = [f"{total:,} profiles", *(["filled in:", *filled] if total else [])]
    return Answer({}, [*lines, *([""] if shown.height else []), *_table(shown)])


def _one_form(ctx: typer.Context, *, csv: bool) -> None:
    if csv and ctx.obj:
        raise ConfigurationError("--csv and --json are two forms of one answer; give one of them")


def _rows(frame: "pl.DataFrame", most: int | None, *, csv: bool, as_json: bool) -> Answer:
    """Rows in the form that was asked for; `most` of them, and that there are more."""
    from cdpkit.cli.frames import csv_text, json_rows

    more = most is not None and frame.height > most
    kept = frame if most is None else frame.head(most)
    if as_json:
        return Answer({"columns": kept.columns, "rows": json_rows(kept), "more": more})
    beside = [f"... and more; --limit N shows N rows{'' if csv else ', --csv all'}"] if more else []
    return Answer({}, [csv_text(kept)] if csv else _table(kept), beside=beside)


def _table(frame: "pl.DataFrame") -> list[str]:
    from cdpkit.cli.frames import frame_lines

    return frame_lines(frame) if frame.height else ["no rows"]
