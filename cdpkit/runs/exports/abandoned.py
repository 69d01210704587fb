"""What an export did whose run is not gone on with: kept, so that nobody is forgotten on a list."""

from typing import Any

import polars as pl

from cdpkit.core.due import TRIED
from cdpkit.core.membership import MEMBERSHIP, NO_LISTS, after_push, completed, owes
from cdpkit.core.outcome import IN_DOUBT, REJECTED
from cdpkit.place import Place
from cdpkit.runs.draft import side_files
from cdpkit.runs.exports.event_abandoned import keep_events_sent
from cdpkit.runs.exports.journal import PUSH, Journal
from cdpkit.runs.exports.plan import PLAN
from cdpkit.runs.folder import run_folder
from cdpkit.runs.home import Home
from cdpkit.runs.kept import KeptError, damaged, kept_frame, kept_json
from cdpkit.runs.record import Recorder
from cdpkit.runs.run import FAILED, RUNNING
from cdpkit.store.commits import describe
from cdpkit.store.exported import KNOWN, next_turn
from cdpkit.store.tables import GOAL_ROWS

_LISTS = ("enter", "found", *MEMBERSHIP)
_PEOPLE = {
    "row": pl.Int64(),
    "key": pl.String(),
    "labels": pl.Int64(),
    **dict.fromkeys(_LISTS, pl.List(pl.String())),
}
"""What is read here of the people of a plan."""


def keep_what_was_sent(home: Home, lines: Recorder) -> list[str]:
    """Let the goals of a run that did not end know whom they may have put on which list.

    Those people count as tried: the next run sends them again, and takes them off those lists when they have left.
    Where a push must not be made twice, those without an answer are in doubt. Where the journal is damaged, nobody
    knows who was asked: everybody of the plan counts as asked who is not read to be answered.

    Returns:
        What is damaged, and was put aside, in words.
    """
    told = keep_events_sent(home, lines)
    for nth, goal in enumerate(lines.goals):
        folder, key = run_folder(home.root, lines.run) / str(nth), f"{lines.run}/{goal.key}"
        journalled = goal.state in {RUNNING, FAILED} and (folder / "journal.ndjson").exists()
        if not journalled or home.tables.is_concluded(key):
            continue
        journal, plan = Journal(folder / "journal.ndjson").salvage(), _plan(folder, told)
        send = _people(folder, plan, told)
        taken = journal.answered.filter(pl.col("do") == PUSH, pl.col("fate") != REJECTED)
        asked = journal.asked.filter(do=PUSH).select("row")
        if not journal.whole:
            told.append(str(damaged(folder / "journal.ndjson")))
            others = send.select("row").join(journal.answered.filter(do=PUSH), on="row", how="anti")
            asked = pl.concat([asked, others]).unique(maintain_order=True)
        unanswered = asked.select("row", state=pl.lit(_unanswered(plan)))
        rows = pl.concat([taken.select("row", state=pl.lit(TRIED)), unanswered]).unique("row", keep="first")
        known = _tried(rows.join(send.drop("state", strict=False), on="row", how="left", maintain_order="left"))
        turn = pl.lit(next_turn(home.tables, goal.key), pl.Int64)
        with side_files(home) as write:
            side = write(GOAL_ROWS, known.with_columns(turn=turn).sort("row"), partition=goal.key)
            home.tables.conclude(key, {"files": describe({GOAL_ROWS: side}), "record": lines.begun()})
        home.tables.roll_forward()
    return told


def _plan(folder: Place, told: list[str]) -> dict[str, Any] | None:
    """What a plan says of itself; None where it is damaged."""
    try:
        return kept_json(folder / PLAN)
    except KeptError as error:
        told.append(str(error))
        return None


def _people(folder: Place, plan: dict[str, Any] | None, told: list[str]) -> pl.DataFrame:
    """The people of a plan; nobody where they are damaged: the journal has their rows, and no more."""
    sums: dict[str, str] = (plan or {}).get("frames", {})
    try:
        return completed(kept_frame(folder / "send.parquet", sums.get("send")))
    except KeptError as error:
        told.append(str(error))
        return pl.DataFrame(schema=_PEOPLE)


def _unanswered(plan: dict[str, Any] | None) -> str:
    """What those are of whom no answer came; a plan that does not say is an earlier version's, which sent again."""
    return TRIED if plan is not None and plan.get("repeatable", True) else IN_DOUBT


def _tried(send: pl.DataFrame) -> pl.DataFrame:
    """People of a plan as `KNOWN`, with the lists that they may be on."""
    lines = send.with_columns(*(pl.col(name).fill_null(NO_LISTS) for name in _LISTS), put=NO_LISTS)
    none = [pl.lit(0, pl.Int64).alias(name) for name in ("seq", "config", "selection")]
    membership = after_push(lines, pl.lit(value=True))
    nothing = [pl.lit(None, KNOWN[name]).alias(name) for name in ("payload", "fields")]
    known = lines.select("row", "key", "labels", "state", *none, *membership, *nothing)
    return known.with_columns(owes()).select(*KNOWN)
