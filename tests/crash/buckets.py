"""Kills at a workspace in a bucket: `python -m tests.crash.buckets --kills 50` tries a real server.

The child counts the calls that it makes to the bucket, and ends itself before one of them or after it. Whoever comes
next takes its lease over and repeats the call; then the workspace says what an undisturbed one says.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore.client

import cdpkit
from cdpkit.store.tables import PROFILES
from tests.crash.kills import _differences
from tests.crash.state import State, state
from tests.crash.world import CASES, call, prepare
from tests.runs.sync.place import address as addresses
from tests.runs.sync.place import place, pros

ROOT = Path(__file__).parents[2]
BUCKET = "work"
SYNC = "sync"
"""An import and an export to a vendor, beside the cases of every workspace."""
_PROS = range(30)


@dataclass(frozen=True)
class Ended:
    """How a child, and the repetition of its call, ended.

    Attributes:
        moments: How many moments the child passed; 0 where it was killed.
        entries: The moments after which entries of the log of profiles are there.
        found: What the workspace says.
    """

    moments: int
    entries: tuple[int, ...]
    found: State


def killed(case: str, folder: Path, start: str, work: str, at: int) -> Ended:
    """Let a child make a call and end itself at a moment, and repeat the call.

    Args:
        case: What the child does.
        folder: Where the source is.
        start: Where the prepared workspace is in the bucket.
        work: Where it is copied to.
        at: The moment, two for each call; 0 for none.
    """
    copied(start, work)
    address = f"s3://{BUCKET}/{work}"
    with child(address, case, folder, at) as running:
        told, _ = running.communicate(timeout=120)
    assert running.returncode == (-9 if at and not told else 0)
    ws = cdpkit.open(address)
    if case != "undo" or not ws.runs.filter(kind="undo", state="succeeded").height:
        call(case, ws, folder)
    assert ws.verify().ok
    moments, *entries = map(int, told.split()) if told else (0,)
    return Ended(moments, tuple(entries), state(ws))


def child(address: str, case: str, folder: Path, at: int) -> "subprocess.Popen[str]":
    """The process that makes the call."""
    command = [sys.executable, "-m", "tests.crash.buckets", "--child", address, case, str(folder), str(at)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def sync_killed(folder: Path, work: str, at: int) -> tuple[int, list[str]]:
    """Let a child run a connection and end itself at a moment, and run it again.

    Args:
        folder: Where the key to the vendor is written; a new one.
        work: Where the workspace is made in the bucket.
        at: The moment, two for each call to the bucket; 0 for none.

    Returns:
        The moments that it passed, and what is not as after an undisturbed run.
    """
    folder.mkdir()
    with place(folder, people=40, at=f"s3://{BUCKET}/{work}") as there:
        there.importing(create_profiles=True)
        there.exporting()
        there.load(*pros(*_PROS))
        with child(there.ws.address, SYNC, folder, at) as running:
            told, _ = running.communicate(timeout=120)
        assert running.returncode == (-9 if at and not told else 0)
        fetched = there.calls("export/start")
        last = there.conn.run()
        runs = there.ws.runs.filter(kind="sync")
        facts = {
            "the run succeeds": last.state == "succeeded",
            "everybody is there once": there.ws.profiles.collect().height == 40 + len(_PROS),
            "the list has the segment": there.members() == addresses(*_PROS),
            "no run is left": set(runs["state"]) == {"succeeded"},
            "what was fetched is not fetched again": there.calls("export/start") <= fetched + 1,
            "nothing is damaged": there.ws.verify().ok,
        }
        return int(told.split()[0]) if told else 0, [what for what, is_so in facts.items() if not is_so]


def compared(found: State, expected: State) -> list[str]:
    """What a workspace says otherwise than an undisturbed one; how often a call was repeated is its history's."""
    return _differences({name: expected[name] for name in (PROFILES, "valid", "changes")}, found)


def copied(start: str, work: str) -> None:
    """Copy a workspace within the bucket."""
    client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"])
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{start}/"):
        for found in page["Contents"]:
            key = f"{work}/{found['Key'][len(start) + 1 :]}"
            got = client.get_object(Bucket=BUCKET, Key=found["Key"])
            client.put_object(Bucket=BUCKET, Key=key, Body=got["Body"].read(), Metadata=got["Metadata"])
    client.close()


def _child(address: str, case: str, folder: Path, at: int) -> None:
    """Make a call, and end before or after a call to the bucket."""
    ws, make, passed = cdpkit.open(address), botocore.client.BaseClient._make_api_call, 0
    entries: list[int] = []

    def counted(client: Any, name: str, asked: Any) -> Any:
        nonlocal passed
        passed += 2
        if name == "PutObject" and asked["Key"].endswith(".json") and "/profiles/_delta_log/" in asked["Key"]:
            entries.append(passed)
        if at == passed - 1:
            os.kill(os.getpid(), 9)
        answer = make(client, name, asked)
        if at == passed:
            os.kill(os.getpid(), 9)
        return answer

    botocore.client.BaseClient._make_api_call = counted
    if case == SYNC:
        ws.connection("news").run().raise_for_state()
    else:
        call(case, ws, folder)
    print(passed, *entries, flush=True)


@contextmanager
def environment(told: dict[str, str]) -> Iterator[None]:
    """Say so in the environment until the block ends."""
    before = dict(os.environ)
    os.environ.update(told)
    yield
    os.environ.clear()
    os.environ.update(before)


def main(kills: int, cases: tuple[str, ...]) -> int:
    """Kill so often, spread over the cases; returns how many workspaces said something else afterwards."""
    from tests.transport.buckets.weed import seaweed

    wrong, began = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as text, seaweed(Path(text) / "weed") as told, environment(told):
        folder = Path(text)
        prepare(folder, f"s3://{BUCKET}/start")
        for case in cases:
            whole = killed(case, folder, "start", f"{case}-whole", 0) if case != SYNC else None
            moments = whole.moments if whole else sync_killed(folder / "whole", "sync-whole", 0)[0]
            number = min(kills // len(cases), moments)
            for nth, at in enumerate(sorted(random.sample(range(1, moments + 1), number))):
                if whole is None:
                    _, differences = sync_killed(folder / f"{nth}", f"sync-{nth}", at)
                else:
                    ended = killed(case, folder, "start", f"{case}-{nth}", at)
                    differences = compared(ended.found, whole.found)
                if differences:
                    wrong += 1
                    print(f"{case}, moment {at} of {moments}: {', '.join(differences)}", flush=True)
            seconds = time.monotonic() - began
            print(f"{case}: {number} kills at {moments} moments, {seconds:.0f} s", flush=True)
    print(f"{wrong} of them ended otherwise than undisturbed")
    return wrong


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(sys.argv[2], sys.argv[3], Path(sys.argv[4]), int(sys.argv[5]))
        sys.exit(0)
    parser = argparse.ArgumentParser(prog="python -m tests.crash.buckets")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("cases", nargs="*", default=(*CASES, SYNC))
    asked = parser.parse_args()
    sys.exit(main(asked.kills, tuple(asked.cases)))
