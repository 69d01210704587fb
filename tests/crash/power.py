"""`python -m tests.crash.power [--cuts 10]`: the power is cut while loads follow each other.

It needs root and loop devices. A disk image that is mounted is copied as it is, which is what a power cut leaves of it,
and looked at: every load that had returned is there. The exit status is 1 where one is not.
"""

import argparse
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cdpkit

_SIZE = "80M"
_CHILD = """
import sys, polars as pl, cdpkit
ws = cdpkit.open(sys.argv[1])
for nth in range(10_000):
    frame = pl.DataFrame({"email": [f"{nth}@example.com"], "plan": [str(nth)]})
    ws.load(frame, {"email": "email"}, [{"from": "plan"}], goal="people").raise_for_state()
    print(nth, flush=True)
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.power")
    parser.add_argument("--cuts", type=int, default=10)
    cuts, wrong = parser.parse_args().cuts, 0
    with tempfile.TemporaryDirectory() as folder, mounted(Path(folder) / "disk", made=True) as disk:
        ws = cdpkit.create(disk / "w")
        ws.properties.add("email", type="email", identifier=True)
        command = [sys.executable, "-c", _CHILD, str(ws.path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for cut in range(cuts):
                told = int(child.stdout.readline())
                time.sleep(0.01 * (cut % 9))
                image = Path(folder) / f"cut{cut}.img"
                image.write_bytes((Path(folder) / "disk.img").read_bytes())
                with mounted(image.with_suffix("")) as after:
                    wrong += not whole(after / "w", told)
                image.unlink()
            child.kill()
    print(f"{cuts} cuts, {wrong} of them lost something")
    return min(wrong, 1)


def whole(path: Path, told: int) -> bool:
    """Whether all is there that was told of, in one piece."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ws = cdpkit.open(path)
    people = ws.profiles.collect().height
    states = ws.runs["state"].to_list()[: told + 1]
    found = ws.verify()
    print(f"told of {told + 1:,} loads: {people:,} profiles; {found!r}")
    return people > told and set(states) == {"succeeded"} and found.ok


@contextmanager
def mounted(disk: Path, *, made: bool = False) -> Iterator[Path]:
    """A disk in the file beside it, of the same name with `.img`."""
    image = disk.with_suffix(".img")
    if made:
        subprocess.run(["truncate", "-s", _SIZE, image], check=True)
        subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
    disk.mkdir()
    subprocess.run(["mount", "-o", "loop", image, disk], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


if __name__ == "__main__":
    sys.exit(main())
