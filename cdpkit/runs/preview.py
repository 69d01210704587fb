"""A plan to look at: what a load would change, before anything is stored."""

from dataclasses import asdict
from weakref import finalize

import polars as pl

from cdpkit.core.fates import EXCLUDED
from cdpkit.core.imports import CREATED_RULE
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.runs.draft import sweep
from cdpkit.runs.plan import UNNAMED, LoadPlan
from cdpkit.runs.report import report_lines
from cdpkit.store.tables import CHANGES, SCHEMAS


class Preview:
    """What a load would do, worked out by the very plan that `ws.load(..., preview=preview)` then stores.

    Attributes:
        plan: The plan.
    """

    def __init__(self, plan: LoadPlan) -> None:
        self.plan = plan
        self._sweep = finalize(self, sweep, plan.draft)

    def keep(self) -> None:
        """Leave the files of the plan where they are: they are committed."""
        self._sweep.detach()

    @property
    def counters(self) -> dict[str, object]:
        """The counters that the run would have."""
        return asdict(self.plan.result.counters)

    @property
    def summary(self) -> pl.DataFrame:
        """`property`, `rule`, `set`, `changed`, `cleared`: how many existing profiles would change, by property."""
        changes = self._values()
        before, after = pl.col("before").is_not_null(), pl.col("after").is_not_null()
        return (
            changes.group_by("property", "rule", maintain_order=True)
            .agg(
                (~before & after).sum().alias("set"),
                (before & after).sum().alias("changed"),
                (before & ~after).sum().alias("cleared"),
            )
            .sort("property")
        )

    @property
    def changes(self) -> pl.DataFrame:
        """`profile_id`, `property`, `before`, `after`, `rule`, `source_row`: every value that would change.

        A profile that would be created is one line with the rule `create`; it has no `profile_id` yet.
        """
        changes = self._changes()
        wanted = changes["row"].unique()
        known = (
            self.plan.snapshot.profiles()
            .filter(pl.col("row").is_in(wanted.implode()))
            .select("row", "profile_id")
            .collect()
        )
        return changes.join(known, on="row", how="left", maintain_order="left").select(
            "profile_id", "property", "before", "after", "rule", "source_row"
        )

    @property
    def creates(self) -> pl.DataFrame:
        """The profiles that would be created, named by the `source_row` that creates them."""
        draft, goal = self.plan.draft, self.plan.prepared.goal
        rows = self._changes().filter(pl.col("rule") == CREATED_RULE).select("row", "source_row")
        stored = dict.fromkeys([target for _, target in goal.identifiers] + [m.target for m in goal.mappings])
        if not draft.created:
            catalogue = self.plan.prepared.catalogue
            return pl.DataFrame(schema={"source_row": pl.Int64()} | {name: catalogue[name].dtype for name in stored})
        made = draft.scan(draft.created).select("row", *stored).collect()
        return made.join(rows, on="row", how="left", maintain_order="left").select("source_row", *stored)

    @property
    def rows(self) -> pl.DataFrame:
        """`source_row`, `fate`, `reason`: every row of the source."""
        return _in_order(self.plan.result.fates)

    @property
    def excluded(self) -> pl.DataFrame:
        """`source_row`, `reason`: the rows that would be left out."""
        return self.rows.filter(fate=EXCLUDED).drop("fate")

    @property
    def rejected(self) -> pl.DataFrame:
        """`source_row`, `field`, `property`, `value`, `reason`: the values that would not be accepted."""
        return _in_order(self.plan.result.rejected)

    def report(self) -> str:
        """What would happen, for people."""
        goal = self.plan.prepared.goal.name or UNNAMED
        lines = report_lines("preview", "of a load", "nothing is stored; it would be", [(goal, self.counters)])
        new = [prop.name for prop in self.plan.prepared.new_properties]
        return "\n".join([*lines, *([f"    new properties: {', '.join(new)}"] if new else [])])

    def __repr__(self) -> str:
        return self.report()

    def _values(self) -> pl.DataFrame:
        return self._changes().filter(pl.col("rule") != CREATED_RULE)

    def _changes(self) -> pl.DataFrame:
        draft = self.plan.draft
        if not draft.changes:
            return pl.DataFrame(schema=SCHEMAS[CHANGES])
        return draft.scan(draft.changes, CHANGES).collect()


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """By source row, as a run shows them; processors may have changed the order."""
    return rows.rename({SOURCE_ROW: "source_row"}).sort("source_row", nulls_last=True, maintain_order=True)
