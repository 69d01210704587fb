"""Kills at syncs with files: `python -m tests.crash.files --kills 50` tries folders, and a bucket of a real server.

Files hold numbers that are added up, so that one that is read twice, or by half, shows. Whoever comes next goes on;
then each file was read once, and everybody stands once in the files that were written.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import polars as pl

import cdpkit
from tests.crash.buckets import BUCKET, environment
from tests.crash.child import KILL, STEPS, Moments, sync_steps
from tests.crash.world import WORKSPACE

ROOT = Path(__file__).parents[2]
IMPORT, EXPORT = "import", "export"
CASES = ("import-folder", "export-folder", "import-bucket", "export-bucket")
FILES, PEOPLE = 9, 60
"""Files that are read, with a line for each of so many people; each person stands in several of them."""


@dataclass(frozen=True)
class Ended:
    """How a child, and the run after it, ended.

    Attributes:
        moments: How many moments the child passed; 0 where it was killed.
        differences: What is not as after an undisturbed run.
    """

    moments: int
    differences: tuple[str, ...]


def prepare(folder: Path) -> None:
    """A workspace with a connection to files, a goal each way, and people to export."""
    ws = cdpkit.create(folder / WORKSPACE)
    ws.properties.add("email", "email", identifier=True)
    ws.properties.add("points", "number")
    ws.segments.add("everybody", "true")
    points = [{"from": "points", "to": "points", "rule": "sum"}]
    conn = ws.connect("files", "conn", {"address": str(folder), "settle": 0})
    source = {"files": "in/*.csv", "which": "new"}
    common = {"identifiers": {"email": "email"}}
    conn.goals.add(kind="import_profiles", name=IMPORT, source=source, mappings=points, create_profiles=True, **common)
    conn.goals.add(
        kind="export_profiles",
        name=EXPORT,
        segment="everybody",
        target={"file": "out/{run}.csv"},
        mappings=[{"from": "points", "to": "points"}],
        **common,
    )


def killed(case: str, start: Path, work: Path, at: str) -> Ended:
    """Let a child run a goal and end itself at a moment, and run it again.

    Args:
        case: What the child does, and where the files are.
        start: The prepared workspace.
        work: Where it is copied to; a new folder.
        at: The moment; `0` for none.
    """
    goal, _, where = case.partition("-")
    shutil.copytree(start, work)
    shelf = Folder(work) if where == "folder" else Objects(work.name)
    ws = cdpkit.open(work / WORKSPACE)
    ws.connections.change("conn", settings={"address": shelf.address, "settle": 0})
    if goal == IMPORT:
        shelf.put({f"in/{n}.csv": _lines(n) for n in range(FILES)})
    else:
        ws.load(_people(), {"email": "email"}, [{"from": "points"}], create_profiles=True).raise_for_state()
    command = [sys.executable, "-m", "tests.crash.files", "--child", str(work), goal, at]
    child = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=120, check=False)
    assert child.returncode == (-signal.Signals[KILL] if at != "0" and not child.stdout else 0)
    ws = cdpkit.open(work / WORKSPACE)
    run = ws.connection("conn").run(goal)
    facts = {"the run succeeds": run.state == "succeeded", "nothing is damaged": ws.verify().ok}
    facts["no run is left"] = {*ws.runs.filter(kind="sync")["state"]} == {"succeeded"}
    facts |= _imported(ws) if goal == IMPORT else _exported(shelf)
    shutil.rmtree(work)
    return Ended(int(child.stdout or 0), tuple(what for what, is_so in facts.items() if not is_so))


def _imported(ws: cdpkit.Workspace) -> Mapping[str, bool]:
    found = dict(ws.profiles.select("email", "points").collect().rows())
    wanted = {f"p{n}@example.org": FILES * (FILES - 1) // 2 + FILES * n for n in range(PEOPLE)}
    again = ws.connection("conn").run(IMPORT)
    return {"each file is read once": found == wanted, "nothing is read again": again.counters["received"] == 0}


def _exported(shelf: "Folder | Objects") -> Mapping[str, bool]:
    files = shelf.read("out/")
    people = [line for text in files for line in text.splitlines()[1:]]
    wanted = [f"p{n}@example.org,{n}" for n in range(PEOPLE)]
    return {"everybody stands in one file once": sorted(people) == sorted(wanted)}


def _lines(file: int) -> str:
    """Addresses, with a number that tells the file and the person."""
    return "\n".join(["email,points", *(f"p{n}@example.org,{n + file}" for n in range(PEOPLE)), ""])


def _people() -> pl.DataFrame:
    return pl.DataFrame({"email": [f"p{n}@example.org" for n in range(PEOPLE)], "points": range(PEOPLE)})


class Folder:
    """Files beside a workspace."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.address = folder / "files", str(folder / "files")

    def put(self, files: Mapping[str, str]) -> None:
        """Write files."""
        for name, text in files.items():
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def read(self, prefix: str) -> list[str]:
        """The files below a folder that are whole."""
        paths = (self._folder / prefix).glob("*")
        return [path.read_text(encoding="utf-8") for path in paths if not path.name.startswith(".")]


