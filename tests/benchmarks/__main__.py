"""How long loads, previews, undos, queries and syncs take beside a yardstick, such as a plain copy of the table.

`python -m tests.benchmarks [--rows N ...] [--case NAME ...] [--repeat K] [--json] [--folder PATH]`
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NAMES = (
    "first_load",
    "import_few",
    "import_tenth",
    "preview_tenth",
    "two_identifiers",
    "multi_identifier",
    "mixed_case",
    "load_again",
    "undo_tenth",
    "compaction",
    "segment_count",
    "sql_grouping",
    "due_fifth",
    "due_three_fifths",
    "render",
    "export_sink",
    "export_quota",
    "import_stream",
)
"""The cases; written out, because a parent that loads no library leaves its children's memory figures alone."""


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--rows", nargs="+", type=int, default=[100_000], help="profiles of the table; several sizes show the growth"
    )
    listed = f"only these of {', '.join(NAMES)}"
    parser.add_argument("--case", nargs="+", choices=NAMES, default=NAMES, metavar="CASE", help=listed)
    parser.add_argument("--repeat", type=int, default=3, help="how often each is run; medians are shown")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--folder", type=Path, help="keep data and workspaces here, and use what is there")
    parser.add_argument("--together", action="store_true", help="all cases in one process: faster, no memory figures")
    options = parser.parse_args(given)
    if min(options.rows) < 1_000:
        parser.error("--rows is at least 1,000")
    return options


def child(folder: Path, options: argparse.Namespace, rows: int, verb: str, names: list[str]) -> list[dict[str, Any]]:
    """Run a child process and read what it measured; nothing where it failed or the system ended it."""
    command = [sys.executable, "-m", "tests.benchmarks.child", str(folder), str(rows), str(options.repeat)]
    done = subprocess.run([*command, verb, *names], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(f"{', '.join(names)}: failed with status {done.returncode}", file=sys.stderr, flush=True)
        return []
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def measure(folder: Path, options: argparse.Namespace, rows: int) -> list[dict[str, Any]]:
    """All figures of a size, case by case."""
    folder = folder.resolve() / str(rows)
    folder.mkdir(parents=True, exist_ok=True)
    names = list(options.case)
    print(f"making {rows:,} profiles\n{HEADLINE}", file=sys.stderr, flush=True)
    if options.together:
        return [found | {"peak_mb": None} for found in child(folder, options, rows, "both", names)]
    child(folder, options, rows, "prepare", names)
    results = []
    for name in names:
        found = child(folder, options, rows, "run", [name])
        print(*(line(case) for case in found), sep="\n", file=sys.stderr, flush=True)
        results += found
    return results


HEADLINE = f"{'case':<18}{'ratio':>7}  {'to':<14}{'seconds':>8}{'to, s':>8}{'peak MB':>9}{'then compaction, s':>20}"


def line(found: dict[str, Any]) -> str:
    """The figures of one case, with the stages of a sync."""
    peak = "" if found["peak_mb"] is None else f"{found['peak_mb']:,.0f}"
    then = "" if found["compaction_seconds"] is None else f"{found['compaction_seconds']:.2f}"
    stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in found["phases"].items())
    figures = (
        f"{found['case']:<18}{found['ratio']:>7.2f}  {found['than']:<14}{found['seconds']:>8.2f}"
        f"{found['yardstick_seconds']:>8.2f}{peak:>9}{then:>20}"
    )
    return f"{figures}  {stages}".rstrip()


def tables(options: argparse.Namespace, results: list[dict[str, Any]]) -> list[str]:
    """The lines of a table for each size, and of one that shows how the seconds grow where there are several."""
    shown = []
    for rows in options.rows:
        shown += [f"{rows:,} profiles", HEADLINE, *(line(found) for found in results if found["rows"] == rows), ""]
    if len(options.rows) > 1:
        shown.append(f"{'seconds at':<18}" + "".join(f"{rows:>14,}" for rows in options.rows))
    seconds = {(found["case"], found["rows"]): f"{found['seconds']:.2f}" for found in results}
    for name in options.case if len(options.rows) > 1 else ():
        shown.append(f"{name:<18}" + "".join(f"{seconds.get((name, rows), '-'):>14}" for rows in options.rows))
    return shown


def main() -> None:
    """Measure and print."""
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="cdpkit-benchmarks-") as spare:
        folder = Path(spare) if options.folder is None else options.folder
        results = [found for rows in options.rows for found in measure(folder, options, rows)]
    shown = {"rows": options.rows, "repeat": options.repeat, "cases": results}
    print(json.dumps(shown) if options.json else "\n".join(tables(options, results)).rstrip())
    if len(results) < len(options.case) * len(options.rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
