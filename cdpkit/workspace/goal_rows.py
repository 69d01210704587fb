"""The rows of mappings of a connection's goals: what is not mapped yet, added in one go, and proposed."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from cdpkit.config import goal_edits
from cdpkit.config.connections import ConnectionFile
from cdpkit.config.goal import GoalSettings
from cdpkit.core.goal import Rule
from cdpkit.core.properties import Property
from cdpkit.core.words import RuleWord
from cdpkit.errors import ConfigurationError, refuse
from cdpkit.problem import Problem, unknown
from cdpkit.runs import kinds
from cdpkit.runs.check import discover
from cdpkit.runs.found import Found
from cdpkit.runs.groups import properties_of
from cdpkit.runs.home import Home
from cdpkit.runs.rows import Bulk, Rows
from cdpkit.workspace.discovered import Discovered

_REMAINING = {"name": pl.String, "type": pl.String}
_SUGGESTIONS = {"field": pl.String, "property": pl.String, "score": pl.Float64}


class GoalRows:
    """What goals are asked about their rows. The vendor is asked for its fields, unless they are handed in."""

    _home: Home
    _file: ConnectionFile

    def remaining(self, name: str, discovered: Discovered | None = None) -> pl.DataFrame:
        """`name`, `type`: the vendor's fields that a goal could map and does not yet, of the lists that it names.

        Args:
            name: The goal.
            discovered: What `conn.discover()` found; None asks the vendor now.

        Raises:
            UnknownNameError: No such goal.
            CdpkitError: The settings do not fit, or the vendor cannot be asked.
        """
        goal = self._goal(name)
        rows = _rows(goal)
        left = rows.remaining(goal, rows.fields(self._found(discovered), goal))
        return pl.DataFrame([(field.name, field.type) for field in left], schema=_REMAINING, orient="row")

    def add_remaining(
        self,
        name: str,
        rule: RuleWord | str | None = None,
        prefix: str = "",
        discovered: Discovered | None = None,
    ) -> GoalSettings:
        """Add a row for each field of the vendor that a goal does not map yet.

        An import gets a row for each, with a property that is named after the field, and made by the run where there
        is none. An export gets one for each field after which a property is named; `suggestions` has what may be meant
        by the others.

        Args:
            name: The goal.
            rule: The merge rule of the new rows of an import: `set` where it is left out, and for properties that
                cannot take it.
            prefix: In front of the names of properties, such as `it_`.
            discovered: What `conn.discover()` found; None asks the vendor now.

        Returns:
            The goal as it is stored now.

        Raises:
            UnknownNameError: No such goal.
            ConfigurationError: No such rule, or a goal without such rows.
            CdpkitError: The settings do not fit, or the vendor cannot be asked.
        """
        held = self._goal(name)
        bulk, rows = Bulk(_rule(rule), prefix), _rows(held)
        found, catalogue = self._found(discovered), self._catalogue(held)
        self._file.edit(
            lambda document: goal_edits.edit_goal(
                document, name, lambda goal: rows.add_remaining(goal, rows.fields(found, goal), catalogue, bulk)
            )
        )
        return self._goal(name)

    def suggestions(self, name: str, discovered: Discovered | None = None) -> pl.DataFrame:
        """`field`, `property`, `score`: which fields and properties are written alike and fit, the best first.

        Args:
            name: The goal; what it maps already is left out.
            discovered: What `conn.discover()` found; None asks the vendor now.

        Raises:
            UnknownNameError: No such goal.
            CdpkitError: The settings do not fit, or the vendor cannot be asked.
        """
        goal = self._goal(name)
        rows = _rows(goal)
        found = rows.suggestions(goal, rows.fields(self._found(discovered), goal), self._catalogue(goal))
        lines = [(each.field, each.property, each.score) for each in found]
        return pl.DataFrame(lines, schema=_SUGGESTIONS, orient="row")

    def empty_row(self, name: str, prefix: str = "") -> dict[str, Any]:
        """A row that is still to be filled in, with a prefix where the name of the property goes.

        Args:
            name: The goal that is to have it.
            prefix: Such as `it_`.

        Raises:
            UnknownNameError: No such goal.
        """
        return dict(_rows(self._goal(name)).empty(prefix))

    def notices(self, name: str) -> tuple[Problem, ...]:
        """What a person should know of the rows of a goal, such as properties that exist already; no error.

        Raises:
            UnknownNameError: No such goal.
        """
        goal = self._goal(name)
        return tuple(_rows(goal).notices(goal, self._catalogue(goal)).values())

    def _goal(self, name: str) -> GoalSettings:
        return self._file.read().goal(name)

    def _found(self, discovered: Discovered | None) -> Found:
        return discover(self._home, self._file.name) if discovered is None else discovered.found

    def _catalogue(self, goal: GoalSettings) -> Mapping[str, Property]:
        return properties_of(self._home.settings.read(), goal.about)


def _rows(goal: GoalSettings) -> Rows[Any]:
    rows = kinds.get(goal.kind).rows
    if rows is None:
        raise ConfigurationError(f"goal {goal.name!r} has no rows of mappings")
    return rows


def _rule(rule: str | None) -> Rule | None:
    if rule is not None and rule not in set(Rule):
        refuse("", [unknown("", "merge rule", rule, Rule)])
    return None if rule is None else Rule(rule)
