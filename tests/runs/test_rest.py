"""All fields of a wide file at once, by one row of the mappings."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import cdpkit
from cdpkit.errors import ConfigurationError
from cdpkit.runs.run import Run

MAIL = {"Email": "email"}
WIDE = pl.DataFrame(
    {"Email": ["a@x.de"], "First name": ["Ann"], "points": [3], "born": ["1990-01-02"], "tags": [["a"]]}
)


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    """An empty workspace that matches on e-mail."""
    made = cdpkit.create(tmp_path / "w")
    made.properties.add("email", type="email", identifier=True)
    return made


def load(ws: cdpkit.Workspace, *rows: dict[str, str], source: Any = WIDE, **more: Any) -> Run:
    run = ws.load(source, MAIL, [*rows], **more)
    run.raise_for_state()
    return run


def held(ws: cdpkit.Workspace) -> dict[str, Any]:
    own = [name for name in ws.properties if not ws.properties[name].name.endswith(("_at", "_seq", "_id", "_level"))]
    row = ws.profiles.select(own).collect().row(0, named=True)
    return {name: value for name, value in row.items() if value is not None}


def test_f96_one_row_maps_all_fields_that_have_none(ws: cdpkit.Workspace) -> None:
    """Identifiers and fields with a row of their own stay as they are; types are inferred as for any new property."""
    load(ws, {"from": "points", "to": "score"}, {"from": "*"})
    assert {**held(ws), "born": str(held(ws)["born"])} == {
        "email": "a@x.de",
        "score": 3,
        "First_name": "Ann",
        "born": "1990-01-02",
        "tags": ["a"],
    }
    assert ws.properties["born"].type == "date"


def test_f97_f98_with_a_prefix_and_a_rule(ws: cdpkit.Workspace) -> None:
    """Numbers are added up, and what is none is set."""
    for _ in range(2):
        load(ws, {"from": "*", "to": "crm_*", "rule": "sum"})
    found = held(ws)
    assert (found["crm_points"], found["crm_First_name"], found["crm_tags"]) == (6, "Ann", ["a"])
    assert "points" not in found


def test_a_file_is_read_whole_and_seen_rows_are_not_applied_again(ws: cdpkit.Workspace, tmp_path: Path) -> None:
    """Under a goal the second load of the same file changes nothing; processors come before the fields are counted."""
    path = tmp_path / "wide.csv"
    path.write_text("Email,a,b\na@x.de,1,2\n")
    steps = [{"processor": "drop_fields", "fields": ["b"]}]
    for expected in (1, 0):
        run = load(ws, {"from": "*"}, source=path, goal="wide", processors=steps)
        assert run.counters["applied"] == expected
    assert held(ws) == {"email": "a@x.de", "a": 1}


@pytest.mark.parametrize(
    "rows",
    [[{"from": "*", "to": "crm"}], [{"from": "*"}, {"from": "*", "to": "x_*"}], [{"from": "*", "to": ""}]],
)
def test_such_a_row_ends_with_the_mark_and_comes_once(ws: cdpkit.Workspace, rows: list[dict[str, str]]) -> None:
    """The message shows how it is written."""
    with pytest.raises(ConfigurationError, match=r"one row such as \{'from': '\*', 'to': 'crm_\*'"):
        ws.load(WIDE, MAIL, rows)
