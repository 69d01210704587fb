"""One input under two sets of rules: nothing is read anew, and both outcomes stand side by side."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import cdpkit
from cdpkit.errors import ConfigurationError, SourceError

MAIL = {"mail": "email"}
POINTS = [{"from": "points"}]
SUM = [{"from": "points", "rule": "sum"}]


def small(folder: Path) -> cdpkit.Workspace:
    """Ann has points and Bob has none."""
    ws = cdpkit.create(folder / "workspace")
    ws.properties.add("email", type="email", identifier=True)
    ws.properties.add("phone", identifier=True)
    ws.properties.add("points", type="number")
    rows = pl.DataFrame({"mail": ["ann@x.de", "bob@x.de"], "points": [5, None], "phone": ["1", "2"]})
    ws.load(rows, MAIL, [*POINTS, {"from": "phone"}])
    return ws


ROWS = {"mail": ["ann@x.de", "bob@x.de", "new@x.de"], "points": ["2", "2", "x"], "tel": ["1", "9", "2"]}


def test_rules_are_compared_by_value_and_property(tmp_path: Path) -> None:
    """Where both set a value to the same it does not differ; what both leave out is no difference."""
    ws = small(tmp_path)
    preview = ws.preview_load(ROWS, MAIL, POINTS)
    other = preview.again(mappings=SUM)
    found = preview.compare(other)
    ann = ws.profile(email="ann@x.de").id
    assert found.frame.select("profile_id", "property", "before", "here", "there").rows() == [
        (ann, "points", "5", "2", "7")
    ]
    assert found.summary.filter(property="points").rows() == [("load", "points", 1, 1, 0, 0)]
    assert found.summary.filter(property="email").rows() == [("load", "email", 1, 0, 0, 0)]
    assert (found.rows.height, found.counters.height) == (0, 0)
    assert "1 value of 1 profile and 0 rows differ" in repr(found)
    assert "ann@x.de" not in repr(found) + found._repr_html_()
    assert preview.compare(preview).frame.is_empty()


def test_other_identifiers_match_other_profiles(tmp_path: Path) -> None:
    """Rows with another fate are listed, and a profile that one would create is named by its source row."""
    ws = small(tmp_path)
    preview = ws.preview_load(ROWS, MAIL, POINTS)
    found = preview.compare(preview.again(identifiers={"tel": "phone"}))
    assert found.frame.filter(pl.col("created_by").is_not_null()).select(
        "created_by", "property", "here", "there"
    ).rows() == [(1, "phone", None, "9"), (1, "points", None, "2"), (2, "email", "new@x.de", None)]
    assert found.rows.rows() == [("load", 2, "applied", None, "excluded", "all_rejected")]
    assert found.counters.rows() == [
        ("load", "applied", 3, 2),
        ("load", "updated", 2, 1),
        ("load", "excluded: all_rejected", 0, 1),
    ]


def test_processors_run_on_the_rows_as_they_were_read(tmp_path: Path) -> None:
    """Not on what those of the first preview left of them."""
    ws = small(tmp_path)
    first = [{"processor": "filter", "expression": "points = '2'", "action": "keep"}]
    preview = ws.preview_load(ROWS, MAIL, POINTS, processors=first)
    assert preview.counters["checked"] == 2
    other = preview.again(processors=[])
    assert other.counters["checked"] == 3
    assert preview.compare(other).rows["source_row"].to_list() == [2]


def test_what_was_tried_can_be_stored(tmp_path: Path) -> None:
    """As any preview, and refused once somebody else has committed."""
    ws = small(tmp_path)
    preview = ws.preview_load(ROWS, MAIL, POINTS)
    other = preview.again(mappings=SUM)
    ws.load(preview=other)
    assert ws.profile(email="ann@x.de").values.filter(property="points")["value"].to_list() == ["7"]
    with pytest.raises(cdpkit.errors.ConflictError):
        ws.load(preview=preview)


def test_a_field_that_was_not_read_is_read_from_the_same_file(tmp_path: Path) -> None:
    """And refused where the file is another by now."""
    ws, path = small(tmp_path), tmp_path / "crm.csv"
    pl.DataFrame(ROWS).write_csv(path)
    preview = ws.preview_load(path, MAIL, POINTS)
    more = [*POINTS, {"from": "tel", "to": "phone"}]
    assert preview.again(mappings=more).changes.filter(property="phone").height == 1
    path.write_text("mail,points,tel\nann@x.de,3,4\n", encoding="utf-8")
    assert preview.again(mappings=SUM).counters == preview.counters
    with pytest.raises(SourceError, match="not what it was"):
        preview.again(mappings=more)


def test_what_does_not_fit_or_is_of_other_rows_is_refused(tmp_path: Path) -> None:
    """With the fields that there are; and only previews of the same rows are compared."""
    ws = small(tmp_path)
    preview = ws.preview_load(ROWS, MAIL, POINTS)
    with pytest.raises(ConfigurationError, match="tel"):
        preview.again(identifiers={"telephone": "phone"})
    with pytest.raises(ConfigurationError, match="different rows"):
        preview.compare(ws.preview_load({"mail": ["a@x.de"]}, MAIL))
    with pytest.raises(ConfigurationError, match="takes what a preview gave"):
        preview.compare(ws.runs.last)  # type: ignore[arg-type]


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["ann", "bob", "new", "?"]), st.sampled_from(["1", "2", "x", None])), max_size=6
    ),
    st.sampled_from(["set", "set_if_empty", "set_or_clear", "sum"]),
)
def test_a_preview_again_is_the_preview_that_would_have_been_made(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str | None]], rule: str
) -> None:
    """Frame by frame; and what is told of the difference is the difference of the frames."""
    ws = small(tmp_path_factory.mktemp("ws"))
    source = pl.DataFrame(
        {"mail": [f"{who}@x.de" if who != "?" else None for who, _ in rows], "points": [value for _, value in rows]},
        schema={"mail": pl.String, "points": pl.String},
    )
    mappings = [{"from": "points", "rule": rule}]
    preview, anew = (ws.preview_load(source, MAIL, given) for given in (POINTS, mappings))
    again = preview.again(mappings=mappings)
    for name in ("changes", "creates", "rows", "rejected", "summary"):
        assert_frame_equal(getattr(again, name), getattr(anew, name))
    assert again.counters == anew.counters
    assert again.compare(anew).frame.is_empty()
    found = preview.compare(anew)
    after = [
        dict(each.changes.filter(pl.col("rule") != "create").select("profile_id", "after").iter_rows())
        for each in (preview, anew)
    ]
    differing = {who for who in after[0] | after[1] if after[0].get(who) != after[1].get(who)}
    assert set(found.frame["profile_id"].drop_nulls()) == differing
