"""The notebooks: clean in the source tree, and they run there and where the demo copies them."""

from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

import cdpkit
from cdpkit.place.bundled import copy_bundled

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
WITH_A_CONNECTION = "run_connection.ipynb"
"""Runs on a workspace that is there already; test_run_connection.py has its tests."""
TOURS = [path for path in NOTEBOOKS if path.name != WITH_A_CONNECTION]
QUICKSTART = next(path for path in TOURS if path.name == "quickstart.ipynb")
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
each_tour = pytest.mark.parametrize("path", TOURS, ids=lambda path: path.name)
FOLDERS = {"sample_data", "notebooks"}
"""Where a tour finds what lies beside it."""
SYNCS = {
    "map_fields": ["succeeded"],
    "mend_rejects": ["succeeded_with_warnings", "succeeded"],
    "preview_before_export": ["succeeded_with_warnings", "failed", "succeeded_with_warnings"],
    "quickstart": ["succeeded", "succeeded"],
    "scheduled_runs": ["succeeded", "succeeded", "failed"],
    "segments_and_sql": [],
    "your_own_vendor": ["succeeded_with_warnings", "succeeded_with_warnings"],
}
"""How the syncs end of which a tour tells; a goal that fails, or somebody who is refused, is shown on purpose."""


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a notebook makes by default goes where the test's files go; so do the files of its kernel."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setenv("IPYTHONDIR", str(folder))


def execute(path: Path, cwd: Path, out: Path, **parameters: str) -> None:
    papermill.execute_notebook(path, out, parameters, cwd=cwd, kernel_name="python3", progress_bar=False)


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]


def test_there_are_notebooks() -> None:
    """The tours, and the one for schedules."""
    assert {path.stem for path in TOURS} == set(SYNCS)
    assert WITH_A_CONNECTION in {path.name for path in NOTEBOOKS}


@each_notebook
def test_a_notebook_is_valid_and_stores_no_output(path: Path) -> None:
    """Format 4.5 with cell ids, the kernel python3, nothing executed."""
    notebook = read(path)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []


@each_notebook
def test_a_notebook_has_one_cell_of_parameters(path: Path) -> None:
    """Papermill puts its values after the cell with this tag; each names a workspace, and what is done with it."""
    notebook = read(path)
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    work = set() if path in TOURS else {"connection", "goal", "full", "dry_run"}
    assert {line.split(" = ")[0] for line in tagged[0].source.splitlines()} - FOLDERS == {"workspace", *work}


@each_notebook
def test_the_cells_of_a_notebook_are_short(path: Path) -> None:
    """A cell is read at one glance."""
    notebook = read(path)
    assert [cell.id for cell in notebook.cells if len(cell.source.splitlines()) > 16] == []


def test_a_tour_runs_from_the_folder_above(tmp_path: Path) -> None:
    """As a scheduler starts it: in the source tree's top folder, with a workspace given."""
    execute(QUICKSTART, QUICKSTART.parents[1], tmp_path / "out.ipynb", workspace=str(tmp_path / "ws"))
    assert (tmp_path / "ws" / "cdpkit.toml").is_file()


@each_tour
def test_a_copied_tour_runs_with_its_defaults(path: Path, tmp_path: Path) -> None:
    """As the demo leaves it: beside the copied sample data, opened in its own folder."""
    copy_bundled("sample_data", tmp_path / "demo")
    copied = copy_bundled("notebooks", tmp_path / "demo") / path.name
    execute(copied, copied.parent, tmp_path / "out.ipynb")
    (settings,) = (tmp_path / "temporary").glob("cdpkit-*/cdpkit.toml")
    syncs = cdpkit.open(settings.parent).runs.filter(kind="sync")
    assert syncs["state"].to_list() == SYNCS[path.stem]
