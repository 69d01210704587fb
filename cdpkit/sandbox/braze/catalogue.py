"""Campaigns and custom attributes, and the calls that list them."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.braze.account import Account
from cdpkit.sandbox.braze.answers import answer, iso, refuse
from cdpkit.sandbox.braze.calls import CATALOGUE, Call
from cdpkit.sandbox.braze.codes import uuid
from cdpkit.sandbox.braze.segments import page

_CREATED = 1_718_000_000.0
_ATTRIBUTES = 50
_CAMPAIGNS = ((1, "Welcome", False), (2, "Summer sale", False), (3, "Winter sale 2019", True))
"""Number, name, and whether it is archived."""


class Catalogue:
    """The campaigns and custom attributes of an account."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def declared(self) -> tuple[Call, ...]:
        """The calls."""
        return (
            Call("GET", "/campaigns/list", "campaigns.list", self.campaigns),
            Call("GET", "/campaigns/details", "campaigns.details", self.campaign),
            Call("GET", "/custom_attributes", "custom_attributes.get", self.attributes, CATALOGUE, "catalogue"),
        )

    def _id(self, number: int) -> str:
        return uuid(number, self.account.seed, "campaign")

    async def campaigns(self, request: Request) -> Response:
        """GET /campaigns/list: without those that are archived, unless asked for."""
        archived = request.query_params.get("include_archived") == "true"
        rows = [
            {"id": self._id(number), "last_edited": iso(_CREATED), "name": name, "is_api_campaign": False, "tags": []}
            for number, name, is_archived in _CAMPAIGNS
            if archived or not is_archived
        ]
        return answer({"campaigns": page(request, rows)}, 200)

    async def campaign(self, request: Request) -> Response:
        """GET /campaigns/details."""
        asked = request.query_params.get("campaign_id")
        for number, name, archived in _CAMPAIGNS:
            if self._id(number) == asked:
                times = dict.fromkeys(("created_at", "updated_at", "first_sent", "last_sent"), iso(_CREATED))
                flags = {"archived": archived, "draft": False, "enabled": not archived, "has_post_launch_draft": False}
                shown = {"name": name, "description": "", "schedule_type": "time_based", "channels": ["email"]}
                lists: dict[str, Any] = {"tags": [], "teams": [], "conversion_behaviors": []}
                messages = {self._id(number + 100): {"channel": "email", "name": "Variant 1"}}
                return answer({**times, **flags, **shown, **lists, "messages": messages}, 200)
        raise refuse("campaign_id must be a string of the Campaign api identifier")

    async def attributes(self, request: Request) -> Response:
        """GET /custom_attributes: fifty a page; the next page stands in a header."""
        self.account.later.settle()
        cursor = request.query_params.get("cursor") or "0"
        if not cursor.isdecimal():
            raise refuse("Invalid cursor")
        types = {**self.account.types, **dict.fromkeys(self.account.blocked, "Number")}
        names, first = sorted(types), int(cursor)
        rows: list[dict[str, Any]] = [
            {
                "name": name,
                "description": None,
                "data_type": f"{types[name]} (Automatically Detected)",
                "array_length": 500 if "Array" in types[name] else None,
                "status": "Blocklisted" if name in self.account.blocked else "Active",
                "tag_names": [],
            }
            for name in names[first : first + _ATTRIBUTES]
        ]
        response = answer({"attributes": rows}, 200)
        if first + _ATTRIBUTES < len(names):
            there = request.url.replace(query=f"cursor={first + _ATTRIBUTES}")
            response.headers["Link"] = f'<{there}>; rel="next"'
        return response
