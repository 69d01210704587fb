"""A preview is the run's own plan: it shows what the run then stores, and changes nothing itself."""

from functools import partial
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import cdpkit
from cdpkit.errors import ConfigurationError, ConflictError
from tests.model.model import Load
from tests.model.thousand_worlds import CREATED, Both, plain_load, preview_of
from tests.model.worlds import world

MAIL = {"mail": "email"}
PLAN = [{"from": "plan", "to": "plan"}]


def small(folder: Path) -> cdpkit.Workspace:
    ws = cdpkit.create(folder)
    ws.properties.add("email", type="email", identifier=True)
    ws.properties.add("plan")
    rows = pl.DataFrame({"mail": ["ann@x.de", "bob@x.de"], "plan": ["gold", None]})
    ws.load(rows, MAIL, PLAN)
    return ws


def visible(ws: cdpkit.Workspace) -> list[object]:
    """Everything of a workspace that a user can see."""
    tables = ("run_rows", "changes", "rejected", "segments")
    return [
        ws.profiles.collect().to_dicts(),
        ws.runs.to_dicts(),
        ws.properties.frame().to_dicts(),
        ws.segments.frame().to_dicts(),
        [ws.sql(f"select * from {name}").pl().rows() for name in tables],
        (ws.path / "cdpkit.toml").read_bytes(),
    ]


def stored(preview: cdpkit.Preview, ws: cdpkit.Workspace, _load: Load) -> cdpkit.Run:
    return ws.load(preview=preview)


def assert_same(preview: cdpkit.Preview, run: cdpkit.Run, ws: cdpkit.Workspace) -> None:
    """The frames of a preview are those of its run; created profiles are named by their source row."""
    created = run.changes.filter(rule=CREATED)
    named = run.changes.with_columns(profile_id=pl.when(pl.col("rule") != CREATED).then("profile_id"))
    assert_frame_equal(preview.changes, named)
    assert_frame_equal(preview.excluded, run.excluded)
    assert_frame_equal(preview.rejected, run.rejected)
    assert_frame_equal(preview.rows, run.rows)
    assert dict(run.counters) == preview.counters
    values = run.changes.filter(pl.col("rule") != CREATED)
    before, after = pl.col("before").is_not_null(), pl.col("after").is_not_null()
    counts = values.group_by("property", "rule").agg(
        (~before & after).sum().alias("set"),
        (before & after).sum().alias("changed"),
        (before & ~after).sum().alias("cleared"),
    )
    assert_frame_equal(preview.summary, counts.sort("property"))
    creates = preview.creates
    stored = created.select("source_row", "profile_id").join(
        ws.profiles.collect(), on="profile_id", how="left", maintain_order="left"
    )
    assert_frame_equal(creates, stored.select(creates.columns))


@pytest.mark.parametrize("start", range(0, 9, 3))
def test_a_preview_of_a_random_world_is_what_its_run_does(tmp_path: Path, start: int) -> None:
    """Frames, counters and created profiles agree, whether the preview is stored or the load is made anew."""
    for seed in range(start, start + 3):
        made = world(seed)
        both = Both.create(tmp_path / str(seed), made)
        for number, load in enumerate(made.loads):
            preview = preview_of(both.ws, load)
            shown = partial(stored, preview) if (seed + number) % 2 else plain_load
            expected, run = both.load(load, shown)
            assert_same(preview, run, both.ws)
            assert list(both.differences(expected, run)) == []


def test_a_preview_changes_nothing(tmp_path: Path) -> None:
    """Profiles, runs, properties, settings and tables stay as they are, also where the mapping has a new property."""
    ws = small(tmp_path / "w")
    before = visible(ws)
    rows = pl.DataFrame(
        {"mail": ["ann@x.de", "new@x.de", None, "bad"], "plan": ["silver", "x", "y", "z"], "age": [1] * 4}
    )
    preview = ws.preview_load(rows, MAIL, [*PLAN, {"from": "age", "to": "age"}], goal="night")
    assert preview.creates.select("source_row", "email", "plan", "age").rows() == [(1, "new@x.de", "x", 1)]
    assert preview.summary.rows() == [("age", "set", 1, 0, 0), ("plan", "set", 0, 1, 0)]
    assert "new properties: age" in preview.report()
    assert visible(ws) == before
    assert visible(cdpkit.open(ws.path)) == before


def test_a_preview_keeps_its_rows_when_the_file_changes(tmp_path: Path) -> None:
    """The run stores what the preview read, not what the file holds by then."""
    ws = small(tmp_path / "w")
    path = tmp_path / "crm.csv"
    path.write_text("mail,plan\nann@x.de,silver\n", encoding="utf-8")
    preview = ws.preview_load(path, MAIL, PLAN)
    path.write_text("mail,plan\nann@x.de,lead\nnew@x.de,lead\n", encoding="utf-8")
    ws.load(preview=preview)
    assert ws.profiles.select("email", "plan").collect().rows() == [("ann@x.de", "silver"), ("bob@x.de", None)]


