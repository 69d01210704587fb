"""By what users of Braze and profiles are matched."""

from pathlib import Path

import pytest

from cdpkit.place import Folder
from cdpkit.runs.imports.pages import read_pages
from tests.transport.hurried import Hurried
from tests.vendors.stage import ANN, BOB, Stage, stage
from tests.vendors.test_braze_features import exporting, people_of


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses cost nothing."""
    monkeypatch.setattr("cdpkit.transport.driver.RealClock", Hurried)


def test_f168_f170_people_are_matched_by_one_or_more_identifiers(tmp_path: Path) -> None:
    """Also by Braze's own id and by an alias of the label that the connection says."""
    with stage("braze", tmp_path, people=30) as at:
        settings = {**at.settings, "alias_label": "cookie"}
        asked = at.pulling()
        asked = type(asked)(settings, asked.options, asked.discovery, ("user_alias", "braze_id", "phone", "email"))
        with at.driver() as driver:
            pulled = driver.run(at.importer.pull(asked, None))
        frames = {what: read_pages([page_of(at, page) for page in names])[0] for what, names in pulled.pages.items()}
        rows = at.importer.stage(frames, asked)
        assert rows.height == 30
        assert rows["braze_id"].n_unique() == 30
        assert rows["user_alias"].drop_nulls().str.starts_with("c-").all()
        assert rows["user_alias"].null_count() < 30
        assert rows["phone"].drop_nulls().str.contains(r"^\+?[0-9]+$").all()


def page_of(at: Stage, page: str) -> Folder:
    return Folder(at.folder / "pages" / page)


def test_f170_a_profile_is_matched_by_its_own_identifier(tmp_path: Path) -> None:
    """Where Braze knows people by the identifiers that cdpkit gave them."""
    with stage("braze", tmp_path) as at:
        text = [{"value": "text", "text": "hello", "to": "greeting"}]
        ws, conn = exporting(at, [{"customer": c, "email": c, "active": True} for c in (ANN, BOB)], mappings=text)
        conn.goals.change("Out", identifiers={"profile_id": "external_id"})
        conn.run().raise_for_state()
        ids = dict(ws.profiles.select("email", "profile_id").collect().rows())
        assert {*people_of(at)} == {*ids.values()}
        ws.properties.add("back")
        back = {"mappings": [{"from": "greeting", "to": "back"}], "create_profiles": False}
        conn.goals.add(**at.import_goal(identifiers={"external_id": "profile_id"}, **back))
        conn.run("In").raise_for_state()
        assert ws.profiles.select("back").collect()["back"].to_list() == ["hello", "hello"]
