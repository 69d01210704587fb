"""Goals as typed arguments: the keys of a connection file, where an editor sees them."""

import dataclasses
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest

import cdpkit
import cdpkit.goals
from cdpkit.config.goals import names, read_goal, settings_of
from cdpkit.core.goal import OnMultiple, Rule
from cdpkit.core.properties import PropertyType
from cdpkit.core.words import OnMultipleWord, RuleWord, TypeWord
from cdpkit.errors import ConfigurationError
from cdpkit.goals import ExportGoal, ExportMapping, ImportGoal, ImportMapping

IMPORT = ImportGoal(
    name="Subscribers", identifiers={"email": "email"}, mappings=[{"from": "plan", "to": "plan"}], source={"all": True}
)
EXPORT = ExportGoal(name="Pros", segment="pros", identifiers={"email": "email"}, create=False)
TYPED = {kind: getattr(cdpkit.goals, typed) for kind in names() if (typed := settings_of(kind).typed)}


@pytest.fixture
def conn(tmp_path: Path) -> cdpkit.Connection:
    """A connection without goals."""
    ws = cdpkit.create(tmp_path / "w")
    (ws.path / "key").write_text("k")
    ws.segments.add("pros", "true")
    return ws.connect("iterable", settings={"api_key": "file:key"})


@pytest.mark.parametrize("kind", TYPED)
def test_a_typed_goal_has_the_keys_of_its_kind(kind: str) -> None:
    """No more and no fewer, with the same defaults, and mappings likewise."""
    model, typed = settings_of(kind), TYPED[kind]
    declared = {each.name: each for each in dataclasses.fields(typed)}
    assert set(declared) == set(model.model_fields) - {"kind"}
    needed = [each.name for each in declared.values() if each.default is each.default_factory is dataclasses.MISSING]
    assert sorted(needed) == sorted(
        name for name, each in model.model_fields.items() if each.is_required() and name != "kind"
    )
    for name, each in declared.items():
        if name not in needed:
            default = each.default if each.default_factory is dataclasses.MISSING else each.default_factory()
            assert model.model_fields[name].get_default() == default
    if "mappings" not in declared:
        return
    entry = get_args(model.model_fields["mappings"].annotation)[0]
    keys = {field.alias or name for name, field in entry.model_fields.items()}
    mapping = {"import_profiles": ImportMapping, "export_profiles": ExportMapping, "enrich_profiles": ImportMapping}
    mapping |= dict.fromkeys(("import_events", "import_groups"), ImportMapping)
    assert keys == set(mapping[kind].__annotations__)


@pytest.mark.parametrize(
    ("words", "enumeration"), [(TypeWord, PropertyType), (RuleWord, Rule), (OnMultipleWord, OnMultiple)]
)
def test_words_are_those_of_the_enumeration(words: object, enumeration: type[StrEnum]) -> None:
    """What an editor offers is what is taken."""
    assert list(get_args(words)) == [each.value for each in enumeration]


def test_a_goal_is_added_however_it_is_given(conn: cdpkit.Connection) -> None:
    """Typed, as a mapping, by keys, with some keys changed, or as another connection has it."""
    assert conn.add_goal(IMPORT) == read_goal(dict(IMPORT))
    assert conn.goals.add(EXPORT).active
    conn.add_goal({"kind": "export_profiles", "segment": "pros", "identifiers": {"a": "email"}}, name="Keys")
    assert not conn.add_goal(EXPORT, name="Off", active=False).active
    assert conn.add_goal(conn.goals["Pros"], name="Again").name == "Again"
    assert conn.replace_goal("Again", EXPORT, name="Again").name == "Again"
    assert conn.goals.replace("Again", conn.goals["Off"], name="Again 2").name == "Again 2"
    assert list(conn.goals) == ["Subscribers", "Pros", "Keys", "Off", "Again 2"]
    assert "ImportGoal" not in conn.file.path.local.read_text()


def test_a_goal_that_is_none_is_told(conn: cdpkit.Connection) -> None:
    """With what it may be."""
    with pytest.raises(
        ConfigurationError, match=r"a goal is an ImportGoal or ExportGoal of cdpkit\.goals, or its keys"
    ):
        conn.add_goal("VIPs")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="kind: is missing; write one of: 'enrich_profiles', 'export_ev"):
        conn.add_goal(name="VIPs")


def test_a_typed_goal_shows_what_was_given() -> None:
    """As code that makes it again; it is a mapping of the keys in a file."""
    assert repr(EXPORT) == "ExportGoal(name='Pros', segment='pros', identifiers={'email': 'email'}, create=False)"
    assert eval(repr(IMPORT)) == IMPORT  # noqa: S307 - what the repr itself says
    assert EXPORT["kind"] == "export_profiles"
    assert len(EXPORT) == 5
    assert "create=False" in EXPORT._repr_html_()
    assert cdpkit.goals.ExportGoal is ExportGoal
