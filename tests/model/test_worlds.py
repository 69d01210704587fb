"""The random worlds are repeatable and reach all of the model."""

from copy import deepcopy

from tests.model.model import Model
from tests.model.rules import RULES
from tests.model.worlds import kinds, world


def test_worlds_are_repeatable() -> None:
    """A seed gives one world, seeds differ, and the columns of a load have one kind each."""
    assert [world(seed) for seed in range(20)] == [world(seed) for seed in range(20)]
    assert world(1) != world(2)
    for one in (load for seed in range(300) for load in world(seed).loads):
        types = {"text": str, "int": int, "float": float, "list": list}
        for name, kind in kinds(one).items():
            assert {type(row[name]) for row in one.rows} <= {types[kind], type(None)}
        assert len(one.mappings) == len({mapping["to"] for mapping in one.mappings})
        assert len(one.rows) <= 25


def test_worlds_reach_everything() -> None:
    """Three hundred worlds see every fate, reason, kind, rule and way to choose among several matches."""
    seen: set[object] = set()
    for made in map(world, range(300)):
        model = Model(made.properties)
        for one in made.loads:
            run = model.load(one)
            seen |= {*run.fates.values(), *kinds(one).values()}
            seen |= {rule for _, _, rule, _ in run.changes.values()}
            seen |= {f"several, {one.on_multiple_matches}"} if run.multiple_matches else set()
            seen |= {f"full {bool(one.goal)}"} if one.full else set()
            assert sorted(run.fates) == list(range(len(one.rows)))
            assert run.updated == {profile for profile, _ in run.changes}
    reasons = ("missing_identifier", "not_changed", "no_match", "multiple_matches", "all_rejected")
    assert {
        *(("excluded", reason) for reason in reasons),
        *(("applied", None), ("unchanged", None)),
        *(
            "text",
            "list",
            "int",
            "float",
            "several, newest",
            "several, skip",
            "several, all",
            "full True",
            "full False",
        ),
        *RULES,
    } == seen


def test_worlds_with_consent_reach_all_of_it() -> None:
    """Rows are left out for want of consent, create profiles with it, and reach some of several profiles."""
    seen: set[object] = set()
    assert world(7, consent=True) == world(7, consent=True)
    for made in (world(seed, consent=True) for seed in range(150)):
        model = Model(made.properties)
        for one in made.loads:
            before = len(model.profiles)
            run = model.load(one)
            if one.objectives:
                seen |= {reason or fate for fate, reason in run.fates.values()}
                seen |= {f"{len(one.objectives)} objectives", "created"} if run.created else set()
                seen |= {f"several, {one.on_multiple_matches}"} if run.multiple_matches and before else set()
            assert one.objectives or "no_consent" not in {reason for _, reason in run.fates.values()}
    assert {
        *("no_consent", "applied", "unchanged", "created", "1 objectives", "2 objectives"),
        *("not_changed", "no_match", "multiple_matches"),
        *("several, newest", "several, skip", "several, all"),
    } <= seen


def test_worlds_can_be_undone() -> None:
    """Undoing the last run of a world brings every profile back as it was, without a conflict."""
    for made in map(world, range(100)):
        model = Model(made.properties)
        for one in made.loads:
            before = deepcopy(model.profiles)
            run = model.load(one)
        assert model.undo(run) == []
        assert before == model.profiles
