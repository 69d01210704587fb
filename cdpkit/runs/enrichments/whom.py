"""Whom a goal asks about: the members of its segment, what is known of them, and what was asked before."""

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from cdpkit.config.connections import ConnectionFiles
from cdpkit.config.goals.enrich_profiles import EnrichGoalSettings
from cdpkit.core import reasons
from cdpkit.core.asking import FAILED, UNPAID, UNSENT, Asked, Asking, who_is_asked
from cdpkit.core.consent import CONSENTED, REFUSED, consents
from cdpkit.core.hashing import hash_columns
from cdpkit.errors import CdpkitError
from cdpkit.kit.enriching import EnrichAsked
from cdpkit.runs.enrichments.goal import EnrichGoal, enricher_of
from cdpkit.runs.exports.keepers import same_account
from cdpkit.runs.exports.people import near
from cdpkit.runs.home import Home
from cdpkit.runs.ids import now
from cdpkit.runs.imports.ask import own_text
from cdpkit.runs.session import Session
from cdpkit.store import sql
from cdpkit.store.ledger import SHARED, Ledger
from cdpkit.store.tables import RUN_ROWS

_LEFT = {"row": pl.Int64(), "reason": pl.String()}
_DAY = timedelta(days=1)
_LATER = [reasons.OVER_CAP.code, reasons.CHANGED_IN_PAUSE.code, reasons.ASKED_IN_DOUBT.code, FAILED]
"""Why somebody who has changed was not asked about, as long as that may be over one day."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a goal asks about.

    Attributes:
        asked: What was decided of each question.
        questions: `row`, `about`, `request`, `fingerprint` of those that may be asked about.
        rows: The members who consent, whose answers are imported.
        left: `row`, `reason`: the members about whom nothing is asked, each once.
        in_segment: How many members there are.
    """

    asked: Asked
    questions: pl.DataFrame
    rows: pl.Series
    left: pl.DataFrame
    in_segment: int

    @property
    def people(self) -> int:
        """How many profiles are asked about, or have the answer of a request that somebody else's was."""
        return pl.concat([self.asked.ask["row"], self.asked.shared["row"]]).n_unique()


def ledger_of(session: Session) -> Ledger:
    """The ledger of the account that a connection reaches."""
    files, others = ConnectionFiles(session.home.root), []
    for name in files.names():
        if name != session.name:
            try:
                connection = files.get(name).read()
            except CdpkitError:
                continue  # a file that cannot be read runs nothing either
            if connection.vendor == session.vendor.name and same_account(session, connection):
                others.append(name)
    return Ledger(session.home.tables, session.name, tuple(others))


def asking_of(goal: EnrichGoal, before: pl.DataFrame, run: str) -> Asking:
    """What decides now; a run that was killed has used a part of what it may ask, and so have others of the day."""
    moment, lately = now(), pl.col("run_id") == run
    if goal.daily:
        lately |= pl.col("sent_at") > moment - _DAY
    own = before.filter(lately, pl.col("goal") == goal.key, pl.col("step") != SHARED)
    used = own.filter(pl.col("outcome").ne_missing(UNSENT))["number"].n_unique()
    return Asking(moment, goal.pause, goal.again, goal.full, max(goal.most - used, 0))


def waits(home: Home, connection: str, goal: EnrichGoalSettings, rows: pl.Series) -> pl.Series:
    """Those of some profiles of whom the connection has asked, and whose pause is not over."""
    lines = Ledger(home.tables, connection).read().filter(pl.col("row").is_in(rows.implode()))
    held = lines.filter(pl.col("state") != UNPAID, goal.paused.ends(pl.col("sent_at")) > now())
    return rows.filter(rows.is_in(held["row"].implode()))


def left(home: Home, run: str, key: str) -> pl.Series:
    """The profiles of whom a run has not asked, and of whom one is to be asked later."""
    lines = home.tables.scan(RUN_ROWS).filter(run_id=run, goal=key)
    return lines.filter(pl.col("reason").is_in(_LATER)).select("row").collect()["row"].unique()


def whom(session: Session, goal: EnrichGoal, profiles: pl.LazyFrame, before: pl.DataFrame, run: str) -> Whom:
    """Find whom a goal asks about.

    Args:
        session: The connection.
        goal: The goal.
        profiles: `row` and all properties.
        before: What was asked of the account, as the ledger has it.
        run: The run that asks.

    Raises:
        ConfigurationError: The segment cannot be computed.
    """
    chosen = profiles if goal.only is None else profiles.filter(pl.col("row").is_in(goal.only.implode()))
    rows = sql.segment_rows(chosen, goal.where, limits=session.home.limits()).select("row")
    linked = {name: pl.col(prop).alias(f"by {name}") for prop, name in goal.pairs}
    consent = [CONSENTED, REFUSED] if goal.objectives else []
    found = near(profiles, rows, *linked.values(), *consent).with_columns(given=consents(goal.objectives))
    may = found.filter("given")
    people = pl.DataFrame([may["row"], *(own_text(may[f"by {name}"]).alias(name) for name in linked)])
    questions = enricher_of(session.vendor).questions(goal.asked, people)
    questions = questions.with_columns(hash_columns(questions, ["request"]).alias("fingerprint"))
    asked = who_is_asked(questions.select("row", "about", "fingerprint"), before, asking_of(goal, before, run))
    refused = _because(found.filter(~pl.col("given"))["row"], reasons.WITHOUT_CONSENT)
    unasked = _because(may["row"].filter(~may["row"].is_in(questions["row"].implode())), reasons.WITHOUT_PARAMETERS)
    busy = pl.concat([asked.ask["row"], asked.shared["row"]])
    left = asked.left.filter(~pl.col("row").is_in(busy.implode())).unique("row", keep="first", maintain_order=True)
    all_left = pl.concat([refused, unasked, left.select(*_LEFT)]).sort("row")
    return Whom(asked, questions, may["row"], all_left, rows.height)


def still_consenting(goal: EnrichGoal, profiles: pl.LazyFrame, rows: pl.Series) -> pl.Series:
    """Those of some profiles who consent now, and are there."""
    consent = [CONSENTED, REFUSED] if goal.objectives else []
    found = near(profiles, rows.unique().to_frame("row"), *consent)
    return found.filter(consents(goal.objectives))["row"]


def parameters_of(asked: EnrichAsked, requests: pl.Series) -> pl.Series:
    """By which parameters requests ask, as a list of their names; none of their values."""
    named = [pl.when(pl.col("request").str.contains(f"[?&]{name}=")).then(pl.lit(name)) for name in asked.parameters]
    lists = pl.concat_list(named).list.drop_nulls().alias("parameters")
    return requests.to_frame("request").select(lists).to_series()


def _because(rows: pl.Series, why: reasons.Reason) -> pl.DataFrame:
    return rows.to_frame("row").with_columns(reason=pl.lit(why.code, pl.String)).select(*_LEFT)
