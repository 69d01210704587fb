"""An import of a preview under other mappings, beside what it does as it is."""

from typing import Any

from cdpkit.core.goal import Rule
from cdpkit.face.drawn import drawn
from cdpkit.face.forms.controls import RULES
from cdpkit.face.forms.rows import Rows, rows_of
from cdpkit.runs.comparison import Comparison
from cdpkit.runs.imports.planned import PlannedImport
from cdpkit.runs.imports.what_if import chosen_import
from cdpkit.runs.parts import Held, Part, parts_in
from cdpkit.runs.preview import Preview, home_of, plans_of, prepared_of
from cdpkit.show.tells import told_of

_NAMES = ("from", "to", "rule")
_MOST = 500
"""So many fields and properties are offered."""


class Supposing:
    """The other mappings as they are filled in, and what came of them; knows no thread and no lock."""

    def __init__(self, preview: Preview) -> None:
        self._preview = preview
        self._imports = [plan.name for plan in plans_of(preview) if isinstance(plan, PlannedImport)]
        self._goal = self._imports[0] if self._imports else ""
        self._rows: Rows | None = None
        self._comparison: Comparison | None = None

    def begin(self, *, on: bool) -> None:
        """Begin with the mappings as they are, or forget all of it."""
        self._comparison = None
        self._rows = rows_of(self._mappings()) if on and self._goal else None

    def take(self, goal: str) -> None:
        """Take another import."""
        if goal in self._imports:
            self._goal = goal
            self.begin(on=True)

    def fill(self, row: int | None, name: str, value: str) -> None:
        """Fill in something of a row, or of a new one."""
        if self._rows is None or name not in _NAMES:
            return
        if row is None:
            self._rows = self._rows.added({"rule": Rule.SET.value, name: value}, fresh=True)
        else:
            self._rows = self._rows.having(row, name, value.strip() or None)

    def remove(self, row: int) -> None:
        """Take a row away."""
        if self._rows is not None:
            self._rows = self._rows.without(row)

    def compare(self) -> tuple[Part, ...]:
        """Work out what the mappings do, beside those of the preview; returns the rows and values that differ.

        Raises:
            ConfigurationError: They do not fit; lists every problem.
        """
        again = self._preview.again(mappings=self._given(), goal=self._goal)
        comparison = self._preview.compare(again)
        values = comparison.frame
        found = parts_in(
            Held(),
            (
                ("other_values", "Values that differ", lambda: values),
                ("other_rows", "Rows with another fate", lambda: comparison.rows),
            ),
        )
        for part in found:
            part.frame()
        self._comparison = comparison
        return found

    def drawn(self) -> dict[str, Any] | None:
        """What the browser draws; None where nothing can be tried."""
        if not self._goal:
            return None
        if self._rows is None:
            return {"rows": None}
        given = ", ".join(f"{row!r}" for row in self._given())
        named = f", goal={self._goal!r}" if len(self._imports) > 1 else ""
        return {
            "goals": self._imports,
            "goal": self._goal,
            "rows": [{"id": row.id, **{name: row.values.get(name, "") for name in _NAMES}} for row in self._rows.rows],
            "rules": RULES,
            "fields": self._fields()[:_MOST],
            "properties": list(home_of(self._preview).settings.read().catalogue())[:_MOST],
            "told": None if self._comparison is None else drawn(told_of(self._comparison)),
            "code": f"preview.compare(preview.again(mappings=[{given}]{named}))",
        }

    def _fields(self) -> list[str]:
        read = self._import().plan.prepared.read
        return [] if read is None else list(read.fields)

    def _given(self) -> list[dict[str, str]]:
        return [] if self._rows is None else [dict(row.values) for row in self._rows.rows]

    def _import(self) -> PlannedImport:
        return chosen_import(plans_of(self._preview), self._goal)

    def _mappings(self) -> list[dict[str, str]]:
        """The mappings as they are."""
        prepared = prepared_of(self._preview)
        if prepared is not None:
            return [dict(row) for row in prepared.connection.goal(self._goal).given().get("mappings", [])]
        goal = self._import().plan.prepared.goal
        return [{"from": each.source, "to": each.target, "rule": each.rule.value} for each in goal.mappings]
