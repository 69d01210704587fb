"""The benchmarks run, and each case proves that its work was done."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.benchmarks import events
from tests.benchmarks.__main__ import NAMES
from tests.benchmarks.jobs import CASES
from tests.benchmarks.memory import peak_memory

ROOT = Path(__file__).parents[2]


def benchmarks(*options: str) -> list[dict[str, Any]]:
    """What the command says on stdout."""
    command = [sys.executable, "-m", "tests.benchmarks", "--rows", "2000", "--repeat", "1", "--json", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    cases: list[dict[str, Any]] = json.loads(done.stdout)["cases"]
    return cases


def test_every_case_runs_and_has_a_ratio() -> None:
    """At a tiny size each case does its work, which it checks itself, and comes with a ratio and its seconds."""
    cases = benchmarks("--together")
    assert [case["case"] for case in cases] == list(CASES) == list(NAMES)
    assert [case["case"] for case in cases if min(case["ratio"], case["seconds"], case["yardstick_seconds"]) <= 0] == []


def test_events_are_measured(tmp_path: Path) -> None:
    """At a tiny size; the work is checked by what measures it."""
    assert set(events.measure(tmp_path, 2000, people=100, more=300)) == {"import", "timeline"}


def test_memory_is_read_in_bytes() -> None:
    """This process holds more than ten megabytes by now."""
    assert peak_memory() > 10_000_000


def test_peers_are_listed_without_being_loaded() -> None:
    """The command that compares peers loads none of their libraries itself, and finds a module for each of them."""
    program = (
        "import sys, tests.benchmarks.peers.__main__ as peers; from importlib.util import find_spec;"
        "print([m for m in ('dlt', 'drt', 'pandas', 'duckdb', 'deltalake', 'polars') if m in sys.modules],"
        "[p.module for p in peers.PEERS.values() if find_spec('tests.benchmarks.peers.' + p.module) is None])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] []"
