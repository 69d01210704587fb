"""A plan to look at: what a load or a sync would change and send, before anything is stored or sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from weakref import finalize

import polars as pl

from cdpkit.core.fates import EXCLUDED
from cdpkit.core.imports import CREATED_RULE
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.runs.draft import Draft, sweep, sweep_replaced
from cdpkit.runs.plan import UNNAMED, LoadPlan
from cdpkit.runs.report import report_lines
from cdpkit.runs.run import GoalRun, together
from cdpkit.runs.sync.look import ExportLook
from cdpkit.runs.sync.run import Prepared
from cdpkit.store.tables import CHANGES, TABLES

_CHANGES = ["profile_id", "property", "before", "after", "rule", "source_row"]
_REJECTED = ["source_row", "profile_id", "field", "property", "value", "reason"]


class Preview:
    """What would happen, worked out by the very plan that is carried out with `preview=preview`.

    Frames of a connection's preview have the column `goal` at their end, which says whose they are.

    Attributes:
        plan: The plan of a load; None for that of a connection.
        prepared: The plans of a connection's goals; None for that of a load.
    """

    def __init__(
        self,
        imports: Mapping[str, LoadPlan],
        exports: Mapping[str, ExportLook] | None = None,
        prepared: Prepared | None = None,
        sweep_more: Callable[[], None] | None = None,
    ) -> None:
        """Hold plans, until they are carried out or nobody looks at them any more.

        Args:
            imports: The plan of each import goal.
            exports: The plan of each export goal, to look at.
            prepared: All of them, to carry out.
            sweep_more: Removes what was fetched for them.
        """
        self._imports, self._exports, self.prepared = imports, exports or {}, prepared
        self.plan = None if prepared is not None else next(iter(imports.values()))
        self._sweep: finalize[..., Any] = finalize(
            self, _sweep_all, [plan.draft for plan in imports.values()], sweep_more
        )

    def keep(self) -> None:
        """Leave the files of the plans where they are: they are committed."""
        self._sweep.detach()
        self._sweep = finalize(self, _sweep_looked_at, [plan.draft for plan in self._imports.values()])

    @property
    def goals(self) -> tuple[GoalRun, ...]:
        """The goals, with the counters that they would have; whom a vendor is going to refuse nobody knows yet."""
        kinds = dict.fromkeys(self._imports, "import_profiles") if self.prepared else {}
        loads = [
            GoalRun(name, "planned", asdict(plan.result.counters), kind=kinds.get(name, "load"))
            for name, plan in self._imports.items()
        ]
        sent = [
            GoalRun(name, "planned", look.counters, kind="export_profiles", warnings=look.warnings)
            for name, look in self._exports.items()
        ]
        return (*loads, *sent)

    @property
    def counters(self) -> dict[str, Any]:
        """The counters of all goals together."""
        return together(goal.counters for goal in self.goals)

    @property
    def summary(self) -> pl.DataFrame:
        """`property`, `rule`, `set`, `changed`, `cleared`: how many existing profiles would change, by property."""
        before, after = pl.col("before").is_not_null(), pl.col("after").is_not_null()
        return self._of_imports(
            lambda plan: (
                _changes(plan)
                .filter(pl.col("rule") != CREATED_RULE)
                .group_by("property", "rule", maintain_order=True)
                .agg(
                    (~before & after).sum().alias("set"),
                    (before & after).sum().alias("changed"),
                    (before & ~after).sum().alias("cleared"),
                )
                .sort("property")
                .collect()
            )
        )

    @property
    def changes(self) -> pl.DataFrame:
        """`profile_id`, `property`, `before`, `after`, `rule`, `source_row`: every value that would change.

        A profile that would be created is one line with the rule `create`; it has no `profile_id` yet.
        """
        return self._of_imports(_named_changes)

    @property
    def creates(self) -> pl.DataFrame:
        """The profiles that would be created, named by the `source_row` that creates them."""
        return self._of_imports(_creates)

    @property
    def rows(self) -> pl.DataFrame:
        """`source_row`, `fate`, `reason`: every row of the source."""
        return self._of_imports(lambda plan: _in_order(plan.result.fates))

    @property
    def excluded(self) -> pl.DataFrame:
        """`source_row`, `reason`: the rows that would be left out.

        Of a connection also `profile_id`: the profiles that an export would leave out, but for those that are not due.
        """
        rows = self._of_imports(lambda plan: _in_order(plan.result.fates).filter(fate=EXCLUDED).drop("fate"))
        if self.prepared is None:
            return rows
        return _together([rows, self._of_exports(lambda look: look.excluded)], ["source_row", "profile_id", "reason"])

    @property
    def rejected(self) -> pl.DataFrame:
        """`source_row`, `field`, `property`, `value`, `reason`: the values that would not be accepted.

        Of a connection also `profile_id`: the profiles that do not fit the vendor's fields.
        """
        values = self._of_imports(lambda plan: _in_order(plan.result.rejected))
        if self.prepared is None:
            return values
        return _together([values, self._of_exports(lambda look: look.rejected)], _REJECTED)

    @property
    def sends(self) -> pl.DataFrame:
        """`profile_id`, the vendor's identifiers, `body` (JSON), `lists` (those entered): who would be sent."""
        return self._of_exports(lambda look: look.sends)

    @property
    def withdraws(self) -> pl.DataFrame:
        """`profile_id`, the vendor's identifiers, `list`: who would be taken off which list."""
        return self._of_exports(lambda look: look.withdraws)

    def report(self) -> str:
        """What would happen, for people."""
        if self.prepared is None:
            assert self.plan is not None  # noqa: S101  (a preview has one or the other)
            told = [GoalRun(self.plan.prepared.goal.name or UNNAMED, "", self.counters)]
            lines = report_lines("preview", "of a load", "nothing is stored; it would be", told)
        else:
            lines = report_lines("preview", "of a sync", "nothing is stored or sent; it would be", self.goals)
        new = [prop.name for plan in self._imports.values() for prop in plan.prepared.new_properties]
        return "\n".join([*lines, *([f"    new properties: {', '.join(new)}"] if new else [])])

    def __repr__(self) -> str:
        return self.report()

    def _of_imports(self, look: Callable[[LoadPlan], pl.DataFrame]) -> pl.DataFrame:
        return self._joined([(name, look(plan)) for name, plan in self._imports.items()])

    def _of_exports(self, look: Callable[[ExportLook], pl.DataFrame]) -> pl.DataFrame:
        return self._joined([(name, look(plan)) for name, plan in self._exports.items()])

    def _joined(self, parts: Sequence[tuple[str, pl.DataFrame]]) -> pl.DataFrame:
        if self.prepared is None:
            return parts[0][1]
        named = [frame.with_columns(goal=pl.lit(name)) for name, frame in parts]
        return pl.concat(named, how="diagonal_relaxed") if named else pl.DataFrame(schema={"goal": pl.String()})


