"""What an export did whose run is not gone on with: kept, so that nobody is forgotten on a list."""

import polars as pl

from cdpkit.core.due import MAYBE, THEIRS, TRIED
from cdpkit.core.outcome import REJECTED
from cdpkit.runs.draft import write_side
from cdpkit.runs.home import Home
from cdpkit.runs.run import FAILED, RUNNING
from cdpkit.runs.sync.folder import run_folder
from cdpkit.runs.sync.history import Lines
from cdpkit.runs.sync.journal import PUSH, Journal
from cdpkit.store.commits import describe
from cdpkit.store.exported import KNOWN, next_turn
from cdpkit.store.tables import GOAL_ROWS


def keep_what_was_sent(home: Home, lines: Lines) -> None:
    """Let the goals of a run that did not end know whom they may have put on which list.

    Those people count as tried: the next run sends them again, and takes them off those lists when they have left.
    """
    for nth, goal in enumerate(lines.goals):
        folder, key = run_folder(home.root, lines.run) / str(nth), f"{lines.run}/{goal.key}"
        journalled = goal.state in {RUNNING, FAILED} and (folder / "journal.ndjson").exists()
        if not journalled or home.tables.is_concluded(key):
            continue
        journal = Journal(folder / "journal.ndjson").read()
        taken = journal.answered.filter(pl.col("do") == PUSH, pl.col("fate") != REJECTED)
        rows = pl.concat([taken.select("row"), journal.asked.filter(do=PUSH).select("row")])
        known = _tried(pl.read_parquet(folder / "send.parquet", glob=False).join(rows, on="row", how="semi"))
        turn = pl.lit(next_turn(home.tables, goal.key), pl.Int64)
        side = write_side(home, GOAL_ROWS, known.with_columns(turn=turn).sort("row"), partition=goal.key)
        home.tables.conclude(key, {"files": describe({GOAL_ROWS: side}), "record": lines.begun()})
        home.tables.roll_forward()


def _tried(send: pl.DataFrame) -> pl.DataFrame:
    """People of a plan as `KNOWN`, with the lists that they may be on."""
    before = pl.col("theirs").list.eval(pl.element().str.strip_prefix(THEIRS))
    asked = pl.col("enter").list.set_difference(before).list.eval(pl.lit(MAYBE) + pl.element())
    lists = pl.concat_list("held", "owed", asked).list.unique(maintain_order=True)
    own = lists.list.eval(~pl.element().str.starts_with(THEIRS)).list.any()
    none = [pl.lit(0, pl.Int64).alias(name) for name in ("seq", "config", "selection")]
    return send.select(
        "row",
        "key",
        "labels",
        *none,
        state=pl.lit(TRIED),
        payload=pl.lit(None, pl.Int64),
        lists=lists,
        owes=own.fill_null(value=False),
    ).select(*KNOWN)
