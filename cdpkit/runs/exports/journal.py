"""The journal of an export: what was asked of the vendor, and what it answered, appended batch by batch.

A batch is written as asked, and is on the disk, before it is sent, so that a run that was killed, or lost its power,
knows which people may have been reached. Lines are sealed JSON; a last one that was cut off is passed over.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import polars as pl

from cdpkit.errors import WorkspaceError
from cdpkit.kit.exporting import OUTCOME, all_accepted
from cdpkit.place import Place
from cdpkit.place.sealed import sealed, unsealed

JOURNAL = "journal.ndjson"
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
        whole: Whether all lines could be read; else others may have been asked and answered too.
        told: What the vendor's part has told people.
    """

    answered: pl.DataFrame
    asked: pl.DataFrame
    batches: int
    whole: bool = True
    told: tuple[str, ...] = ()


class Journal:
    """Appends to the journal of one goal's run; a context manager."""

    def __init__(self, path: Place) -> None:
        self.path = path
        self._batches = 0
        self._held = ExitStack()

    def read(self) -> Journalled:
        """What earlier attempts of the same run wrote.

        Raises:
            WorkspaceError: It is damaged, so that nobody can tell who was asked.
        """
        found = self.salvage()
        if not found.whole:
            raise WorkspaceError(
                f"{self.path} is damaged, so that nobody can tell who was sent; the next run begins anew, and those "
                "who must not be sent twice are in doubt"
            )
        return found

    def salvage(self) -> Journalled:
        """What can be read of what earlier attempts of the same run wrote."""
        asked: dict[int, tuple[str, list[int]]] = {}
        answered = [pl.DataFrame(schema=_ANSWERED)]
        lines, whole = self._lines()
        told: list[str] = []
        for line in lines:
            if "told" in line:
                told += line["told"]
            elif "rows" in line:
                asked[line["batch"]] = line["do"], line["rows"]
            elif line["batch"] in asked:
                do, rows = asked.pop(line["batch"])
                answered.append(_whole(line["outcome"], rows, do))
            else:
                whole = False
        schema = {"do": pl.String(), "row": pl.Int64()}
        open_rows = [pl.DataFrame({"do": [do] * len(rows), "row": rows}, schema=schema) for do, rows in asked.values()]
        known = pl.concat(answered)
        unknown = pl.concat([pl.DataFrame(schema=schema), *open_rows]).unique(maintain_order=True)
        unknown = unknown.join(known, on=["do", "row"], how="anti", maintain_order="left")
        return Journalled(known, unknown, self._batches, whole, tuple(told))

    def asked(self, do: str, rows: pl.Series) -> int:
        """Write a batch down, for good, before it is sent; returns its number."""
        self._batches += 1
        self._append(sealed({"batch": self._batches, "do": do, "rows": rows.to_list()}), for_good=True)
        return self._batches

    def answered(self, batch: int, outcome: pl.DataFrame | None) -> None:
        """Write down what became of a batch, people with the same outcome together; None for `all_accepted`."""
        groups = None if outcome is None else outcome.group_by(_SAME, maintain_order=True).agg("row").to_dicts()
        self._append(sealed({"batch": batch, "outcome": groups}))

    def told(self, texts: Sequence[str]) -> None:
        """Write down what the vendor's part has told people."""
        self._append(sealed({"told": list(texts)}))

    def _lines(self) -> tuple[list[dict[str, Any]], bool]:
        """The lines that can be read, and whether these are all."""
        if not self.path.exists():
            return [], True
        ended = self.path.read().split(b"\n")[:-1]  # the last line was cut off where it does not end
        lines = [line for text in ended if (line := _read(text)) is not None]
        self._batches = max((line.get("batch", 0) for line in lines), default=0)
        return lines, len(lines) == len(ended)

    def __enter__(self) -> Self:
        self._append = self._held.enter_context(self.path.append())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()


def _read(text: bytes) -> dict[str, Any] | None:
    """A line; None where it is damaged."""
    try:
        line = unsealed(text)
    except ValueError:
        return None
    return line if line.keys() in ({"batch", "do", "rows"}, {"batch", "outcome"}, {"told"}) else None


def _whole(groups: list[dict[str, Any]] | None, rows: list[int], do: str) -> pl.DataFrame:
    """An answer, written down for a batch of these rows."""
    if groups is None:
        outcome = all_accepted(pl.Series("row", rows, pl.Int64))
    else:
        outcome = pl.concat([pl.DataFrame(schema=OUTCOME), *map(_group, groups)])
    return outcome.with_columns(do=pl.lit(do))


def _group(group: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([group], schema=OUTCOME | {"row": pl.List(pl.Int64())}).explode("row").select(*OUTCOME)
