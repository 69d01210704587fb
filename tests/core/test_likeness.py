"""Names that are written alike, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpkit.core.likeness import LEAST, alike, best, likeness

NAMES = st.text(st.sampled_from("aBc dE_f-1éß"), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("one", "better", "worse"),
    [
        ("firstName", "firstname", "first_name"),
        ("first_name", "First name", "name_first"),
        ("first_name", "name_first", "frist_name"),
        ("first_name", "frist_name", "last_name"),
        ("prénom", "Prenom", "prenoms"),
        ("it_first_name", "firstName", "name"),
        ("telephone", "telefone", "phone"),
        ("email", "email_address", "mail_box_of_parents"),
    ],
)
def test_the_nearer_name_has_the_better_score(one: str, better: str, worse: str) -> None:
    """Case, marks between words, the order of words, a wrong letter, more words: each is a little further off."""
    assert 1 > likeness(one, better) > likeness(one, worse)
    assert likeness(one, better) >= LEAST


@pytest.mark.parametrize(("one", "other"), [("zip", "country"), ("lastName", "firstName"), ("😀", "✓")])
def test_names_that_mean_something_else_are_no_candidates(one: str, other: str) -> None:
    """Also where half of their letters are the same."""
    assert likeness(one, other) < LEAST
    assert alike([one], [other]) == []


@given(NAMES, NAMES)
def test_a_score_is_the_same_both_ways_and_whole_for_the_same_name_alone(one: str, other: str) -> None:
    """From 0 to 1."""
    score = likeness(one, other)
    assert score == likeness(other, one)
    assert 0 <= score <= 1
    assert (score == 1) == (one == other)


def test_among_very_many_names_the_nearest_are_found() -> None:
    """Although each is compared with a few of them."""
    left = [f"Field {number:04}" for number in range(0, 500, 7)]
    right = [f"field_{number:04}" for number in range(500)]
    found = best(alike(left, right))
    assert [(each.left, each.right) for each in found] == [(name, name.replace("Field ", "field_")) for name in left]


@given(st.lists(NAMES, max_size=8, unique=True), st.lists(NAMES, max_size=8, unique=True))
def test_pairs_are_all_those_that_are_alike_and_the_best_come_first(left: list[str], right: list[str]) -> None:
    """None is passed over because only some are looked at, where there are few; the best use each name once."""
    found = alike(left, right)
    near = {(one, other) for one in left for other in right if likeness(one, other) >= LEAST}
    assert {(each.left, each.right) for each in found} == near
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    kept = best(found)
    assert len({each.left for each in kept}) == len({each.right for each in kept}) == len(kept)
    assert kept[:1] == found[:1]
