"""Lists by id or name, and what is wrong with them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.kit.discovery import Item, Thing
from cdpkit.kit.lists import chosen, gone, problems, still_there, target_options, target_problems

VIP = Item("1", "VIP", "Standard")
LAPSED = Item("2", "Lapsed", "Dynamic", target=False)
TWINS = (Item("3", "Twin"), Item("4", "Twin"))
THERE = (VIP, LAPSED, *TWINS)
WHERE = "target.lists"


def test_a_list_is_chosen_by_id_or_name_and_once() -> None:
    """In the order in which they are named."""
    assert chosen(("4", "VIP", "1"), THERE) == (TWINS[1], VIP)
    assert chosen((), THERE) == ()


def test_an_id_comes_before_a_name() -> None:
    """So that an id always helps where names are shared."""
    confusing = (Item("1", "2"), Item("2", "1"))
    assert chosen(("2",), confusing) == confusing[1:]


def test_what_cannot_be_chosen_is_refused() -> None:
    """The messages name what there is."""
    with pytest.raises(UnknownNameError, match=r"no list 'Nope'; there are: Lapsed \(id 2\), Twin \(id 3\)"):
        chosen(("Nope",), THERE)
    with pytest.raises(ConfigurationError, match="2 lists are called 'Twin'; use the id: 3, 4"):
        chosen(("Twin",), THERE)


@pytest.mark.parametrize(
    ("name", "what", "fix"),
    [
        ("Nope", "no list 'Nope' at Acme; there are: Lapsed (id 2), Twin (id 3), Twin (id 4), VIP (id 1)", "of these"),
        ("Twin", "2 lists are called 'Twin'; use the id: 3, 4", "give the id"),
        (
            "Lapsed",
            "list 'Lapsed' is of type Dynamic, on which people cannot be put",
            "choose another list; there are: Twin, Twin, VIP",
        ),
    ],
)
def test_each_list_has_its_problem(name: str, what: str, fix: str) -> None:
    """It stands where the list is named, and says how to mend it."""
    (problem,) = problems(WHERE, (name, "VIP"), THERE, at="Acme")
    assert (problem.where, problem.what) == (WHERE, what)
    assert fix in problem.fix


def test_other_things_are_chosen_alike() -> None:
    """They are called what they are."""
    audiences = Thing("audiences", "audience", "audiences")
    assert chosen(("VIP",), THERE, audiences) == (VIP,)
    with pytest.raises(UnknownNameError, match="no audience 'Nope'"):
        chosen(("Nope",), THERE, audiences)
    unknown, shared, closed = problems("source", ("Nope", "Twin", "2"), THERE, at="Acme", thing=audiences)
    assert unknown.what.startswith("no audience 'Nope' at Acme")
    assert shared.what.startswith("2 audiences are called 'Twin'")
    assert closed.fix.startswith("choose another audience")


def test_people_may_come_from_any_list() -> None:
    """Only who is to be put on one needs a target."""
    assert problems(WHERE, ("Lapsed", "2", "3"), THERE, at="Acme", target=False) == []


def test_no_list_at_all_is_said_so() -> None:
    """A vendor without lists has none to name."""
    (problem,) = problems(WHERE, ("VIP",), (), at="Acme")
    assert "there are: none" in problem.what


def test_leaving_needs_a_list() -> None:
    """A target has its lists' problems, and one where nobody can leave."""
    (problem,) = target_problems({"lists": (), "on_leave": True}, THERE, "Acme")
    assert problem.where == "target.on_leave"
    (problem,) = target_problems({"lists": ("Lapsed",), "on_leave": True}, THERE, "Acme")
    assert problem.where == "target.lists"
    assert target_problems({"lists": (), "on_leave": False}, THERE, "Acme") == []


names = st.lists(st.sampled_from(["1", "2", "3", "VIP", "Lapsed", "Twin", "Nope"]), max_size=4)


@settings(deadline=None)
@given(names)
def test_lists_without_problems_can_be_chosen(named: list[str]) -> None:
    """And lists with problems cannot."""
    if problems(WHERE, named, THERE, at="Acme", target=False):
        with pytest.raises(ConfigurationError):
            chosen(named, THERE)
    else:
        ids = [item.id for item in chosen(named, THERE)]
        assert len(set(ids)) == len(ids) == len({{"VIP": "1", "Lapsed": "2"}.get(name, name) for name in named})


def test_a_list_that_is_gone_is_named_with_those_that_are_there() -> None:
    """One that is still there is not."""
    message = r"list 'VIP' \(id 1\) is gone from Acme; there are: Lapsed \(id 2\). Choose one of these."
    with pytest.raises(ConfigurationError, match=message):
        still_there((VIP, LAPSED), (LAPSED,), "Acme")
    still_there((VIP,), THERE, "Acme")
    assert "list with the id 7 is gone from Acme; there are: none" in str(gone((Item("7", ""),), (), "Acme"))


def test_a_target_of_lists_has_three_options() -> None:
    """Which lists, and whether people enter them and leave them."""
    given = {option.name: option.default for option in target_options("Which")}
    assert given == {"lists": (), "on_enter": True, "on_leave": False}
    assert target_options("Which")[0].help == "Which"
