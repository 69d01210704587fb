"""Other ways to do the same work, each in a process of its own: time, peak memory, and what each leaves out.

`python -m tests.benchmarks.peers [--rows N] [--people N] [--peer NAME ...] [--repeat K] [--json]`

Imports set four columns of a tenth of the profiles by e-mail and insert who is not there; exports send everybody with
eight fields to a vendor that answers at once. It needs the extra `bench`; peers that are not installed are named.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.peers.catalogue import EXPORT, IMPORT, PEERS, Peer
from tests.benchmarks.sink import ROOT, sink

PATIENCE = 3_600.0
"""Seconds after which a step of a peer is given up."""


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m tests.benchmarks.peers", description=__doc__, formatter_class=form)
    parser.add_argument("--rows", type=int, default=100_000, help="profiles of the table; a tenth is imported")
    parser.add_argument(
        "--people", type=int, help="how many are exported; all profiles, a million at most, if left out"
    )
    names, listed = tuple(PEERS), f"only these of {', '.join(PEERS)}"
    parser.add_argument("--peer", nargs="+", choices=names, default=names, metavar="PEER", help=listed)
    parser.add_argument("--repeat", type=int, default=3, help="how often each is run; medians are shown")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args(given)
    if options.rows < 1_000:
        parser.error("--rows is at least 1,000")
    options.people = min(options.people or options.rows, options.rows, 1_000_000)
    return options


class StepFailedError(Exception):
    """A step of a peer did not come to its end."""


def step(*command: str | Path) -> Any:
    """Run a step in a process of its own; what it prints last is its answer.

    Raises:
        StepFailedError: It failed, the system ended it, or it took too long.
    """
    program = [sys.executable, "-m", "tests.benchmarks.peers.child", *map(str, command)]
    try:
        done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise StepFailedError(f"given up after {PATIENCE:g} s") from None
    if done.returncode < 0:
        raise StepFailedError(f"ended by signal {-done.returncode}: it may not fit in memory")
    if done.returncode:
        raise StepFailedError((done.stderr.strip().splitlines() or ["failed and said nothing"])[-1])
    return json.loads(done.stdout.splitlines()[-1])


def import_once(name: str, folder: Path) -> dict[str, Any]:
    """Time one import, and look at what it left."""
    place = folder / "at-work"
    shutil.copytree(folder / name, place)
    try:
        figures: dict[str, Any] = step("work", name, folder / "sources", place)
        return figures | {"digest": step("result", name, folder / "sources", place)}
    finally:
        shutil.rmtree(place)


def export_once(name: str, folder: Path) -> dict[str, Any]:
    """Time one export, and look at what arrived."""
    place, kept = folder / "at-work", folder / "kept.txt"
    shutil.copytree(folder / name, place)
    try:
        with sink(folder / "sources", kept) as address:
            figures: dict[str, Any] = step("work", name, folder / "sources", place, address)
        return figures | {"digest": step("sent", kept)}
    finally:
        shutil.rmtree(place)
        kept.unlink(missing_ok=True)


ONCE: dict[str, Callable[[str, Path], dict[str, Any]]] = {IMPORT: import_once, EXPORT: export_once}


def measure(folder: Path, options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """The figures of each peer: those of its turns, or why there are none."""
    found: dict[str, dict[str, Any]] = {}
    step("sources", folder / "sources", str(options.rows), str(options.people))
    for turn in range(options.repeat):
        for name in options.peer:
            peer, figures = PEERS[name], found.setdefault(name, {"turns": [], "error": None})
            if peer.version is None:
                figures["error"] = f"not installed: {peer.needs} is in the extra bench"
            if figures["error"] is not None:
                continue
            try:
                if not turn:
                    step("setup", name, folder / "sources", folder / name)
                seen = ONCE[peer.kind](name, folder)
                figures["turns"].append(seen)
                print(f"{name}: {seen['seconds']:.2f} s", file=sys.stderr, flush=True)
            except StepFailedError as error:
                figures["error"] = str(error)
                print(f"{name}: {error}", file=sys.stderr, flush=True)
    return found


def summary(found: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """One line a peer: medians, and whether its results are those of the first of its kind."""
    lines: list[dict[str, Any]] = []
    digests: dict[str, list[int]] = {}
    seconds: dict[str, float] = {}
    for name, figures in found.items():
        peer: Peer = PEERS[name]
        line: dict[str, Any] = {"peer": name, "kind": peer.kind, "title": peer.title, "version": peer.version}
        line |= {"leaves_out": peer.leaves_out, "error": figures["error"]}
        if figures["turns"]:
            results = [turn["digest"] for turn in figures["turns"]]
            first = digests.setdefault(peer.kind, results[0])
            line["seconds"] = median(turn["seconds"] for turn in figures["turns"])
            line["to_first"] = line["seconds"] / seconds.setdefault(peer.kind, line["seconds"])
            line["peak_mb"] = max(turn["peak_mb"] for turn in figures["turns"])
            line["same"] = all(result == first for result in results)
        lines.append(line)
    return lines


def table(lines: list[dict[str, Any]], kind: str, title: str) -> list[str]:
    """The lines of one kind for people."""
    shown = [title, f"{'peer':<34}{'version':<10}{'seconds':>9}{'ratio':>7}{'peak MB':>9}  {'result':<9}leaves out"]
    for line in lines:
        if line["kind"] != kind:
            continue
        start = f"{line['title']:<34}{line['version'] or '-':<10}"
        if "seconds" not in line:
            shown.append(f"{start}{line['error']}")
            continue
        figures = f"{line['seconds']:>9.2f}{line['to_first']:>7.2f}{line['peak_mb']:>9,.0f}"
        result = "the same" if line["same"] else "DIFFERS"
        shown.append(f"{start}{figures}  {result:<9}{line['leaves_out']}".rstrip())
    return [*shown, ""]


def main() -> None:
    """Measure and print."""
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="cdpkit-peers-") as folder:
        lines = summary(measure(Path(folder), options))
    if options.json:
        print(json.dumps({"rows": options.rows, "people": options.people, "repeat": options.repeat, "peers": lines}))
    else:
        print(*table(lines, IMPORT, f"import of {options.rows // 10:,} rows into {options.rows:,} profiles"), sep="\n")
        print(*table(lines, EXPORT, f"export of {options.people:,} profiles"), sep="\n")
    if any(line["error"] or not line.get("same") for line in lines):
        sys.exit(1)


if __name__ == "__main__":
    main()
