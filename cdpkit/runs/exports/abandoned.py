"""What an export did whose run is not gone on with: kept, so that nobody is forgotten on a list."""

import json

import polars as pl

from cdpkit.core.due import TRIED
from cdpkit.core.membership import NO_LISTS, after_push, owes
from cdpkit.core.outcome import IN_DOUBT, REJECTED
from cdpkit.place import Place
from cdpkit.place.frames import read_frame
from cdpkit.runs.draft import write_side
from cdpkit.runs.exports.journal import PUSH, Journal
from cdpkit.runs.exports.plan import PLAN
from cdpkit.runs.folder import run_folder
from cdpkit.runs.home import Home
from cdpkit.runs.record import Recorder
from cdpkit.runs.run import FAILED, RUNNING
from cdpkit.store.commits import describe
from cdpkit.store.exported import KNOWN, next_turn
from cdpkit.store.tables import GOAL_ROWS


def keep_what_was_sent(home: Home, lines: Recorder) -> None:
    """Let the goals of a run that did not end know whom they may have put on which list.

    Those people count as tried: the next run sends them again, and takes them off those lists when they have left.
    Where a push must not be made twice, those without an answer are in doubt.
    """
    for nth, goal in enumerate(lines.goals):
        folder, key = run_folder(home.root, lines.run) / str(nth), f"{lines.run}/{goal.key}"
        journalled = goal.state in {RUNNING, FAILED} and (folder / "journal.ndjson").exists()
        if not journalled or home.tables.is_concluded(key):
            continue
        journal = Journal(folder / "journal.ndjson").read()
        taken = journal.answered.filter(pl.col("do") == PUSH, pl.col("fate") != REJECTED)
        unanswered = journal.asked.filter(do=PUSH).select("row", state=pl.lit(_unanswered(folder)))
        rows = pl.concat([taken.select("row", state=pl.lit(TRIED)), unanswered]).unique("row", keep="first")
        send = read_frame(folder / "send.parquet")
        known = _tried(send.drop("state", strict=False).join(rows, on="row", how="inner", maintain_order="left"))
        turn = pl.lit(next_turn(home.tables, goal.key), pl.Int64)
        side = write_side(home, GOAL_ROWS, known.with_columns(turn=turn).sort("row"), partition=goal.key)
        home.tables.conclude(key, {"files": describe({GOAL_ROWS: side}), "record": lines.begun()})
        home.tables.roll_forward()


def _unanswered(folder: Place) -> str:
    """What those are of whom no answer came; a plan that does not say is an earlier version's, which sent again."""
    plan = json.loads((folder / PLAN).read())
    return TRIED if plan.get("repeatable", True) else IN_DOUBT


def _tried(send: pl.DataFrame) -> pl.DataFrame:
    """People of a plan as `KNOWN`, with the lists that they may be on."""
    lines = send.with_columns(put=NO_LISTS)
    none = [pl.lit(0, pl.Int64).alias(name) for name in ("seq", "config", "selection")]
    membership = after_push(lines, pl.lit(value=True))
    known = lines.select("row", "key", "labels", "state", *none, *membership, payload=pl.lit(None, pl.Int64))
    return known.with_columns(owes()).select(*KNOWN)
