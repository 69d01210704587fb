"""The gate: lint, types, import contracts and the house rules, as tests."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "cdpkit"


def run(*command: str) -> None:
    """Run a program of this environment in the source tree; its output is the failure's message."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    """Nearly all families of rules are on; each exception has its reason in pyproject.toml."""
    run("ruff", "check", "--no-cache")


def test_the_code_is_formatted() -> None:
    """The formatter decides how code looks."""
    run("ruff", "format", "--check", "--no-cache")


def test_mypy_finds_nothing() -> None:
    """Types are strict, in the tests too."""
    run("mypy", "--no-error-summary")


def test_import_contracts_are_kept() -> None:
    """A room imports only what lies below it, and the core is pure."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def calls(path: Path) -> list[str]:
    """The names of the attributes that a module calls."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]


@pytest.mark.parametrize(
    "path", sorted([*(PACKAGE / "core").rglob("*.py"), *(PACKAGE / "kit").rglob("*.py")]), ids=lambda path: path.name
)
def test_the_core_neither_reads_nor_writes_nor_loops_over_rows(path: Path) -> None:
    """Linters cannot see Polars' input and output, so this looks for it, and for loops over rows."""
    forbidden = ("read_", "scan_", "write_", "sink_", "map_elements", "iter_rows", "to_dicts", "rows_by_key")
    assert [name for name in calls(path) if name.startswith(forbidden)] == []


@pytest.mark.parametrize("library", ["deltalake", "duckdb", "filelock", "httpx", "keyring", "tomlkit"])
def test_a_library_to_the_outside_is_known_in_few_places(library: str) -> None:
    """Tables are known to one file, SQL to one; locks and settings to those that hold them."""
    known = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and library in {getattr(node, "module", None) or "", *(alias.name for alias in node.names)}
    }
    places = {
        "deltalake": {"store/table.py"},
        "duckdb": {"store/sql.py"},
        "filelock": {"config/toml_file.py", "runs/home.py"},
        "tomlkit": {
            "config/connections.py",
            "config/goal_edits.py",
            "config/settings.py",
            "config/toml_file.py",
            "workspace/objectives.py",
            "workspace/segments.py",
        },
        "keyring": {"config/secrets.py"},
        "httpx": {"transport/http.py"},
    }
    assert known <= places[library]


def test_importing_cdpkit_loads_nothing_heavy() -> None:
    """A fresh interpreter that imports the package has loaded no database, network or widget library."""
    program = (
        "import cdpkit, sys; print([m for m in ('duckdb','boto3','httpx','ipywidgets','polars') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_public_root_is_small() -> None:
    """At most twelve names, each of them there."""
    import cdpkit

    assert len(cdpkit.__all__) <= 12
    assert [name for name in cdpkit.__all__ if not hasattr(cdpkit, name)] == []


def test_every_test_says_what_it_shows() -> None:
    """Each test function has a sentence."""
    silent = [
        f"{path.name}:{node.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []
