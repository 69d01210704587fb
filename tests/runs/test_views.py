"""Leafing through the frames of a preview and a run: counts, windows, filters, each frame worked out once."""

from pathlib import Path

import polars as pl
import pytest

import cdpkit
from cdpkit.errors import UnknownNameError
from cdpkit.runs.frame_view import FrameView

MAIL = {"mail": "email"}
MAPPINGS = [{"from": "plan", "to": "plan"}, {"from": "points", "to": "points"}]


@pytest.fixture
def ws(tmp_path: Path) -> cdpkit.Workspace:
    """A workspace of 30 people."""
    made = cdpkit.create(tmp_path / "w")
    made.properties.add("email", type="email", identifier=True)
    made.load(people(30, "free"), MAIL, MAPPINGS)
    return made


def people(count: int, plan: str) -> pl.DataFrame:
    """One row each, then one that cannot be used."""
    mails = [*(f"p{n}@x.de" for n in range(count)), "nobody"]
    return pl.DataFrame({"mail": mails, "plan": plan, "points": range(count + 1)})


def test_a_view_is_worked_out_when_it_is_asked_for_and_once() -> None:
    """However many windows, counts and filters follow."""
    asked = []

    def whole() -> pl.DataFrame:
        asked.append("whole")
        return pl.DataFrame({"n": range(100)})

    view = FrameView("numbers", whole)
    odd = view.filter(pl.col("n") % 2 == 1)
    assert asked == []
    assert (view.count, odd.count, view.columns) == (100, 50, ["n"])
    assert view.window(98)["n"].to_list() == [98, 99]
    assert odd.window(2, 2)["n"].to_list() == [5, 7]
    assert odd.filter(n=7).window()["n"].to_list() == [7]
    assert (view.window(100).height, view.window(5, -1).height, view.window(-5, 1)["n"].item()) == (0, 0, 0)
    assert asked == ["whole"]
    assert repr(view).startswith("View of numbers: 100 rows; the first 10:\n")
    assert repr(odd.filter(n=7)).startswith("View of numbers: 1 row\n")


def test_the_views_of_a_preview(ws: cdpkit.Workspace) -> None:
    """Each is the frame of its name; both are worked out once, and views outlive the preview's name."""
    preview = ws.preview_load(people(40, "pro"), MAIL, MAPPINGS)
    counts = {name: preview.view(name).count for name in ("changes", "creates", "rows", "excluded", "rejected")}
    assert counts == {"changes": 40, "creates": 10, "rows": 41, "excluded": 1, "rejected": 1}
    assert preview.view("changes").frame is preview.changes is preview.view("changes").frame
    assert preview.view("changes").filter(rule="create").count == 10
    assert preview.view("changes").window(3, 2).equals(preview.changes.slice(3, 2))
    assert (preview.view("sends").count, preview.view("summary").count) == (0, 1)
    with pytest.raises(UnknownNameError, match="no view 'change'; there are: changes, creates, events, excluded"):
        preview.view("change")
    creates = ws.preview_load(people(40, "pro"), MAIL, MAPPINGS).view("creates")
    assert creates.count == 10  # the files of the preview are still there


def test_the_views_of_a_run(ws: cdpkit.Workspace) -> None:
    """In one order whatever happens later; read once."""
    run = ws.load(people(40, "pro"), MAIL, MAPPINGS)
    assert [run.view(name).count for name in ("changes", "rows", "excluded", "rejected")] == [40, 41, 1, 1]
    assert run.view("changes").frame is run.changes
    assert run.view("in_doubt").count == run.view("conflicts").count == 0
    ws.load(people(2, "gold"), MAIL, MAPPINGS)
    ws.compact()
    assert ws.run(run.id).view("changes").window(7, 20).equals(run.view("changes").window(7, 20))
    with pytest.raises(UnknownNameError, match="no view 'sends'; there are: changes, conflicts"):
        run.view("sends")


def test_frames_show_ids_whole(tmp_path: Path) -> None:
    """In text and in HTML, also those that are made of them; each is a frame as any other."""
    ws = cdpkit.create(tmp_path / "one")
    ws.properties.add("email", type="email", identifier=True)
    ws.load([{"mail": "ann@x.de", "plan": "gold"}], MAIL, MAPPINGS[:1])
    preview = ws.preview_load([{"mail": "ann@x.de", "plan": "lead"}], MAIL, MAPPINGS[:1])
    [whose] = ws.profiles.select("profile_id").collect()["profile_id"]
    run = ws.load(preview=preview)
    for frame in (preview.changes, run.changes, run.updated, run.changes.head(1), run.changes[["profile_id", "after"]]):
        assert isinstance(frame, pl.DataFrame)
        assert whose in frame._repr_html_()
    assert whose in str(run.changes[["profile_id", "after"]])
