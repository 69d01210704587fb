"""Plans of every kind: they answer the same questions, and nothing but the guard stands before they are carried out."""

import gc
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cdpkit.config.guards import DEFAULTS
from cdpkit.errors import ConflictError
from cdpkit.runs.guard import Guards, allow
from cdpkit.runs.plan import Figures, Plan
from cdpkit.runs.preview import Preview, plans_of, prepared_of
from tests.runs.sync.place import EMAIL, LIST, Place, pros
from tests.runs.sync.place import place as made


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A vendor with two people, a workspace with three, and a connection that takes the first and sends the others."""
    with made(tmp_path) as found:
        found.write(*({"email": f"in{n}@example.com", "firstName": "Ada"} for n in (1, 2)))
        found.load(*pros(1, 2, 3))
        found.importing()
        found.exporting(target={"lists": [LIST], "on_enter": True})
        yield found


def previewed(place: Place, kind: str) -> Preview:
    if kind == "load":
        mappings = [{"from": "plan", "to": "plan", "rule": "set"}]
        return place.ws.preview_load(_rows(), EMAIL, mappings, goal="crm")
    return place.conn.preview(next(name for name, goal in place.conn.goals.items() if goal.kind == kind))


def _rows() -> Mapping[str, list[str]]:
    return {"email": ["pro1@example.com", "new@example.com"], "plan": ["free", "pro"]}


def carried_out(place: Place, preview: Preview) -> Mapping[str, Any]:
    run = place.ws.load(preview=preview) if prepared_of(preview) is None else place.conn.run(preview=preview)
    return run.counters


GUARDS = Guards(DEFAULTS)
KINDS = ("load", "import_profiles", "export_profiles")


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_says_what_carrying_it_out_does(place: Place, kind: str) -> None:
    """Its figures are the counters of its run, and the profiles after it those that it told of before."""
    preview = previewed(place, kind)
    plan: Plan = plans_of(preview)[0]
    assert (plan.kind, plan.name, list(plan.warnings)) == (kind, preview.goals[0].name, [])
    figures = plan.figures()
    assert figures.total == figures.accounted > 0
    told = plan.afterwards()
    seq, rows = told.seq, told.profiles().select("row", "plan").sort("row").collect()
    assert carried_out(place, preview) == figures.counters == plan.look().counters()
    stored = place.ws._home.tables.snapshot()
    assert (stored.seq, stored.next_row) == (seq, told.next_row)
    assert stored.profiles().select("row", "plan").sort("row").collect().equals(rows)


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_that_is_discarded_leaves_no_files(place: Place, kind: str) -> None:
    """And one whose files are gone is refused."""
    preview = previewed(place, kind)  # which removes the files of its plans when nobody holds it
    plan = plans_of(preview)[0]
    allow(plan, plan.figures(), GUARDS)
    plan.discard()
    assert plan.is_whole() is (kind == "export_profiles")
    if not plan.is_whole():
        with pytest.raises(ConflictError, match="the files of this plan were swept away"):
            allow(plan, plan.figures(), GUARDS)


@pytest.mark.parametrize("kind", ["load", "import_profiles"])
def test_a_plan_that_is_stored_keeps_its_files(place: Place, kind: str) -> None:
    """Whoever discards it, and whenever its preview is let go: they are the profiles' own by then."""
    preview = previewed(place, kind)
    plan = plans_of(preview)[0]
    carried_out(place, preview)
    after = place.store()
    plan.discard()
    del preview, plan
    gc.collect()
    assert place.store() == after


@pytest.mark.parametrize("kind", KINDS)
def test_figures_that_leave_somebody_out_are_refused(place: Place, kind: str) -> None:
    """Before anything is stored or sent."""
    plan = plans_of(previewed(place, kind))[0]
    figures = plan.figures()
    with pytest.raises(AssertionError, match="this is a defect of cdpkit, nothing was stored or sent"):
        allow(plan, Figures(figures.total + 1, figures.accounted, figures.counters), GUARDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_preview_that_was_overtaken_is_not_carried_out(place: Place, kind: str) -> None:
    """Somebody else commits in between; nothing of the preview is stored or sent."""
    preview = previewed(place, kind)
    place.load(*pros(4))
    before = place.store(), place.people()
    with pytest.raises(ConflictError, match="somebody else has committed since the preview; preview it again"):
        carried_out(place, preview)
    assert (place.store(), place.people()) == before


def test_a_preview_whose_files_are_gone_is_refused_and_recorded(place: Place) -> None:
    """The history says why; the profiles stay as they are."""
    preview, before = previewed(place, "load"), place.store()
    plans_of(preview)[0].discard()
    with pytest.raises(ConflictError, match="swept away"):
        place.ws.load(preview=preview)
    last = place.ws.runs.row(-1, named=True)
    assert (last["kind"], last["state"]) == ("load", "failed")
    assert "swept away" in last["details"]
    assert place.store() == before
