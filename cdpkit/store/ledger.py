"""The ledger of paid requests: written down, and on the disk, before they are sent, and once more when answered."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from cdpkit.core.asking import ASKED_BEFORE, MAYBE, OPTED_OUT, UNPAID
from cdpkit.errors import ConflictError
from cdpkit.store.attempt import attempt
from cdpkit.store.commits import Tables
from cdpkit.store.table import Table
from cdpkit.store.tables import TABLES
from cdpkit.store.tables.requests import REQUESTS, holding

_NUMBERS = "cdpkit-requests"
_ATTEMPTS = 100
SHARED = 2
"""The `step` of a line about a profile for which an earlier request has answered."""

ANSWERED = ("number", "row", "about", "fingerprint", "sent_at", "state", "outcome", "documents", "reason", "answer")
"""The columns of lines about requests that were answered."""


@dataclass(slots=True)
class Ledger:
    """What connections to one account have asked.

    Attributes:
        tables: Those of the workspace.
        connection: The connection that asks.
        others: The others to the same account; nobody is asked about twice because there are two connections.
    """

    tables: Tables
    connection: str
    others: Collection[str] = ()
    _seen: int = field(default=0)

    def read(self) -> pl.DataFrame:
        """All requests, as `ASKED_BEFORE`, and `step`, `run_id`, `goal`, `documents`, `reason`, each as it stands."""
        table = self._open()
        self._seen = table.transaction(_NUMBERS) or 0
        return self._lines(table, [*ASKED_BEFORE, "step", "run_id", "goal", "documents", "reason"])

    def answers(self, rows: pl.Series) -> pl.DataFrame:
        """The last answer about each of these profiles.

        Returns:
            `row`, `about`, `number`, `run_id`, `goal`, `outcome`, `answer`; requests without an answer, and those that
            were refused, are passed over.
        """
        names = ["number", "row", "about", "run_id", "goal", "outcome", "answer"]
        lines = self._scan(self._open(), [*names, "step", "state"])
        mine = lines.filter(pl.col("row").is_in(rows.implode()))
        counts = (pl.col("state") != UNPAID) | (pl.col("outcome") == OPTED_OUT)
        told = holding(mine).filter(pl.col("outcome").is_not_null(), counts).select(names)
        return told.collect().sort("number").unique(["row", "about"], keep="last", maintain_order=True)

    def announced(self, ask: pl.DataFrame, sent_at: datetime, run: str, goal: str) -> pl.DataFrame:
        """Write requests down before they are sent.

        Args:
            ask: `row`, `about`, `fingerprint`, and `nth` of the request.
            sent_at: When.
            run: The run that asks.
            goal: And its goal's key.

        Returns:
            The same with `number` and `sent_at`.

        Raises:
            ConflictError: Another connection has asked the account since this was read.
        """
        count = ask["nth"].n_unique()
        for _ in range(_ATTEMPTS):
            table = self._open()
            last = table.transaction(_NUMBERS) or 0
            if last != self._seen:
                self._unasked(table)
                self._seen = last
            number = pl.col("nth").rank("dense").cast(pl.Int64) + last
            lines = ask.with_columns(number=number, sent_at=pl.lit(sent_at).cast(pl.Datetime("us", "UTC")))
            try:
                self._commit(
                    table,
                    lines.with_columns(step=pl.lit(0), state=pl.lit(MAYBE), run_id=pl.lit(run), goal=pl.lit(goal)),
                    {_NUMBERS: last + count},
                )
            except ConflictError:
                continue
            self._seen = last + count
            return lines
        raise ConflictError("the ledger is written to all the time; repeat the call")

    def answered(self, lines: pl.DataFrame, run: str, goal: str, step: int = 1) -> None:
        """Write down what came of requests: `ANSWERED`."""
        if lines.is_empty():
            return
        for _ in range(_ATTEMPTS):
            try:
                told = lines.select(*ANSWERED, step=pl.lit(step), run_id=pl.lit(run), goal=pl.lit(goal))
                self._commit(self._open(), told, {})
            except ConflictError:
                continue
            return
        raise ConflictError("the ledger is written to all the time; repeat the call")

    def share(self, shared: pl.DataFrame, run: str, goal: str) -> None:
        """Let answers to earlier requests be about further profiles too, who are asked the same: it is paid already.

        Args:
            shared: `row`, `about`, `fingerprint`, and the `number` of the request.
            run: The run in which that is done.
            goal: And its goal's key.
        """
        numbers = shared["number"].unique()
        names = ["number", "step", "row", "about", *ANSWERED[4:]]
        lines = self._scan(self._open(), names).filter(pl.col("number").is_in(numbers.implode()))
        one = holding(lines).collect().sort("row").unique("number", keep="first").drop("row", "about", "step")
        self.answered(shared.join(one, on="number", how="inner"), run, goal, step=SHARED)

    def _open(self) -> Table:
        return self.tables.open(REQUESTS)

    def _scan(self, table: Table, columns: list[str]) -> pl.LazyFrame:
        own = {self.connection, *self.others}
        files = [file for file in table.files() if file.partition in own]
        return table.scan(files, columns)

    def _lines(self, table: Table, columns: list[str]) -> pl.DataFrame:
        return holding(self._scan(table, columns)).select(columns).collect().sort("number", "row")

    def _unasked(self, table: Table) -> None:
        newer = self._scan(table, ["number"]).filter(pl.col("number") > self._seen).select(pl.len()).collect().item()
        if newer:
            raise ConflictError("another connection has asked the same account since; repeat the call")

    def _commit(self, table: Table, lines: pl.DataFrame, transactions: dict[str, int]) -> None:
        columns = [
            pl.col(name).cast(dtype) if name in lines.columns else pl.lit(None, dtype).alias(name)
            for name, dtype in TABLES[REQUESTS].schema.items()
        ]
        with attempt() as made:
            files = made.add(table.root, [table.write(lines.select(columns), partition=self.connection)])
            table.commit(files, transactions=transactions)
