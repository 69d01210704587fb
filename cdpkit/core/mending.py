"""Refused values that a person mends: what takes them, which fit, and the rows that bring them to their profiles.

A correction is a row of its own, numbered by the line of the refused value, so that its fate is told like any row's.
"""

from collections.abc import Mapping

import polars as pl

from cdpkit.core.goal import FieldMapping, ImportGoal, Rule
from cdpkit.core.properties import GROUP_ID, PROFILE_ID, SOURCE_ROW, Property
from cdpkit.core.values import read_column

LINE = "line"
"""The column that numbers what a run refused."""


def mending_goal(
    rules: Mapping[str, Rule], properties: Mapping[str, Property], zone: str, objectives: tuple[str, ...] = ()
) -> ImportGoal:
    """The import that brings corrections to the profiles for which the refused values were meant.

    Args:
        rules: By property the rule under which it was refused.
        properties: The catalogue by name; has all of them.
        zone: As of the goal.
        objectives: Likewise.
    """
    mappings = [FieldMapping(name, name, _rule(rule, properties[name])) for name, rule in rules.items()]
    known_by = PROFILE_ID if PROFILE_ID.name in properties else GROUP_ID
    return ImportGoal(
        identifiers=((PROFILE_ID.name, known_by.name),),
        mappings=tuple(mappings),
        create_profiles=False,
        zone=zone,
        objectives=objectives,
    )


def _rule(rule: Rule, prop: Property) -> Rule:
    """A correction is one value: it clears nothing, and joins the values that its row brought already."""
    if prop.multi and rule in (Rule.SET, Rule.SET_OR_CLEAR):
        return Rule.ADD
    return Rule.SET if rule is Rule.SET_OR_CLEAR else rule


def fitting(corrections: pl.DataFrame, goal: ImportGoal, properties: Mapping[str, Property]) -> pl.Series:
    """Whether each correction fits its property, as a Boolean; none fits a property that the goal does not have.

    Args:
        corrections: `property`, `mended` (text).
        goal: As `mending_goal`.
        properties: The catalogue by name.
    """
    fits = pl.repeat(0, corrections.height, dtype=pl.UInt8, eager=True)
    for mapping in goal.mappings:
        at = (corrections["property"] == mapping.target).fill_null(value=False).arg_true()
        read = read_column(corrections["mended"].gather(at), mapping, properties[mapping.target], goal)
        fits = fits.scatter(at.filter(read.values.is_not_null()), 1)
    return fits.cast(pl.Boolean)


def rows_of(corrections: pl.DataFrame, goal: ImportGoal) -> pl.DataFrame:
    """The corrections as source rows: their line as `SOURCE_ROW`, `profile_id`, and a column for each property.

    Args:
        corrections: `line`, `profile_id`, `property`, `mended`.
        goal: As `mending_goal`.
    """
    values = [pl.when(property=name).then("mended").alias(name) for name, _ in goal.stored]
    return corrections.sort(LINE).select(pl.col(LINE).alias(SOURCE_ROW), PROFILE_ID.name, *values)
