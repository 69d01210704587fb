"""Examples worked out by hand from the semantics: consent."""

import pytest

from cdpkit.core.properties import Property
from tests.model.examples import COUNT, EMAIL, EMAILS, NAME, Row, fates, load, mail, only
from tests.model.model import Model, ModelRun
from tests.model.values import stored

YES, NO = "consented_objectives", "refused_objectives"
PROPERTIES = [EMAIL, EMAILS, NAME, COUNT, Property(YES, multi=True), Property(NO, multi=True)]
MAPPINGS = (f"yes > {YES} : set", f"no > {NO} : set", "v > name : set")


def person(yes: object = None, no: object = None, **values: object) -> Row:
    return mail(**({"yes": yes, "no": no, "v": "X"} | values))


def told(model: Model, *rows: Row, asks: str = "news", by: str = "email", **options: object) -> ModelRun:
    """A load that asks for consent to `news`, or to what else is asked, separated by blanks."""
    return model.load(load(rows, *MAPPINGS, by=by, objectives=tuple(asks.split()), **options))


@pytest.mark.parametrize(
    ("yes", "no", "asks", "fate"),
    [
        ("news", None, "news", "applied"),
        (" news", None, "news", "applied"),
        (["ads", "news"], ["ads"], "news ads", "applied"),
        ("ads", None, "news ads", "applied"),
        ("ads", None, "news", "no_consent"),
        ("News", None, "news", "no_consent"),
        ("news", ["news"], "news", "no_consent"),
        ("news", "news ", "news", "no_consent"),
        (None, None, "news", "no_consent"),
        (None, "news", "", "applied"),
    ],
)
def test_one_objective_is_enough_and_a_refusal_wins(yes: object, no: object, asks: str, fate: str) -> None:
    """A row reaches a profile that consented to one of the objectives and did not refuse the same one."""
    model = Model(PROPERTIES)
    told(model, person(yes, no), asks="")
    run = told(model, person(yes, no, v="Y"), asks=asks)
    assert fates(run) == [fate]
    assert only(model, "name") == ("Y" if fate == "applied" else "X")
    assert fates(told(Model(PROPERTIES), person(yes, no), asks=asks)) == [fate]  # and likewise where it creates one


def test_a_row_brings_no_consent_to_a_profile_that_exists() -> None:
    """What the row carries counts for creation alone; what a load that does not ask wrote counts from the next one."""
    model = Model(PROPERTIES)
    told(model, person(), asks="")
    assert fates(told(model, person("news"), person())) == ["no_consent", "no_consent"]
    told(model, person("news"), asks="")
    run = told(model, person(no="news"), person(v="Z"))
    assert (fates(run), only(model, "name"), only(model, NO)) == (["applied", "applied"], "Z", ["news"])
    assert fates(told(model, person(v="Q"))) == ["no_consent"]


def test_a_profile_is_created_by_the_first_row_that_carries_consent() -> None:
    """Rows before it are left out; rows after it find the profile, whatever they carry."""
    model = Model(PROPERTIES)
    run = told(model, person(v="A"), person("ads", v="B"), person("news", v="C"), person(no="news", v="D"), person())
    assert fates(run) == ["no_consent", "no_consent", "applied", "applied", "applied"]
    assert (run.created, only(model, "name"), only(model, YES)) == ([0], "X", ["news"])


def test_rows_with_several_identifiers_follow_those_that_may_create() -> None:
    """A row without consent links nothing: the one after it matches only what was really created."""
    model = Model(PROPERTIES)
    rows: list[Row] = [
        person(mail=["a@x.de", "b@x.de"]),
        person("news", mail=["b@x.de", "c@x.de"]),
        person(mail=["a@x.de"]),
        person(mail=["c@x.de"]),
    ]
    run = told(model, *rows, by="emails")
    assert fates(run) == ["no_consent", "applied", "no_consent", "unchanged"]
    assert [stored(profile["emails"]) for profile in model.profiles.values()] == [["b@x.de", "c@x.de"]]


@pytest.mark.parametrize(
    ("option", "newest", "fate", "names"),
    [
        ("newest", None, "no_consent", ["X", "X"]),
        ("newest", "news", "applied", ["X", "Y"]),
        ("skip", "news", "multiple_matches", ["X", "X"]),
        ("all", None, "applied", ["Y", "X"]),
        ("all", "news", "applied", ["Y", "Y"]),
    ],
)
def test_several_matches(option: str, newest: str | None, fate: str, names: list[str]) -> None:
    """The newest is chosen first and then asked; of all, those that consented stay."""
    model = Model(PROPERTIES)
    told(model, person("news", mail=["a@x.de"]), person(newest, mail=["b@x.de"]), by="emails", asks="")
    run = told(model, person(mail=["a@x.de", "b@x.de"], v="Y"), by="emails", on_multiple_matches=option)
    assert (fates(run), run.multiple_matches) == ([fate], 1)
    assert [profile["name"] for profile in model.profiles.values()] == names


def test_no_consent_is_tried_again() -> None:
    """The row is not kept as seen, so that it is applied once its profile has consented."""
    model = Model(PROPERTIES)
    told(model, person(), asks="")
    assert fates(told(model, person(v="Y"), goal="night")) == ["no_consent"]
    told(model, person("news"), asks="")
    assert fates(told(model, person(v="Y"), goal="night")) == ["applied"]
    assert fates(told(model, person(v="Y"), goal="night")) == ["not_changed"]


def test_values_of_a_row_without_consent_are_not_listed() -> None:
    """It is left out before its values are read, but where nothing matches and nothing may be created it says so."""
    asking = load([mail(n="x")], "n > count : set", objectives=("news",))
    run = Model(PROPERTIES).load(asking)
    assert (fates(run), run.rejected) == (["no_consent"], set())
    asking.create_profiles = False
    assert fates(Model(PROPERTIES).load(asking)) == ["no_match"]
