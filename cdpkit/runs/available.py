"""How many profiles of a goal's segment there are for it, as far as the workspace can tell."""

from dataclasses import dataclass

import polars as pl

from cdpkit.config.goal import GoalSettings
from cdpkit.core.consent import CONSENTED, REFUSED, consents
from cdpkit.runs import kinds
from cdpkit.runs.catalogue import catalogued
from cdpkit.runs.exports.people import near
from cdpkit.runs.session import Known, linked_objectives
from cdpkit.show.tells import Tells
from cdpkit.show.text import counted
from cdpkit.show.told import Lines, Told
from cdpkit.store import sql


@dataclass(frozen=True, slots=True, repr=False)
class Available(Tells):
    """How many profiles there are for a goal now; how many are sent or asked about may be fewer.

    Attributes:
        segment: The name of the goal's segment.
        in_segment: Its members.
        consenting: Those of them who consent to one of the objectives that the connection is linked to.
        identified: Those of them with a value for at least one linked identifier.
        with_value: Those of them with a value for at least one mapped property; all where none is mapped.
        available: Those of whom all that is true.
    """

    segment: str
    in_segment: int
    consenting: int
    identified: int
    with_value: int
    available: int

    def _told(self) -> Told:
        lines = [
            (self.in_segment, f"in segment {self.segment!r}"),
            (self.consenting, "of them consent"),
            (self.identified, "have an identifier"),
            (self.with_value, "have a value for a mapped property"),
        ]
        return Told(f"{counted(self.available, 'profile')} available", [Lines((), lines)])


def available_for(known: Known, goal: GoalSettings) -> Available | None:
    """Count the profiles that there are for a goal; None where it serves no segment.

    One pass over the columns that it needs, of the members alone where they are few.

    Raises:
        ConfigurationError: The segment cannot be computed, or the connection names an objective that is not there.
    """
    audience = kinds.get(goal.kind).audience(goal)
    if audience is None:
        return None
    home = known.home
    profiles, where = catalogued(home, home.tables.snapshot()), home.settings.read().segments[audience.segment]
    there = profiles.collect_schema()
    rows = sql.segment_rows(profiles, where, limits=home.limits()).select("row")
    objectives = linked_objectives(home, known.connection)
    mapped = [name for name in audience.properties if name in there]
    wanted = {
        "consenting": consents(objectives),
        "identified": _any([name for name in audience.identifiers if name in there], there),
        "with_value": _any(mapped, there) if audience.properties else pl.lit(value=True),
    }
    needs = {*audience.identifiers, *mapped, *((CONSENTED, REFUSED) if objectives else ())}
    flags = near(profiles.select("row", *sorted(needs & {*there})).select("row", **wanted), rows, *wanted)
    flags = flags.with_columns(available=pl.all_horizontal(*wanted))
    numbers = flags.select(pl.col(*wanted, "available").sum()).row(0, named=True)
    return Available(audience.segment, rows.height, **{name: int(number) for name, number in numbers.items()})


def _any(names: list[str], schema: pl.Schema) -> pl.Expr:
    """Whether a profile has a value in one of these columns."""
    held = [
        pl.col(name).list.len() > 0 if isinstance(schema[name], pl.List) else pl.col(name).is_not_null()
        for name in names
    ]
    return pl.any_horizontal(each.fill_null(value=False) for each in held) if held else pl.lit(value=False)
