"""The gate: lint, types, import contracts and the house rules, as tests."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "cdpkit"
LONGEST_FILE, LONGEST_FUNCTION = 350, 50


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


def test_no_files_import_each_other_in_a_circle() -> None:
    """Each file can be read before those that use it; what is imported for types alone counts too."""
    graph = grimp.build_graph("cdpkit", cache_dir=None)
    above: dict[str, set[str]] = {
        module: {name for name in graph.find_modules_directly_imported_by(module) if name.startswith("cdpkit")}
        for module in graph.modules
    }
    while leaves := {module for module, below in above.items() if not below & above.keys()}:
        above = {module: below for module, below in above.items() if module not in leaves}
    assert sorted(above) == []


def test_files_and_functions_fit_in_the_head() -> None:
    """No file of the package is longer than 350 lines, and no function longer than 50 without its docstring."""
    long = []
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        long += [path.name] if len(text.splitlines()) > LONGEST_FILE else []
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                told = len((ast.get_docstring(node, clean=False) or "").splitlines())
                lines = (node.end_lineno or 0) - node.lineno + 1 - told
                long += [f"{path.name}:{node.name}"] if lines > LONGEST_FUNCTION else []
    assert long == []


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


_OF_THE_DISK = {"filelock", "glob", "gzip", "mmap", "os", "shutil", "tempfile"}
_OF_PATHS = {
    *("absolute", "chmod", "expanduser", "glob", "hardlink_to", "is_dir", "is_file", "is_symlink", "iterdir", "lstat"),
    *("mkdir", "read_bytes", "read_text", "readlink", "resolve", "rglob", "rmdir", "samefile", "stat", "symlink_to"),
    *("touch", "unlink", "write_bytes", "write_text"),
}
"""What pathlib does on a disk, but for names that others have too, and for `open`."""
_MODE = re.compile(r"[rwxabt+]{1,3}")
_MAY_REACH_IT = {
    "store/data_file.py": "files of tables, which Polars reads and writes",
    "store/log.py": "entries of the logs of tables, which Delta Lake writes",
    "store/intact.py": "files of tables, to compare them with their checksums",
    "store/verify.py": "files of tables, to look at every byte of them",
    "store/table.py": "files of tables, which Delta Lake commits",
    "store/commits.py": "tells the tables of one workspace from those of another by their folder",
    "runs/files/content.py": "files that users hand in, which are no part of a workspace",
    "runs/files/found.py": "files that users hand in, which are no part of a workspace",
    "runs/files/parquet_files.py": "files that users hand in, which are no part of a workspace",
    "runs/imports/pages.py": "reads lines of JSON from bytes",
    "runs/files/xml_files.py": "files that users hand in, which are no part of a workspace",
    "runs/files/ndjson.py": "reads lines of JSON from bytes",
}


def reaches_the_disk(node: ast.AST) -> bool:
    """Whether a piece of code reads or writes files, as far as its text tells."""
    match node:
        case ast.Import(names=names):
            found = any(alias.name in _OF_THE_DISK for alias in names)
        case ast.ImportFrom(module=module, names=names):
            found = module in _OF_THE_DISK and any(alias.name != "PathLike" for alias in names)
        case ast.Name(id="open"):
            found = True
        case ast.Call(func=ast.Attribute(attr="open"), args=args):
            found = not args or (isinstance(args[0], ast.Constant) and bool(_MODE.fullmatch(str(args[0].value))))
        case ast.Attribute(value=ast.Name(id="pl"), attr=name):
            found = name.startswith(("read_", "scan_"))
        case ast.Attribute(attr=name):
            found = name in _OF_PATHS or name.startswith(("write_", "sink_"))
        case _:
            found = False
    return found


@pytest.mark.parametrize("room", ["runs", "store", "workspace"])
def test_what_lies_beside_the_tables_is_reached_through_places_alone(room: str) -> None:
    """A workspace may once lie elsewhere than in a folder; each file that opens others itself has its reason above."""
    reaching = {
        path.relative_to(PACKAGE).as_posix(): sorted({ast.unparse(node) for node in found})
        for path in (PACKAGE / room).rglob("*.py")
        if (found := [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if reaches_the_disk(node)])
    }
    assert {path: what for path, what in reaching.items() if path not in _MAY_REACH_IT} == {}
    assert [path for path in _MAY_REACH_IT if path.startswith(f"{room}/") and path not in reaching] == []


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "from shutil import rmtree",
        "open(path)",
        "path.open('wb')",
        "path.open()",
        "path.read_text()",
        "folder.glob('*')",
        "pl.scan_parquet(path)",
        "frame.write_parquet(path)",
        "lazy.sink_csv(path)",
    ],
)
def test_the_rule_about_files_sees_what_it_is_for(text: str) -> None:
    """Each way to a disk that Python and Polars offer is found."""
    assert any(map(reaches_the_disk, ast.walk(ast.parse(text))))


@pytest.mark.parametrize("library", ["boto3", "deltalake", "duckdb", "filelock", "httpx", "keyring", "tomlkit"])
def test_a_library_to_the_outside_is_known_in_few_places(library: str) -> None:
    """Tables are known to one file, SQL to two; locks and settings to those that hold them."""
    known = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and library in {getattr(node, "module", None) or "", *(alias.name for alias in node.names)}
    }
    places = {
        "deltalake": {"store/table.py"},
        "duckdb": {"store/relation.py", "store/sql.py"},
        "filelock": {"place/folder.py"},
        "tomlkit": {
            "config/connections.py",
            "config/event_types.py",
            "config/goal_order.py",
            "config/goal_tables.py",
            "config/groups.py",
            "config/settings_file.py",
            "config/toml_file.py",
            "workspace/objectives.py",
            "workspace/segments.py",
        },
        "keyring": {"config/secrets.py"},
        "httpx": {"transport/http.py"},
        "boto3": {"place/buckets/clients.py"},
    }
    assert known <= places[library]


def test_importing_cdpkit_loads_nothing_heavy() -> None:
    """A fresh interpreter that imports the package has loaded no database, network or widget library."""
    heavy = ("duckdb", "boto3", "httpx", "ipywidgets", "anywidget", "polars")
    program = f"import cdpkit, sys; print([m for m in {heavy} if m in sys.modules])"
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
