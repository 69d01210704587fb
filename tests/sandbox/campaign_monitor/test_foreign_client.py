"""The client that Campaign Monitor itself publishes, pointed at the imitation."""

from http.client import HTTPConnection
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.sandbox.campaign_monitor.conftest import VERSION, Account, Begin

BACK = "http://127.0.0.1:9/back"


@pytest.fixture
def at(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An imitation to which the client talks; it knows HTTPS alone by itself."""
    made = begin(people=40)
    for module in ("createsend.createsend", "createsend.utils"):
        monkeypatch.setattr(import_module(module), "VerifiedHTTPSConnection", HTTPConnection)
    base = import_module("createsend.createsend").CreateSend
    monkeypatch.setattr(base, "base_uri", made.address["base_url"] + VERSION)
    monkeypatch.setattr(base, "oauth_uri", made.address["oauth_url"])
    monkeypatch.setattr(base, "oauth_token_uri", made.address["token_url"])
    return made


def used(auth: dict[str, str]) -> None:
    """Do with the client what a connection does."""
    library: Any = import_module("createsend")
    root = library.CreateSend(auth)
    assert root.systemdate()
    client = library.Client(auth, root.clients()[0].ClientID)
    assert client.details().BasicDetails.CompanyName == "Northwind Coffee"
    lists = {each.Name: each.ListID for each in client.lists()}
    assert "Empty" in lists
    one = library.List(auth)
    one.create(client.client_id, "Made", "", False, "", "OnlyThisList")
    assert one.details().UnsubscribeSetting == "OnlyThisList"
    assert one.create_custom_field("Fav colours", "MultiSelectMany", ["red", "teal"]) == "[Favcolours]"
    one.update_custom_field_options("[Favcolours]", ["blue"], True)
    (field,) = one.custom_fields()
    assert field.FieldOptions == ["red", "teal", "blue"]
    colours = [{"Key": "[Favcolours]", "Value": value} for value in ("red", "blue")]
    person = library.Subscriber(auth, one.list_id, "ann+1@example.com")
    assert person.add(one.list_id, "ann+1@example.com", "Ann", colours, False, "Yes") == "ann+1@example.com"
    rows = [{"EmailAddress": each, "ConsentToTrack": "Unchanged"} for each in ("bob@example.com", "bad@")]
    result = person.import_subscribers(one.list_id, rows, False)
    assert (result.FailureDetails[0].Code, result.TotalNewSubscribers) == (1, 1)
    page = one.active(include_tracking_preference=True)
    assert [(row.EmailAddress, row.ConsentToTrack) for row in page.Results] == [
        ("ann+1@example.com", "Yes"),
        ("bob@example.com", ""),
    ]
    person.update("ann@example.com", "Ann R", [{"Key": "Favcolours", "Value": "", "Clear": True}], False, "No")
    found = person.get(include_tracking_preference=True)
    assert (found.Name, found.CustomFields, found.ConsentToTrack) == ("Ann R", [], "No")
    segment = library.Segment(auth)
    segment.create(one.list_id, "Anns", [{"Rules": [{"RuleType": "Name", "Clause": "CONTAINS Ann"}]}])
    assert segment.details().ActiveSubscribers == 1
    segment.add_rulegroup({"Rules": [{"RuleType": "EmailAddress", "Clause": "CONTAINS bob"}]})
    assert segment.subscribers().TotalNumberOfRecords == 0
    segment.clear_rules()
    segment.delete()
    person.unsubscribe()
    assert one.unsubscribed().Results[0].EmailAddress == "ann@example.com"
    with pytest.raises(library.BadRequest) as refused:
        person.add(one.list_id, "ann@example.com", "Ann", [], False, "Unchanged")
    assert refused.value.data.Code == 206
    person.delete()
    assert one.deleted().TotalNumberOfRecords == 1
    assert one.stats().TotalDeleted == 1
    client.suppress("foe@example.com")
    assert client.suppressionlist().Results[0].EmailAddress == "foe@example.com"
    client.unsuppress("foe@example.com")
    assert client.lists_for_email("bob@example.com")[0].SubscriberState == "Active"
    with pytest.raises(library.Unauthorized) as wrong:
        library.List(auth, "0" * 32).details()
    assert wrong.value.data.Code == 102
    one.delete()


def test_createsend_works_with_a_key(at: Account) -> None:
    """Lists, custom fields, subscribers, imports, segments, the suppression list, and refusals."""
    used({"api_key": at.address["api_key"]})
    campaign = import_module("createsend").Campaign({"api_key": at.address["api_key"]})
    campaign.campaign_id = at.get(f"/clients/{at.client()}/campaigns.json").json()["Results"][0]["CampaignID"]
    assert campaign.summary().Recipients == campaign.recipients().TotalNumberOfRecords


def test_createsend_works_with_tokens(at: Account) -> None:
    """From the address that its user opens to a token that expired and was refreshed."""
    library: Any = import_module("createsend")
    root = library.CreateSend()
    url = root.authorize_url(at.address["client_id"], BACK, "ManageLists,ImportSubscribers", "a state")
    came = parse_qs(urlsplit(httpx.get(url, trust_env=False).headers["location"]).query)
    assert came["state"] == ["a state"]
    secret, client = at.address["client_secret"], at.address["client_id"]
    token, seconds, refresh = root.exchange_token(client, secret, BACK, came["code"][0])
    assert seconds == 1_209_600
    root.auth({"access_token": token, "refresh_token": refresh})
    used(root.auth_details)
    at.http.post("/_sandbox/faults", json={"endpoint": "*", "kind": "expire"})
    with pytest.raises(library.ExpiredOAuthToken):
        root.clients()
    root.refresh_token()
    assert root.clients()
