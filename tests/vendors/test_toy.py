"""The toy: what a vendor costs, and what of it the suite for all vendors does not look at."""

from pathlib import Path

from cdpkit.sandbox.server import Site
from tests.vendors import toy
from tests.vendors.stage import ANN, BOB, load, stage

MOST = 120
"""Lines that a small vendor may cost; a table of fields and a second way would be more."""


def test_a_vendor_of_one_file_is_small() -> None:
    """A login with tokens, pages by a cursor, a list, and one call a person."""
    source = Path(toy.__file__).read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MOST
    assert max(map(len, source.splitlines())) <= 120


def test_a_token_is_renewed_once_for_all_calls_in_flight(tmp_path: Path) -> None:
    """Those that were refused are made again, and nobody is lost."""
    with stage("toy", tmp_path) as at, at.driver() as driver:
        driver.run(at.vendor.check(at.settings))
        before = logins(at.site)
        at.fault("401", 0, times=3)
        told = []
        people = {n: f"p{n}@example.com" for n in range(12)}
        driver.each([(n, at.push({n: people[n]}, "x")) for n in people], lambda _, outcome: told.append(outcome))
        assert len(told) == len(people)
        assert set(at.people()) == set(people.values()) == at.members()
        assert logins(at.site) - before <= 3


def test_each_login_goes_on_from_the_one_before(tmp_path: Path) -> None:
    """The refresh token is kept beside the workspace's own files, readable by its owner alone, and used once."""
    with stage("toy", tmp_path) as at:
        ws, conn = at.connected()
        load(ws, *({"customer": name, "email": name, "active": True} for name in (ANN, BOB)))
        conn.add_goal(**at.export_goal())
        kept = ws.path / "secrets" / "conn.json"
        assert conn.run().counters["accepted"] == 2
        first = kept.read_text(encoding="utf-8")
        assert conn.run().state == "succeeded"
        assert kept.read_text(encoding="utf-8") != first
        kept.write_text(first, encoding="utf-8")  # a refresh token that was used, as after a restored backup
        assert conn.run().state == "succeeded"


def logins(site: Site) -> int:
    """How many tokens were given or refused."""
    total: int = site.gates["toy"].calls.counted()["POST /oauth/token"]["total"]
    return total
