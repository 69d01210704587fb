"""One load from beginning to end, recorded so that the history is true whatever happens to the process."""

import json
import re
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict, replace
from threading import Event
from typing import Any

import polars as pl

from cdpkit.config.connections import ConnectionFiles
from cdpkit.core.fates import NOTHING
from cdpkit.core.goal import Rule
from cdpkit.core.hashing import hash_text
from cdpkit.core.names import check_name
from cdpkit.errors import ConfigurationError
from cdpkit.place.foreign import translated
from cdpkit.runs.carry_out import carry_out
from cdpkit.runs.catalogue import plain
from cdpkit.runs.goal_run import LOAD, GoalRun
from cdpkit.runs.guard import guards_of, is_here
from cdpkit.runs.home import Home
from cdpkit.runs.ids import run_id
from cdpkit.runs.imports.made import made, more_types
from cdpkit.runs.imports.plan import UNNAMED
from cdpkit.runs.imports.planned import PlannedImport, planned_import, store
from cdpkit.runs.imports.prepare import LoadRequest, Prepared, prepare
from cdpkit.runs.kind import Undoing
from cdpkit.runs.preview import Preview, plans_of, prepared_of
from cdpkit.runs.progress import Observer, RunEvent, heard_by
from cdpkit.runs.record import NEW_PROPERTIES, Recorder, made_with
from cdpkit.runs.resume import take_over
from cdpkit.runs.run import RUNNING, Run, find_run, history
from cdpkit.store.tables import GOAL_UNITS
from cdpkit.transport.stop import Hearing, StopHeard

_FAILED = "the load cannot be carried out"

_SAID = "notes"
"""The key in a load's details under which it lists what it said about how files are written."""

MENDS = "mends"
"""The key in a load's details under which stands the run whose refused values it takes again."""

_BEFORE = 100
"""So many loads are looked at for what was said before."""


@translated(_FAILED)
def preview_load(home: Home, request: LoadRequest) -> Preview:
    """Work a load out and stop before anything is stored."""
    _check_goal(home, request.goal)
    prepared = prepare(home, request)
    return Preview(
        home,
        [planned_import(home, prepared, run_id(), _asked(prepared))],
        understood=prepared.understood,
        more=more_types(prepared),
    )


@translated(_FAILED)
def load(home: Home, request: LoadRequest, show: Observer, stop: Event | None = None) -> Run:
    """Read, work out and store; repeated where somebody else commits in between.

    Raises:
        StopHeard: A program asked to stop before there was a run.
    """
    _check_goal(home, request.goal)
    hearing = Hearing(stop)
    tell = heard_by(show, hearing)
    tell(RunEvent("", "read", 0, 0, "the source"))
    prepared = replace(_said_once(home, prepare(home, request)), read=None, whole=None)  # nobody asks for them again
    hearing.check()
    return _recorded(home, prepared, None, tell, request.allow)


@translated(_FAILED)
def load_prepared(home: Home, prepared: Prepared, show: Observer, stop: Event | None = None) -> Run:
    """Work a load out that was prepared otherwise than from a source, and store it.

    Raises:
        StopHeard: A program asked to stop before there was a run.
    """
    return _recorded(home, prepared, None, heard_by(show, Hearing(stop)))


@translated(_FAILED)
def load_previewed(
    home: Home, preview: Preview, show: Observer, stop: Event | None = None, allow: tuple[str, ...] = ()
) -> Run:
    """Store exactly what a preview showed.

    Raises:
        ConfigurationError: It is the preview of another workspace.
        ConflictError: Somebody else has committed since.
    """
    given = plans_of(preview)[0]
    if prepared_of(preview) is not None or not isinstance(given, PlannedImport):
        raise ConfigurationError("this is the preview of a connection; give it to its run(preview=preview)")
    if not is_here(home, given):
        raise ConfigurationError("this is the preview of another workspace; preview the load here")
    prepared = _said_once(home, given.plan.prepared)
    return _recorded(home, prepared, replace(given, asked=_asked(prepared)), heard_by(show, Hearing(stop)), allow)


