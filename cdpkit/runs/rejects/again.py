"""Taking refused values again: a load that brings corrections to profiles, and a sync of some people alone."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from threading import Event

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.fates import APPLIED, UNCHANGED
from cdpkit.core.goal import ImportGoal
from cdpkit.core.mending import LINE, fitting, mending_goal, rows_of
from cdpkit.core.properties import SOURCE_ROW, Property
from cdpkit.core.rows import Rows
from cdpkit.errors import ConfigurationError
from cdpkit.runs.groups import properties_of
from cdpkit.runs.home import Home
from cdpkit.runs.imports.prepare import prepare_rows
from cdpkit.runs.load import load_prepared
from cdpkit.runs.progress import Observer
from cdpkit.runs.rejects.goal import Again, Refusing
from cdpkit.runs.rejects.lines import open_lines, refusing, settled
from cdpkit.runs.rejects.rejects import Rejects
from cdpkit.runs.run import SYNC, Run
from cdpkit.runs.session import linked_objectives, read_connection, zone_of
from cdpkit.runs.sources import SourceRows
from cdpkit.runs.sync import SyncRequest, run_connection

MOST_ALONE = 10_000
"""So many people are sent alone; the history names each of them."""


def rejects_of(home: Home, run: Run) -> Rejects[Run]:
    """What a run refused and nobody has made good since.

    Args:
        home: The workspace.
        run: The run.
    """
    again = Again(
        partial(_fits, home, run), partial(_load, home, run), partial(_send, home, run), partial(_lines, home, run)
    )
    return Rejects(run.id, again.lines(), refusing(run, home.settings.read()), again)


def _lines(home: Home, run: Run) -> pl.DataFrame:
    return open_lines(home, run).with_columns(mended=pl.lit(None, pl.String), dropped=pl.lit(value=False))


def _fits(home: Home, run: Run, refused: Refusing, given: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Those corrections that have a property and a profile, and those of them whose value fits."""
    catalogue = properties_of(home.settings.read(), refused.group)
    own = given.filter(pl.col("row").is_not_null(), pl.col("property").is_in([*refused.rules]), goal=refused.name)
    return own, own.filter(fitting(own, _goal(home, run, refused, own, catalogue), catalogue))


def _goal(
    home: Home, run: Run, refused: Refusing, corrections: pl.DataFrame, catalogue: Mapping[str, Property]
) -> ImportGoal:
    """The import that stores corrections; of a connection it reaches those alone who consent, as it does itself.

    Raises:
        ConfigurationError: The connection is there no more, or does not fit.
    """
    names = {*corrections["property"]}
    rules = {name: rule for name, rule in refused.rules.items() if name in names}
    zone, objectives = home.settings.read().zone, tuple[str, ...]()
    if run.kind == SYNC and rules:
        connection, _ = read_connection(home, str(run.name))
        zone, objectives = zone_of(home, connection), linked_objectives(home, connection)
    return mending_goal(rules, catalogue, zone, objectives)


def _load(home: Home, run: Run, refused: Refusing, lines: pl.DataFrame, show: Observer, stop: Event | None) -> Run:
    """Store corrections.

    Args:
        home: The workspace.
        run: The run that refused the values.
        refused: Its goal that did.
        lines: `line`, `goal`, `row`, `profile_id`, `property`, `mended` (null where it is given up), `dropped`.
        show: Is told how far it is.
        stop: Ends it when it is set.

    Raises:
        ConfigurationError: Some of them were taken meanwhile.
    """
    mended = lines.drop_nulls("mended")
    goal = _goal(home, run, refused, mended, properties_of(home.settings.read(), refused.group))
    rows = rows_of(mended, goal)
    dropped = lines.filter("dropped").select(pl.col(LINE).alias(SOURCE_ROW), reason=pl.lit(reasons.DROPPED.code))
    source = rows.drop(SOURCE_ROW)
    read = SourceRows(
        Rows(source, source.height),
        rows[SOURCE_ROW],
        tuple(source.columns),
        dropped,
        ({"kind": "rejected", "run": run.id, "rows": lines.height},),
    )
    prepared = prepare_rows(home, goal, read, called="load", group=refused.group)
    still = None if refused.exports else _still_open(home, run.id, lines[LINE])
    return load_prepared(home, replace(prepared, mends=run.id, still=still), show, stop)


def _still_open(home: Home, run_id: str, lines: pl.Series) -> Callable[[], None]:
    def check() -> None:
        home.tables.roll_forward()  # so that what others have mended can be seen
        taken = lines.is_in(settled(home, run_id).implode()).sum()
        if taken:
            raise ConfigurationError(
                f"{taken:,} of the lines have been mended or dropped meanwhile; look at the run's rejects again"
            )

    return check


def _send(home: Home, run: Run, refused: Refusing, lines: pl.DataFrame, show: Observer, stop: Event | None) -> Run:
    """Store corrections, and send those people alone.

    Args:
        home: The workspace.
        run: The run in which the vendor refused them.
        refused: The goal.
        lines: As of `_load`.
        show: Is told how far it is.
        stop: Ends it when it is set.

    Raises:
        ConfigurationError: There are too many to be sent alone, or the connection is off or gone.
    """
    read_connection(home, str(run.name))
    if lines["row"].n_unique() > MOST_ALONE:
        raise ConfigurationError(
            f"at most {MOST_ALONE:,} people are sent alone; take fewer with filter(...), or let the next run of the "
            "connection send all who are due"
        )
    if lines["mended"].count():
        load = _load(home, run, refused, lines, show, stop)
        load.raise_for_state()
        done = load.rows.filter(pl.col("fate").is_in([APPLIED, UNCHANGED]))["source_row"]
        lines = lines.filter(pl.col(LINE).is_in(done.implode()))
        if lines.is_empty():
            raise ConfigurationError(f"none of the corrections could be stored, so nobody was sent; see run {load.id}")
    people = tuple(lines["row"].drop_nulls().unique().sort().to_list())
    request = SyncRequest(goal=refused.name, people=people, refused_by=run.id)
    return run_connection(home, str(run.name), request, show, stop=stop)
