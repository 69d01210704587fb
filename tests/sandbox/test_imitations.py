"""Which imitations there are, and what they know of each other."""

import ast
from pathlib import Path

import pytest

import cdpkit.sandbox
from cdpkit.sandbox.imitation import get, names

FOLDER = Path(cdpkit.sandbox.__path__[0])


def words(path: Path) -> set[str]:
    """The words of a module's texts and imports."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    imports = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    imports += [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return {word.lower() for text in texts + imports for word in text.replace(".", " ").replace("/", " ").split()}


def test_what_imitations_are_made_of_is_none() -> None:
    """Each folder beside it is an imitation, called as the folder is."""
    assert "world" not in names()
    assert {name: get(name).name for name in names()} == {name: name for name in names()}


@pytest.mark.parametrize("name", names())
def test_nothing_else_in_the_sandbox_names_a_vendor(name: str) -> None:
    """Deleting an imitation's folder takes all of it away."""
    others = [path for path in FOLDER.rglob("*.py") if FOLDER / name not in path.parents]
    assert [path.relative_to(FOLDER).as_posix() for path in others if name in words(path)] == []
