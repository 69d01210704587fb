"""How long a large file in a bucket takes to be rows, beside Polars: `python -m tests.benchmarks.buckets`.

Both read the same file from the same SeaweedFS on this machine, each in a process of its own that has loaded its
libraries, in turn. Ours is what a load and a sync do before their first step: fetch the object into a file, find out
how it is written, check all of its lines, and have every column of every row once, those of CSV as the texts that they
are, a million rows at a time. Polars' is `scan_csv` or `scan_parquet` with its own types, collected.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[2]
BUCKET = "work"
KINDS = ("csv", "parquet")
WHO = ("ours", "theirs")


def make(path: Path, rows: int) -> None:
    """A file of seven columns, 90 bytes a row as CSV."""
    import polars as pl

    number = pl.int_range(rows, eager=False)
    frame = pl.select(
        id=number,
        email=pl.format("person{}@example.org", number),
        first_name=pl.format("Name{}", number % 5_003),
        plan=pl.format("plan {}", number % 7),
        points=number * 7 % 10_000,
        spent=(number * 37 % 1_000_000) / 100,
        signed_up=pl.datetime(2020, 1, 1) + pl.duration(minutes=number % 2_000_000),
    )
    frame.write_csv(path) if path.suffix == ".csv" else frame.write_parquet(path)


def ours(address: str) -> int:
    """The rows, as a load reads them."""
    from cdpkit.runs.sources import read_source

    read = read_source(address)
    return sum(part.height for part in read.rows.parts(read.fields))


def theirs(address: str) -> int:
    """The rows, as Polars reads them."""
    import polars as pl

    options = {
        "aws_endpoint_url": os.environ["AWS_ENDPOINT_URL_S3"],
        "aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"],
        "aws_region": os.environ["AWS_REGION"],
        "aws_allow_http": "true",
    }
    scan: Callable[..., Any] = pl.scan_csv if address.endswith(".csv") else pl.scan_parquet
    return int(scan(address, storage_options=options).collect().height)


def once(who: str, address: str) -> dict[str, Any]:
    """Seconds, bytes at most and rows of one reading, in this process."""
    for library in ("boto3", "polars", "cdpkit.runs.sources"):
        import_module(library)
    from tests.benchmarks.memory import peak_memory

    began = time.perf_counter()
    rows = {"ours": ours, "theirs": theirs}[who](address)
    return {"seconds": time.perf_counter() - began, "peak": peak_memory(), "rows": rows}


def child(*what: str) -> Any:
    """What a process of its own comes to; the memory of this one, which is in its figures, stays small."""
    command = [sys.executable, "-m", "tests.benchmarks.buckets", *what]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=600)
    return json.loads(done.stdout or "null")


def measure(folder: Path, rows: int, repeat: int) -> list[dict[str, Any]]:
    """Medians for each kind of file.

    Args:
        folder: For the files and the server.
        rows: Of each file.
        repeat: How often each is read.

    Raises:
        AssertionError: Somebody has other rows.
    """
    weed = import_module("tests.transport.buckets.weed")

    found = []
    with weed.seaweed(folder / "weed") as told:
        os.environ.update(told)
        for kind in KINDS:
            path = folder / f"people.{kind}"
            child("--make", str(path), str(rows))
            _put(path)
            address = f"s3://{BUCKET}/{path.name}"
            turns = [{who: child("--once", who, address) for who in WHO} for _ in range(repeat)]
            assert {each["rows"] for turn in turns for each in turn.values()} == {rows}
            seconds = {who: median(turn[who]["seconds"] for turn in turns) for who in WHO}
            peak = {who: max(turn[who]["peak"] for turn in turns) for who in WHO}
            ratio = median(turn["ours"]["seconds"] / turn["theirs"]["seconds"] for turn in turns)
            found.append({"kind": kind, "size": path.stat().st_size, "ratio": ratio, "seconds": seconds, "peak": peak})
            path.unlink()
    return found


def _put(path: Path) -> None:
    import boto3

    client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"])
    client.upload_file(str(path), BUCKET, path.name)
    client.close()


def main() -> None:
    """Measure and print, or read once."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.buckets", description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--once", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--make", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        make(Path(options.make[0]), int(options.make[1]))
        return
    if options.once:
        print(json.dumps(once(*options.once)))
        return
    with tempfile.TemporaryDirectory(prefix="cdpkit-benchmarks-") as folder:
        for each in measure(Path(folder), options.rows, options.repeat):
            own, other = (f"{each['seconds'][who]:.2f} s, {each['peak'][who] / 1e6:,.0f} MB" for who in WHO)
            size = f"{options.rows:,} rows, {each['size'] / 1e6:,.0f} MB"
            print(f"{each['kind']:<8} {size}: {each['ratio']:.2f} times Polars ({own}; Polars {other})", flush=True)


if __name__ == "__main__":
    main()
