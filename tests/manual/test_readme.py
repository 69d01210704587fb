"""README: short, its examples run, its commands are right, and it leads to every page of the manual."""

import json
import re
from pathlib import Path

import pytest

import cdpkit
from cdpkit.cli.manual_pages import pages, title
from tests.manual.written import FIRST_WORDS, ROOT, examples, mentioned_commands, run_examples

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def lines(example: str) -> int:
    return len([line for line in example.splitlines() if line])


def test_it_is_short() -> None:
    """What, for whom, how to begin, and where to go on; all else is in the manual."""
    assert len(TEXT.splitlines()) <= 150


def test_the_examples_run_as_they_stand(tmp_path: Path) -> None:
    """Ten lines for a load, in an empty folder, and a merge after them."""
    load, merge = examples(TEXT)
    assert lines(load) == 10
    said = run_examples(load + merge, tmp_path)
    assert "2,860  profiles created" in said
    assert re.findall(r"(\w+) +│ +(\d+) │", said) == [("basic", "564"), ("free", "1111"), ("gold", "593")]
    ws = cdpkit.open(tmp_path / "profiles")
    assert ws.runs["kind"].to_list() == ["load", "undo"]


def test_the_ten_lines_can_be_run_again(tmp_path: Path) -> None:
    """They show the same, but for what the run is called."""
    load, _ = examples(TEXT)
    first, again = (re.sub(r"load [0-9A-Za-z-]{6,}", "load ID", run_examples(load, tmp_path)) for _ in range(2))
    new = "    new properties: plan, country\n"
    assert first.replace(new, "") == again.replace(new, "")


def test_the_first_notebook_begins_with_the_same_lines() -> None:
    """In its own folder."""
    load, _ = examples(TEXT)
    notebook = json.loads((ROOT / "notebooks" / "quickstart.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert cells[2] == load.rstrip("\n").replace('"profiles", create', "workspace, create")


@pytest.mark.parametrize("command", ['pip install ".[demo]" && cdpkit demo', 'pip install -e ".[dev]" && pytest'])
def test_the_set_up_commands_stand_alone_on_a_line(command: str) -> None:
    """They can be copied as they are."""
    assert command in TEXT.splitlines()


@pytest.mark.parametrize("topic", sorted(pages()))
def test_a_page_of_the_manual_is_in_the_table(topic: str) -> None:
    """With a line that begins as the page's headline does; no line is about a page that is not there."""
    (row,) = [line for line in TEXT.splitlines() if line.startswith(f"| `{topic}` |")]
    first = re.split(r"[:,]", title(pages()[topic]))[0]
    assert first.lower() in row.lower()


def test_the_table_has_no_other_page() -> None:
    """Every line of it can be asked for."""
    table = TEXT[TEXT.index("| `cdpkit manual ...`") :]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(pages())


def test_no_other_command_is_mentioned() -> None:
    """README names only commands that exist."""
    assert mentioned_commands(TEXT) <= FIRST_WORDS
