"""The core against the slow model: random worlds of loads, profile by profile and row fate by row fate."""

import polars as pl
import pytest

from cdpkit.core.delta import RECORD
from cdpkit.core.goal import ImportGoal, OnMultiple, read_identifiers, read_mappings
from cdpkit.core.imports import Emitted, ImportResult, Source, import_rows
from cdpkit.core.properties import BUILT_IN, SOURCE_ROW, Property
from cdpkit.core.rows import Rows
from cdpkit.core.text import from_text
from tests.model.model import Load, Model, ModelRun
from tests.model.values import same
from tests.model.worlds import kinds, world

DTYPES = {"list": pl.List(pl.String), "int": pl.Int64(), "float": pl.Float64(), "text": pl.String()}


def frame(load: Load) -> pl.DataFrame:
    """The rows of a load as columns."""
    columns = {name: [row[name] for row in load.rows] for name in load.rows[0]}
    return pl.DataFrame(columns, schema={name: DTYPES[kind] for name, kind in kinds(load).items()})


class Memory:
    """Profiles and import records in memory, folded the obvious way."""

    def __init__(self, properties: list[Property]) -> None:
        self.properties = {prop.name: prop for prop in (*BUILT_IN, *properties)}
        self.names = [prop.name for prop in properties]
        schema = {"row": pl.Int64(), "updated_seq": pl.Int64()} | {prop.name: prop.dtype for prop in properties}
        self.profiles = pl.DataFrame(schema=schema)
        self.kept: dict[str, pl.DataFrame] = {}
        self.seq = 0
        self.next_row = 0

    def load(self, load: Load, part_size: int = 1_000_000) -> ImportResult:
        """Import and store."""
        rows = frame(load)
        rows = rows.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(SOURCE_ROW))
        goal = ImportGoal(
            read_identifiers(load.identifiers),
            read_mappings(load.mappings),
            create_profiles=load.create_profiles,
            on_multiple_matches=OnMultiple(load.on_multiple_matches),
            name=load.goal,
            full=load.full,
            objectives=load.objectives,
        )
        assert goal.problems(rows.columns, self.properties) == []
        kept = self.kept.get(load.goal, pl.DataFrame(schema=RECORD)) if load.goal else None
        removed = pl.DataFrame(schema={SOURCE_ROW: pl.Int64, "reason": pl.String})
        emitted: list[Emitted] = []
        result = import_rows(
            Source(Rows(rows, rows.height), rows[SOURCE_ROW], removed),
            goal,
            self.properties,
            self.profiles.lazy(),
            None if kept is None else kept.with_columns(seq=pl.lit(1, pl.Int64)).lazy(),
            self.next_row,
            emitted.append,
            part_size,
        )
        self.emitted = Emitted(
            *(pl.concat([getattr(part, name) for part in emitted]) for name in ("created", "patch", "changes"))
        )
        self.seq += 1
        self.next_row += self.emitted.created.height
        patch = self.emitted.patch.with_columns(updated_seq=pl.lit(self.seq, pl.Int64))
        created = self.emitted.created.with_columns(updated_seq=pl.lit(self.seq, pl.Int64))
        self.profiles = pl.concat(
            [self.profiles.update(patch, on="row", how="left", include_nulls=True), created], how="diagonal"
        ).sort("row")
        if kept is not None and result.records is not None and load.goal:
            others = kept.join(result.records, on="unit", how="anti")
            self.kept[load.goal] = pl.concat([others, result.records])
        return result


def assert_same(expected: ModelRun, model: Model, result: ImportResult, memory: Memory) -> None:
    """Everything that a run says and does."""
    fates = {row: (fate, reason) for row, fate, reason in result.fates.rows()}
    assert expected.fates == fates
    rejected = set(result.rejected.select(SOURCE_ROW, "field", "value").rows())
    assert expected.rejected == rejected
    assert len(expected.created) == result.counters.created
    assert expected.updated == set(memory.emitted.patch["row"])
    assert expected.multiple_matches == result.counters.multiple_matches
    assert_same_changes(expected, memory)
    stored = {row["row"]: row for row in memory.profiles.to_dicts()}
    assert set(model.profiles) == set(stored)
    for row, profile in model.profiles.items():
        assert profile == {name: stored[row][name] for name in profile}


def assert_same_changes(expected: ModelRun, memory: Memory) -> None:
    """The changes, value by value."""
    changed = memory.emitted.changes.filter(pl.col("rule") != "create")
    found = {}
    for name in changed["property"].unique():
        part = changed.filter(property=name)
        prop = memory.properties[name]
        before, after = from_text(part["before"], prop), from_text(part["after"], prop)
        for row, *rest in zip(
            part["row"], before.to_list(), after.to_list(), part["rule"], part[SOURCE_ROW], strict=True
        ):
            found[row, name] = tuple(rest)
    assert set(expected.changes) == set(found)
    for key, (was, becomes, rule, source_row) in expected.changes.items():
        assert (rule, source_row) == found[key][2:]
        assert same(was, found[key][0])
        assert same(becomes, found[key][1])


@pytest.mark.parametrize("start", range(0, 100, 10))
def test_random_worlds_give_what_the_row_by_row_model_gives(start: int) -> None:
    """Several loads each, with duplicates, blanks, lists, overflow and several matches, under all rules."""
    for seed in range(start, start + 10):
        made = world(seed)
        model, memory = Model(made.properties), Memory(made.properties)
        for load in made.loads:
            expected = model.load(load)
            result = memory.load(load, part_size=3 if seed % 2 else 1_000_000)
            assert_same(expected, model, result, memory)
