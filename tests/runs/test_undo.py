"""Undo: earlier values come back except what changed since, which is listed; the import delta stays."""

import random
from pathlib import Path

import polars as pl
import pytest

import cdpkit
from cdpkit.errors import ConfigurationError, UnknownNameError
from tests.model.model import ModelRun
from tests.model.thousand_worlds import CREATED, CROWD, Both, changes_of, frame, plain_load
from tests.model.worlds import world

MAIL = {"mail": "email"}
MAPPINGS = [{"from": "plan", "to": "plan"}, {"from": "points", "to": "points", "rule": "sum"}]


def small(folder: Path) -> cdpkit.Workspace:
    ws = cdpkit.create(folder)
    ws.properties.add("email", type="email", identifier=True)
    ws.properties.add("plan")
    ws.properties.add("points", type="number")
    return ws


def rows(*lines: tuple[str, str | None, int | None]) -> pl.DataFrame:
    return pl.DataFrame(lines, schema={"mail": pl.String, "plan": pl.String, "points": pl.Int64}, orient="row")


def held(ws: cdpkit.Workspace) -> dict[str, tuple[object, ...]]:
    """E-mail address -> plan and points."""
    return {mail: tuple(rest) for mail, *rest in ws.profiles.select("email", "plan", "points").collect().iter_rows()}


@pytest.mark.parametrize("start", range(0, 9, 3))
def test_undoing_runs_of_random_worlds_is_what_the_model_does(tmp_path: Path, start: int) -> None:
    """Values, deleted profiles and conflicts are the model's, in any order of undos, with loads in between."""
    for seed in range(start, start + 3):
        made, rng = world(seed), random.Random(seed)
        both = Both.create(tmp_path / str(seed), made, crowd=CROWD if rng.random() < 0.3 else 0)
        done: list[tuple[ModelRun, cdpkit.Run]] = []
        for load in made.loads:
            done.append(both.load(load))
            if rng.random() < 0.4:
                undo_one(both, done, rng)
        while done:
            undo_one(both, done, rng)


def undo_one(both: Both, done: list[tuple[ModelRun, cdpkit.Run]], rng: random.Random) -> None:
    """Take back one of the runs, in the model and in the workspace, and compare all of it."""
    if rng.random() < 0.3:
        both.ws.compact()
    expected, run = done.pop(rng.randrange(len(done)))
    conflicts = {(both.ids[row], name) for row, name in both.model.undo(expected)}
    back = both.ws.undo(run.id)
    assert set(back.conflicts.select("profile_id", "property").iter_rows()) == conflicts
    assert back.conflicts.height == len(conflicts) == back.counters["conflicts"]
    assert list(both.profile_differences()) == []
    restored = {key for key in changes_of(run, both.model.properties) if key not in conflicts}
    assert set(changes_of(back, both.model.properties)) == restored


@pytest.mark.parametrize("start", range(0, 8, 4))
def test_reimporting_a_random_load_does_what_it_did(tmp_path: Path, start: int) -> None:
    """Undone with `reimport` and loaded again, the last load has the same fates, and all profiles stand as before."""
    for seed in range(start, start + 4):
        made = world(seed)
        both = Both.create(tmp_path / str(seed), made)
        for load in made.loads:
            _, run = both.load(load)
        if run.counters["multiple_matches"]:
            continue  # an undo makes profiles newer, and so may choose another of several
        after = sorted(map(repr, both.stored().values()))
        assert both.ws.undo(run.id, reimport=True).conflicts.is_empty()
        again = plain_load(both.ws, load)
        assert again.rows.rows() == run.rows.rows()
        assert sorted(map(repr, both.stored().values())) == after
        if load.goal and not load.full:
            seen = again.rows.filter(pl.col("fate") != "excluded")
            assert plain_load(both.ws, load).rows.join(seen, on="source_row")["fate"].unique().to_list() in (
                [],
                ["excluded"],
            )
        assert frame(load).height == again.counters["received"]


