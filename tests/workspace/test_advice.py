"""What messages and texts tell people to call is there to be called."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import cdpkit
from cdpkit.cli.manual_pages import pages
from cdpkit.workspace.connections import Connections
from cdpkit.workspace.goals import Goals
from cdpkit.workspace.objectives import Objectives
from cdpkit.workspace.processors import Processors
from cdpkit.workspace.properties import Properties
from cdpkit.workspace.segments import Segments

ROOT = Path(__file__).parents[2]
CALLED = re.compile(r"\b(ws|conn|run|preview|goals)\.((?:[a-z_]+\.)?[a-z_]+)\b(?=\()")
OWNERS: dict[str, type] = {
    "ws": cdpkit.Workspace,
    "conn": cdpkit.Connection,
    "run": cdpkit.Run,
    "preview": cdpkit.Preview,
    "properties": Properties,
    "segments": Segments,
    "objectives": Objectives,
    "processors": Processors,
    "connections": Connections,
    "goals": Goals,
}


def texts() -> Iterator[tuple[str, str]]:
    """Every text of the package, by where it stands: in code, docstrings among it, and in the manual."""
    for path in (ROOT / "cdpkit").rglob("*.py"):
        constants = [
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        yield path.relative_to(ROOT).as_posix(), "\n".join(constants)
    yield from pages().items()
    yield "README.md", (ROOT / "README.md").read_text(encoding="utf-8")


ADVISED = {where: calls for where, text in texts() if (calls := CALLED.findall(text))}


@pytest.mark.parametrize("where", sorted(ADVISED))
def test_what_is_advised_exists(where: str) -> None:
    """`ws.segments.add(...)` in a message is a method of the catalogue of that name; so is all the like."""
    unknown = []
    for name, path in ADVISED[where]:
        owner = OWNERS[name]
        *catalogue, verb = path.split(".")
        if catalogue and (not hasattr(owner, catalogue[0]) or catalogue[0] not in OWNERS):
            continue  # of a frame or another value: not ours
        if not hasattr(OWNERS[catalogue[0]] if catalogue else owner, verb):
            unknown.append(f"{where}: {name}.{path}")
    assert unknown == []
