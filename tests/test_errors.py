"""What errors carry, and how their messages are made of it."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cdpkit
from cdpkit.errors import ConfigurationError, CredentialsError, RemoteError, UnknownNameError, problems_of, refuse
from cdpkit.problem import Problem, nearest_first, unknown

FIRST, SECOND = Problem("settings.key", "is missing", "add it"), Problem("", "no goal is active", "add one")


def test_a_message_is_a_headline_and_one_line_a_problem() -> None:
    """One problem stands behind the headline; the problems themselves are whole beside the message."""
    assert str(ConfigurationError("the file cannot be read; restore it")) == "the file cannot be read; restore it"
    assert str(ConfigurationError("it does not fit", [FIRST])) == "it does not fit: settings.key: is missing; add it"
    assert str(CredentialsError("", [SECOND])) == "no goal is active; add one"
    with pytest.raises(ConfigurationError) as caught:
        refuse("it does not fit", [FIRST, SECOND])
    assert str(caught.value).splitlines() == ["it does not fit:", f"- {FIRST}", f"- {SECOND}"]
    assert caught.value.problems == (FIRST, SECOND)
    refuse("it does not fit", [])


def test_a_name_that_does_not_exist_comes_with_those_that_do() -> None:
    """As attributes and in the message, those first that it may have been meant to be."""
    error = UnknownNameError("segment", "vip", ["Lapsed", "Gold", "VIPs"], "add it with ws.segments.add(name, where)")
    assert (error.kind, error.name, error.existing) == ("segment", "vip", ("Gold", "Lapsed", "VIPs"))
    assert error.fix == "add it with ws.segments.add(name, where)"
    assert str(error) == (
        "no segment 'vip'; there are: VIPs, Gold, Lapsed; correct the name, or add it with ws.segments.add(name, where)"
    )
    assert [str(problem) for problem in error.problems] == [str(error)]
    assert str(UnknownNameError("goal", "x", [])) == "no goal 'x'; there are: none yet; correct the name"


@given(st.text(max_size=5), st.lists(st.text(max_size=5), unique=True, max_size=8))
def test_every_name_is_told_once(name: str, existing: list[str]) -> None:
    """Whatever comes first, none is left out; one that differs in upper and lower case alone is first."""
    ordered = nearest_first(name, existing)
    assert sorted(ordered) == sorted(existing)
    same = [each for each in existing if each.casefold() == name.casefold()]
    assert set(ordered[: len(same)]) == set(same)


def test_a_place_lies_in_another() -> None:
    """As whoever knows more about where it is sees it."""
    assert FIRST.inside("goal 'VIPs'").where == "goal 'VIPs': settings.key"
    assert SECOND.inside("goals").where == "goals"
    assert unknown("objectives", "objective", "x", ["X"]).fix == "correct the name"


@pytest.mark.parametrize("name", ["emial", "E-Mail", "EMAIL", "e_mail"])
def test_a_typo_is_no_new_thing(name: str) -> None:
    """To add what has the letters of what is there would make it worse; other names may be new."""
    assert unknown("", "property", name, ["plan", "email"], "add it").fix == "correct the name"
    assert unknown("", "property", "email2", ["plan", "email"], "add it").fix == "correct the name, or add it"


def test_problems_of_an_error_are_whole() -> None:
    """Those that it carries; of one that carries none its message, with a way to mend it."""
    assert problems_of(CredentialsError("no", [FIRST, SECOND]), "settings", "mend it") == [
        FIRST,
        Problem("settings", SECOND.what, SECOND.fix),
    ]
    assert problems_of(RemoteError("it is down"), "Vendor", "look at it") == [
        Problem("Vendor", "it is down", "look at it")
    ]


def test_no_message_is_taken_apart_again() -> None:
    """Nothing in the package splits a text at what joins sentences; problems are joined in one file, or to be shown."""
    for path in Path(cdpkit.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            given = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            if node.func.attr in {"split", "partition", "rpartition", "rsplit"}:
                assert not {"; ", ". "} & {value for value in given if isinstance(value, str)}, path
            if node.func.attr == "join" and path.name != "errors.py" and path.parent.name != "cli":
                assert "problems" not in ast.dump(node), path


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("vip", "VIPs"),
        ("EMAIL", "email"),
        ("e-mail", "Email"),
        ("first name", "first_name"),
        ("E-Mail-Adresse", "email"),
        ("tel", "Telefon"),
        ("mapings", "mappings"),
    ],
)
def test_the_name_that_was_meant_comes_first(name: str, meant: str) -> None:
    """In another case, with other marks between its letters, misspelt, shortened, or as part of a longer name."""
    existing = ["name", "plan", "kind", "updated_at", meant, "zone"]
    assert nearest_first(name, existing) == [meant, "name", "plan", "kind", "updated_at", "zone"]


def test_very_many_names_are_not_all_told() -> None:
    """Those that may have been meant are."""
    said = str(UnknownNameError("field", "field 499", [f"field_{number}" for number in range(500)]))
    assert said.startswith("no field 'field 499'; there are: field_499, ")
    assert said.endswith(" and 470 more; correct the name")


def test_a_name_in_another_case_is_no_reason_to_make_a_second() -> None:
    """Only the name is to be mended; what else helps in other cases is not said."""
    assert UnknownNameError("segment", "VIPS", ["vips"], "add it").problems[0].fix == "correct the name"
    assert UnknownNameError("segment", "vip", ["vips"], "add it").problems[0].fix == "correct the name, or add it"
