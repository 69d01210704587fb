"""Many people at once, 2 % of them bad, at each vendor."""

from pathlib import Path

import pytest

from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.server import running
from tests.transport.hurried import Hurried
from tests.vendors.large.exchange import Exchange
from tests.vendors.large.side import names, side_of

PEOPLE, FACTOR = 500, 500


@pytest.mark.parametrize("vendor", names())
def test_everybody_of_five_hundred_is_accounted_for(
    vendor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each refusal has the vendor's own word, the vendor has what a slow model says, and few calls were needed.

    `Exchange.run` asserts all of this; `python -m tests.vendors.large` does the same with fifty thousand people.
    """
    monkeypatch.setattr("cdpkit.transport.driver.RealClock", Hurried)
    options = Options(people=PEOPLE, limits_factor=FACTOR * 10)
    with running(vendor, options=options, **side_of(vendor).settings) as site:
        figures = Exchange(vendor, tmp_path, site.addresses, FACTOR).run(PEOPLE)
    assert figures.import_counters["received"] == PEOPLE
    assert figures.export_counters["rejected"]
