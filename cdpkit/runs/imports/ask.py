"""Whom an import asks about: the members of its segment, where the vendor is asked about given people."""

import polars as pl

from cdpkit.config.goals.import_profiles import ImportGoalSettings
from cdpkit.core.consent import CONSENTED, REFUSED, consents
from cdpkit.core.export_values import no_segment
from cdpkit.core.scalars import as_text
from cdpkit.kit.importing import Importer
from cdpkit.place.frames import read_frame, write_frame
from cdpkit.problem import Problem
from cdpkit.runs.exports.people import near
from cdpkit.runs.folder import GoalFolder
from cdpkit.runs.home import Home
from cdpkit.runs.session import Session
from cdpkit.store import sql

_PEOPLE = "people.parquet"


def ask_problems(home: Home, title: str, importer: Importer, goal: ImportGoalSettings) -> list[Problem]:
    """What is wrong with whom a goal asks about.

    Args:
        home: The workspace.
        title: What people call the vendor.
        importer: The vendor's.
        goal: The goal.
    """
    where, at = f"goal {goal.name!r}", ("segment",)
    if importer.asks is None:
        what = f"{title} is not asked about people of a segment; its own people are read"
        return [] if goal.segment is None else [Problem(f"{where}: segment", what, "remove the key segment").about(at)]
    if goal.segment is None:
        what = f"names no segment, and {title} is asked about given people"
        return [Problem(f"{where}: segment", what, "name the segment of the people to ask about").about(at)]
    found = [
        problem.about(at) for problem in no_segment(f"{where}: segment", goal.segment, home.settings.read().segments)
    ]
    asked = ", ".join(importer.asks.about)
    for nth, pair in enumerate(goal.identifiers):
        if pair.source not in importer.asks.about:
            what = f"{title} is not asked by {pair.source!r}; it is by: {asked}"
            found.append(
                Problem(f"{where}: identifiers", what, "link one of these").about(("identifiers", nth, "from"))
            )
    return found


def people_of(session: Session, goal: ImportGoalSettings, profiles: pl.LazyFrame, folder: GoalFolder) -> pl.DataFrame:
    """The members of a goal's segment who consented and have an identifier, as `ImportAsked.people`.

    They are kept, so that a killed run asks about the same.

    Args:
        session: The connection.
        goal: The goal; it names a segment.
        profiles: `row` and all properties.
        folder: Where they are kept.

    Raises:
        ConfigurationError: The segment cannot be computed.
    """
    kept = folder.path / _PEOPLE
    if kept.exists():
        return read_frame(kept)
    rows = sql.segment_rows(
        profiles, session.home.settings.read().segments[str(goal.segment)], limits=session.home.limits()
    ).select("row")
    linked = {pair.source: pl.col(pair.target).alias(f"id {pair.source}") for pair in goal.identifiers}
    consent = [CONSENTED, REFUSED] if session.objectives else []
    found = near(profiles, rows, *linked.values(), *consent).filter(consents(session.objectives))
    people = pl.DataFrame([found["row"], *(own_text(found[f"id {name}"]).alias(name) for name in linked)])
    people = people.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in linked))
    write_frame(kept, people)
    return people


def own_text(values: pl.Series) -> pl.Series:
    """Values as text; of several values of a profile the first is its own."""
    return as_text(values.list.first() if isinstance(values.dtype, pl.List) else values)
