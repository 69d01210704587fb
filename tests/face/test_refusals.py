"""What a refusal looks like in a cell: its sentences, and the place where it was raised for whoever asks."""

from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from tests.face.programs import SECONDS

REFUSED = "import cdpkit\ncdpkit.open({folder!r})"


def test_a_cell_shows_the_sentences_of_a_refusal_and_papermill_fails_with_them(tmp_path: Path) -> None:
    """All of the traceback comes with `%tb`, and only then; the cell has failed all the same."""
    refused = REFUSED.format(folder=str(tmp_path / "nothing"))
    cells = [nbformat.v4.new_code_cell(source) for source in (refused, "%tb", refused)]  # type: ignore[no-untyped-call]
    for cell in cells[:2]:
        cell.metadata["tags"] = ["raises-exception"]
    book: Any = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, tmp_path / "in.ipynb")  # type: ignore[no-untyped-call]
    with pytest.raises(papermill.PapermillExecutionError, match="is no cdpkit workspace"):
        papermill.execute_notebook(
            tmp_path / "in.ipynb", tmp_path / "out.ipynb", progress_bar=False, execution_timeout=SECONDS
        )
    done: Any = nbformat.read(tmp_path / "out.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    first, asked, last = (
        cell.outputs[-1] for cell in done.cells if cell.cell_type == "code" and cell.source in {refused, "%tb"}
    )
    for output in (first, last):
        assert (output.output_type, output.ename) == ("error", "WorkspaceError")
        shown = "\n".join(output.traceback)
        assert output.evalue in shown
        assert shown.endswith("%tb")
        assert "Traceback" not in shown
    assert "Traceback (most recent call last)" in "\n".join(asked.traceback)
    assert refused.split("\n")[1] in "\n".join(asked.traceback)
