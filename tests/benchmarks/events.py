"""What events cost beside many others: `python -m tests.benchmarks.events` tells it of one and of ten million.

An import of 100,000 should cost what it adds, and a time line be read in a tenth of a second, however many there are.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import polars as pl

import cdpkit
from cdpkit.core.events.build import WHICH
from cdpkit.core.hashing import hash_columns
from cdpkit.runs.timeline import events_of_profile
from cdpkit.store.tables.events import EVENTS, HERE

SIZES = (1_000_000, 10_000_000)
PART = 1_000_000
MORE = 100_000
PAIRS = {"total": "total", "items.sku": "products.sku"}
ORDERS = {
    "type": "order",
    "time": "at",
    "id": "number",
    "mappings": [{"from": field, "to": prop} for field, prop in PAIRS.items()],
}
START = pl.datetime(2024, 1, 1, time_zone="UTC")


def measure(folder: Path, events: int, people: int = 1_000_000, more: int = MORE) -> dict[str, float]:
    """Seconds of all cores that an import of so many more events takes, and reading one time line.

    Args:
        folder: Where the workspace is made.
        events: How many there are.
        people: Whose they are.
        more: How many are imported.
    """
    ws = cdpkit.create(folder / f"w{events}")
    ws.properties.add("email", "email", identifier=True)
    numbers = pl.DataFrame({"n": pl.int_range(people, eager=True)})
    ws.load(numbers.select(email=pl.format("p{}@example.com", "n")), {"email": "email"}).raise_for_state()
    table = ws._home.tables.open(EVENTS)
    starts = range(0, events, PART)
    made = (_stored(start, min(PART, events - start), people) for start in starts)
    files = [ws._home.tables.write(EVENTS, part, partition=HERE) for part in made]
    table.commit(files, transactions={"made": 1})
    rows = pl.DataFrame({"n": pl.int_range(more, eager=True)}).select(
        email=pl.format("p{}@example.com", pl.col("n") * 13 % people),
        number=pl.format("new-{}", "n"),
        at=START + pl.duration(minutes="n"),
        total=pl.col("n") % 1000 / 8,
        items=pl.concat_list(pl.struct(sku=pl.format("s{}", pl.col("n") % 97))),
    )
    begun = process_time()
    run = ws.load(rows, {"email": "email"}, events=[ORDERS])
    took = process_time() - begun
    if run.counters["events"] != {"added": more, "changed": 0, "unchanged": 0}:
        raise AssertionError(f"the work was not done: {run.counters}")
    begun = process_time()
    events_of_profile(ws._home, ws._home.tables.snapshot(), people // 2)
    return {"import": took, "timeline": process_time() - begun}


def _stored(start: int, number: int, people: int) -> pl.DataFrame:
    """Events as a table that was compacted has them."""
    frame = pl.DataFrame({"n": pl.int_range(start, start + number, eager=True)}).select(
        row=pl.col("n") * 7919 % people,
        type=pl.lit("order"),
        id=pl.col("n").cast(pl.String),
        time=START + pl.duration(seconds="n"),
        properties=pl.concat_str(
            pl.lit('{"total":'), (pl.col("n") % 1000).cast(pl.String), pl.lit(',"currency":"EUR"}')
        ),
    )
    nothing = [pl.lit(None, pl.Int64).alias(name) for name in ("source_row", "of")]
    return frame.with_columns(hash_columns(frame, WHICH).alias("key"), pl.lit(1, pl.Int64).alias("seq"), *nothing).sort(
        "row"
    )


def main() -> None:
    """Measure each size, and say how many times as long the larger takes."""
    with TemporaryDirectory() as folder:
        found = {size: measure(Path(folder), size) for size in SIZES}
    small, large = (found[size] for size in SIZES)
    ratios = {name: large[name] / small[name] for name in small}
    sys.stdout.write(json.dumps({"seconds": found, "ratios": ratios}, indent=2) + "\n")


if __name__ == "__main__":
    main()
