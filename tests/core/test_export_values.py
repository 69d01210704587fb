"""What an export may send: each type of value is one entry."""

from dataclasses import dataclass

import polars as pl
import pytest

from cdpkit.core.export_values import VALUE_TYPES, Workspace
from cdpkit.core.properties import BUILT_IN, Property


@dataclass(frozen=True)
class Mapping:
    """The keys of a mapping."""

    source: str | None = None
    text: str | None = None
    segments: tuple[str, ...] | None = None


SEGMENTS = {"Gold": "plan = 'gold'", "Lapsed": "plan is null"}
KNOWN = Workspace(
    {prop.name: prop for prop in (*BUILT_IN, Property("plan"), Property("email", identifier=True))}, SEGMENTS, True
)


@pytest.mark.parametrize("name", VALUE_TYPES)
def test_an_entry_needs_no_more_than_it_takes(name: str) -> None:
    """Its keys are those of a mapping, people can read what it is, and one that decides reads a property."""
    entry = VALUE_TYPES[name]
    assert entry.name == name
    assert {*entry.needs} <= {*entry.takes} <= {"from", "text", "segments"}
    assert entry.help
    assert not entry.decides or entry.column(Mapping(source="plan")) == "plan"


def test_each_value_is_read_where_it_stands() -> None:
    """In a property, in the names that a profile bears, or in the mapping itself."""
    columns = {name: entry.column(Mapping(source="plan")) for name, entry in VALUE_TYPES.items()}
    assert columns == {
        "property": "plan",
        "identifier": "plan",
        "segments": None,
        "viewed_interactions": "viewed_interactions",
        "permission_level": "permission_level",
        "text": None,
    }
    assert VALUE_TYPES["identifier"].column(Mapping()) == "profile_id"
    row = pl.DataFrame({"held": ["x"], "names": [["Gold"]]})
    values = {
        name: row.select(entry.expression(Mapping(text="t"), pl.col("held"), pl.col("names"))).item()
        for name, entry in VALUE_TYPES.items()
    }
    assert values["text"] == "t"
    assert values["segments"].to_list() == ["Gold"]
    assert {values[name] for name in ("property", "identifier", "viewed_interactions", "permission_level")} == {"x"}


def test_segments_are_those_named_or_all_and_none_where_they_are_hidden() -> None:
    """A profile bears the names of the segments that it is in, as far as the workspace lets them out."""
    entry = VALUE_TYPES["segments"]
    assert entry.labels(Mapping(), KNOWN) == SEGMENTS
    assert entry.labels(Mapping(segments=("Lapsed",)), KNOWN) == {"Lapsed": SEGMENTS["Lapsed"]}
    assert entry.hidden(KNOWN) == ""
    closed = Workspace(KNOWN.properties, SEGMENTS, expose_segments=False)
    assert entry.labels(Mapping(), closed) == {}
    assert "expose_segments is off" in entry.hidden(closed)


def test_what_the_workspace_lacks_is_a_problem() -> None:
    """A property, an identifier and a segment that do not exist, those that do among the words."""
    asked = {
        "property": (Mapping(source="paln"), "no property 'paln'; there are: plan, "),
        "identifier": (Mapping(source="plan"), "property 'plan' is no identifier; there are: "),
        "segments": (Mapping(segments=("gold",)), "no segment 'gold'; there are: Gold, Lapsed"),
    }
    for name, (mapping, words) in asked.items():
        (problem,) = VALUE_TYPES[name].problems(mapping, KNOWN)
        assert problem.what.startswith(words)
    for name in VALUE_TYPES:
        assert VALUE_TYPES[name].problems(Mapping(), KNOWN) == []