def _sweep_all(drafts: Sequence[Draft], more: Callable[[], None] | None) -> None:
    for draft in drafts:
        sweep(draft)
    if more is not None:
        more()


def _sweep_looked_at(drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        sweep_replaced(draft)


def _together(parts: Sequence[pl.DataFrame], columns: Sequence[str]) -> pl.DataFrame:
    """Frames of imports and exports below each other; what one kind does not have is null."""
    both = pl.concat(parts, how="diagonal_relaxed")
    missing = [pl.lit(None).alias(name) for name in columns if name not in both.columns]
    return both.with_columns(missing).select(*columns, "goal")


def _changes(plan: LoadPlan) -> pl.LazyFrame:
    if not plan.draft.changes:
        return pl.LazyFrame(schema=TABLES[CHANGES].schema)
    return plan.draft.scan(plan.draft.changes, CHANGES)


def _named_changes(plan: LoadPlan) -> pl.DataFrame:
    changes = _changes(plan).select("row", *(name for name in _CHANGES if name != "profile_id")).collect()
    wanted = changes["row"].unique()
    known = plan.snapshot.profiles().filter(pl.col("row").is_in(wanted.implode())).select("row", "profile_id").collect()
    return changes.join(known, on="row", how="left", maintain_order="left").select(_CHANGES)


def _creates(plan: LoadPlan) -> pl.DataFrame:
    draft, goal = plan.draft, plan.prepared.goal
    rows = _changes(plan).filter(pl.col("rule") == CREATED_RULE).select("row", "source_row").collect()
    stored = dict.fromkeys([target for _, target in goal.identifiers] + [m.target for m in goal.mappings])
    if not draft.created:
        catalogue = plan.prepared.catalogue
        return pl.DataFrame(schema={"source_row": pl.Int64()} | {name: catalogue[name].dtype for name in stored})
    made = draft.scan(draft.created).select("row", *stored).collect()
    return made.join(rows, on="row", how="left", maintain_order="left").select("source_row", *stored)


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """By source row, as a run shows them; processors may have changed the order."""
    return rows.rename({SOURCE_ROW: "source_row"}).sort("source_row", nulls_last=True, maintain_order=True)
