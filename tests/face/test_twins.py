"""What is left where nothing can be clicked: everything can be read, and no secret is in it."""

import json
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, expect

from tests.face import lab
from tests.face.programs import SECONDS, Server

SENTINEL = "sk-sentinel-77aa"
PREPARED = """
from pathlib import Path
from tests.face.views import looking
folder = Path({folder!r})
ws = looking.workspace(folder)
kept = folder / "key"
conn = ws.connect("iterable", "news", {{"api_key": f"file:{{kept}}"}})
segment = ws.segments.add("some", "points > 0")
"""
VIEWS = {
    "conn.form()": "Connection('news'), iterable, on",
    "ws.form()": "news",
    "looking.previewed(ws)": "Values that change: 2",
    "run = looking.loaded(ws); run": "rows received",
    "run.rejects": "not a whole number",
    "ws.runs": "succeeded with warnings",
    "ws.profile(email='old0@example.com')": "Values: 4",
    "ws.properties": "What properties hold",
    "ws.segments": "Who is in segments now",
    "ws.segments['some']": "4 profiles",
    "ws.objectives": "objective",
}
"""What shows something, and words that stand there."""


def cells(folder: Path) -> list[str]:
    folder.mkdir()
    (folder / "key").write_text(SENTINEL, encoding="utf-8")
    return [PREPARED.format(folder=str(folder)), *VIEWS]


def test_papermill_and_exported_pages_have_everything_that_can_be_read(tmp_path: Path) -> None:
    """The twin of each view and no widget that nobody could draw, and nothing to be fetched from elsewhere."""
    book: Any = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells(tmp_path / "w")])  # type: ignore[no-untyped-call]
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, tmp_path / "in.ipynb")  # type: ignore[no-untyped-call]
    papermill.execute_notebook(
        tmp_path / "in.ipynb", tmp_path / "out.ipynb", progress_bar=False, execution_timeout=SECONDS
    )
    done: Any = nbformat.read(tmp_path / "out.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    for cell, words in zip(done.cells[1:], VIEWS.values(), strict=True):
        assert [set(output.data) for output in cell.outputs] == [{"text/plain", "text/html"}]
        assert words in cell.outputs[0].data["text/plain"]
    page, _ = HTMLExporter().from_notebook_node(done)  # type: ignore[no-untyped-call]
    assert page.count('class="cdp-static"') == len(VIEWS)
    assert SENTINEL not in page
    assert SENTINEL not in (tmp_path / "out.ipynb").read_text("utf-8")


def test_a_notebook_that_is_opened_again_shows_twins(jupyter: Server, chromium: Browser, tmp_path: Path) -> None:
    """Saved with its views, opened without their kernel: no widget is missed, trusted or not; no secret is in it."""
    with lab.notebook(jupyter, chromium, cells(tmp_path / "w")) as book:
        book.run_all()
        for at in range(1, len(VIEWS) + 1):
            book.shown(at).wait_for()
        expect(book.shown(3).get_by_role("table", name="How rows match, by identifier")).to_be_visible()
        saved = book.save()
    assert SENTINEL not in json.dumps(saved)
    assert "jupyter.widget-view" in json.dumps(saved)
    for name, change in (("trusted", _nothing), ("strange", _one_more)):
        path = jupyter.folder / f"{name}-{book.path.name}"
        path.write_text(json.dumps(change(saved)), encoding="utf-8")
        with lab.opened(jupyter, chromium, path, without_models=True) as again:
            for at, words in enumerate(VIEWS.values(), 1):
                again.cell(at).evaluate("cell => cell.scrollIntoView()")  # those out of sight are not drawn
                twin = again.cell(at).locator(".jp-OutputArea-child").first
                twin.get_by_text(words).first.wait_for()
            if name == "trusted":
                expect(again.page.get_by_text("model not found").locator("visible=true")).to_have_count(0)
            again.screenshot(f"opened-again-{name}")


def _nothing(saved: Any) -> Any:
    return saved


def _one_more(saved: Any) -> Any:
    """Changed by somebody else, so that nobody trusts it."""
    cells = json.loads(json.dumps(saved["cells"]))
    cells[1]["outputs"][0]["data"]["text/plain"] = ["changed"]
    return {**saved, "cells": cells}
