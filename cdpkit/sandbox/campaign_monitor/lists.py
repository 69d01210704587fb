"""The calls about lists: their settings, how many are on them, and who, by state."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.campaign_monitor.answers import (
    answer,
    body,
    flag_of,
    moment,
    nothing,
    paging,
    query,
    refuse,
    text_of,
)
from cdpkit.sandbox.campaign_monitor.calls import ANY, LISTS, PEOPLE, Calls
from cdpkit.sandbox.campaign_monitor.fields import Fields
from cdpkit.sandbox.campaign_monitor.rights import Rights
from cdpkit.sandbox.campaign_monitor.shown import ORDERS, Orders, row_of
from cdpkit.sandbox.campaign_monitor.start import (
    ACTIVE,
    ALL_LISTS,
    BOUNCED,
    DELETED,
    ONLY_THIS,
    STATES,
    UNCONFIRMED,
    UNSUBSCRIBED,
    Client,
    facts,
)
from cdpkit.sandbox.gate import Endpoint
from cdpkit.sandbox.world.lists import MailingList

_COUNTED = {ACTIVE: "ActiveSubscribers", UNSUBSCRIBED: "Unsubscribes", DELETED: "Deleted", BOUNCED: "Bounces"}


class Lists(Calls):
    """The calls about lists."""

    def __init__(self, orders: Orders, rights: Rights) -> None:
        super().__init__(orders.account, rights)
        self.orders = orders

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        return self.declared(
            *(("GET", f"/lists/{{id}}/{state.lower()}.json", partial(self.people, state), PEOPLE) for state in STATES),
            ("GET", "/lists/{id}/stats.json", self.stats, ANY),
            ("GET", "/lists/{id}.json", self.one, ANY),
            ("POST", "/lists/{id}.json", self.create, LISTS),
            ("PUT", "/lists/{id}.json", self.change, LISTS),
            ("DELETE", "/lists/{id}.json", self.delete, LISTS),
        )

    async def people(self, state: str, request: Request) -> Response:
        """GET /lists/{id}/{state}.json: those in a state, perhaps since a date in the client's zone."""
        self.account.later.settle()
        one = self.list_asked(request)
        asked = query(request)
        default = "date" if state in {ACTIVE, UNCONFIRMED} else "email"
        page = paging(asked, self.account.settings.page_rows, default, ORDERS)
        since = moment(asked["date"], self.account.owner(one).zone) if asked.get("date") else None
        whole = self.orders.of(one, state, page, since)
        found = self.account.subscribers(one, page.part(whole))
        return answer(page.shown(whole, [row_of(self.account, one, each, asked) for each in found]))

    async def stats(self, request: Request) -> Response:
        """GET /lists/{id}/stats.json: how many are in a state, and how many since when."""
        self.account.later.settle()
        one = self.list_asked(request)
        zone = ZoneInfo(self.account.owner(one).zone)
        today = datetime.fromtimestamp(self.account.clock(), zone).replace(hour=0, minute=0, second=0, microsecond=0)
        spans = {
            "Today": (today, None),
            "Yesterday": (today - timedelta(days=1), today),
            "ThisWeek": (today - timedelta(days=(today.weekday() + 1) % 7), None),
            "ThisMonth": (today.replace(day=1), None),
            "ThisYear": (today.replace(month=1, day=1), None),
        }
        found: dict[str, int] = {}
        for state, name in _COUNTED.items():
            found[f"Total{name}"] = one.size(state)
            new = f"New{name}" if state == ACTIVE else name
            times = [at for person, at in one.since.items() if one.state(person) == state]
            for span, (first, last) in spans.items():
                end = last.timestamp() if last else float("inf")
                found[f"{new}{span}"] = sum(first.timestamp() <= at < end for at in times)
        return answer(found)

    async def one(self, request: Request) -> Response:
        """GET /lists/{id}.json."""
        one = self.list_asked(request)
        return answer({"ListID": self.account.id_of(one.number, "list"), "Title": one.name, **one.facts})

    async def create(self, request: Request) -> Response:
        """POST /lists/{id}.json, where the id is that of the client."""
        client = self.client_asked(request)
        given = await body(request)
        made = self.account.roster.create(
            self._title(client, given, None), 0.0, kind=str(client.number), facts=_facts(given, facts())
        )
        self.account.fields[made.number] = Fields()
        return answer(self.account.id_of(made.number, "list"), 201)

    async def change(self, request: Request) -> Response:
        """PUT /lists/{id}.json."""
        one = self.list_asked(request)
        given = await body(request)
        client = self.account.owner(one)
        one.name = self._title(client, given, one)
        one.facts = _facts(given, one.facts)
        if flag_of(given.get("addunsubscribestosupplist"), "AddUnsubscribesToSuppList"):
            for ids in one.members(UNSUBSCRIBED):
                for number in ids:
                    self.account.suppress(client, number, "Unsubscribed")
        if flag_of(given.get("scrubactivewithsupplist"), "ScrubActiveWithSuppList"):
            for number in list(self.account.suppressed[client.number]):
                if one.state(number) == ACTIVE:
                    self.account.put(one, number, UNSUBSCRIBED)
        return nothing()

    async def delete(self, request: Request) -> Response:
        """DELETE /lists/{id}.json."""
        one = self.list_asked(request)
        self.account.roster.drop(one.number)
        self.account.version += 1
        return nothing()

    def _title(self, client: Client, given: dict[str, Any], own: MailingList | None) -> str:
        """The title of a list, which no other one of the client has."""
        title = text_of(given.get("title"), "Title").strip()
        if not title:
            raise refuse(251)
        if any(each.name == title and each is not own for each in self.account.lists_of(client)):
            raise refuse(250)
        return title


def _facts(given: dict[str, Any], before: Any) -> dict[str, Any]:
    """What a list is set to, of what a body has and of what there was."""
    reach = text_of(given.get("unsubscribesetting"), "UnsubscribeSetting") or before["UnsubscribeSetting"]
    if reach not in {ALL_LISTS, ONLY_THIS}:
        raise refuse(261)
    confirmed = given.get("confirmedoptin", before["ConfirmedOptIn"])
    pages = ("UnsubscribePage", "ConfirmationSuccessPage")
    return {
        **facts(reach, confirmed=flag_of(confirmed, "ConfirmedOptIn")),
        **{name: text_of(given.get(name.lower(), before[name]), name) for name in pages},
    }
