"""Identifiers and fields that an export may not have."""

import pytest

from cdpkit.kit.targets import field_problems, identifier_problems
from cdpkit.problem import Problem

ALLOWED = (("email",), ("id", "email"))


@pytest.mark.parametrize(
    ("linked", "given"), [((), "nothing"), (("id",), "id"), (("email", "phone"), "email, phone"), (("phone",), "phone")]
)
def test_identifiers_that_are_not_taken_together(linked: tuple[str, ...], given: str) -> None:
    """The problem names each way that is."""
    (problem,) = identifier_problems(linked, ALLOWED, "an account", "or mend settings.kind")
    what = f"an account identifies people by email or id with email, and {given} is linked"
    assert problem == Problem("identifiers", what, "link email or id with email, or mend settings.kind")


@pytest.mark.parametrize("linked", [("email",), ("email", "id"), ("id", "email")])
def test_identifiers_that_are_taken_in_any_order(linked: tuple[str, ...]) -> None:
    """Nothing is wrong with them."""
    assert identifier_problems(linked, ALLOWED, "an account", "") == []


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        (("tier", "tier"), "field 'tier' is filled twice"),
        (("made",), "field 'made' is managed by Acme itself"),
        (("made.by.whom",), "field 'made.by.whom' is managed by Acme itself"),
        (("email",), "field 'email' identifies people"),
    ],
)
def test_fields_that_a_goal_may_not_fill(fields: tuple[str, ...], what: str) -> None:
    """Each has one problem that says how to mend it."""
    (problem,) = field_problems(
        (*fields, "maker"), identifying=("email",), managed={"made": "map to another field"}, at="Acme"
    )
    assert (problem.where, problem.what) == ("mappings", what)
    assert problem.fix
