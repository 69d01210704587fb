"""The journal of an export, and how parts of it are made ahead."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import polars as pl
import pytest

from cdpkit.kit.exporting import OUTCOME, all_accepted
from cdpkit.place import Folder
from cdpkit.runs.exports.journal import PUSH, Journal
from cdpkit.runs.exports.send import ahead


def rows(*numbers: int) -> pl.Series:
    return pl.Series("row", numbers, pl.Int64)


def outcome(*lines: tuple[int, str, str | None, list[str]]) -> pl.DataFrame:
    return pl.DataFrame(list(lines), schema=OUTCOME, orient="row")


def test_a_batch_that_was_taken_whole_is_read_back_as_accepted(tmp_path: Path) -> None:
    """Its rows stand in the journal once, where they were asked."""
    journal = Journal(Folder(tmp_path) / "journal.ndjson")
    with journal:
        journal.answered(journal.asked(PUSH, rows(70_001, 70_002)), None)
    read = Journal(journal.path).read()
    assert read.answered.drop("do").equals(all_accepted(rows(70_001, 70_002)))
    assert (read.answered["do"].to_list(), read.asked.height, read.batches) == ([PUSH, PUSH], 0, 1)
    assert journal.path.local.read_text().count("70001") == 1


def test_answers_that_differ_are_read_back_each(tmp_path: Path) -> None:
    """Refused, accepted, and put on a list: everybody has the own outcome, under what was done."""
    told = outcome((1, "accepted", None, []), (2, "rejected", "invalidEmails", []), (3, "accepted", None, ["501"]))
    journal = Journal(Folder(tmp_path) / "journal.ndjson")
    with journal:
        journal.answered(journal.asked(PUSH, rows(1, 2, 3)), told)
        journal.answered(journal.asked("501", rows(9)), outcome((9, "accepted", None, [])))
    read = Journal(journal.path).read().answered
    assert read.filter(do=PUSH).drop("do").sort("row").equals(told)
    assert read.filter(do="501")["row"].to_list() == [9]


def test_who_was_asked_and_not_answered_is_known_after_a_kill(tmp_path: Path) -> None:
    """Also where the kill cut the last line off; the next attempt writes behind what is whole."""
    journal = Journal(Folder(tmp_path) / "journal.ndjson")
    with journal:
        first, _ = journal.asked(PUSH, rows(1)), journal.asked(PUSH, rows(2))
        journal.answered(first, None)
    with journal.path.local.open("ab") as file:
        file.write(b'{"batch":2,"outc')
    later = Journal(journal.path)
    read = later.read()
    assert (read.answered["row"].to_list(), read.asked["row"].to_list()) == ([1], [2])
    with later:
        later.answered(later.asked(PUSH, rows(2)), None)
    assert sorted(Journal(journal.path).read().answered["row"]) == [1, 2]


def test_the_next_part_is_made_while_the_one_before_it_is_in_use() -> None:
    """One part ahead and no more; an error in making comes up where the part would."""
    begun = [Event(), Event(), Event()]

    def parts() -> Iterator[int]:
        for number, event in enumerate(begun):
            event.set()
            if number == 2:
                raise ValueError("the third cannot be made")
            yield number

    made = ahead(parts())
    assert next(made) == 0
    assert begun[1].wait(10)
    assert not begun[2].is_set()
    assert next(made) == 1
    with pytest.raises(ValueError, match="the third"):
        next(made)


def test_no_part_makes_none() -> None:
    """An empty supply ends at once."""
    assert list(ahead(iter(()))) == []
