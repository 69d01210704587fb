"""Taking back a run with several commits, with commits of others in between, against the row-by-row model."""

from copy import deepcopy
from dataclasses import dataclass, field

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.core.imports import CREATED_RULE
from cdpkit.core.properties import Property, PropertyType
from cdpkit.core.text import from_text, to_text
from cdpkit.core.undo import CHANGED, Undone, undo
from tests.model.runs import ModelRun
from tests.model.undo import undo as undo_in_model
from tests.model.values import same

PROPERTIES = {
    "plan": Property("plan"),
    "tags": Property("tags", multi=True),
    "points": Property("points", PropertyType.NUMBER),
}
VALUES: dict[str, list[object]] = {
    "plan": [None, "", "A", "B", "C"],
    "tags": [None, ["x"], ["x", "y"], ["y", "x"], ["z"]],
    "points": [None, 0, 1, 2, 3],
}


@dataclass(frozen=True)
class Commit:
    """What one commit does: new profiles, values written to profiles by row, rows deleted (by others alone)."""

    own: bool
    creates: int = 0
    writes: dict[tuple[int, str], object] = field(default_factory=dict)
    deletes: frozenset[int] = frozenset()


@dataclass
class Store:
    """Profiles, committed to value by value; remembers which commits touched which profile."""

    profiles: dict[int, dict[str, object]] = field(default_factory=dict)
    updated_seq: dict[int, int] = field(default_factory=dict)
    touched: dict[int, set[int]] = field(default_factory=dict)
    seq: int = 0
    next_row: int = 0

    def commit(self, commit: Commit) -> ModelRun:
        """What a commit changed; profiles that it creates get their values at once, and those are no changes."""
        self.seq += 1
        run = ModelRun(self.seq)
        new = range(self.next_row, self.next_row + commit.creates)
        self.next_row = new.stop
        self.profiles |= {row: dict.fromkeys(PROPERTIES) for row in new}
        run.created = list(new)
        for (row, name), value in commit.writes.items():
            if row in self.profiles and not same(self.profiles[row][name], value):
                if row not in new:
                    run.changes[row, name] = (self.profiles[row][name], value, "set", 0)
                self.profiles[row][name] = value
        for row in {*new, *(row for row, _ in run.changes)}:
            self.updated_seq[row] = self.seq
            self.touched.setdefault(row, set()).add(self.seq)
        for row in commit.deletes & self.profiles.keys() - set(new):
            del self.profiles[row], self.updated_seq[row]
        return run


def text(name: str, value: object) -> str | None:
    return str(written) if (written := to_text(series(name, [value]))[0]) is not None else None


def series(name: str, values: list[object]) -> pl.Series:
    return pl.Series(name, values, PROPERTIES[name].dtype)


def changes_of(run: ModelRun) -> pl.DataFrame:
    """The changes of a commit as they are stored."""
    lines = [
        (row, name, text(name, old), text(name, new), rule) for (row, name), (old, new, rule, _) in run.changes.items()
    ]
    created = [(row, None, None, None, CREATED_RULE) for row in run.created]
    return pl.DataFrame([*lines, *created], schema=CHANGED | {"rule": pl.String()}, orient="row")


def undone(store: Store, runs: list[ModelRun]) -> Undone:
    """Take the commits back by columns."""
    commits = [(run.seq, changes_of(run)) for run in runs]
    rows = sorted({row for _, changes in commits for row in changes["row"]} & store.profiles.keys())
    columns = {name: series(name, [store.profiles[row][name] for row in rows]) for name in PROPERTIES}
    numbers = {"row": rows, "updated_seq": [store.updated_seq[row] for row in rows]}
    schema = {name: pl.Int64() for name in numbers} | {name: prop.dtype for name, prop in PROPERTIES.items()}
    return undo(commits, pl.DataFrame(numbers | columns, schema=schema), PROPERTIES)


def played(*commits: Commit) -> tuple[Store, list[ModelRun]]:
    """The store after all commits, and what those of the run changed."""
    store = Store()
    made = [(commit, store.commit(commit)) for commit in commits]
    return store, [run for commit, run in made if commit.own]


