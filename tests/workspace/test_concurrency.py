"""Several processes, threads and readers on one workspace at once."""

import multiprocessing
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import polars as pl
import pytest

import cdpkit
from cdpkit.errors import ConfigurationError
from cdpkit.runs.ids import now
from cdpkit.runs.imports.commit import commit_load
from cdpkit.runs.imports.planned import PlannedImport
from cdpkit.runs.preview import plans_of
from cdpkit.runs.progress import RunEvent
from cdpkit.runs.run import Run
from cdpkit.store.record import RunRecord, as_json
from cdpkit.store.tables import CHANGES
from tests.crash.state import profiles, state

MAPPINGS = [{"from": "points", "to": "points", "rule": "sum"}, {"from": "tags", "to": "tags", "rule": "add"}]
BASE = 1000
"""So many people that compaction does not come by itself."""
LEFT, RIGHT = ("left", BASE - 20, BASE + 20, 1), ("right", BASE, BASE + 40, 10)


def people(first: int, last: int, points: int) -> pl.DataFrame:
    """Rows for the people with these numbers."""
    numbers = range(first, last)
    return pl.DataFrame(
        {
            "email": [f"person{number}@example.org" for number in numbers],
            "points": [points for _ in numbers],
            "tags": [f"tag{points}" for _ in numbers],
        }
    )


def load(workspace: cdpkit.Workspace, goal: str, first: int, last: int, points: int, **options: Any) -> Run:
    return workspace.load(people(first, last, points), {"email": "email"}, MAPPINGS, goal=goal, **options)


def create(path: Path) -> cdpkit.Workspace:
    """A workspace whose people have a point each; both sides know the same new people."""
    workspace = cdpkit.create(path)
    workspace.properties.add("email", "email", identifier=True)
    workspace.properties.add("points", "number")
    workspace.properties.add("tags", multi=True)
    load(workspace, "base", 0, BASE, 1)
    return workspace


def points(workspace: cdpkit.Workspace) -> int:
    return int(workspace.profiles.select(pl.col("points").sum()).collect().item())


