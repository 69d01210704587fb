"""Rows for the fields that are not mapped yet: their properties, rules and prefixes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpkit.core.fields import Column, can_be_sent, can_be_stored, fitting_rule
from cdpkit.core.goal import Rule
from cdpkit.core.properties import BUILT_IN, SOURCE_ROW, Property, PropertyType
from cdpkit.core.remaining import filled_by, new_rows, remaining, target_name

CATALOGUE = {
    prop.name: prop
    for prop in (
        *BUILT_IN,
        Property("plan"),
        Property("points", PropertyType.NUMBER),
        Property("tags", multi=True),
        Property("born", PropertyType.DATE),
        Property("email", PropertyType.EMAIL, identifier=True),
    )
}


def rows(*fields: str | Column, taken: tuple[str, ...] = (), rule: Rule = Rule.SET, prefix: str = "") -> dict[str, str]:
    columns = [Column(field) if isinstance(field, str) else field for field in fields]
    made = new_rows(columns, taken=taken, catalogue=CATALOGUE, rule=rule, prefix=prefix)
    assert [row.source for row in made] == [field.name for field in columns]
    return {row.source: f"{row.target}:{row.rule}" for row in made}


def test_f96_fields_without_a_row_get_one() -> None:
    """Those that are mapped are left out, and so is a whole whose parts are fields; each name comes once."""
    fields = [Column("a"), Column("b"), Column("b"), Column("c", in_parts=True), Column("c.d"), Column(SOURCE_ROW)]
    assert [field.name for field in remaining(fields, {"a"})] == ["b", "c.d"]
    assert rows("First name", "plan") == {"First name": "First_name:set", "plan": "plan:set"}


def test_f97_each_new_row_has_the_rule_that_was_chosen_where_its_property_can_take_it() -> None:
    """A sum of texts, or an addition to a property that holds one value, would be no row that runs."""
    kinds: list[str | Column] = [
        Column("n", PropertyType.NUMBER),
        Column("t", PropertyType.TEXT),
        Column("u"),
        "points",
        "born",
        "tags",
    ]
    sums = rows(*kinds, rule=Rule.SUM)
    assert sums == {
        "n": "n:sum",
        "t": "t:set",
        "u": "u:sum",
        "points": "points:sum",
        "born": "born:set",
        "tags": "tags:set",
    }
    added = rows("new", "plan", "tags", rule=Rule.ADD)
    assert added == {"new": "new:add", "plan": "plan:set", "tags": "tags:add"}
    assert rows("new", "plan", rule=Rule.SET_IF_EMPTY) == {"new": "new:set_if_empty", "plan": "plan:set_if_empty"}


def test_f98_a_prefix_stands_in_front_of_each_property() -> None:
    """Also of names that the workspace keeps for itself, which need no other mark then."""
    assert rows("First name", "created_at", prefix="it_") == {
        "First name": "it_First_name:set",
        "created_at": "it_created_at:set",
    }


def test_a_row_never_fills_what_the_workspace_keeps_or_the_goal_fills_already() -> None:
    """Consent above all; a property that is there keeps its spelling."""
    assert rows("consented_objectives", "Profile_ID", "row") == {
        "consented_objectives": "consented_objectives_:set",
        "Profile_ID": "Profile_ID_:set",
        "row": "row_:set",
    }
    assert rows("Plan", "PLAN", "Email", taken=("email",)) == {
        "Plan": "plan:set",
        "PLAN": "PLAN_2:set",
        "Email": "Email_2:set",
    }
    assert rows("First name", "First_name") == {"First name": "First_name_2:set", "First_name": "First_name:set"}


@given(
    st.lists(st.text(st.sampled_from("aA_ é😀.2"), min_size=1, max_size=5), unique=True, max_size=12),
    st.sampled_from(["", "it_", "x"]),
    st.sampled_from([*Rule]),
)
def test_rows_for_any_fields_run(names: list[str], prefix: str, rule: Rule) -> None:
    """Each property is legal, filled once, and none that the workspace keeps; a second time they are the same."""
    made = new_rows([Column(name) for name in names], taken=("a",), catalogue=CATALOGUE, rule=rule, prefix=prefix)
    targets = [row.target for row in made]
    assert len({target.casefold() for target in [*targets, "a"]}) == len(names) + 1
    assert not {target.casefold() for target in targets} & {prop.name for prop in BUILT_IN}
    known = CATALOGUE | {target: Property(target, multi=rule is Rule.ADD) for target in targets}
    again = new_rows([Column(name) for name in names], taken=("a",), catalogue=known, rule=rule, prefix=prefix)
    assert [row.target for row in again] == targets
    assert [row.source for row in made] == names


def test_f185_fields_are_filled_by_the_property_that_is_called_like_them() -> None:
    """As it is written first, then whatever stands between its words; each property once, and only where it fits."""
    fields = [Column("Plan"), Column("plan"), Column("Points", PropertyType.TEXT), Column("tags"), Column("other")]
    assert filled_by(fields, CATALOGUE) == (("plan", "plan"), ("points", "Points"), ("tags", "tags"))
    assert filled_by([Column("plan", PropertyType.NUMBER)], CATALOGUE) == (("plan", "plan"),)
    assert filled_by([Column("Born", PropertyType.BOOLEAN), Column("profile_id")], CATALOGUE) == ()
    prefixed = CATALOGUE | {"it_First_name": Property("it_First_name")}
    assert filled_by([Column("First name"), Column("plan")], prefixed, "it_") == (("it_First_name", "First name"),)


@pytest.mark.parametrize(
    ("holds", "kind", "stored", "sent"),
    [
        (None, PropertyType.NUMBER, True, True),
        (PropertyType.TEXT, PropertyType.TEXT, True, True),
        (PropertyType.NUMBER, PropertyType.TEXT, True, False),
        (PropertyType.TEXT, PropertyType.NUMBER, False, True),
        (PropertyType.NUMBER, PropertyType.DECIMAL, True, True),
        (PropertyType.DATETIME, PropertyType.DATE, True, True),
        (PropertyType.BOOLEAN, PropertyType.DATE, False, False),
        (PropertyType.TEXT, PropertyType.EMAIL, True, True),
    ],
)
def test_types_fit_in_one_way_or_both(
    holds: PropertyType | None, kind: PropertyType, *, stored: bool, sent: bool
) -> None:
    """A text takes everything; numbers go with numbers, days with moments."""
    assert can_be_stored(Column("x", holds), Property("x", kind)) is stored
    assert can_be_sent(Property("x", kind), Column("x", holds)) is sent


def test_several_values_go_where_several_are_or_into_one_text() -> None:
    """A list is never proposed for a property that would keep its first value alone."""
    several = Column("x", PropertyType.TEXT, several=True)
    assert not can_be_stored(several, Property("x"))
    assert can_be_stored(several, Property("x", multi=True))
    assert can_be_sent(Property("x", multi=True), Column("x", PropertyType.TEXT))
    assert not can_be_sent(Property("x", PropertyType.NUMBER, multi=True), Column("x", PropertyType.NUMBER))


def test_a_rule_that_fits_is_kept() -> None:
    """`fitting_rule` changes nothing else."""
    field = Column("n", PropertyType.NUMBER)
    assert {rule: fitting_rule(rule, field, "points", CATALOGUE) for rule in Rule} == {
        **{rule: rule for rule in Rule},
        Rule.ADD: Rule.SET,
    }
    assert target_name("", "updated_at") == "updated_at_"