def test_undo_deletes_what_the_load_created_and_brings_values_back(tmp_path: Path) -> None:
    """Profiles that existed get their values back, and the history tells of both runs."""
    ws = small(tmp_path / "w")
    ws.load(rows(("ann@x.de", "gold", 5)), MAIL, MAPPINGS)
    run = ws.load(rows(("ann@x.de", None, 2), ("ann@x.de", "silver", 1), ("new@x.de", "x", 1)), MAIL, MAPPINGS)
    assert held(ws) == {"ann@x.de": ("silver", 8), "new@x.de": ("x", 1)}
    back = ws.undo(run.id)
    assert held(ws) == {"ann@x.de": ("gold", 5)}
    assert dict(back.counters) == {
        "values_restored": 2,
        "profiles_restored": 1,
        "profiles_deleted": 1,
        "conflicts": 0,
    }
    assert (back.kind, back.state) == ("undo", "succeeded")
    assert back.changes.select("property", "before", "after", "rule").rows() == [
        ("plan", "silver", "gold", "undo"),
        ("points", "8", "5", "undo"),
        (None, None, None, "undo"),
    ]
    assert ws.runs["kind"].to_list() == ["load", "load", "undo"]
    assert ws.run(run.id).changes.filter(rule=CREATED).height == 1


def test_what_changed_since_is_a_conflict_and_stays(tmp_path: Path) -> None:
    """A value written again, and a created profile that was touched, are listed with the reason and left alone."""
    ws = small(tmp_path / "w")
    ws.load(rows(("ann@x.de", "gold", 5)), MAIL, MAPPINGS)
    run = ws.load(rows(("ann@x.de", "silver", 1), ("new@x.de", "x", 1), ("old@x.de", "y", 1)), MAIL, MAPPINGS)
    ws.load(rows(("ann@x.de", "lead", None), ("new@x.de", None, 1)), MAIL, MAPPINGS)
    back = ws.undo(run.id)
    assert held(ws) == {"ann@x.de": ("lead", 5), "new@x.de": ("x", 2)}
    assert back.state == "succeeded_with_warnings"
    ids = dict(ws.profiles.select("email", "profile_id").collect().iter_rows())
    assert set(back.conflicts.iter_rows()) == {
        (ids["ann@x.de"], "plan", "changed_again"),
        (ids["new@x.de"], None, "changed_since_created"),
    }


def test_a_value_that_came_back_by_itself_is_taken_back(tmp_path: Path) -> None:
    """What counts is whether the value is as the run left it, not who wrote it last."""
    ws = small(tmp_path / "w")
    ws.load(rows(("ann@x.de", "gold", 5)), MAIL, MAPPINGS[:1])
    run = ws.load(rows(("ann@x.de", "silver", 5)), MAIL, MAPPINGS[:1])
    for plan in ("lead", "silver"):
        ws.load(rows(("ann@x.de", plan, 5)), MAIL, MAPPINGS[:1])
    assert ws.undo(run.id).conflicts.is_empty()
    assert held(ws) == {"ann@x.de": ("gold", None)}


def test_undo_keeps_the_import_delta(tmp_path: Path) -> None:
    """The undone rows do not come back by themselves, neither values nor profiles."""
    ws = small(tmp_path / "w")
    source = rows(("ann@x.de", "gold", 5), ("bob@x.de", "x", 1))
    run = ws.load(source, MAIL, MAPPINGS, goal="night")
    ws.undo(run.id)
    again = ws.load(source, MAIL, MAPPINGS, goal="night")
    assert again.counters["excluded"] == {"not_changed": 2}
    assert held(ws) == {}


def test_undo_with_reimport_brings_the_rows_back_once(tmp_path: Path) -> None:
    """The next load applies them again, sums from where they stood before; the one after that applies nothing."""
    ws = small(tmp_path / "w")
    ws.load(rows(("ann@x.de", "gold", 5), ("bob@x.de", "x", 1)), MAIL, MAPPINGS, goal="night")
    second = rows(("ann@x.de", "gold", 5), ("ann@x.de", "gold", 7), ("bob@x.de", "x", 1), ("new@x.de", "n", 3))
    run = ws.load(second, MAIL, MAPPINGS, goal="night")
    assert held(ws) == {"ann@x.de": ("gold", 12), "bob@x.de": ("x", 1), "new@x.de": ("n", 3)}
    ws.undo(run.id, reimport=True)
    assert held(ws) == {"ann@x.de": ("gold", 5), "bob@x.de": ("x", 1)}
    for fates in (["excluded", "applied", "excluded", "applied"], ["excluded"] * 4):
        again = ws.load(second, MAIL, MAPPINGS, goal="night")
        assert again.rows["fate"].to_list() == fates
        assert held(ws) == {"ann@x.de": ("gold", 12), "bob@x.de": ("x", 1), "new@x.de": ("n", 3)}
    full = ws.load(second, MAIL, MAPPINGS, goal="night", full=True)
    assert full.counters["updated"] == 0


