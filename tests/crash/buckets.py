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
from pathlib import Path
from typing import Any

import boto3
import botocore.client

import cdpkit
from cdpkit.store.tables import PROFILES
from tests.crash.kills import _differences
from tests.crash.state import State, state
from tests.crash.world import CASES, call, prepare

ROOT = Path(__file__).parents[2]
_BUCKET = "work"


def killed(case: str, folder: Path, start: str, work: str, at: int) -> tuple[int, State]:
    """The calls that a child made, which ends itself at one of its moments, and the workspace after a repetition.

    Args:
        case: What the child does.
        folder: Where the source is.
        start: Where the prepared workspace is in the bucket.
        work: Where it is copied to.
        at: The moment, two for each call; 0 for none.
    """
    _copy(start, work)
    address = f"s3://{_BUCKET}/{work}"
    command = [sys.executable, "-m", "tests.crash.buckets", "--child", address, case, str(folder), str(at)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False, timeout=120)
    assert done.returncode == (-9 if at and not done.stdout else 0)
    ws = cdpkit.open(address)
    if case != "undo" or not ws.runs.filter(kind="undo", state="succeeded").height:
        call(case, ws, folder)
    assert ws.verify().ok
    return int(done.stdout or 0), state(ws)


def compared(found: State, expected: State) -> list[str]:
    """What a workspace says otherwise than an undisturbed one; how often a call was repeated is its history's."""
    return _differences({name: expected[name] for name in (PROFILES, "valid", "changes")}, found)


def _copy(start: str, work: str) -> None:
    client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"])
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=_BUCKET, Prefix=f"{start}/"):
        for found in page["Contents"]:
            key = f"{work}/{found['Key'][len(start) + 1 :]}"
            got = client.get_object(Bucket=_BUCKET, Key=found["Key"])
            client.put_object(Bucket=_BUCKET, Key=key, Body=got["Body"].read(), Metadata=got["Metadata"])
    client.close()


def _child(address: str, case: str, folder: Path, at: int) -> None:
    """Make a call, and end before or after a call to the bucket."""
    ws, make, passed = cdpkit.open(address), botocore.client.BaseClient._make_api_call, 0

    def counted(client: Any, name: str, asked: Any) -> Any:
        nonlocal passed
        passed += 2
        if at == passed - 1:
            os.kill(os.getpid(), 9)
        answer = make(client, name, asked)
        if at == passed:
            os.kill(os.getpid(), 9)
        return answer

    botocore.client.BaseClient._make_api_call = counted
    call(case, ws, folder)
    print(passed, flush=True)


@contextmanager
def _environment(told: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(told)
    yield
    os.environ.clear()
    os.environ.update(before)


def main(kills: int, cases: tuple[str, ...]) -> int:
    """Kill so often, spread over the cases; returns how many workspaces said something else afterwards."""
    from tests.transport.buckets.weed import seaweed

    wrong, began = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as text, seaweed(Path(text) / "weed") as told, _environment(told):
        folder = Path(text)
        prepare(folder, f"s3://{_BUCKET}/start")
        for case in cases:
            moments, expected = killed(case, folder, "start", f"{case}-whole", 0)
            number = kills // len(cases)
            for nth, at in enumerate(sorted(random.sample(range(1, moments + 1), min(number, moments)))):
                _, found = killed(case, folder, "start", f"{case}-{nth}", at)
                if differences := compared(found, expected):
                    wrong += 1
                    print(f"{case}, moment {at} of {moments}: {', '.join(differences)}")
            print(
                f"{case}: {min(number, moments)} kills at {moments} moments, {time.monotonic() - began:.0f} s",
                flush=True,
            )
    print(f"{wrong} of them ended otherwise than undisturbed")
    return wrong


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(sys.argv[2], sys.argv[3], Path(sys.argv[4]), int(sys.argv[5]))
        sys.exit(0)
    parser = argparse.ArgumentParser(prog="python -m tests.crash.buckets")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("cases", nargs="*", default=CASES)
    asked = parser.parse_args()
    sys.exit(main(asked.kills, tuple(asked.cases)))
