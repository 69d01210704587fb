"""The calls about the account's clock, its clients, and the addresses that a client suppresses."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.campaign_monitor.answers import answer, body, nothing, paging, query, refuse, shown_time
from cdpkit.sandbox.campaign_monitor.calls import ANY, LISTS, PEOPLE, Calls
from cdpkit.sandbox.campaign_monitor.settings import ACCOUNT_ZONE, CLIENT_API_KEY
from cdpkit.sandbox.campaign_monitor.start import Client
from cdpkit.sandbox.gate import Endpoint
from cdpkit.sandbox.world.people import possible_address


class Clients(Calls):
    """The calls about clients."""

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        return self.declared(
            ("GET", "/systemdate.json", self.now, ANY),
            ("GET", "/clients.json", self.all, ANY),
            ("GET", "/clients/{id}.json", self.one, ANY),
            ("GET", "/clients/{id}/lists.json", self.lists, ANY),
            ("GET", "/clients/{id}/listsforemail.json", self.lists_for, PEOPLE),
            ("GET", "/clients/{id}/suppressionlist.json", self.suppressed, PEOPLE),
            ("POST", "/clients/{id}/suppress.json", self.suppress, LISTS),
            ("PUT", "/clients/{id}/unsuppress.json", self.unsuppress, LISTS),
        )

    async def now(self, _: Request) -> Response:
        """GET /systemdate.json: the account's clock, whose zone is that of no client."""
        return answer({"SystemDate": shown_time(self.account.clock(), ACCOUNT_ZONE)})

    async def all(self, request: Request) -> Response:
        """GET /clients.json: a bare array; of the key of a client, that client alone."""
        return answer(
            [
                {"ClientID": self.account.id_of(each.number, "client"), "Name": each.name}
                for each in self.clients(request)
            ]
        )

    async def one(self, request: Request) -> Response:
        """GET /clients/{id}.json: with a key that is good for the client, which nobody should keep."""
        client = self.client_asked(request)
        basics = {
            "ClientID": self.account.id_of(client.number, "client"),
            "CompanyName": client.name,
            "ContactName": "Mira Example",
            "EmailAddress": "mira@example.com",
            "Country": client.country,
            "TimeZone": client.label,
        }
        key = CLIENT_API_KEY if client.number == 1 else ""
        return answer({"ApiKey": key, "BasicDetails": basics, "BillingDetails": {"Credits": 0}})

    async def lists(self, request: Request) -> Response:
        """GET /clients/{id}/lists.json."""
        found = self.account.lists_of(self.client_asked(request))
        return answer([{"ListID": self.account.id_of(each.number, "list"), "Name": each.name} for each in found])

    async def lists_for(self, request: Request) -> Response:
        """GET /clients/{id}/listsforemail.json: also those that the person is no longer active on."""
        self.account.later.settle()
        client = self.client_asked(request)
        email = query(request).get("email", "")
        if not possible_address(email):
            raise refuse(1)
        number = self.account.find(email)
        rows = []
        for each in self.account.lists_of(client):
            if number is None or each.state(number) is None:
                continue
            (person,) = self.account.subscribers(each, [number])
            rows.append(
                {
                    "ListID": self.account.id_of(each.number, "list"),
                    "ListName": each.name,
                    "SubscriberState": person.state,
                    "DateSubscriberAdded": self.account.time(each, person.joined),
                }
            )
        return answer(rows)

    async def suppressed(self, request: Request) -> Response:
        """GET /clients/{id}/suppressionlist.json."""
        client = self.client_asked(request)
        asked = query(request)
        page = paging(asked, self.account.settings.page_rows, "email", ("email", "date"))
        there = self.account.suppressed[client.number]
        emails = self.account.emails(list(there))
        found = [(emails[number], each) for number, each in there.items()]
        found.sort(key=lambda pair: pair[0] if page.order == "email" else pair[1].at, reverse=page.descending)
        rows = [
            {
                "SuppressionReason": each.reason,
                "EmailAddress": email,
                "Date": shown_time(each.at, client.zone),
                "State": "Suppressed",
            }
            for email, each in page.part(found)
        ]
        return answer(page.shown(found, rows))

    async def suppress(self, request: Request) -> Response:
        """POST /clients/{id}/suppress.json."""
        client = self.client_asked(request)
        for email in _addresses((await body(request)).get("emailaddresses")):
            self.account.suppress(client, self.account.found_or_made(email), "Reason Unavailable")
        return nothing()

    async def unsuppress(self, request: Request) -> Response:
        """PUT /clients/{id}/unsuppress.json: takes an address off the list; nobody becomes active by it."""
        client: Client = self.client_asked(request)
        number = self.account.find(query(request).get("email", ""))
        if number is None or self.account.suppressed[client.number].pop(number, None) is None:
            raise refuse(176)
        self.account.version += 1
        return nothing()


def _addresses(given: object) -> Sequence[str]:
    """The addresses in a body.

    Raises:
        AnswerError: One of them is none.
    """
    found = given if isinstance(given, list) else []
    if not found or not all(isinstance(each, str) and possible_address(each) for each in found):
        raise refuse(1)
    return found
