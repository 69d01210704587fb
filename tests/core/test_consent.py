"""Who consented, by columns; and imports that ask for consent against the slow model."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.core.consent import CONSENTED, REFUSED, carriers, consents
from cdpkit.core.goal import FieldMapping, ImportGoal, Rule
from cdpkit.core.keys import POSITION
from cdpkit.core.properties import BUILT_IN
from cdpkit.core.rows import PART, Rows
from tests.core.test_against_model import Memory, assert_same
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
    model, memory = Model(properties), Memory(properties)
    for rows, objectives in ((first, ()), (second, ("news",))):
        load = Load(rows, {"mail": "emails"}, mappings, on_multiple_matches=option, objectives=objectives)
        assert_same(model.load(load), model, memory.load(load), memory)


@pytest.mark.parametrize("start", range(0, 60, 10))
def test_random_worlds_with_consent_give_what_the_row_by_row_model_gives(start: int) -> None:
    """Profiles, fates, import delta and counters, where sources carry consent and most goals ask for it."""
    for seed in range(start, start + 10):
        made = world(seed, consent=True)
        model, memory = Model(made.properties), Memory(made.properties)
        for load in made.loads:
            expected = model.load(load)
            result = memory.load(load, part_size=3 if seed % 2 else 1_000_000)
            assert_same(expected, model, result, memory)
            withheld = [reason for _, reason in expected.fates.values()].count("no_consent")
            assert result.counters.excluded.get("no_consent", 0) == withheld
