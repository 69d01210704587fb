"""Segments, and the calls that list them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.braze.account import Account
from cdpkit.sandbox.braze.answers import answer, iso, refuse
from cdpkit.sandbox.braze.calls import Call
from cdpkit.sandbox.braze.codes import uuid
from cdpkit.sandbox.world.lists import ON, MailingList
from cdpkit.sandbox.world.pages import by_number

PAGE = 100
_CREATED = 1_718_000_000.0
_EVERYBODY = 10_000
_WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment.

    Attributes:
        number: Its place.
        name: Not unique.
        share: How many of 10,000 people are in it at the start; those who come later are not, unless all are.
        where: Attributes that its users have now, instead of a share.
        tags: Its tags.
    """

    number: int
    name: str
    share: int = 0
    where: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


SEGMENTS = (
    Segment(1, "All users", _EVERYBODY),
    Segment(2, "VIP", 500, tags=("loyalty",)),
    Segment(3, "Café & thé ☕", 2500),
    Segment(4, "Empty"),
    Segment(5, "Plan is pro", where={"plan": "pro"}),
    Segment(6, "Nearly all", 9990),
)


class Segments:
    """The segments of an account."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.all = {uuid(each.number, account.seed, "segment"): each for each in SEGMENTS}

    def declared(self) -> tuple[Call, ...]:
        """The calls."""
        return (
            Call("GET", "/segments/list", "segments.list", self.list),
            Call("GET", "/segments/details", "segments.details", self.details),
        )

    def get(self, given: object) -> Segment:
        """The segment of an id.

        Raises:
            AnswerError: There is none.
        """
        found = self.all.get(given) if isinstance(given, str) else None
        if found is None:
            raise refuse("Invalid segment ID")
        return found

    def members(self, segment: Segment) -> list[int]:
        """The numbers of its users now, in order."""
        everybody = self.account.all()
        if segment.share == _EVERYBODY:
            return everybody
        if segment.where:
            rows = self.account.rows(everybody)
            now = ((number, self.account.attributes(number, rows.get(number, {}))) for number in everybody)
            return [number for number, each in now if segment.where.items() <= {**each, "": 0}.items()]
        drawn = MailingList(
            self.account.people.population, segment.number, segment.name, {ON: segment.share} if segment.share else {}
        )
        there = {number for part in drawn.members() for number in part}
        return [number for number in everybody if number in there]

    async def list(self, request: Request) -> Response:
        """GET /segments/list: a hundred a page from page 0 on, oldest first unless asked otherwise."""
        rows = [
            {"id": name, "name": each.name, "analytics_tracking_enabled": each.number == 1, "tags": [*each.tags]}
            for name, each in self.all.items()
        ]
        return answer({"segments": page(request, rows)}, 200)

    async def details(self, request: Request) -> Response:
        """GET /segments/details."""
        found = self.get(request.query_params.get("segment_id"))
        described = f"{found.share / _WHOLE:.0%} of the users at the start" if not found.where else "by an attribute"
        times = dict.fromkeys(("created_at", "updated_at"), iso(_CREATED))
        texts = {"name": found.name, "description": described, "text_description": described}
        return answer({**texts, **times, "tags": [*found.tags], "teams": []}, 200)


def page(request: Request, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the page that is asked for.

    Raises:
        AnswerError: The page is no number.
    """
    asked = request.query_params.get("page") or "0"
    if not asked.isdecimal():
        raise refuse("'page' must be a number")
    if request.query_params.get("sort_direction") == "desc":
        rows.reverse()
    return list(by_number(rows, int(asked), PAGE, first=0).items)