class Objects:
    """Files in the bucket that the environment leads to."""

    def __init__(self, prefix: str) -> None:
        self._prefix, self.address = prefix, f"s3://{BUCKET}/{prefix}"
        self._client: Any = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"])

    def put(self, files: Mapping[str, str]) -> None:
        """Write objects."""
        for name, text in files.items():
            self._client.put_object(Bucket=BUCKET, Key=f"{self._prefix}/{name}", Body=text.encode())

    def read(self, prefix: str) -> list[str]:
        """The objects below a prefix."""
        listed = self._client.list_objects_v2(Bucket=BUCKET, Prefix=f"{self._prefix}/{prefix}").get("Contents", [])
        bodies = (self._client.get_object(Bucket=BUCKET, Key=each["Key"])["Body"] for each in listed)
        return [body.read().decode() for body in bodies]


def _child(folder: Path, goal: str, at: str) -> None:
    """Run a goal, and end at a moment."""
    ws, moments = cdpkit.open(folder / WORKSPACE), Moments(at, KILL)
    moments.watch_files(folder)
    moments.watch_steps([*STEPS, *sync_steps()])
    ws.connection("conn").run(goal).raise_for_state()
    print(moments.passed, flush=True)


def main(kills: int, cases: Sequence[str], seed: int) -> int:
    """Kill so often, spread over the cases; returns how many ended otherwise."""
    from tests.transport.buckets.weed import seaweed

    rng, wrong, began = random.Random(seed), 0, time.monotonic()
    with tempfile.TemporaryDirectory() as text, seaweed(Path(text) / "weed") as told, environment(told):
        start = Path(text, "start")
        start.mkdir()
        prepare(start)
        for case in cases:
            whole = killed(case, start, Path(text, f"{case}-whole"), "0")
            assert whole.differences == ()
            chosen = rng.sample(range(1, whole.moments + 1), min(kills // len(cases) + 1, whole.moments))
            for at in sorted(chosen):
                ended = killed(case, start, Path(text, f"{case}-{at}"), str(at))
                if ended.differences:
                    wrong += 1
                    print(f"{case}, moment {at} of {whole.moments}: {', '.join(ended.differences)}", flush=True)
            seconds = time.monotonic() - began
            print(f"{case}: {len(chosen)} kills at {whole.moments} moments, {seconds:.0f} s", flush=True)
    print(f"{wrong} of them ended otherwise than undisturbed")
    return wrong


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(Path(sys.argv[2]), sys.argv[3], sys.argv[4])
        sys.exit(0)
    parser = argparse.ArgumentParser(prog="python -m tests.crash.files")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("cases", nargs="*", default=CASES)
    asked = parser.parse_args()
    sys.exit(main(asked.kills, tuple(asked.cases), asked.seed))
