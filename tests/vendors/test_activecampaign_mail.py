"""ActiveCampaign: who opened and clicked which mails, from each of three sources."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import polars as pl
import pytest

from cdpkit.errors import ConfigurationError, RemoteError, UnknownNameError
from cdpkit.kit.touchpoints import EVENTS
from cdpkit.vendors.activecampaign import find, mail
from tests.vendors.activecampaign_at import Shop, shop


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Forty-three contacts, of whom every third opened a mail."""
    with shop(tmp_path_factory.mktemp("account"), people=43, page_rows=25) as one:
        yield one


def counted(events: pl.DataFrame) -> dict[str, int]:
    return dict(Counter(events["type"].to_list()))


def test_opens_and_clicks_come_from_the_activities_of_all(account: Shop) -> None:
    """The link decides what it was; a link that was used twice counts twice, and a proxy's opens stand apart."""
    settings = account.stage.settings
    events = account.driver.run(mail.activities(settings, "2000-01-01"))
    opened = len(range(0, 43, 3)) + len(range(0, 43, 6))
    assert counted(events) == {
        "opened": opened,
        "clicked": len(range(0, 43, 7)),
        "opened_by_proxy": len(range(0, 43, 5)),
    }
    assert events["id"].is_unique().all()
    assert events.schema == pl.Schema(EVENTS)
    again = account.driver.run(mail.activities(settings, "2000-01-01"))
    assert {*again["id"]} == {*events["id"]}
    assert account.driver.run(mail.activities(settings, "2100-01-01")).is_empty()


def test_activities_of_single_contacts_where_all_cannot_be_had(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The documentation promises no more."""
    with shop(tmp_path_factory.mktemp("one"), people=8, all_activities=False) as one:
        with pytest.raises(RemoteError, match="field_missing"):
            one.driver.run(mail.activities(one.stage.settings, "2000-01-01"))
        events = one.driver.run(mail.activities(one.stage.settings, "2000-01-01", ["1", "2", "4"]))
        assert counted(events.filter(contact="1")) == {"opened": 2, "clicked": 1, "opened_by_proxy": 1}
        assert counted(events.filter(contact="4")) == {"opened": 1}


def test_only_mails_to_the_lists_of_a_goal_count(account: Shop) -> None:
    """Campaigns are asked for their lists; an event of no campaign is of no list."""
    settings = account.stage.settings
    events = account.driver.run(mail.activities(settings, "2000-01-01"))
    some = account.driver.run(mail.of_lists(settings, events, ["4", "6"]))
    assert {*some["campaign"]} == {"1"}
    assert some.height == events.filter(campaign="1").height
    assert {tuple(each) for each in some["lists"]} == {("3", "4")}
    last = mail.last_moments(account.pull(["last_open_date"], all=True))
    assert account.driver.run(mail.of_lists(settings, last, ["4"])).is_empty()


def test_the_last_moments_of_contacts_are_an_event_each(account: Shop) -> None:
    """The same whenever they are read, and another when they change."""
    contacts = account.pull(["last_open_date"], all=True)
    events = mail.last_moments(contacts)
    assert counted(events) == {"opened": len(range(0, 43, 3))}
    assert mail.last_moments(contacts).equals(events)
    later = contacts.with_columns(last_open_date=pl.lit("2030-01-01T00:00:00+00:00"))
    assert not {*mail.last_moments(later)["id"]} & {*events["id"]}


def test_what_webhooks_posted_counts_once() -> None:
    """They may come twice; what is neither open nor click, or names nobody, is passed over."""
    told = {
        "type": "open",
        "date_time": "2026-03-01T10:00:00-06:00",
        "contact[id]": "12",
        "contact[email]": "ann@example.com",
        "campaign[id]": "7",
        "list": "3",
    }
    bodies = [told, told, told | {"type": "click"}, told | {"type": "sent"}, {"type": "open"}, told | {"list": "0"}]
    events = mail.inbox([*(urlencode(body) for body in bodies), "no body", ""])
    assert counted(events) == {"opened": 1, "clicked": 1}
    row = events.row(0, named=True)
    assert (row["contact"], row["campaign"], row["lists"]) == ("12", "7", ["3"])
    assert row["time"] == datetime(2026, 3, 1, 16, tzinfo=UTC)


def exporting(one: Shop, lists: list[str]) -> Any:
    """A connection with an export goal to these lists."""
    conn = one.stage.connected()[1]
    conn.goals.add(**one.stage.export_goal(target={"lists": lists}))
    return conn


def test_f142_opens_and_clicks_are_read_for_the_lists_of_a_goal(tmp_path: Path) -> None:
    """By the connection, since a moment; each is one however often it is read, and other lists' mails are left out."""
    with shop(tmp_path, people=43, page_rows=25) as one:
        conn = exporting(one, ["VIP"])
        events = conn.touchpoints(date(2000, 1, 1))
        assert {*events["campaign"]} == {"1"}
        assert {*events["type"]} == {"opened", "clicked", "opened_by_proxy"} == {*mail.TOUCHPOINTS.types}
        assert events["time"].is_sorted()
        assert events["id"].is_unique().all()
        assert conn.touchpoints(date(2000, 1, 1), "Out").equals(events)
        assert conn.touchpoints(datetime(2100, 1, 1, tzinfo=UTC)).is_empty()
        conn.goals.change("Out", target={"lists": ["Empty"]})
        assert conn.touchpoints(date(2000, 1, 1)).is_empty()
        conn.goals.change("Out", target={})
        with pytest.raises(ConfigurationError, match="puts people on a list"):
            conn.touchpoints(date(2000, 1, 1))
        with pytest.raises(UnknownNameError, match="no goal 'In'"):
            conn.touchpoints(date(2000, 1, 1), "In")


def test_f142_contacts_of_the_lists_are_asked_one_by_one_where_all_cannot_be_had(tmp_path: Path) -> None:
    """The same events of those contacts."""
    found = {}
    for all_at_once in (True, False):
        folder = tmp_path / str(all_at_once)
        folder.mkdir()
        with shop(folder, people=30, all_activities=all_at_once) as one:
            there = one.driver.run(find.members_of(one.stage.settings, "3"))
            events = exporting(one, ["Newsletter"]).touchpoints(date(2000, 1, 1))
            found[all_at_once] = {*events.filter(pl.col("contact").is_in([c.id for c in there.values()]))["id"]}
    assert found[True] == found[False]
    assert found[True]
