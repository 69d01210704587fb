"""A client of ActiveCampaign that others wrote, pointed at the imitation by its own settings."""

from collections.abc import Callable
from importlib import import_module

import httpx

Start = Callable[..., httpx.Client]


def test_activecampaign_python_works(begin: Start) -> None:
    """The library activecampaign-python makes contacts, fields, lists and tags, and reads them."""
    api = begin(people=12)
    base = str(api.base_url).removesuffix("/api/3/").removesuffix("/api/3")
    client = import_module("activecampaign.client").Client(base, api.headers["Api-Token"])
    made = client.contacts.create_a_contact({"contact": {"email": "ann@example.com", "firstName": "Ann"}})
    number = made["contact"]["id"]
    assert "duplicate" in str(client.contacts.create_a_contact({"contact": {"email": "ann@example.com"}}))
    synced = client.contacts.create_or_update_contact({"contact": {"email": "ann@example.com", "lastName": "Vos"}})
    assert synced["contact"]["id"] == number
    assert client.contacts.update_a_contact(number, {"contact": {"phone": "+31"}})["contact"]["phone"] == "+31"
    field = client.contacts.create_a_custom_field({"field": {"title": "Shoe", "type": "text"}})["field"]["id"]
    value = {"fieldValue": {"contact": number, "field": field, "value": "42"}}
    assert client.contacts.create_a_custom_field_value(value)["fieldValue"]["value"] == "42"
    assert field in {row["id"] for row in client.contacts.list_all_custom_fields(limit=100)["fields"]}
    row = {"contactList": {"list": 6, "contact": number, "status": 1}}
    assert client.contacts.update_list_status_for_a_contact(row)["contactList"]["status"] == 1
    found = client.contacts.retrieve_a_contact(number)
    assert (found["contact"]["lastName"], found["contactLists"][0]["list"]) == ("Vos", "6")
    assert found["fieldValues"][0]["value"] == "42"
    assert client.contacts.list_all_contacts(listid=6)["meta"]["total"] == "1"
    assert {each["name"] for each in client.lists.retrieve_all_lists()["lists"]} >= {"Newsletter", "Empty"}
    assert client.contacts.delete_a_contact(number) == {}
    assert "No Result found" in client.contacts.retrieve_a_contact(number)["message"]