def test_reimport_leaves_what_a_later_run_saw(tmp_path: Path) -> None:
    """Units that a later run of the goal stored anew are not forgotten."""
    ws = small(tmp_path / "w")
    run = ws.load(rows(("ann@x.de", "gold", 5), ("bob@x.de", "x", 1)), MAIL, MAPPINGS, goal="night")
    later = rows(("ann@x.de", "silver", 7))
    ws.load(later, MAIL, MAPPINGS, goal="night")
    ws.undo(run.id, reimport=True)
    assert ws.load(later, MAIL, MAPPINGS, goal="night").counters["excluded"] == {"not_changed": 1}
    assert ws.load(rows(("bob@x.de", "x", 1)), MAIL, MAPPINGS, goal="night").counters["created"] == 1
    assert held(ws) == {"ann@x.de": ("silver", 12), "bob@x.de": ("x", 1)}


def test_reimport_is_refused_where_it_would_add_a_number_twice(tmp_path: Path) -> None:
    """A sum that another run has changed since stays; forgetting its row would let the next load add it again."""
    ws = small(tmp_path / "w")
    second = rows(("ann@x.de", None, 7))
    ws.load(rows(("ann@x.de", None, 5)), MAIL, MAPPINGS, goal="night")
    run = ws.load(second, MAIL, MAPPINGS, goal="night")
    other = ws.load(rows(("ann@x.de", None, 1)), MAIL, MAPPINGS)
    with pytest.raises(ConfigurationError, match="reimport would add numbers twice: other runs have changed 1 profile"):
        ws.undo(run.id, reimport=True)
    assert ws.load(second, MAIL, MAPPINGS, goal="night").counters["excluded"] == {"not_changed": 1}
    ws.undo(other.id)
    assert ws.undo(run.id, reimport=True).conflicts.is_empty()
    ws.load(second, MAIL, MAPPINGS, goal="night")
    assert held(ws) == {"ann@x.de": (None, 12)}


def test_undo_after_a_compaction(tmp_path: Path) -> None:
    """Folding patches into the base loses neither what was before nor who was created."""
    ws = small(tmp_path / "w")
    ws.load(rows(("ann@x.de", "gold", 5), ("bob@x.de", "x", 1)), MAIL, MAPPINGS)
    run = ws.load(rows(("ann@x.de", "silver", 1), ("new@x.de", "x", 1)), MAIL, MAPPINGS)
    ws.compact()
    cdpkit.open(ws.path).undo(run.id)
    assert held(ws) == {"ann@x.de": ("gold", 5), "bob@x.de": ("x", 1)}
    ws.compact()
    assert held(ws) == {"ann@x.de": ("gold", 5), "bob@x.de": ("x", 1)}


def test_a_run_is_taken_back_once(tmp_path: Path) -> None:
    """The second undo, an undo of an undo, of a failed run and of nothing each say why not."""
    ws = small(tmp_path / "w")
    run = ws.load(rows(("ann@x.de", "gold", 5)), MAIL, MAPPINGS)
    back = ws.undo(run.id)
    with pytest.raises(ConfigurationError, match=f"was taken back by run {back.id}"):
        ws.undo(run.id)
    with pytest.raises(ConfigurationError, match="is an undo and is not taken back itself"):
        ws.undo(back.id)
    with pytest.raises(ValueError, match="stop"):
        ws.load(rows(("ann@x.de", "gold", 5)), MAIL, MAPPINGS, progress=refuse)
    with pytest.raises(ConfigurationError, match="is failed and stored nothing"):
        ws.undo(ws.runs["run_id"][-1])
    with pytest.raises(UnknownNameError, match="no run 'nope'"):
        ws.undo("nope")
    assert ws.profiles.collect().is_empty()


def refuse(event: cdpkit.RunEvent) -> None:
    if event.stage == "commit":
        raise ValueError("stop")


def test_a_deleted_profile_is_made_anew_under_a_new_id(tmp_path: Path) -> None:
    """Loading the rows of an undone load without a goal creates other profiles."""
    ws = small(tmp_path / "w")
    run = ws.load(rows(("ann@x.de", "gold", 5)), MAIL, MAPPINGS)
    first = ws.profiles.collect()["profile_id"].item()
    ws.undo(run.id)
    ws.load(rows(("ann@x.de", "gold", 5)), MAIL, MAPPINGS)
    assert held(ws) == {"ann@x.de": ("gold", 5)}
    assert ws.profiles.collect()["profile_id"].item() != first
