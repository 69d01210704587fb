"""What sending takes at least is told before anything is sent."""

import polars as pl

from cdpkit.kit.exporting import Outgoing
from cdpkit.runs.exports.estimate import kinds_of_batches
from cdpkit.runs.goal_run import GoalRun


def test_batches_of_the_same_lists_count_as_one_and_a_few_people_stand_for_them() -> None:
    """Each list that a batch enters is entered by one of those people."""
    enter = [["a"]] * 4 + [["a", "b"]] * 2 + [[]] * 4
    rows = pl.DataFrame({"row": range(10), "enter": enter}, schema_overrides={"enter": pl.List(pl.String)})
    found = kinds_of_batches(Outgoing(rows, pl.DataFrame()), [0, 2, 4, 6, 8])
    assert [(n, people.rows["enter"].to_list()) for n, people in found] == [(2, [["a"]]), (1, [["a", "b"]]), (2, [[]])]
    assert kinds_of_batches(Outgoing(rows.clear(), pl.DataFrame()), []) == []


def test_a_report_tells_the_time_in_a_unit_that_is_read_at_a_glance() -> None:
    """Of what is carried out already, nothing."""

    def told(seconds: int) -> str:
        return repr(GoalRun("Out", "planned", {"things": 1}, estimate={"calls": 1200, "seconds": seconds}))

    assert "1,200  calls that send, at least" in told(3)
    assert [told(each).split("  ")[-1].split(" that they")[0] for each in (3, 150, 7300)] == [
        "seconds",
        "minutes",
        "hours",
    ]
    assert "at least" not in repr(GoalRun("Out", "succeeded", {"things": 1}))
