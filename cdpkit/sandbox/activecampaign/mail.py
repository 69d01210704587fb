"""What contacts did with mails: activities with what they refer to, and the campaigns that were sent."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.activecampaign.account import Account, Contact
from cdpkit.sandbox.activecampaign.answers import RATE, answer, asked, listed, nothing, number, refuse, shown_time
from cdpkit.sandbox.gate import Endpoint

CAMPAIGNS = {1: (3, 4), 2: (5,)}
"""The lists to which each campaign was sent."""
_LINKS = {
    str(campaign * 10 + place): {"link": link, "name": name, "campaignid": str(campaign)}
    for campaign in CAMPAIGNS
    for place, (link, name) in enumerate((("open", "Read Tracker"), ("https://shop.example.com", "Shop")), 1)
}


class Mail:
    """The calls about mails of an account; who opened and clicked what follows from the contacts' ids."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        calls: tuple[tuple[str, str, Any], ...] = (
            ("GET", "/api/3/activities", self.activities),
            ("GET", "/api/3/campaigns/{id}/links", self.links),
            ("GET", "/api/3/campaigns/{id}/campaignLists", self.lists),
        )
        return tuple(Endpoint(method, path, handler, RATE, group="account") for method, path, handler in calls)

    def _did(self, one: Contact) -> list[tuple[str, dict[str, Any]]]:
        """What a contact did: every third opened, those of every sixth twice; every seventh clicked; some by proxy."""
        place, campaign = one.number, 1 + one.number % 2
        base = {"contact": one.id, "email": one.email, "campaign": str(campaign), "tstamp": shown_time(one.updated)}
        base |= {"isread": "1", "ua": "", "ip": "0"}
        done = []
        if place % 3 == 0:
            times = str(1 + (place % 6 == 0))
            done.append(("LinkData", {**base, "id": f"{one.id}01", "link": f"{campaign}1", "times": times}))
        if place % 7 == 0:
            done.append(("LinkData", {**base, "id": f"{one.id}02", "link": f"{campaign}2", "times": "1"}))
        if place % 5 == 0:
            done.append(
                ("MppLinkData", {**base, "id": f"{one.id}03", "link": f"{campaign}1", "times": "1", "isread": "2"})
            )
        return [*done, ("Log", {"id": f"{one.id}04", "tstamp": shown_time(one.created)})]

    async def activities(self, request: Request) -> Response:
        """GET /api/3/activities: of one contact, or where the account allows it of all; filters are passed over."""
        who = asked(request, "contact", 0)
        if not who and not self.account.settings.all_activities:
            raise refuse(422, {"title": "The contact was not provided.", "code": "field_missing"})
        numbers = [who - 1] if who else list(self.account.all())
        after = request.query_params.get("after", "")
        done = [each for one in self.account.contacts(numbers) for each in self._did(one)]
        done = [(kind, row) for kind, row in done if row["tstamp"] > after]
        done.sort(key=lambda each: str(each[1]["tstamp"]), reverse="orders[tstamp]" in request.query_params)
        rows = [
            {"id": row["id"], "tstamp": row["tstamp"], "reference_type": kind, "reference_id": row["id"]}
            for kind, row in done
        ]
        beside: dict[str, Any] = {}
        if "reference" in request.query_params.get("include", ""):
            for name, kind in (("linkData", "LinkData"), ("mppLinkData", "MppLinkData"), ("logs", "Log")):
                beside[name] = [row for each, row in done if each == kind]
            beside["links"] = [{"id": each, **link} for each, link in _LINKS.items()]
        return listed(request, self.account.settings, "activities", rows, **beside)

    def _campaign(self, request: Request) -> int:
        found = number(request.path_params["id"])
        if found not in CAMPAIGNS or found is None:
            raise nothing("Campaign", request.path_params["id"])
        return found

    async def links(self, request: Request) -> Response:
        """GET /api/3/campaigns/{id}/links: the pixel of opens is one of them."""
        found = str(self._campaign(request))
        return answer({"links": [{"id": each, **row} for each, row in _LINKS.items() if row["campaignid"] == found]})

    async def lists(self, request: Request) -> Response:
        """GET /api/3/campaigns/{id}/campaignLists."""
        found = self._campaign(request)
        rows = [
            {"id": f"{found}{place}", "campaignid": str(found), "listid": str(each)}
            for place, each in enumerate(CAMPAIGNS[found])
        ]
        return listed(request, self.account.settings, "campaignLists", rows)
