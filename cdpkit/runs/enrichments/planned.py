"""A goal that asks, worked out: what any plan answers, and how it asks and stores what it is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import polars as pl

from cdpkit.config.goals.enrich_profiles import EnrichGoalSettings
from cdpkit.core.asking import FAILED as NOT_ANSWERED
from cdpkit.core.asking import IN_DOUBT, REFUSED, UNSENT, who_is_asked
from cdpkit.core.properties import Property
from cdpkit.core.reasons import Stage, need_attention
from cdpkit.runs.carry_out import carry_out
from cdpkit.runs.catalogue import catalogued
from cdpkit.runs.draft import sweep
from cdpkit.runs.enrichments.answers import Answers, answers_of, prepare_answers
from cdpkit.runs.enrichments.ask import Asker
from cdpkit.runs.enrichments.counters import counters_of, estimated, lines_of
from cdpkit.runs.enrichments.goal import EnrichGoal, Into, resolve_enrichment
from cdpkit.runs.enrichments.whom import Whom, asking_of, ledger_of, parameters_of, whom
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.groups import planned_on
from cdpkit.runs.imports.look import import_look
from cdpkit.runs.imports.planned import PlannedImport, planned_import, store
from cdpkit.runs.kind import Line, Work
from cdpkit.runs.plan import Figures, Look
from cdpkit.runs.progress import RunEvent
from cdpkit.runs.run import FAILED, SUCCEEDED, WITH_WARNINGS
from cdpkit.store.ledger import Ledger
from cdpkit.store.snapshot import Snapshot

_ASK = {"row": pl.Int64(), "about": pl.String(), "request": pl.String(), "fingerprint": pl.Int64(), "nth": pl.Int64()}
_ATTENTION = (NOT_ANSWERED, IN_DOUBT, REFUSED)
"""What of the answers somebody should look at."""


@dataclass(frozen=True, slots=True)
class PlannedEnrichment:
    """A goal that asks, worked out; a `Plan`.

    Attributes:
        kind: Its kind.
        goal: The goal.
        whom: Whom it asks about.
        snapshot: The profiles of whom it was decided.
        stored: The import of the answers that are there already; None in a run, which knows more when it has asked.
        work_out: Works it out on the profiles as they are by then.
    """

    kind: str
    goal: EnrichGoal
    whom: Whom
    snapshot: Snapshot
    stored: PlannedImport | None
    work_out: "Callable[[], PlannedEnrichment]"

    @property
    def name(self) -> str:
        """The goal."""
        return self.goal.name

    @property
    def turns(self) -> Mapping[str, int]:
        """None: the ledger itself tells what others have asked since."""
        return {}

    @property
    def new_properties(self) -> tuple[Property, ...]:
        """Those that the answers add which are there already."""
        return () if self.stored is None else self.stored.new_properties

    @property
    def warnings(self) -> tuple[str, ...]:
        """None."""
        return ()

    def figures(self) -> Figures:
        """The members of the segment, and what is asked at most."""
        found = self.whom
        imported = {} if self.stored is None else dict(self.stored.figures().counters)
        accounted = found.people + found.left.height
        return Figures(found.in_segment, accounted, estimated(self.goal, found) | imported)

    def look(self) -> Look:
        """Its frames: who would be asked about, and what the answers would change that are there already."""
        counters, told = self.figures().counters, None if self.stored is None else import_look(self.stored.plan)
        look = Look(counters=lambda: counters) if told is None else replace(told, counters=lambda: counters)
        shown = look.excluded
        return replace(
            look,
            sends=partial(_sends, self),
            creates=None,
            excluded=lambda: pl.concat([_left(self), *([] if shown is None else [shown()])], how="diagonal"),
        )

    def is_whole(self) -> bool:
        """Whether the files are there that it has made."""
        return self.stored is None or self.stored.is_whole()

    def afterwards(self) -> Snapshot:
        """The profiles as they will be, without what nobody has answered yet; the goal commits once in any case."""
        return self.snapshot if self.stored is None else self.stored.afterwards()

    def discard(self) -> None:
        """Remove the files that it has made."""
        if self.stored is not None:
            sweep(self.stored.plan.draft)

    def again(self, _attempt: int) -> "PlannedEnrichment":
        """The same on the profiles as they are by now; who was asked about is not asked about again."""
        return self.work_out()


def _sends(plan: PlannedEnrichment) -> pl.DataFrame:
    """`profile_id`, `about`, `parameters`: who would be asked about, for which class, by what."""
    asked = plan.whom.asked.ask.join(plan.whom.questions, on=["row", "about"], how="left", maintain_order="left")
    named = asked.with_columns(parameters_of(plan.goal.asked, asked["request"]))
    return named.select(_ids(plan, named["row"]), "about", "parameters")


def _left(plan: PlannedEnrichment) -> pl.DataFrame:
    left = plan.whom.left
    return left.select(_ids(plan, left["row"]), "reason")


def _ids(plan: PlannedEnrichment, rows: pl.Series) -> pl.Series:
    profiles = plan.snapshot.profiles()
    known = profiles.filter(pl.col("row").is_in(rows.unique().implode())).select("row", "profile_id").collect()
    return rows.to_frame("row").join(known, on="row", how="left", maintain_order="left")["profile_id"]


def plan_enrichment(work: Work, settings: EnrichGoalSettings, kind: str, into: Into | None = None) -> PlannedEnrichment:
    """Find whom to ask about, and stop before the first paid request.

    Args:
        work: What the goal is worked out with.
        settings: The goal.
        kind: Its kind.
        into: Where answers go that are about groups; None for those about profiles.
    """
    session = work.session
    work.show(RunEvent(work.run, "select", 0, 0, f"{settings.name}: segment {settings.segment!r}"))
    goal = resolve_enrichment(session, settings, work.options, into)

    def work_out() -> PlannedEnrichment:
        on = session.home.tables.snapshot() if work.on is None else work.on
        ledger = ledger_of(session)
        found = whom(session, goal, catalogued(session.home, on, work.planned), ledger.read(), work.run)
        stored = None if work.on is None else stored_answers(work, goal, found, ledger, kind)
        return PlannedEnrichment(kind, goal, found, on, stored, work_out)

    return work_out()


def paid(ended: GoalRun) -> str:
    """What a goal that has asked leaves behind whatever is undone, for people; empty for nothing."""
    billed, maybe = ended.counters.get("billed", 0), ended.counters.get("maybe_billed", 0)
    told = f"asked for {billed:,} documents that are billed"
    told += f", and made {maybe:,} requests that may be" if maybe else ""
    return f"{told}; that is not taken back" if billed or maybe else ""


def stored_answers(work: Work, goal: EnrichGoal, found: Whom, ledger: Ledger, kind: str) -> PlannedImport:
    """The import of the answers that are there, on the profiles as goals before it leave them."""
    session = work.session
    on = session.home.tables.snapshot() if work.on is None else work.on
    profiles = catalogued(session.home, on, work.planned)
    answers = answers_of(session, goal, ledger, found.rows)
    planned = planned_on(on, goal.group) if goal.group else work.planned
    prepared = prepare_answers(session, goal, answers, profiles, planned, keep=work.on is not None)
    asked = GoalRun(goal.name, "planned", kind=kind, key=goal.key, group=goal.group)
    return planned_import(session.home, prepared, work.run, asked, work.show, on=work.on)


def ask_and_store(work: Work, planned: PlannedEnrichment, line: Line) -> GoalRun:
    """Ask what was planned and nobody has asked since, and store what is known by then; returns how it ended.

    Raises:
        ConflictError: Others have asked the account, or committed; what was answered is in the ledger.
    """
    session, found = work.session, planned.whom
    goal = replace(planned.goal, asked=replace(planned.goal.asked, settings=session.settings))
    ledger = ledger_of(session)
    before = ledger.read()
    asked = who_is_asked(
        found.questions.join(found.asked.ask, on=["row", "about"], how="semi").select("row", "about", "fingerprint"),
        before,
        asking_of(goal, before, work.run),
    )
    ledger.share(pl.concat([asked.shared, _free(found, before)]).unique(["row", "about"]), work.run, goal.key)
    requests = asked.ask.join(found.questions.drop("fingerprint"), on=["row", "about"], how="left").select(*_ASK)
    asker = Asker(
        session, goal, ledger, work.run, planned.snapshot.seq, _asking(work, goal, requests["nth"].n_unique())
    )
    asker.ask(requests.sort("nth", "row"))
    message = None if asker.error is None else session.said(asker.error)
    said = tuple(session.driver.told)
    planned.discard()

    def work_out() -> PlannedImport:
        home = session.home
        profiles = catalogued(home, home.tables.snapshot())
        answers = answers_of(session, goal, ledger, found.rows)
        lines, told = ledger.read(), partial(_ended, goal, work.run, found, answers, message, said)
        run = GoalRun(goal.name, "planned", kind=planned.kind, key=goal.key, group=goal.group)
        prepared = prepare_answers(session, goal, answers, profiles)
        plan = planned_import(home, prepared, work.run, run, work.show)
        beside = _beside(goal, work.run, found, lines)
        return replace(plan, more=lambda ended: told(lines, ended), beside=beside)

    def put(plan: PlannedImport) -> GoalRun:
        work.makes(plan.new_properties)
        return store(plan, line, work.show, waited=False)

    return carry_out(session.home, None, work_out, put, goal.guards)


def _free(found: Whom, before: pl.DataFrame) -> pl.DataFrame:
    """Who has the answer of a request about somebody else, unless the profile has an answer of its own by now."""
    mine = before.select("row", "about", "number")
    return found.asked.shared.join(mine, on=["row", "about", "number"], how="anti")


def _ended(
    goal: EnrichGoal,
    run: str,
    found: Whom,
    answers: Answers,
    message: str | None,
    said: tuple[str, ...],
    lines: pl.DataFrame,
    ended: GoalRun,
) -> GoalRun:
    """How a goal ended, of how its import did."""
    counters: dict[str, Any] = counters_of(goal, run, found, lines, answers.lines)
    doubtful = need_attention(Stage.SKIPPED, counters["left_out"]) or {*_ATTENTION} & {*counters["outcomes"]}
    state = WITH_WARNINGS if ended.state == SUCCEEDED and doubtful else ended.state
    return replace(
        ended,
        state=FAILED if message else state,
        counters=counters | dict(ended.counters),
        message=message,
        warnings=said,
    )


def _beside(goal: EnrichGoal, run: str, found: Whom, ledger: pl.DataFrame) -> pl.DataFrame:
    """`row`, `fate`, `reason` of the members: left out, in doubt, or asked about with what came of it."""
    lines = lines_of(goal, run, ledger).filter(pl.col("outcome").ne_missing(UNSENT))
    doubtful = pl.col("outcome").is_null() | (pl.col("outcome") == IN_DOUBT)
    fate = pl.when(doubtful).then(pl.lit(IN_DOUBT)).otherwise(pl.lit("asked")).alias("fate")
    asked = lines.select("row", fate, reason=pl.when(~doubtful).then("outcome"))
    left = found.left.select("row", pl.lit("skipped").alias("fate"), "reason")
    return pl.concat([left, asked]).sort("row")


def _asking(work: Work, goal: EnrichGoal, total: int) -> Callable[[int], None]:
    """Tell how many questions were answered."""
    done = 0
    work.show(RunEvent(work.run, "ask", 0, total, f"{goal.name}: {total:,} requests"))

    def told(questions: int) -> None:
        nonlocal done
        done += questions
        work.show(RunEvent(work.run, "ask", done, max(total, done), f"{goal.name}: {done:,} questions answered"))

    return told
