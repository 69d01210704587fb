"""The toy."""

from tests.sandbox.world.toy import TOY
from tests.vendors.case import Case

CASE = Case(
    sandbox={"page_size": 15},
    wrong={"client_secret": "an-invented-secret-that-is-wrong"},
    identifier="email",
    people="firstName",
    target=lambda lists: {"lists": lists, "on_enter": True, "on_leave": True},
    list="Empty",
    fields={
        "text": "favourite quote",
        "number": "clicks",
        "decimal": "ratio",
        "boolean": "member",
        "list": "tags",
    },
    refused=("forgotten.1@example.com", "forgotten"),
    address_of=lambda person: person.get("email"),
    lists_of=lambda person: set(person["lists"]),
    imitation=TOY,
    logins=frozenset({"POST /oauth/token"}),
)