def undo_load(details: Mapping[str, Any]) -> Undoing:
    """What an undo of a load has to know, of what the history says that it was asked."""
    return Undoing(
        summed=tuple(mapping["target"] for mapping in details.get("mappings", ()) if mapping["rule"] == Rule.SUM)
    )


def _check_goal(home: Home, name: str | None) -> None:
    """Refuse a name under which a goal of a connection, or a load of groups, may lie; one that was there before stays.

    Raises:
        ConfigurationError: The name is none for the goal of a load.
    """
    if name is None:
        return
    check_name("goal", name)
    found = [mark for mark in "/:" if mark in name]
    others = {*ConnectionFiles(home.root).names(), *home.tables.snapshot().known_groups} if found else ()
    if not found or re.split("[/:]", name)[0] in others:
        known = False
    else:
        known = any(file.partition == name for file in home.tables.open(GOAL_UNITS).files())
    if found and not known:
        raise ConfigurationError(
            f"the name of the goal {name!r} has {found[0]!r} in it, as the keys of a connection's goals and of loads "
            "of groups; leave it out"
        )


def _recorded(
    home: Home, prepared: Prepared, given: PlannedImport | None, show: Observer, allow: tuple[str, ...] = ()
) -> Run:
    asked = _asked(prepared)
    details = _details(prepared) | ({"allow": list(allow)} if allow else {})
    recorder = Recorder(home, run_id(), LOAD, prepared.goal.name, details, [asked])
    with suppress(StopHeard), ExitStack() as held:
        if given is None:
            recorder = take_over(recorder, held)
        else:
            recorder.run = given.plan.draft.run_id
            home.claim(recorder.run, held)
        show = recorder.stages.timed(show)
        recorder.stages.goal(asked.name)
        recorder.start()
        stored = False
        try:
            with translated(_FAILED):
                carry_out(
                    home,
                    given,
                    lambda: planned_import(home, prepared, recorder.run, asked, show),
                    lambda plan: store(plan, recorder.goal, show, waited=given is not None),
                    guards_of(home, allowed=allow),
                )
            stored = True
        finally:
            if not stored:
                recorder.fail(sys.exception())
    return find_run(home, recorder.run)


def _said_once(home: Home, prepared: Prepared) -> Prepared:
    """Without the notes that an earlier load of the name has said of files that were read like these."""
    if not prepared.standing:
        return prepared
    before = history(home).filter(pl.col("name").eq_missing(prepared.goal.name), kind=LOAD)["details"].tail(_BEFORE)
    alike = [each["as"] for each in prepared.understood]
    told = [each for each in map(json.loads, before) if [one["as"] for one in each.get("read", ())] == alike]
    said = {note for each in told for note in each.get(_SAID, ())} & {*prepared.standing}
    return replace(prepared, notes=tuple(note for note in prepared.notes if note not in said))


def _asked(prepared: Prepared) -> GoalRun:
    goal = prepared.goal.name or UNNAMED
    return GoalRun(goal, RUNNING, NOTHING, key=goal, warnings=prepared.notes, group=prepared.group)


def _made(prepared: Prepared) -> dict[str, Any]:
    """What the report says of the properties that a load makes."""
    if not prepared.new_properties:
        return {}
    more = more_types(prepared)
    return {"made": {"new": made(prepared).to_dicts(), "read": more.read, "notes": more.notes}}


def _details(prepared: Prepared) -> dict[str, Any]:
    goal = prepared.goal
    return {
        "config": hash_text(goal.fingerprint()),
        **({"group": prepared.group} if prepared.group else {}),
        "identifiers": dict(goal.identifiers),
        "mappings": [asdict(mapping) for mapping in goal.mappings],
        "create_profiles": goal.create_profiles,
        "on_multiple_matches": goal.on_multiple_matches.value,
        "full": goal.full,
        **({} if prepared.mends is None else {MENDS: prepared.mends}),
        NEW_PROPERTIES: [] if prepared.group else [plain(prop) for prop in prepared.new_properties],
        **_made(prepared),
        "inputs": prepared.inputs,
        "read": prepared.understood,
        _SAID: prepared.standing,
        **made_with(),
    }
