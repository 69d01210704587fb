"""Acxiom, which is asked about people: nobody comes from there who was not asked about, and nobody is put on a list."""

from tests.vendors.case import Case

CASE = Case(
    sandbox={"batch_rate": 6000.0},
    wrong={"client_secret": "an-invented-secret-that-is-wrong"},
    identifier="email",
    people="person.basicDemographics.gender",
    target=lambda _: {},
    list="",
    fields={"text": "person.basicDemographics.gender", "number": "person.basicDemographics.age"},
    refused=("", "600-0043"),
    address_of=lambda person: person.get("email"),
    lists_of=lambda _: set(),
    logins=frozenset({"POST /api/v1/auth/oauth2/token"}),
)
