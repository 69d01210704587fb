"""The workspace that is killed at, and the three calls that are disturbed."""

from pathlib import Path

import polars as pl

import cdpkit
from cdpkit.runs.run import Run
from cdpkit.store.small_files import MOST_FILES
from cdpkit.store.tables import CHANGES, GOAL_UNITS, REJECTED, RUN_ROWS, RUNS

CASES = ("load", "compaction", "undo")
GROUPS = "groups"
"""A load of groups, which goes by the same steps as one of profiles."""
PEOPLE = 200
SOURCE = "source.csv"
WORKSPACE = "workspace"
MAPPINGS = [
    {"from": "points", "to": "points", "rule": "sum"},
    {"from": "tags", "to": "tags", "rule": "add"},
    {"from": "plan", "to": "plan", "rule": "set"},
]


def prepare(folder: Path, address: str | None = None, *, crumbs: bool = True) -> None:
    """A workspace with a history: patches that wait, a load to take back, and, with crumbs, many small files.

    Nothing old is kept, so that compaction deletes files. It lies in the folder, or at an address.
    """
    workspace = cdpkit.create(address or folder / WORKSPACE)
    workspace._home.settings.edit(lambda document: document.update(keep_days=0))
    workspace.properties.add("email", "email", identifier=True)
    workspace.properties.add("points", "number")
    workspace.properties.add("tags", multi=True)
    for goal, first, last, points in (("nightly", 0, PEOPLE, 1), ("second", 195, 205, 10), ("nightly", 0, 3, 5)):
        load(workspace, people(first, last, points), goal)
    workspace.groups.define("club", "plan", {"points": "number"})
    for name in (CHANGES, RUN_ROWS, REJECTED, RUNS, GOAL_UNITS) if crumbs else ():
        _crumble(workspace, name)
    source = people(190, 250, 100).with_columns(city=pl.lit("Antwerp"))
    source.write_csv(folder / SOURCE)


def people(first: int, last: int, points: int) -> pl.DataFrame:
    """Rows for the people with these numbers; each tenth has points that are no number."""
    numbers = range(first, last)
    return pl.DataFrame(
        {
            "email": [f"person{number}@example.org" for number in numbers],
            "points": ["many" if number % 10 == 0 else str(points) for number in numbers],
            "tags": [f"tag{points}" for _ in numbers],
            "plan": [f"plan{number % 3}" for number in numbers],
        }
    )


def load(workspace: cdpkit.Workspace, source: object, goal: str) -> Run:
    """Add points and tags, set the plan, and keep the city where the source has one."""
    city = isinstance(source, Path)
    extra = [{"from": "city", "to": "city", "rule": "set"}] if city else []
    return workspace.load(source, {"email": "email"}, MAPPINGS + extra, goal=goal)


def call(case: str, workspace: cdpkit.Workspace, folder: Path) -> None:
    """The call that is disturbed and repeated."""
    if case == "load":
        load(workspace, folder / SOURCE, "nightly").raise_for_state()
    elif case == GROUPS:
        clubs = workspace.groups["club"]
        clubs.load(folder / SOURCE, "plan", MAPPINGS[:2], goal="clubs").raise_for_state()
    elif case == "compaction":
        workspace.compact()
    else:
        workspace.undo(workspace.runs.filter(name="second")["run_id"][0], reimport=True)


def _crumble(workspace: cdpkit.Workspace, name: str) -> None:
    """Put the rows of a table in so many files that compaction gathers them."""
    table = workspace._home.tables.open(name)
    columns = [column for column in table.schema if column != table.partition]
    largest = max(table.files(), key=lambda file: file.rows)
    files = [file for file in table.files() if file.partition == largest.partition]
    rows = table.scan(files, columns).collect()
    size = max(1, rows.height // (MOST_FILES + 2))
    add = [table.write(part, partition=largest.partition) for part in rows.iter_slices(size)]
    table.commit(add, files, transactions={"crumbs": 1})