ROWS = st.integers(0, 4)
CELLS = st.sampled_from(sorted(PROPERTIES)).flatmap(
    lambda name: st.tuples(st.tuples(ROWS, st.just(name)), st.sampled_from(VALUES[name]))
)
WRITES = st.lists(CELLS, max_size=8).map(dict)
CREATES = st.sampled_from([0, 0, 1, 2])
OWN = st.builds(Commit, st.just(True), CREATES, WRITES)
OTHER = st.builds(Commit, st.just(False), CREATES, WRITES, st.frozensets(ROWS, max_size=1))
COMMITS = st.lists(OWN | OTHER, min_size=1, max_size=6)


@given(before=st.lists(OTHER, max_size=2), commits=COMMITS, last=OWN)
@settings(max_examples=250, deadline=None)
def test_an_undo_by_columns_is_the_undo_value_by_value(
    before: list[Commit], commits: list[Commit], last: Commit
) -> None:
    """Patch, deleted profiles, changes and conflicts, whoever committed in between."""
    store, runs = played(Commit(own=False, creates=3), *before, last, *commits)
    found = undone(store, runs)
    expected, seqs = deepcopy(store), dict(store.updated_seq)
    conflicts = undo_in_model(runs, expected.profiles, seqs, store.seq + 1)
    assert sorted(found.conflicts.select("row", "property").rows(), key=str) == sorted(conflicts, key=str)
    assert set(found.deleted) == store.profiles.keys() - expected.profiles.keys()
    restored = {
        (row, name): (value, expected.profiles[row][name])
        for row, profile in store.profiles.items()
        for name, value in profile.items()
        if row in expected.profiles and not same(value, expected.profiles[row][name])
    }
    assert_changes(found, restored)
    assert found.patch["row"].to_list() == sorted({row for row, _ in restored})
    for row, *values in found.patch.select("row", *PROPERTIES).iter_rows():
        assert dict(zip(PROPERTIES, values, strict=True)) == expected.profiles[row]


def assert_changes(found: Undone, restored: dict[tuple[int, str], tuple[object, object]]) -> None:
    """The changes say what stands now and what stands after the undo, once for each value."""
    assert found.changes.height == len(restored)
    for name, prop in PROPERTIES.items():
        part = found.changes.filter(property=name)
        before, after = from_text(part["before"], prop), from_text(part["after"], prop)
        for row, was, becomes in zip(part["row"], before.to_list(), after.to_list(), strict=True):
            assert same(was, restored[row, name][0])
            assert same(becomes, restored[row, name][1])