def together(path: Path, *calls: tuple[Any, ...]) -> list[str]:
    """Make calls in processes of their own, which begin together; what each raised, as text."""
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(len(calls)), context.Queue()
    children = [
        context.Process(target=_child, args=(str(path), barrier, answers, number, *call))
        for number, call in enumerate(calls)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(timeout=120)
    answered = dict(answers.get(timeout=1) for _ in children)
    return [answered[number] for number in range(len(calls))]


def _child(path: str, barrier: Barrier, answers: Any, number: int, call: Callable[..., object], *args: Any) -> None:
    workspace = cdpkit.open(path)
    barrier.wait(timeout=60)
    try:
        call(workspace, *args)
    except (cdpkit.errors.CdpkitError, OSError, pl.exceptions.PolarsError) as error:
        answers.put((number, f"{type(error).__name__}: {error}"))
    else:
        answers.put((number, ""))


def several_loads(workspace: cdpkit.Workspace, goal: str) -> None:
    for number in range(4):
        load(workspace, f"{goal}{number}", 0, 20, 1)


def several_compactions(workspace: cdpkit.Workspace) -> None:
    for _ in range(4):
        workspace.compact()


def load_new_property(workspace: cdpkit.Workspace, goal: str, *properties: str) -> None:
    rows = people(0, 5, 1).with_columns(pl.lit(goal).alias(name) for name in properties)
    extra = [{"from": name, "to": name, "rule": "set_if_empty"} for name in properties]
    workspace.load(rows, {"email": "email"}, extra, goal=goal)


def add_property(workspace: cdpkit.Workspace, name: str) -> None:
    workspace.properties.add(name, "number")


def undo(workspace: cdpkit.Workspace, run: str) -> None:
    workspace.undo(run)


def commit_without_joining(workspace: cdpkit.Workspace, goal: str, first: int, last: int, count: int) -> str:
    """Do what a process does that dies right after the commit; returns the run."""
    preview = workspace.preview_load(people(first, last, count), {"email": "email"}, MAPPINGS, goal=goal)
    planned = plans_of(preview)[0]
    assert isinstance(planned, PlannedImport)
    plan = planned.plan
    run, at = plan.draft.run_id, now()
    goals = as_json([{"name": goal, "state": "succeeded", "counters": {}, "key": goal, "seq": plan.draft.seq}])
    line = RunRecord(run, "load", goal, "running", at.isoformat(), None, goals, '{"config": 0}', step=0)
    workspace._home.tables.record(line)
    commit_load(workspace._home, plan, asdict(line) | {"state": "succeeded", "step": 1}, at)
    return run


def test_two_processes_that_load_at_once_end_as_one_after_the_other(tmp_path: Path) -> None:
    """Overlapping people, `sum` and `add`, and the same new people: everything equals one of the two orders."""
    orders = []
    for order in ((LEFT, RIGHT), (RIGHT, LEFT)):
        workspace = create(tmp_path / order[0][0])
        for side in order:
            load(workspace, *side)
        orders.append(state(workspace))
    create(tmp_path / "both")
    assert together(tmp_path / "both", (load, *LEFT), (load, *RIGHT)) == ["", ""]
    assert state(cdpkit.open(tmp_path / "both")) in orders


def test_two_processes_that_load_the_same_rows_under_one_goal_add_them_once(tmp_path: Path) -> None:
    """The import delta holds between processes too."""
    workspace = create(tmp_path / "w")
    assert together(tmp_path / "w", (load, *LEFT), (load, *LEFT)) == ["", ""]
    assert points(workspace) == BASE + 40
    assert workspace.profiles.collect().height == BASE + 20


def test_two_processes_that_make_the_same_property_share_it(tmp_path: Path) -> None:
    """Loads that make properties on the spot, and the catalogue, agree on one column each."""
    workspace = create(tmp_path / "w")
    both = together(
        tmp_path / "w", (load_new_property, "left", "city", "street"), (load_new_property, "right", "city", "zip")
    )
    assert both == ["", ""]
    assert together(tmp_path / "w", (add_property, "age"), (add_property, "age")) == ["", ""]
    found = (
        workspace.profiles.filter(pl.col("city").is_not_null())
        .select("city", "street", "zip")
        .unique()
        .collect()
        .rows()
    )
    assert found in ([("left", "left", "right")], [("right", "left", "right")])
    assert sorted(set(workspace.properties) & {"city", "street", "zip", "age"}) == ["age", "city", "street", "zip"]


def test_loads_while_compactions_run_lose_nothing(tmp_path: Path) -> None:
    """Two processes load and a third one compacts all the time."""
    workspace = create(tmp_path / "w")
    calls = [(several_loads, "a"), (several_loads, "b"), (several_compactions,)]
    assert together(tmp_path / "w", *calls) == ["", "", ""]
    assert points(workspace) == BASE + 2 * 4 * 20
    lines = workspace._home.tables.scan(CHANGES).filter(rule="sum").collect()
    assert lines.height == 2 * 4 * 20
    assert workspace.runs["state"].unique().to_list() == ["succeeded"]


def test_one_of_two_processes_that_take_the_same_run_back_is_refused(tmp_path: Path) -> None:
    """An undo is done once."""
    workspace = create(tmp_path / "w")
    run = load(workspace, *LEFT).id
    answers = sorted(together(tmp_path / "w", (undo, run), (undo, run)))
    assert answers[0] == ""
    assert "was taken back by run" in answers[1]
    assert points(workspace) == BASE
    assert workspace.runs.filter(kind="undo").height == 1


def test_threads_of_one_process_may_load_at_once(tmp_path: Path) -> None:
    """One workspace object serves several threads."""
    workspace, barrier = create(tmp_path / "w"), Barrier(4)

    def work(number: int) -> None:
        barrier.wait()
        load(workspace, f"goal{number}", 10, 20, number + 1)

    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert points(workspace) == BASE + 10 * (1 + 2 + 3 + 4)
    assert workspace.runs["seq"].sort().to_list() == [1, 2, 3, 4, 5]


def test_readers_keep_the_version_that_they_opened(tmp_path: Path) -> None:
    """Frames and relations made before see neither commits nor compaction."""
    workspace = create(tmp_path / "w")
    load(workspace, "first", 0, 10, 5)
    frame, relation = workspace.profiles, workspace.sql("select sum(points)::bigint as total from profiles")
    load(workspace, *RIGHT)
    assert workspace.compact()
    load(workspace, *LEFT)
    assert frame.select(pl.col("points").sum()).collect().item() == BASE + 50
    assert relation.pl()["total"].to_list() == [BASE + 50]


@pytest.mark.parametrize("between", ["load", "compaction", "property of another type", "other properties"])
def test_a_load_sees_what_others_did_between_its_plan_and_its_commit(tmp_path: Path, between: str) -> None:
    """It is worked out again, and both effects are there."""
    workspace = create(tmp_path / "w")
    load(workspace, "first", 0, 5, 1)
    other = cdpkit.open(tmp_path / "w")
    rows = people(*LEFT[1:]).with_columns(city=pl.lit("1"))
    waiting = [between]

    def meanwhile(event: RunEvent) -> None:
        if event.stage != "commit" or not waiting:
            return
        waiting.pop()
        if between == "compaction":
            assert other.compact()
        else:
            load(other, *RIGHT)
        if between == "property of another type":
            load_new_property(other, "other", "city")
        if between == "other properties":
            load_new_property(other, "other", "street", "zip")

    mappings = [*MAPPINGS, {"from": "city", "to": "city", "rule": "set"}]
    run = workspace.load(rows, {"email": "email"}, mappings, goal=LEFT[0], progress=meanwhile)
    assert waiting == []
    assert run.state == "succeeded"
    assert points(workspace) == BASE + 5 + 40 + (0 if between == "compaction" else 400)
    expected = "text" if between == "property of another type" else "number"
    assert workspace.properties["city"].type == expected
    assert workspace.profiles.filter(pl.col("city").cast(pl.String) == "1").collect().height == 40


def test_a_commit_that_has_not_joined_counts_for_who_has_the_workspace_open(tmp_path: Path) -> None:
    """A process died after its commit; a load that had begun before knows its rows and does not add them again."""
    workspace = create(tmp_path / "w")
    other, died = cdpkit.open(tmp_path / "w"), list[str]()

    def meanwhile(event: RunEvent) -> None:
        if event.stage == "match" and not died:
            died.append(commit_without_joining(workspace, *LEFT))

    assert load(other, *LEFT, progress=meanwhile).counters["excluded"] == {"not_changed": 40}
    assert points(other) == BASE + 40
    assert other.run(died[0]).state == "succeeded"


def test_a_commit_that_has_not_joined_is_taken_back_once(tmp_path: Path) -> None:
    """An undo sees the run, and a second undo sees the first."""
    workspace = create(tmp_path / "w")
    run = commit_without_joining(workspace, *LEFT)
    assert workspace.undo(run).state == "succeeded"
    assert points(workspace) == BASE
    with pytest.raises(ConfigurationError, match="was taken back by run"):
        workspace.undo(run)


def test_vacuum_leaves_files_that_are_about_to_join(tmp_path: Path) -> None:
    """Keeping nothing old never takes what a commit names or a process is about to commit."""
    workspace = create(tmp_path / "w")
    workspace._home.settings.edit(lambda document: document.update(keep_days=0))
    other = cdpkit.open(tmp_path / "w")
    commit_without_joining(workspace, *LEFT)
    other.compact()

    def meanwhile(event: RunEvent) -> None:
        if event.stage == "commit":
            other.compact()

    load(workspace, *RIGHT, progress=meanwhile)
    assert points(cdpkit.open(tmp_path / "w")) == BASE + 40 + 400
    assert len(profiles(workspace._home.tables)) == BASE + 40
    assert workspace._home.tables.scan(CHANGES).filter(rule="sum").collect().height == 20 + 20
