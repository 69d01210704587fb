"""What an export of events did whose run is not gone on with: kept, so that no event is sent twice."""

import polars as pl

from cdpkit.core import reasons
from cdpkit.place import Place
from cdpkit.runs.draft import side_files
from cdpkit.runs.exports.event_plan import OF, PLAN, next_event_turn
from cdpkit.runs.exports.event_send import JOURNAL, STATES, doubtful_states
from cdpkit.runs.exports.journal import Journal
from cdpkit.runs.folder import run_folder
from cdpkit.runs.home import Home
from cdpkit.runs.kept import KeptError, damaged, kept_frame, kept_json
from cdpkit.runs.record import Recorder
from cdpkit.runs.run import FAILED, RUNNING
from cdpkit.store.commits import describe
from cdpkit.store.tables import TABLES
from cdpkit.store.tables.event_exports import EVENT_EXPORTS

_EVENT = {**OF, "way": pl.String()}


def keep_events_sent(home: Home, lines: Recorder) -> list[str]:
    """Let the goals of a run that did not end know which events they have sent.

    Those without an answer are sent again by the next run where the vendor knows them by their ids; else they are in
    doubt. Where the journal is damaged, all events of the plan count so that are not read to be answered.

    Returns:
        What is damaged, and was put aside, in words.
    """
    told = list[str]()
    for nth, goal in enumerate(lines.goals):
        folder, key = run_folder(home.root, lines.run) / str(nth), f"{lines.run}/{goal.key}"
        journalled = goal.state in {RUNNING, FAILED} and (folder / JOURNAL).exists()
        if not journalled or home.tables.is_concluded(key):
            continue
        journal, (events, again) = Journal(folder / JOURNAL).salvage(), _events(folder, told)
        asked = journal.asked["row"]
        if not journal.whole:
            told.append(str(damaged(folder / JOURNAL)))
            asked = events["row"].filter(~events["row"].is_in(journal.answered["row"].implode()))
        safe, asked = events.filter(pl.col("way").is_in(again))["row"], asked.unique()
        doubtful = doubtful_states(asked.filter(~asked.is_in(safe.implode())), reasons.BEFORE_KILL)
        states = pl.concat([journal.answered.select(*STATES), doubtful])
        known = states.join(events, on="row", how="left", maintain_order="left").select(
            key="row", row="profile", type="type", id="id", state="fate", reason="reason", seq="seq"
        )
        turn = pl.lit(next_event_turn(home.tables, goal.key), pl.Int64).alias("turn")
        known = known.with_columns(turn, run_id=pl.lit(lines.run)).select(*TABLES[EVENT_EXPORTS].schema)
        with side_files(home) as write:
            side = write(EVENT_EXPORTS, known.sort("key"), partition=goal.key)
            home.tables.conclude(key, {"files": describe({EVENT_EXPORTS: side}), "record": lines.begun()})
        home.tables.roll_forward()
    return told


def _events(folder: Place, told: list[str]) -> tuple[pl.DataFrame, list[str]]:
    """The events of a plan, and the ways that can be made again.

    None where they are damaged: the journal has their keys, and no more.
    """
    try:
        plan = kept_json(folder / PLAN) or {}
        events = kept_frame(folder / "send.parquet", plan.get("frames", {}).get("send"))
        return events.select(*_EVENT), plan.get("again", [])
    except KeptError as error:
        told.append(str(error))
        return pl.DataFrame(schema=_EVENT), []
