"""The plan of an export, to look at: rendered as it would be sent, and sent nowhere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.outcome import ACCEPTED
from cdpkit.kit.batch import batches
from cdpkit.kit.exporting import Calls
from cdpkit.runs.catalogue import catalogued
from cdpkit.runs.exports.estimate import estimate, kinds_of_batches
from cdpkit.runs.exports.goal import exporter_of
from cdpkit.runs.exports.journal import PUSH
from cdpkit.runs.exports.outcome import account
from cdpkit.runs.exports.people import identifiers_in
from cdpkit.runs.exports.plan import ExportPlan
from cdpkit.runs.exports.render import REFUSED, Rendered
from cdpkit.runs.exports.send import Sent
from cdpkit.runs.session import Session


@dataclass(frozen=True)
class ExportLook:
    """Who would be sent, left out, refused and withdrawn.

    Attributes:
        plan: The goal, worked out.
        session: The connection.
    """

    plan: ExportPlan
    session: Session

    @property
    def counters(self) -> dict[str, Any]:
        """The counters that the run has if the vendor refuses nobody; `accepted` is that hope."""
        out = self._rendered.outgoing.rows.select(
            "row", fate=pl.lit(ACCEPTED), reason=pl.lit(None, pl.String), lists="enter"
        )
        off = self.plan.due.withdraw.select(
            "row",
            pl.lit(ACCEPTED).alias("fate"),
            pl.lit(None, pl.String).alias("reason"),
            pl.lit([], pl.List(pl.String)).alias("lists"),
            pl.col("list").alias("do"),
        )
        sent = Sent(
            answers=[out.with_columns(do=pl.lit(PUSH)), off],
            refused=[self._rendered.refused],
            left_out=[self._rendered.left_out],
            unread=[self._rendered.unread],
            notes=[self._rendered.notes],
        )
        return dict(account(self.plan, sent).counters)

    @property
    def sends(self) -> pl.DataFrame:
        """`profile_id`, the vendor's identifiers, `body`, `lists`."""
        rows = self._rendered.outgoing.rows
        names = dict(zip((item.id for item in self._lists), (item.name for item in self._lists), strict=True))
        lists = pl.col("enter").list.eval(pl.element().replace(names)).alias("lists")
        return rows.select(self._ids(rows["row"]), *self.plan.goal.asked.identifiers, "body", lists)

    @property
    def withdraws(self) -> pl.DataFrame:
        """`profile_id`, the vendor's identifiers, `list`."""
        names = {item.id: item.name for item in self._lists}
        session = self.session
        known_by = session.discovery.identifiers(exporter_of(session.vendor).identifiers)
        lines = identifiers_in(self.plan.due.withdraw, known_by)
        return lines.select(self._ids(lines["row"]), *known_by, pl.col("list").replace(names))

    @property
    def excluded(self) -> pl.DataFrame:
        """`profile_id`, `reason`."""
        lines = pl.concat([self.plan.due.skipped, self._rendered.left_out])
        return lines.select(self._ids(lines["row"]), "reason")

    @property
    def rejected(self) -> pl.DataFrame:
        """`profile_id`, `field`, `value` where a processor could not read it, `reason`."""
        lines = pl.concat([self._rendered.refused, self._rendered.unread], how="diagonal")
        return lines.select(self._ids(lines["row"]), "field", "value", "reason")

    @property
    def _lists(self) -> Any:
        return self.session.discovery.lists

    @cached_property
    def estimate(self) -> Mapping[str, int]:
        """`calls` and `seconds`, as `estimate` tells them; of people who are sent, and taken off lists."""
        plan, out = self.plan, kinds_of_batches(self._cut[0].outgoing, self._cut[1])
        pushes = [(n, plan.way.calls(plan.goal.asked, people)) for n, people in out]
        return estimate(self.session, [*pushes, *self._withdrawals()])

    def _withdrawals(self) -> Iterator[tuple[int, Calls]]:
        withdrawal = exporter_of(self.session.vendor).withdrawal
        if withdrawal is None:
            return
        for leaving in self.plan.due.withdraw.group_by("list").len()["len"]:
            whole, rest = divmod(leaving, withdrawal.max_rows)
            yield whole, withdrawal.calls(withdrawal.max_rows)
            yield bool(rest), withdrawal.calls(rest)

    @property
    def _rendered(self) -> Rendered:
        return self._cut[0]

    @cached_property
    def _cut(self) -> tuple[Rendered, Sequence[int]]:
        """Those who can be sent, and where batches of them begin."""
        plan, way = self.plan, self.plan.way
        done = plan.renderer(self.session).render(plan.due.send.sort("row"))
        room = way.max_bytes - way.overhead
        cut = batches(done.outgoing.rows["body"], done.outgoing.rows["row"], max_rows=way.max_rows, max_bytes=room)
        if cut.too_large.is_empty():
            return done, cut.starts
        large = cut.too_large.to_frame("row").with_columns(
            field=pl.lit(None, pl.String), reason=pl.lit(reasons.TOO_LARGE.code)
        )
        fits = ~done.outgoing.rows["row"].is_in(cut.too_large.implode())
        refused = pl.concat([done.refused, large.select(*REFUSED)])
        return Rendered(done.outgoing.filter(fits), refused, done.left_out, done.unread, done.notes), cut.starts

    def _ids(self, rows: pl.Series) -> pl.Series:
        plan = self.plan
        profiles = catalogued(self.session.home, plan.snapshot, plan.planned)
        known = profiles.filter(pl.col("row").is_in(rows.unique().implode())).select("row", "profile_id").collect()
        return rows.to_frame("row").join(known, on="row", how="left", maintain_order="left")["profile_id"]
