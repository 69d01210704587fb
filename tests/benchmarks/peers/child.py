"""One process for each step of a peer, so that its memory is its own: `python -m tests.benchmarks.peers.child`."""

import gc
import json
import sys
import time
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.benchmarks.memory import peak_memory
from tests.benchmarks.peers.catalogue import PEERS
from tests.benchmarks.peers.task import PREFIX, SENT, SET, SUFFIX, Task

UNTOUCHED = "channel"
"""A column that no import touches; of the others the same is believed."""


def module_of(name: str) -> ModuleType:
    """The module that does a peer's work."""
    return import_module(f"tests.benchmarks.peers.{PEERS[name].module}")


def make_sources(task: Task, rows: int, people: int) -> None:
    """Write what is common to all peers."""
    import polars as pl

    from tests.benchmarks import data

    task.sources.mkdir(parents=True, exist_ok=True)
    single = [name for name, column in data.COLUMNS.items() if not column.multi]
    written = data.people(rows, task.sources / "all.parquet")
    pl.scan_parquet(written).select(single).sink_parquet(task.profiles)
    pl.scan_parquet(written).head(people).select("email", *SENT).sink_parquet(task.people)
    some = data.extract(task.sources / "some.parquet", rows, rows // 10, 2, new=0.05).path
    city = pl.format("city {}", "points").alias("city")
    pl.scan_parquet(some).with_columns(city).select("email", *SET).sink_parquet(task.rows)
    for path in (written, some):
        path.unlink()


def timed(name: str, task: Task) -> dict[str, float]:
    """Seconds and peak memory of a peer's work."""
    module = module_of(name)
    gc.collect()
    began = time.perf_counter()
    module.work(task, PEERS[name].strategy)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "peak_mb": peak_memory() / 1e6}


def stored(name: str, task: Task) -> list[int]:
    """A digest of what an import left: the number of profiles, and a hash of them that knows no order."""
    import polars as pl

    frame = module_of(name).result(task)
    columns = [pl.col(column).cast(pl.String) for column in ("email", *SET, UNTOUCHED) if column != "points"]
    return _digest(frame.select(*columns, pl.col("points").cast(pl.Int64)))


def sent(kept: Path) -> list[int]:
    """A digest of what an export sent, given a file with a body a line."""
    import polars as pl

    lines = kept.read_text(encoding="utf-8").splitlines()
    users = ("\n".join(_people(line)) for line in lines)
    frames = [pl.read_ndjson(text.encode(), schema=_sent_as()) for text in users]
    return _digest(pl.concat(frames).unnest("dataFields"))


def _people(line: str) -> list[str]:
    if not (line.startswith(PREFIX) and line.endswith(SUFFIX)):
        raise AssertionError("a body has another form")
    return [json.dumps(person) for person in json.loads(line)["users"]]


def _sent_as() -> dict[str, Any]:
    import polars as pl

    kinds = {"points": pl.Int64(), "balance": pl.Float64(), "subscribed": pl.Boolean()}
    return {"email": pl.String(), "dataFields": pl.Struct({name: kinds.get(name, pl.String()) for name in SENT})}


def _digest(frame: Any) -> list[int]:
    return [frame.height, int(frame.hash_rows(seed=1).sum())]


def main() -> None:
    """`sources FOLDER ROWS PEOPLE`, or `setup | work | result NAME SOURCES PLACE [ADDRESS]`, or `sent FILE`."""
    verb, *rest = sys.argv[1:]
    found: Any = None
    if verb == "sources":
        make_sources(Task(Path(rest[0]), Path(rest[0])), int(rest[1]), int(rest[2]))
    elif verb == "sent":
        found = sent(Path(rest[0]))
    else:
        name, sources, place, *address = rest
        task = Task(Path(sources), Path(place), *address)
        if verb == "setup":
            task.place.mkdir()
            module_of(name).setup(task, PEERS[name].strategy)
        else:
            found = timed(name, task) if verb == "work" else stored(name, task)
    print(f"\n{json.dumps(found)}")


if __name__ == "__main__":
    main()