@pytest.mark.parametrize("name", ["source_row", "goal"])
def test_a_property_that_is_called_as_a_column_of_a_preview_stands_beside_it(tmp_path: Path, name: str) -> None:
    """Whether somebody is created or nobody."""
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("mail", type="email", identifier=True)
    for create, values in ((True, [("a@x.org", "one")]), (False, [])):
        rows = [{"mail": "a@x.org", "said": "one"}]
        preview = ws.preview_load(rows, {"mail": "mail"}, [{"from": "said", "to": name}], create_profiles=create)
        assert preview.creates.select("mail", f"{name} (property)").rows() == values
        assert preview.creates.columns[0] == "source_row"


def test_a_preview_is_refused_after_a_commit_of_somebody_else(tmp_path: Path) -> None:
    """Nothing of it is stored, the run is recorded as failed, and a new preview goes through."""
    ws = small(tmp_path / "w")
    rows = pl.DataFrame({"mail": ["ann@x.de"], "plan": ["silver"]})
    preview = ws.preview_load(rows.with_columns(age=1), MAIL, [*PLAN, {"from": "age"}])
    other = cdpkit.open(ws.path)
    other.load(rows.with_columns(plan=pl.lit("lead")), MAIL, PLAN)
    with pytest.raises(ConflictError, match="somebody else has committed"):
        ws.load(preview=preview)
    assert ws.profiles.select("plan").collect()["plan"].to_list() == ["lead", None]
    assert ws.runs["state"].to_list() == ["succeeded", "succeeded", "failed"]
    assert "age" not in ws.properties
    ws.load(preview=ws.preview_load(rows, MAIL, PLAN))
    assert ws.profiles.select("plan").collect()["plan"].to_list() == ["silver", None]


def test_a_preview_is_stored_once(tmp_path: Path) -> None:
    """The second time somebody has committed since: the first time."""
    ws = small(tmp_path / "w")
    preview = ws.preview_load(pl.DataFrame({"mail": ["new@x.de"]}), MAIL)
    assert ws.load(preview=preview).counters["created"] == 1
    with pytest.raises(ConflictError):
        ws.load(preview=preview)
    assert ws.profiles.collect().height == 3


def test_a_preview_is_refused_after_its_property_was_made_otherwise(tmp_path: Path) -> None:
    """A property that the preview would make as a number and somebody made as a text meanwhile is a conflict."""
    ws = small(tmp_path / "w")
    preview = ws.preview_load(pl.DataFrame({"mail": ["ann@x.de"], "age": [4]}), MAIL, [{"from": "age"}])
    ws.properties.add("age")
    with pytest.raises(ConflictError, match="property"):
        ws.load(preview=preview)
    assert ws.profiles.collect()["age"].to_list() == [None, None]


def test_a_compaction_does_not_refuse_a_preview(tmp_path: Path) -> None:
    """It says the same before and after."""
    ws = small(tmp_path / "w")
    preview = ws.preview_load(pl.DataFrame({"mail": ["ann@x.de"], "plan": ["silver"]}), MAIL, PLAN)
    cdpkit.open(ws.path).compact()
    assert ws.load(preview=preview).counters["updated"] == 1
    assert ws.profiles.select("plan").collect()["plan"].to_list() == ["silver", None]


def test_a_preview_belongs_to_its_workspace(tmp_path: Path) -> None:
    """Another workspace refuses it, although it stands at the same commit."""
    one, other = small(tmp_path / "one"), small(tmp_path / "other")
    preview = one.preview_load(pl.DataFrame({"mail": ["new@x.de"]}), MAIL)
    with pytest.raises(ConfigurationError, match="another workspace"):
        other.load(preview=preview)
    assert other.profiles.collect().height == 2


@pytest.mark.parametrize("more", [{"identifiers": MAIL}, {"goal": "night"}, {"full": True}, {"processors": ["trim"]}])
def test_a_preview_takes_no_other_arguments(tmp_path: Path, more: dict[str, object]) -> None:
    """What it would ignore is refused."""
    ws = small(tmp_path / "w")
    preview = ws.preview_load(pl.DataFrame({"mail": ["new@x.de"]}), MAIL)
    with pytest.raises(ConfigurationError, match="give nothing else"):
        ws.load(preview=preview, **more)  # type: ignore[arg-type]


def test_a_preview_with_processors_is_what_its_run_does(tmp_path: Path) -> None:
    """Rows that a processor removes or adds in between stand in the same order in both."""
    ws = small(tmp_path / "w")
    rows = pl.DataFrame({"mail": ["ann@x.de", "bad", "new@x.de", "no", "c@x.de"], "plan": ["a", "b", "c", "d", "e"]})
    text = """select mail, plan, case when nr = 1 then _source_row end as _source_row
              from rows, (values (1), (2)) twice(nr) where plan <> 'e' order by plan desc, nr desc"""
    preview = ws.preview_load(rows, MAIL, PLAN, processors=[{"processor": "sql", "text": text, "name": "twice"}])
    assert preview.counters["added"] == 4
    assert preview.counters["excluded"] == {"missing_identifier": 4, "processor:twice": 1}
    assert_same(preview, ws.load(preview=preview), ws)
