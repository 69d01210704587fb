"""Files with bytes changed, cut out and put in: `python -m tests.runs.files.damage 20000` tries so many of them."""

import gzip
import io
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import polars as pl
import pyarrow as pa

from cdpkit.errors import ConfigurationError
from tests.runs.files.readers import read

ROWS = [
    {"mail": f"p{i}@x.de", "plan": '17" "é"\n' if i % 7 == 0 else "gold", "n": i, "tags": ["a", "b"][: i % 3]}
    for i in range(40)
]
STRANGE = [
    b'"',
    b"\\",
    b"\x00",
    b"\xff",
    b"\n",
    b"{",
    b"[",
    b"}",
    b"\\ud83d",
    b"1e999",
    b"NaN",
    b"\xef\xbb\xbf",
    b",,,,",
    b"-",
]


def files() -> dict[str, bytes]:
    """A good file of each format."""
    frame = pl.DataFrame(ROWS)
    text = frame.drop("tags").write_csv().encode()
    lines = "\n".join(json.dumps(row) for row in ROWS).encode()
    parquet = io.BytesIO()
    frame.write_parquet(parquet)
    packed = pa.BufferOutputStream()
    with pa.CompressedOutputStream(packed, "zstd") as out:
        out.write(text)
    return {
        "a.csv": text,
        "a.ndjson": lines,
        "a.json": json.dumps(ROWS, indent=1).encode(),
        "a.parquet": parquet.getvalue(),
        "a.csv.gz": gzip.compress(text),
        "a.csv.zst": packed.getvalue().to_pybytes(),
        "b.csv": text.decode().encode("utf-16"),
    }


def damaged(content: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, cut out or put in, or the end cut off."""
    found = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 5])):
        at = chance.randrange(len(found) + 1)
        match chance.randrange(5):
            case 0:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del found[at : at + chance.choice([1, 3, 50])]
            case 2:
                found[at:at] = chance.choice(STRANGE)
            case 3:
                found[at : at + 8] = found[:8]
            case _ if chance.random() < 0.2:
                del found[at:]
    return bytes(found)


def outcome(path: Path, content: bytes) -> str:
    """How a file is read: well, or with an error that is meant for people; all others are raised."""
    path.write_bytes(content)
    try:
        found = read(path)
        found.rows.columns(list(found.fields))
    except ConfigurationError as error:
        return "quotes a person" if "@x.de" in str(error) else type(error).__name__
    lost = found.unreadable["_source_row"]
    assert sorted([*found.source_row, *lost]) == list(range(found.source_row.len() + lost.len()))
    return "left out" if lost.len() else "read"


def main(times: int) -> None:
    chance, counts, slowest = random.Random(7), Counter[str](), 0.0
    whole = files()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(times):
            name = chance.choice(list(whole))
            content = damaged(whole[name], chance)
            start = time.perf_counter()
            try:
                counts[f"{name} {outcome(Path(folder) / name, content)}"] += 1
            except BaseException as error:  # noqa: BLE001 - it is what is looked for
                counts[f"{name} RAW {type(error).__name__} {str(error)[:80]}"] += 1
                Path(f"raw-{number}-{name}").write_bytes(content)
            slowest = max(slowest, time.perf_counter() - start)
    print("\n".join(f"{count:>7,}  {what}" for what, count in sorted(counts.items())), f"\nslowest {slowest:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]))
