"""Thousands of people at once, 2 % of them bad."""

from pathlib import Path

from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.server import running
from tests.runs.sync.large import exchange

PEOPLE = 5000


def test_everybody_of_five_thousand_is_accounted_for(tmp_path: Path) -> None:
    """Each refusal has the vendor's own word, the list has exactly whom it accepted, and few calls were needed.

    `exchange` asserts all of this; `python -m tests.runs.sync.large` does the same with a hundred thousand people.
    """
    with running("iterable", options=Options(people=PEOPLE, limits_factor=1000), job_polls=0) as site:
        figures = exchange(tmp_path, site.addresses["iterable"], PEOPLE, 500)
    assert figures.export_counters["sent"] == figures.export_counters["accepted"] + 60
    assert figures.full_batches == 5
    assert figures.requests["POST /api/lists/subscribe"] == 5
    assert figures.requests["POST /api/users/bulkUpdate"] == 6, "those beside a clash are sent once more"