@given(before=st.lists(OTHER, max_size=3), commits=st.lists(OWN, min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_a_run_that_nobody_interrupted_is_taken_back_completely(before: list[Commit], commits: list[Commit]) -> None:
    """Every profile stands as it did before the first commit, and nothing is a conflict."""
    start, _ = played(*before)
    store, runs = played(*before, *commits)
    found = undone(store, runs)
    assert found.conflicts.is_empty()
    assert set(found.deleted) == store.profiles.keys() - start.profiles.keys()
    back = {row: profile for row, profile in store.profiles.items() if row in start.profiles}
    for row, *values in found.patch.select("row", *PROPERTIES).iter_rows():
        back[row] = dict(zip(PROPERTIES, values, strict=True))
    for row, profile in start.profiles.items():
        assert all(same(value, back[row][name]) for name, value in profile.items())


@given(before=st.lists(OTHER, max_size=2), commits=COMMITS, last=OWN)
@settings(max_examples=100, deadline=None)
def test_a_profile_that_somebody_else_touched_is_never_deleted(
    before: list[Commit], commits: list[Commit], last: Commit
) -> None:
    """All commits that ever touched a deleted profile are of the run."""
    store, runs = played(*before, last, *commits)
    seqs = {run.seq for run in runs}
    assert all(store.touched[row] <= seqs for row in undone(store, runs).deleted)


@given(before=st.lists(OTHER, max_size=2), commits=COMMITS, last=OWN)
@settings(max_examples=100, deadline=None)
def test_without_conflict_it_is_as_if_the_commits_were_taken_back_one_by_one(
    before: list[Commit], commits: list[Commit], last: Commit
) -> None:
    """Newest first, each by itself; profiles that the run created are left out, since each undo touches them."""
    store, runs = played(Commit(own=False, creates=3), *before, last, *commits)
    found = undone(store, runs)
    unclear = set(found.conflicts.select("row", "property").rows())
    created = {row for run in runs for row in run.created}
    step = deepcopy(store)
    for run in reversed(runs):
        for row, *values in undone(step, [run]).patch.select("row", *PROPERTIES).iter_rows():
            step.profiles[row] = dict(zip(PROPERTIES, values, strict=True))
    for row, *values in found.patch.select("row", *PROPERTIES).iter_rows():
        store.profiles[row] = dict(zip(PROPERTIES, values, strict=True))
    for row in store.profiles.keys() - created:
        for name in PROPERTIES:
            assert (row, name) in unclear or same(store.profiles[row][name], step.profiles[row][name])


PLAN = (0, "plan")


def wrote(value: object, *, own: bool = True) -> Commit:
    return Commit(own, writes={PLAN: value})


START = Commit(own=False, creates=1, writes={PLAN: "A"})


@pytest.mark.parametrize(
    ("commits", "change", "conflict"),
    [
        ([wrote("B"), wrote("C")], ("C", "A"), None),
        ([wrote("B"), wrote("A")], None, None),
        ([wrote("B"), wrote("X", own=False), wrote("C")], ("C", "X"), "changed_again"),
        ([wrote("B"), wrote("C"), wrote("X", own=False)], None, "changed_again"),
        ([wrote("B"), wrote("C"), wrote("B", own=False)], None, "changed_again"),
        ([wrote("B"), wrote("X", own=False), wrote("B", own=False), wrote("C")], ("C", "A"), None),
        ([wrote("B"), wrote("C"), Commit(own=False, deletes=frozenset({0}))], None, "profile_gone"),
    ],
)
def test_a_value_goes_back_as_far_as_the_run_wrote_it(
    commits: list[Commit], change: tuple[str, str] | None, conflict: str | None
) -> None:
    """From commit to commit, until one of somebody else stands in the way; the change names the whole step."""
    found = undone(*played(START, *commits))
    assert found.changes.rows() == ([] if change is None else [(0, "plan", *change)])
    assert found.patch.select("row", "plan").rows() == ([] if change is None else [(0, change[1])])
    assert found.conflicts.rows() == ([] if conflict is None else [(0, "plan", conflict)])


def test_a_list_that_comes_back_in_another_order_is_no_change() -> None:
    """Lists are equal in any order, and then the stored order stays."""
    lists: list[object] = [["x", "y"], ["z"], ["y", "x"]]
    start, there, back = ({(0, "tags"): value} for value in lists)
    commits = Commit(own=False, creates=1, writes=start), Commit(own=True, writes=there), Commit(own=True, writes=back)
    found = undone(*played(*commits))
    assert found.changes.is_empty()
    assert found.patch.is_empty()
    assert found.conflicts.is_empty()


NEW = Commit(own=True, creates=1, writes={PLAN: "A"})
ELSEWHERE = Commit(own=False, creates=1)


@pytest.mark.parametrize(
    ("commits", "deleted", "conflicts"),
    [
        ([NEW, wrote("B"), Commit(own=True), wrote("C")], [0], []),
        ([NEW, wrote("B"), ELSEWHERE], [0], []),
        ([NEW, ELSEWHERE], [0], []),
        ([NEW, ELSEWHERE, wrote("B")], [], [(0, None)]),
        ([NEW, wrote("X", own=False), wrote("B")], [], [(0, None)]),
        ([NEW, wrote("B"), wrote("X", own=False)], [], [(0, "plan"), (0, None)]),
        ([NEW, wrote("B"), Commit(own=False, deletes=frozenset({0}))], [], []),
    ],
)
def test_a_created_profile_is_deleted_when_all_since_is_of_the_run(
    commits: list[Commit], deleted: list[int], conflicts: list[tuple[int, str | None]]
) -> None:
    """A commit of somebody else between its creation and its last change may have touched it, and so keeps it."""
    found = undone(*played(*commits))
    assert found.deleted.to_list() == deleted
    assert found.conflicts.select("row", "property").rows() == conflicts
    assert not set(found.changes["row"]) & set(deleted)


def test_a_kept_profile_gets_back_what_later_commits_of_the_run_changed() -> None:
    """Only its creation is not taken back."""
    found = undone(*played(NEW, ELSEWHERE, wrote("B")))
    assert found.changes.rows() == [(0, "plan", "B", "A")]
    assert found.conflicts.rows() == [(0, None, "changed_since_created")]
