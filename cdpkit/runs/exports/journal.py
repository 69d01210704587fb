"""The journal of an export: what was asked of the vendor, and what it answered, appended batch by batch.

A batch is written as asked before it is sent, so that a killed run knows which people may have been reached. Lines are
JSON; one that was cut off by a kill is passed over.
"""

import json
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import polars as pl

from cdpkit.kit.exporting import OUTCOME, all_accepted
from cdpkit.place import Place

PUSH = "push"
"""What a batch does, beside withdrawing from the list whose id it names."""

_SAME = ("fate", "reason", "lists")
_ANSWERED = {**OUTCOME, "do": pl.String()}


@dataclass(frozen=True, slots=True)
class Journalled:
    """What a journal holds.

    Attributes:
        answered: The columns of `OUTCOME`, and `do`: everybody whom an answer names.
        asked: `do`, `row`: everybody in batches without an answer, of whom no later batch has one either.
        batches: How many batches were asked.
    """

    answered: pl.DataFrame
    asked: pl.DataFrame
    batches: int


class Journal:
    """Appends to the journal of one goal's run; a context manager."""

    def __init__(self, path: Place) -> None:
        self.path = path
        self._batches = 0
        self._held = ExitStack()

    def read(self) -> Journalled:
        """What earlier attempts of the same run wrote."""
        asked: dict[int, tuple[str, list[int]]] = {}
        answered = [pl.DataFrame(schema=_ANSWERED)]
        for line in self._lines():
            if "rows" in line:
                asked[line["batch"]] = line["do"], line["rows"]
                continue
            do, rows = asked.pop(line["batch"])
            answered.append(_whole(line["outcome"], rows, do))
        open_rows = [pl.DataFrame({"do": [do] * len(rows), "row": rows}) for do, rows in asked.values()]
        schema = {"do": pl.String(), "row": pl.Int64()}
        known = pl.concat(answered)
        unknown = pl.concat([pl.DataFrame(schema=schema), *open_rows]).unique(maintain_order=True)
        unknown = unknown.join(known, on=["do", "row"], how="anti", maintain_order="left")
        return Journalled(known, unknown, self._batches)

    def asked(self, do: str, rows: pl.Series) -> int:
        """Write a batch down before it is sent; returns its number."""
        self._batches += 1
        self._write({"batch": self._batches, "do": do, "rows": rows.to_list()})
        return self._batches

    def answered(self, batch: int, outcome: pl.DataFrame | None) -> None:
        """Write down what became of a batch, people with the same outcome together; None for `all_accepted`."""
        groups = None if outcome is None else outcome.group_by(_SAME, maintain_order=True).agg("row").to_dicts()
        self._write({"batch": batch, "outcome": groups})

    def _lines(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        whole = self.path.read().split(b"\n")[:-1]  # the last line was cut off where it does not end
        lines = [json.loads(line) for line in whole]
        self._batches = max((line["batch"] for line in lines), default=0)
        return lines

    def _write(self, line: dict[str, Any]) -> None:
        self._append(json.dumps(line, separators=(",", ":")).encode())

    def __enter__(self) -> Self:
        self._append = self._held.enter_context(self.path.append())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()


def _whole(groups: list[dict[str, Any]] | None, rows: list[int], do: str) -> pl.DataFrame:
    """An answer, written down for a batch of these rows."""
    if groups is None:
        outcome = all_accepted(pl.Series("row", rows, pl.Int64))
    else:
        outcome = pl.concat([pl.DataFrame(schema=OUTCOME), *map(_group, groups)])
    return outcome.with_columns(do=pl.lit(do))


def _group(group: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([group], schema=OUTCOME | {"row": pl.List(pl.Int64())}).explode("row").select(*OUTCOME)
