"""Campaign Monitor: its account, its calls and its zones, with answers fed by hand or by its imitation."""

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from cdpkit.config.vendor_settings import resolve_settings
from cdpkit.errors import ConfigurationError
from cdpkit.kit.effects import Http, Reply
from cdpkit.sandbox.campaign_monitor.settings import CLIENT_API_KEY
from cdpkit.vendors.campaign_monitor import zones
from cdpkit.vendors.campaign_monitor.api import get, number
from cdpkit.vendors.campaign_monitor.fields import with_keys
from cdpkit.vendors.campaign_monitor.kept import plain
from cdpkit.vendors.campaign_monitor.zones import zone_of
from tests.kit.served import answered, calls, drive
from tests.vendors.campaign_monitor_at import VENDOR, agency

SETTINGS: dict[str, Any] = {
    **resolve_settings(VENDOR.settings, {}, Path()),
    "api_key": SecretStr("a-key-of-nobody"),
}


@pytest.mark.parametrize(
    ("label", "zone"),
    [
        ("(GMT+10:00) Canberra, Melbourne, Sydney", "Australia/Sydney"),
        ("(GMT-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("(GMT) Greenwich Mean Time : Dublin, Edinburgh, Lisbon, London", "Europe/London"),
        ("(GMT+01:00) Brussels, Copenhagen, Madrid, Paris", "Europe/Brussels"),
        ("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", "Asia/Kolkata"),
        ("(GMT+13:00) Nuku'alofa", "Pacific/Tongatapu"),
        ("(GMT+02:00) Harare, Pretoria", "Africa/Johannesburg"),
        ("(GMT+01:00) Atlantis", None),
        ("", None),
        (None, None),
    ],
)
def test_a_zone_is_known_by_its_places(label: str | None, zone: str | None) -> None:
    """Whatever its offset says, which is that of winter; what is not known is not guessed."""
    assert zone_of(label) == zone


def test_each_zone_is_there() -> None:
    """None of them is misspelt."""
    assert all(ZoneInfo(zone) for zone in zones._ZONES)


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("https://api.createsend.com", "/api/v3.3/clients.json"),
        ("https://api.createsend.com/api/v3.3", "/clients.json"),
        ("https://api.createsend.com/api/v3.2/", "/clients.json"),
    ],
)
def test_the_address_may_have_the_version_or_not(base: str, path: str) -> None:
    """Calls name it themselves where it is missing."""
    assert get({"base_url": base}, "/clients").path == path


@pytest.mark.parametrize(
    ("given", "code"), [(210, 210), ("210", 210), (-213, 213), ("x", None), (None, None), ("", None)]
)
def test_a_code_is_a_number_of_any_form(given: object, code: int | None) -> None:
    """A text, and with a sign."""
    assert number(given) == code


def account(call: Http, *, clients: Reply) -> Reply:
    """An account with one client and one list, whose details hold a key."""
    path = call.path.removeprefix("/api/v3.3")
    zone = {"TimeZone": "(GMT+01:00) Brussels, Copenhagen, Madrid, Paris"}
    told: dict[str, Any] = {
        "/clients/c1.json": {"ApiKey": "a-live-key", "BasicDetails": {"CompanyName": "Acme", **zone}},
        "/clients/c1/lists.json": [{"ListID": "l1", "Name": "News"}],
        "/lists/l1.json": {"ListID": "l1", "Title": "News", "ConfirmedOptIn": True},
        "/lists/l1/customfields.json": [
            {"FieldName": "State", "Key": "[State1]", "DataType": "Text", "FieldOptions": []},
            {"FieldName": "Plan", "Key": "Plan", "DataType": "MultiSelectOne", "FieldOptions": ["a", "b"]},
        ],
    }
    return clients if path == "/clients.json" else answered(200, told[path])


def test_a_field_that_is_called_like_one_of_everybodys_goes_by_its_key() -> None:
    """So that both can be mapped; the key of the client's details is kept nowhere."""
    clients = answered(200, [{"ClientID": "c1", "Name": "Acme"}])
    found, asked = drive(VENDOR.discover(SETTINGS), lambda call: account(call, clients=clients))
    own = {field.name: (field.id, field.choices) for field in found.fields if field.lists}
    assert own == {"[State1]": ("[State1]", ()), "Plan": ("Plan", ("a", "b"))}
    assert [(item.name, item.kind) for item in found.lists] == [("News", "confirmed opt-in")]
    assert "a-live-key" not in repr(found)
    assert len(calls(asked)) == 5


def test_the_key_of_a_client_that_may_see_no_clients_needs_the_clients_id() -> None:
    """Whether it may is written down nowhere, so both are borne."""
    refused = answered(403, {"Code": 403})
    found, _ = drive(VENDOR.discover({**SETTINGS, "client": "c1"}), lambda call: account(call, clients=refused))
    assert [item.name for item in found.lists] == ["News"]
    wrong = answered(401, {"Code": 100})
    with pytest.raises(ConfigurationError, match=r"settings\.api_key"):
        drive(VENDOR.discover({**SETTINGS, "client": "c1"}), lambda call: account(call, clients=wrong))


def test_the_key_of_a_client_reaches_that_client_alone(tmp_path: Path) -> None:
    """It is told by its lists."""
    with agency(tmp_path) as at:
        settings = resolve_settings(VENDOR.settings, at.stage.given(api_key=CLIENT_API_KEY), tmp_path)
        with at.stage.driver(settings=settings) as driver:
            found = driver.run(VENDOR.discover(settings))
        assert [item.name for item in found.items["clients"]] == ["Northwind Coffee"]
        assert {item.name for item in found.lists} == set(at.lists)


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


@given(st.dictionaries(NAMES, NAMES, min_size=1, max_size=4), NAMES)
def test_keys_take_the_place_of_names_and_of_nothing_else(keys: dict[str, str], value: str) -> None:
    """Whatever names, keys and values hold, quotes and all."""
    held = [{"Key": name, "Value": value} for name in keys]
    body = json.dumps({"Name": value, "CustomFields": held}, ensure_ascii=False, separators=(",", ":"))
    made = json.loads(with_keys(pl.Series([body]), keys).item())
    assert made["Name"] == value
    assert made["CustomFields"] == [{"Key": key, "Value": value} for key in keys.values()]


@given(NAMES)
def test_a_key_is_the_same_with_brackets_and_without(name: str) -> None:
    """And whatever blanks stand in it."""
    bare = name.strip("[]")
    assert plain(f"[{bare}]") == plain(bare) == plain(bare.upper().lower() if bare.isascii() else bare)
