"""What an export did whose run is not gone on with: kept, so that nobody is forgotten on a list, or sent twice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.due import TRIED
from cdpkit.core.membership import MEMBERSHIP, NO_LISTS, after_push, completed, owes
from cdpkit.core.outcome import IN_DOUBT, REJECTED
from cdpkit.place import Place
from cdpkit.runs.draft import side_files
from cdpkit.runs.exports.event_plan import OF
from cdpkit.runs.exports.journal import JOURNAL, PUSH, Journal
from cdpkit.runs.exports.kept_plan import PLAN, SEND
from cdpkit.runs.exports.remembered import remember
from cdpkit.runs.folder import run_folder
from cdpkit.runs.home import Home
from cdpkit.runs.kept import KeptError, damaged, kept_frame, kept_json
from cdpkit.runs.record import Recorder
from cdpkit.runs.run import FAILED, RUNNING
from cdpkit.store.commits import describe
from cdpkit.store.exported import KNOWN
from cdpkit.store.tables import GOAL_ROWS
from cdpkit.store.tables.event_exports import EVENT_EXPORTS

_LISTS = ("enter", "found", *MEMBERSHIP)
_PEOPLE = {
    "row": pl.Int64(),
    "key": pl.String(),
    "labels": pl.Int64(),
    **dict.fromkeys(_LISTS, pl.List(pl.String())),
}
"""What is read here of the people of a plan."""


def keep_what_was_sent(home: Home, lines: Recorder) -> list[str]:
    """Let the goals of a run that did not end know whom they may have put on which list, and what they have sent.

    Those people count as tried: the next run sends them again, and takes them off those lists when they have left;
    events without an answer are sent again where the vendor knows them by their ids. Where a push must not be made
    twice, those without an answer are in doubt. Where the journal is damaged, nobody knows who was asked: everybody
    of the plan counts as asked who is not read to be answered.

    Returns:
        What is damaged, and was put aside, in words.
    """
    told = list[str]()
    for nth, goal in enumerate(lines.goals):
        folder, key = run_folder(home.root, lines.run) / str(nth), f"{lines.run}/{goal.key}"
        journalled = goal.state in {RUNNING, FAILED} and (folder / JOURNAL).exists()
        if not journalled or home.tables.is_concluded(key):
            continue
        memory = _EVENTS if goal.kind == "export_events" else _PROFILES
        journal, plan = Journal(folder / JOURNAL).salvage(), _plan(folder, told)
        send, answered = _sent(folder, plan, memory.planned, told), journal.answered.filter(do=PUSH)
        asked = journal.asked.filter(do=PUSH).select("row")
        if not journal.whole:
            told.append(str(damaged(folder / JOURNAL)))
            others = send.select("row").join(answered, on="row", how="anti")
            asked = pl.concat([asked, others]).unique(maintain_order=True)
        known = memory.known(answered, asked, plan, send)
        with side_files(home) as write:
            side = remember(home, write, memory.table, known, goal.key, lines.run)
            home.tables.conclude(key, {"files": describe({memory.table: side}), "record": lines.begun()})
        home.tables.roll_forward()
    return told


def _plan(folder: Place, told: list[str]) -> dict[str, Any] | None:
    """What a plan says of itself; None where it is damaged."""
    try:
        return kept_json(folder / PLAN)
    except KeptError as error:
        told.append(str(error))
        return None


def _sent(
    folder: Place, plan: Mapping[str, Any] | None, planned: Mapping[str, pl.DataType], told: list[str]
) -> pl.DataFrame:
    """Those of a plan who are sent; nobody where they are damaged: the journal has their rows, and no more."""
    sums: dict[str, str] = (plan or {}).get("frames", {})
    try:
        return kept_frame(folder / SEND, sums.get("send"))
    except KeptError as error:
        told.append(str(error))
        return pl.DataFrame(schema=planned)


def _known_people(
    answered: pl.DataFrame, asked: pl.DataFrame, plan: Mapping[str, Any] | None, send: pl.DataFrame
) -> pl.DataFrame:
    """People of a plan as `KNOWN`, with the lists that they may be on.

    A plan that does not say whether a push can be made again is an earlier version's, which sent again.
    """
    unanswered = TRIED if plan is not None and plan.get("repeatable", True) else IN_DOUBT
    taken = answered.filter(pl.col("fate") != REJECTED).select("row", state=pl.lit(TRIED))
    rows = pl.concat([taken, asked.select("row", state=pl.lit(unanswered))]).unique("row", keep="first")
    people = completed(send).drop("state", strict=False)
    lines = rows.join(people, on="row", how="left", maintain_order="left")
    lines = lines.with_columns(*(pl.col(name).fill_null(NO_LISTS) for name in _LISTS), put=NO_LISTS)
    none = [pl.lit(0, pl.Int64).alias(name) for name in ("seq", "config", "selection")]
    membership = after_push(lines, pl.lit(value=True))
    nothing = [pl.lit(None, KNOWN[name]).alias(name) for name in ("payload", "fields")]
    known = lines.select("row", "key", "labels", "state", *none, *membership, *nothing)
    return known.with_columns(owes()).select(*KNOWN)


def _known_events(
    answered: pl.DataFrame, asked: pl.DataFrame, plan: Mapping[str, Any] | None, send: pl.DataFrame
) -> pl.DataFrame:
    """Events of a plan; of those without an answer the ones alone that must not be sent again."""
    again = [] if plan is None else plan.get("again", [])
    doubtful = asked.join(send.filter(pl.col("way").is_in(again)), on="row", how="anti")
    states = [
        answered.select("row", state="fate", reason="reason"),
        doubtful.select("row", state=pl.lit(IN_DOUBT), reason=pl.lit(reasons.BEFORE_KILL.code)),
    ]
    events = send.select(*OF)
    return (
        pl.concat(states)
        .join(events, on="row", how="left", maintain_order="left")
        .rename({"row": "key", "profile": "row"})
    )


@dataclass(frozen=True, slots=True)
class _Memory:
    """What is kept of what an export sends.

    Attributes:
        table: Where.
        planned: What is read of those of a plan.
        known: What a goal knows of them: of those who were answered (`OUTCOME`) and were not (`row`), where the plan
            says this of itself and has these.
    """

    table: str
    planned: Mapping[str, pl.DataType]
    known: Callable[[pl.DataFrame, pl.DataFrame, Mapping[str, Any] | None, pl.DataFrame], pl.DataFrame]


_PROFILES = _Memory(GOAL_ROWS, _PEOPLE, _known_people)
_EVENTS = _Memory(EVENT_EXPORTS, {**OF, "way": pl.String()}, _known_events)
