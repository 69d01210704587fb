"""Who consented, by columns; and imports that ask for consent against the slow model."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.core.consent import CONSENTED, REFUSED, carriers, consents
from cdpkit.core.delta import RECORD
from cdpkit.core.goal import FieldMapping, ImportGoal, OnMultiple, Rule, read_identifiers, read_mappings
from cdpkit.core.imports import Emitted, ImportResult, Source, import_rows
from cdpkit.core.keys import POSITION
from cdpkit.core.properties import BUILT_IN, SOURCE_ROW
from cdpkit.core.rows import PART, Rows
from tests.core.test_against_model import Memory, assert_same, frame
from tests.model.consent import consents as consents_of_one
from tests.model.examples import EMAILS, NAME
from tests.model.model import Load, Model
from tests.model.worlds import world

PROPERTIES = {prop.name: prop for prop in BUILT_IN}
NAMES = st.none() | st.lists(st.sampled_from(["news", "ads", "calls", " news", "ads\u00a0", "News"]), min_size=1)


def asked(yes: list[list[str] | None], no: list[list[str] | None], *objectives: str) -> list[bool]:
    schema = {CONSENTED: pl.List(pl.String), REFUSED: pl.List(pl.String)}
    return pl.DataFrame([yes, no], schema=schema).select(consents(objectives).alias("says"))["says"].to_list()


@given(people=st.lists(st.tuples(NAMES, NAMES), max_size=6), linked=st.sets(st.sampled_from(["news", "ads", "new"])))
@settings(max_examples=60, deadline=None)
def test_consent_by_columns_is_consent_profile_by_profile(
    people: list[tuple[list[str] | None, list[str] | None]], linked: set[str]
) -> None:
    """Some objective is consented to and not refused; with no objective everybody passes."""
    load = Load([], {}, [], objectives=tuple(linked))
    expected = [consents_of_one({CONSENTED: yes, REFUSED: no}, load) for yes, no in people]
    found = asked([yes for yes, _ in people], [no for _, no in people], *linked)
    assert found == (expected if linked else [True])


def test_without_objectives_no_column_is_read() -> None:
    """Nobody is asked, so that the columns need not even be there."""
    assert pl.DataFrame({"row": [1, 2]}).filter(consents([])).height == 2


def carrying(rows: pl.DataFrame, **targets: str) -> list[int]:
    """The carriers among rows, by the objective `news`, with property -> field mapped under `add`."""
    mappings = tuple(FieldMapping(field, target, Rule.ADD) for target, field in targets.items())
    goal = ImportGoal((("mail", "email"),), mappings, objectives=("news",))
    found = carriers(Rows(rows, rows.height), goal, PROPERTIES)
    assert found.name == POSITION
    assert found.dtype == pl.UInt32
    return found.to_list()


def test_a_row_carries_what_its_mapped_fields_would_store() -> None:
    """Texts and lists, with the refusals where they are mapped; nothing where the consent itself is not."""
    rows = pl.DataFrame({"yes": ["news", " news ", None, "", "ads", "news"], "no": [[], ["ads"], [], [], [], ["news"]]})
    both = {CONSENTED: "yes", REFUSED: "no"}
    assert carrying(rows, **both) == [0, 1]
    assert carrying(rows, **{CONSENTED: "yes"}) == [0, 1, 5]
    assert carrying(rows, **{CONSENTED: "no"}) == [5]
    assert carrying(rows, **{REFUSED: "no"}) == []
    assert carrying(rows, **{CONSENTED: "yes", REFUSED: "yes"}) == []
    assert carrying(rows.clear(), **both) == []


def test_carriers_are_found_in_every_part_of_a_source() -> None:
    """Positions go on from part to part."""
    last = pl.DataFrame({"yes": ["news", None, "news"]})
    rows = pl.concat([pl.DataFrame({"yes": pl.repeat(None, PART - 1, dtype=pl.String, eager=True)}), last])
    assert carrying(rows, **{CONSENTED: "yes"}) == [PART - 1, PART + 1]


class Asking(Memory):
    """Profiles and import records in memory, under goals with objectives."""

    def load(self, load: Load, part_size: int = 1_000_000) -> ImportResult:
        """Import and store."""
        rows = frame(load).with_row_index(SOURCE_ROW).cast({SOURCE_ROW: pl.Int64})
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
        emitted: list[Emitted] = []
        result = import_rows(
            Source(Rows(rows, rows.height), rows[SOURCE_ROW], rows.select(SOURCE_ROW, reason=pl.lit("")).clear()),
            goal,
            self.properties,
            self.profiles.lazy(),
            None if kept is None else kept.with_columns(seq=pl.lit(1, pl.Int64)).lazy(),
            self.next_row,
            emitted.append,
            part_size,
        )
        names = ("created", "patch", "changes")
        self.emitted = Emitted(*(pl.concat([getattr(part, name) for part in emitted]) for name in names))
        self.seq += 1
        self.next_row += self.emitted.created.height
        stamp = pl.lit(self.seq, pl.Int64).alias("updated_seq")
        patch, created = (part.with_columns(stamp) for part in (self.emitted.patch, self.emitted.created))
        old = self.profiles.update(patch, on="row", how="left", include_nulls=True)
        self.profiles = pl.concat([old, created], how="diagonal").sort("row")
        if kept is not None and result.records is not None and load.goal:
            others = kept.join(result.records, on="unit", how="anti")
            self.kept[load.goal] = pl.concat([others, result.records])
        return result


@pytest.mark.parametrize("option", ["newest", "skip", "all"])
@pytest.mark.parametrize("name", ["X", "Y"])
def test_some_of_several_profiles_consented(option: str, name: str) -> None:
    """The row reaches those that did, whether it changes them or not, and is left out where none of the chosen did."""
    properties = [EMAILS, NAME, PROPERTIES[CONSENTED], PROPERTIES[REFUSED]]
    mappings = [{"from": "yes", "to": CONSENTED, "rule": "set"}, {"from": "v", "to": "name", "rule": "set"}]
    first: list[dict[str, object]] = [
        {"mail": [f"{who}@x.de"], "yes": yes, "v": "X"} for who, yes in (("a", "news"), ("b", None), ("c", None))
    ]
    second: list[dict[str, object]] = [
        {"mail": [f"{who}@x.de" for who in whom], "yes": None, "v": name} for whom in ("ab", "bc", "b", "ca")
    ]
    model, memory = Model(properties), Asking(properties)
    for rows, objectives in ((first, ()), (second, ("news",))):
        load = Load(rows, {"mail": "emails"}, mappings, on_multiple_matches=option, objectives=objectives)
        assert_same(model.load(load), model, memory.load(load), memory)


@pytest.mark.parametrize("start", range(0, 60, 10))
def test_random_worlds_with_consent_give_what_the_row_by_row_model_gives(start: int) -> None:
    """Profiles, fates, import delta and counters, where sources carry consent and most goals ask for it."""
    for seed in range(start, start + 10):
        made = world(seed, consent=True)
        model, memory = Model(made.properties), Asking(made.properties)
        for load in made.loads:
            expected = model.load(load)
            result = memory.load(load, part_size=3 if seed % 2 else 1_000_000)
            assert_same(expected, model, result, memory)
            withheld = [reason for _, reason in expected.fates.values()].count("no_consent")
            assert result.counters.excluded.get("no_consent", 0) == withheld
