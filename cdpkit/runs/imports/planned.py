"""A load or an import goal, worked out: what any plan answers, and how it is stored."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import polars as pl

from cdpkit.core.fates import ImportCounters
from cdpkit.core.properties import Property
from cdpkit.core.reasons import Stage, need_attention
from cdpkit.runs.draft import sweep
from cdpkit.runs.files.given import read_lines
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.home import Home
from cdpkit.runs.ids import now
from cdpkit.runs.imports.commit import commit_load
from cdpkit.runs.imports.look import import_look
from cdpkit.runs.imports.plan import LoadPlan, plan_load
from cdpkit.runs.imports.prepare import Prepared, prepare_again
from cdpkit.runs.imports.risks import risks_of
from cdpkit.runs.kind import Line
from cdpkit.runs.plan import Figures, Look
from cdpkit.runs.progress import Observer, RunEvent, silent
from cdpkit.runs.run import SUCCEEDED, WITH_WARNINGS
from cdpkit.store.snapshot import Snapshot


def nothing_more(ended: GoalRun) -> GoalRun:
    """Of an import that is all that a goal does."""
    return ended


@dataclass(frozen=True, slots=True)
class PlannedImport:
    """An import, worked out; a `Plan`.

    Attributes:
        home: The workspace.
        asked: The goal, as the history names it.
        plan: What it does.
        work_out: Works the import out on the profiles as they are by then, for the attempt of this number.
        before: How many rows the same source had before; None where nobody can say what it should have.
        more: What else is to be said of how it ended.
        beside: What became of profiles that are no rows of the source, as `commit_load` takes it.
    """

    home: Home
    asked: GoalRun
    plan: LoadPlan
    work_out: Callable[[Prepared, int], LoadPlan]
    more: Callable[[GoalRun], GoalRun] = nothing_more
    beside: pl.DataFrame | None = None
    before: Callable[[], int | None] = lambda: None

    @property
    def kind(self) -> str:
        """`load`, or the kind of the goal."""
        return self.asked.kind

    @property
    def name(self) -> str:
        """The goal."""
        return self.asked.name

    @property
    def snapshot(self) -> Snapshot:
        """The profiles that it was worked out on."""
        return self.plan.snapshot

    @property
    def turns(self) -> dict[str, int]:
        """None: what it is worked out on are the profiles alone."""
        return {}

    @property
    def new_properties(self) -> tuple[Property, ...]:
        """The properties of profiles that it is going to add."""
        return () if self.plan.prepared.group else self.plan.prepared.new_properties

    @property
    def warnings(self) -> tuple[str, ...]:
        """What could not be had from the vendor."""
        return self.asked.warnings

    def figures(self) -> Figures:
        """Its rows, and its counters."""
        counters = self.plan.result.counters
        accounted = counters.applied + counters.unchanged + sum(counters.excluded.values())
        total = counters.received + counters.added
        return Figures(total, accounted, asdict(counters), lambda: risks_of(self.plan, self.before()))

    def look(self) -> Look:
        """Its frames."""
        return import_look(self.plan)

    def is_whole(self) -> bool:
        """Whether the files are there that the commit names."""
        return self.plan.draft.is_whole()

    def afterwards(self) -> Snapshot:
        """The profiles as they will be once it is stored."""
        return self.plan.afterwards()

    def discard(self) -> None:
        """Remove its files; once it is stored only those that others have taken the place of."""
        sweep(self.plan.draft)

    def again(self, attempt: int) -> "PlannedImport":
        """The same on the profiles as they are by now, among the properties as others have made them since."""
        return replace(self, plan=self.work_out(prepare_again(self.home, self.plan.prepared), attempt))

    def ended(self) -> GoalRun:
        """How it ends once it is stored."""
        counters = self.plan.result.counters
        state = WITH_WARNINGS if self.warnings or _attention(counters) else SUCCEEDED
        return self.more(replace(self.asked, state=state, counters=asdict(counters), seq=self.plan.draft.seq))


def planned_import(
    home: Home,
    prepared: Prepared,
    run: str,
    asked: GoalRun,
    show: Observer = silent,
    *,
    on: Snapshot | None = None,
) -> PlannedImport:
    """Work an import out.

    Args:
        home: The workspace.
        prepared: The import.
        run: The run that is to store it.
        asked: The goal, as the history names it.
        show: Is told how far it is.
        on: The profiles on which it is worked out, None for those that are there now.
    """
    total = prepared.source.rows.height

    def work_out(prepared: Prepared, attempt: int) -> LoadPlan:
        again = f", attempt {attempt + 1}" if attempt else ""
        show(RunEvent(run, "match", 0, total, f"{total:,} rows{again}"))
        return plan_load(home, prepared, run, _merging(run, total, show), on=None if attempt else on)

    return PlannedImport(home, asked, work_out(prepared, 0), work_out)


def telling(planned: PlannedImport) -> PlannedImport:
    """The same import of a goal, which ends with how its files were read and what is to be said of that."""
    prepared = planned.plan.prepared
    if not prepared.understood:
        return planned
    said = (*(line.strip() for line in read_lines(prepared.understood)), *prepared.standing)
    return replace(planned, more=lambda ended: replace(ended, said=said))


def store(planned: PlannedImport, line: Line, show: Observer, *, waited: bool) -> GoalRun:
    """Commit an import; returns how it ended. What belongs beside the profiles joins its tables after that.

    Args:
        planned: The import.
        line: Makes the line of the history that joins with the commit.
        show: Is told how far it is.
        waited: Whether it was worked out some time ago, by a preview; it is dated now then.

    Raises:
        ConflictError: Somebody else committed since it was worked out; nothing is stored.
    """
    plan, ended = planned.plan, planned.ended()
    total, counters = plan.prepared.source.rows.height, plan.result.counters
    whose = "groups" if plan.prepared.group else "profiles"
    text = f"{counters.created:,} {whose} created, {counters.updated:,} updated"
    show(RunEvent(plan.draft.run_id, "commit", total, total, text))
    commit_load(planned.home, plan, line(ended), at=now() if waited else None, beside=planned.beside)
    return ended


def _attention(counters: ImportCounters) -> bool:
    """Whether a person should look at an import although it succeeded."""
    excluded = need_attention(Stage.EXCLUDED, counters.excluded)
    rejected = need_attention(Stage.VALUE, counters.rejected)
    return bool(excluded or rejected or counters.multiple_matches or counters.cut_lists)


def _merging(run: str, total: int, show: Observer) -> Callable[[int], None]:
    """Tell how many rows are merged, each time that some more are."""
    done = 0

    def merged(lines: int) -> None:
        nonlocal done
        done += lines
        show(RunEvent(run, "merge", done, total, f"{done:,} rows"))

    return merged
