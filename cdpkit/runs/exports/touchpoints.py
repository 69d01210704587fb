"""What people did with the mails of a vendor to the lists of export goals."""

from datetime import UTC, date, datetime

import polars as pl

from cdpkit.config.goals.export_profiles import ExportGoalSettings
from cdpkit.errors import ConfigurationError
from cdpkit.kit.touchpoints import TouchpointsAsked
from cdpkit.runs.exports.goal import asked_of, exporter_of
from cdpkit.runs.home import Home
from cdpkit.runs.session import Session, driver_for, open_session, read_connection


def read_touchpoints(home: Home, name: str, after: date, goal: str | None = None) -> pl.DataFrame:
    """The events of mails to the lists of a goal, or of all active export goals, as `cdpkit.kit.touchpoints.EVENTS`.

    Args:
        home: The workspace.
        name: The connection.
        after: A moment, in UTC where it has no zone, or a day; what was at it or before is left out.
        goal: An export goal; None for all that are active.

    Raises:
        UnknownNameError: No such goal.
        ConfigurationError: The vendor tells nothing of its mails, or there is no list to tell of.
        CdpkitError: The settings do not fit, or the vendor cannot be asked.
    """
    connection, vendor = read_connection(home, name)
    if vendor.touchpoints is None:
        raise ConfigurationError(f"{vendor.title} does not tell who opened or clicked its mails")
    goals = [connection.goal(goal)] if goal is not None else [each for each in connection.goals if each.active]
    exports = [each for each in goals if isinstance(each, ExportGoalSettings)]
    driver, settings = driver_for(home, name, connection, vendor)
    with driver:
        session = open_session(home, name, connection, vendor, driver, settings)
        lists = tuple(dict.fromkeys(each for export in exports for each in _lists(session, export)))
        if not lists:
            which = "no active export goal" if goal is None else f"goal {goal!r}, which has to be an export goal, never"
            raise ConfigurationError(f"{which} puts people on a list, whose mails could be read; name target.lists")
        asked = TouchpointsAsked(settings, session.discovery, lists, _moment(after))
        return driver.run(vendor.touchpoints.read(asked)).sort("time", "id")


def _lists(session: Session, goal: ExportGoalSettings) -> list[str]:
    exporter = exporter_of(session.vendor)
    return [item.id for item in exporter.lists(asked_of(exporter, goal, session.settings, session.discovery))]


def _moment(after: date) -> str:
    moment = after if isinstance(after, datetime) else datetime(after.year, after.month, after.day, tzinfo=UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
