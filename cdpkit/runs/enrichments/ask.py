"""Asking: each batch is written down in the ledger, and is on the disk, before it is sent, and never sent again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from cdpkit.core.asking import IN_DOUBT, MAYBE, UNPAID, UNSENT
from cdpkit.errors import CdpkitError, InDoubtError
from cdpkit.kit.effects import Effects
from cdpkit.kit.enriching import ANSWERS
from cdpkit.runs.catalogue import catalogued
from cdpkit.runs.enrichments.goal import EnrichGoal, enricher_of
from cdpkit.runs.enrichments.whom import still_consenting
from cdpkit.runs.ids import now
from cdpkit.runs.session import Session
from cdpkit.store.ledger import ANSWERED, Ledger


@dataclass(slots=True)
class Asker:
    """Asks the questions of one goal.

    Attributes:
        session: The connection.
        goal: The goal.
        ledger: Where requests are written down.
        run: The run that asks.
        seq: The sequence number of the profiles of whom it was decided to ask.
        told: Is given how many questions were answered, each time that some were.
        error: What ended it early.
        unwritten: Why an answer could not be written down.
        answered: The numbers of the requests of which something was told.
    """

    session: Session
    goal: EnrichGoal
    ledger: Ledger
    run: str
    seq: int
    told: Callable[[int], None]
    error: CdpkitError | None = None
    unwritten: CdpkitError | None = None
    answered: set[int] = field(default_factory=set)

    def ask(self, questions: pl.DataFrame) -> None:
        """Ask, as long as the vendor lets it; what ends it early is its `error`.

        Args:
            questions: `row`, `about`, `request`, `fingerprint`, `nth` (requests by number).

        Raises:
            ConflictError: Another connection has asked the account meanwhile; what was answered is in the ledger.
        """
        self.session.driver.each(self._tasks(questions), lambda lines, _: self.told(lines.height))

    def _tasks(self, questions: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, Effects[None]]]:
        enricher = enricher_of(self.session.vendor)
        for batch in batches(questions, enricher.most(self.goal.asked)):
            if self.error is not None:
                return
            willing = self._willing(batch)
            if willing.is_empty():
                continue
            lines = self.ledger.announced(willing.drop("request"), now(), self.run, self.goal.key)
            requests = willing.unique("nth", keep="first", maintain_order=True).select("nth", "about", "request")
            tell = partial(self._note, lines)
            yield lines, self._guarded(enricher.ask(self.goal.asked, requests, tell), lines)

    def _willing(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Those of whom it may be asked still, where somebody has committed since it was decided."""
        home = self.session.home
        snapshot = home.tables.snapshot()
        if snapshot.seq == self.seq:
            return batch
        rows = still_consenting(self.goal, catalogued(home, snapshot), batch["row"])
        return batch.filter(pl.col("row").is_in(rows.implode()))

    def _guarded(self, asking: Effects[None], lines: pl.DataFrame) -> Effects[None]:
        """The same; what ends it is kept, and what is asked beside it is answered still."""
        try:
            yield from asking
        except InDoubtError:
            pass
        except CdpkitError as error:
            if error is self.unwritten:
                raise
            self.error = self.error or error
            self._rest(lines, UNPAID, UNSENT)  # the call was not carried out
            return
        self._rest(lines, MAYBE, IN_DOUBT)

    def _note(self, lines: pl.DataFrame, answers: pl.DataFrame) -> None:
        """Write answers down.

        Raises:
            CdpkitError: They cannot be written: their requests stay in doubt, since they may be paid.
        """
        answered = lines.join(answers, on="nth", how="inner", maintain_order="left")
        try:
            self.ledger.answered(answered.select(*ANSWERED), self.run, self.goal.key)
        except CdpkitError as error:
            self.unwritten = error
            raise
        self.answered.update(answered["number"])

    def _rest(self, lines: pl.DataFrame, state: str, outcome: str) -> None:
        """Write down what is known of the requests of which nothing was told."""
        left = lines.filter(~pl.col("number").is_in(list(self.answered)))["nth"].unique(maintain_order=True)
        same = {"state": pl.lit(state), "outcome": pl.lit(outcome)}
        columns = [same.get(name, pl.lit(None, dtype)).alias(name) for name, dtype in ANSWERS.items() if name != "nth"]
        self._note(lines, left.to_frame("nth").with_columns(columns).select(*ANSWERS))


def batches(questions: pl.DataFrame, most: int) -> Iterator[pl.DataFrame]:
    """Questions of at most so many requests a batch; those about one profile are in the same.

    Requests that several profiles share are in the batch of the first one.
    """
    if questions.is_empty():
        return
    requests = questions.unique("nth", keep="first", maintain_order=True)
    widest = int(requests.group_by("row").len()["len"].max() or 1)  # type: ignore[arg-type]
    room = max(most - widest + 1, 1)
    starts = requests.group_by("row", maintain_order=True).agg(pl.len().alias("n"))
    number = (pl.col("n").cum_sum() - pl.col("n")) // room
    placed = requests.join(starts.select("row", number.alias("batch")), on="row", how="left").select("nth", "batch")
    whole = questions.join(placed, on="nth", how="left", maintain_order="left")
    for batch in whole.partition_by("batch", maintain_order=True):
        yield batch.drop("batch")
