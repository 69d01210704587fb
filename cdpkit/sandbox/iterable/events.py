"""Events and purchases: the calls that write them, and the rows that exports have of them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.gate import Endpoint
from cdpkit.sandbox.iterable.answers import answer, bad_json, body, envelope, refuse
from cdpkit.sandbox.iterable.asked import Asked
from cdpkit.sandbox.iterable.profile import ITS_OWN_ID, own_id
from cdpkit.sandbox.iterable.project import Project, shown_time
from cdpkit.sandbox.iterable.rows import Row, failure_lists, find, judge, known, parse, row
from cdpkit.sandbox.iterable.users import refuse_single
from cdpkit.sandbox.iterable.writes import write
from cdpkit.sandbox.limiter import Rate
from cdpkit.sandbox.world.bodies import Member, Verdict, misfits
from cdpkit.sandbox.world.rows import flattened

PURCHASE, CUSTOM = "purchase", "customEvent"
_BULK = Rate(10, 1)
_PURCHASE = Rate(20, 1)
_LONGEST_ID = 512
_EVENT = {
    "eventName": Member(str, "String value expected", "Field is required"),
    "id": Member(str, "String value expected"),
    "createdAt": Member((int, float), "Number value expected"),
    "dataFields": Member(dict, "Object value expected"),
}
_ORDER = {
    "user": Member(dict, "Object value expected", "Field is required"),
    "items": Member(list, "Array value expected", "Field is required"),
    "total": Member((int, float), "Number value expected", "Field is required"),
    "id": Member(str, "String value expected"),
    "createdAt": Member((int, float), "Number value expected"),
    "dataFields": Member(dict, "Object value expected"),
}
_ITEM = {
    "id": Member(str, "String value expected", "Field is required"),
    "name": Member(str, "String value expected", "Field is required"),
    "price": Member((int, float), "Number value expected", "Field is required"),
    "quantity": Member(int, "Integer value expected", "Field is required"),
}
_OF_EVENTS = ("invalid", "notFound", "forgotten")


@dataclass
class Timeline:
    """The events of a project.

    Attributes:
        kept: By data and id, or a number where it came without one.
        calls: How often each id came, however often it was stored.
        blocked: Names of events that the project does not take.
    """

    kept: dict[tuple[str, str | int], dict[str, Any]] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)

    def put(self, data: str, called: str | None, event: dict[str, Any]) -> None:
        """Store an event; one with an id takes the place of the one that has it."""
        if called is not None:
            self.calls[called] = self.calls.get(called, 0) + 1
        self.kept[data, len(self.kept) if called is None else called] = event

    def tracked(self) -> dict[str, int]:
        """How often each event is there that came with an id."""
        return Counter(called for _, called in self.kept if isinstance(called, str))

    def rows(self, wanted: Asked) -> Iterator[dict[str, Any]]:
        """The rows of an export."""
        for (data, _), event in self.kept.items():
            if data == wanted.data and (wanted.start or "") <= event["createdAt"] < (wanted.end or "~"):
                yield {name: value for name, value in event.items() if wanted.takes(name)}


class Events:
    """The calls."""

    def __init__(self, project: Project, timeline: Timeline) -> None:
        self.project = project
        self.timeline = timeline

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        return (
            Endpoint("POST", "/api/events/trackBulk", self.bulk, _BULK),
            Endpoint("POST", "/api/commerce/trackPurchase", self.purchase, _PURCHASE),
        )

    async def bulk(self, request: Request) -> Response:
        """POST /api/events/trackBulk: of people who are there; others are named, in an answer with status 200."""
        self.project.later.settle()
        asked = (await body(request)).get("events")
        rows = parse(request, asked, "events")
        given: list[dict[str, Any]] = list(asked or ())
        wrong = {
            f"obj.events[{nth}].{name}": said
            for nth, each in enumerate(given)
            for name, said in misfits(each, _EVENT).items()
        }
        if wrong:
            raise bad_json(request, wrong)
        verdict, who = Verdict(rows), known(self.project, rows)
        verdict.judge(lambda each: judge(self.project, each, who, create=False))
        taken = [
            (each, given[nth]) for nth, each in verdict.taken() if given[nth]["eventName"] not in self.timeline.blocked
        ]
        blocked = {given[nth]["eventName"] for nth, _ in verdict.taken()} & self.timeline.blocked
        for each, event in taken:
            self._store(CUSTOM, each, find(self.project, each, who), event, {"eventName": event["eventName"]})
        lists = {name: texts for name, texts in failure_lists(verdict).items() if name.startswith(_OF_EVENTS)}
        return answer(
            {
                "successCount": len(taken),
                "failCount": len(rows) - len(taken),
                "invalidEmails": lists["invalidEmails"],
                "invalidUserIds": lists["invalidUserIds"],
                "disallowedEventNames": sorted(blocked),
                "filteredOutFields": [],
                "createdFields": [],
                "failedUpdates": lists,
            }
        )

    async def purchase(self, request: Request) -> Response:
        """POST /api/commerce/trackPurchase: one order; makes its user where there is none."""
        self.project.later.settle()
        given = await body(request)
        wrong = {f"obj.{name}": said for name, said in misfits(given, _ORDER).items()}
        items = given.get("items") if isinstance(given.get("items"), list) else []
        for nth, item in enumerate(items or ()):
            found = misfits(item, _ITEM) if isinstance(item, dict) else {"": "Object value expected"}
            wrong |= {f"obj.items[{nth}].{name}": said for name, said in found.items()}
        one = row(given.get("user") or {}, "obj.user", wrong)
        if wrong:
            raise bad_json(request, wrong)
        if one.email is None and one.user_id is None:
            raise refuse("BadParams", "Either email or userId must be set")
        outcome = write(self.project, [one], source="API", new_fields=True, create=True, target=None)
        refuse_single(failure_lists(outcome.verdict))
        number = find(self.project, one, known(self.project, [one]))
        self._store(PURCHASE, one, number, given, {"total": given["total"], "shoppingCartItems": items})
        return envelope()

    def _store(
        self, data: str, each: Row, number: int | None, given: Mapping[str, Any], own: Mapping[str, Any]
    ) -> None:
        called = given.get("id")
        if called is not None and len(called.encode()) > _LONGEST_ID:
            raise refuse("BadParams", f"id is longer than {_LONGEST_ID} bytes")
        named = {"email": each.email, "userId": each.user_id, "id": called}
        if self.project.settings.project_type != "email" and number is not None:
            named[ITS_OWN_ID] = own_id(number)
        event = {
            "createdAt": shown_time(given.get("createdAt") or self.project.clock()),
            **{name: text for name, text in named.items() if text is not None},
            **own,
            **flattened(given.get("dataFields") or {}),
        }
        self.timeline.put(data, called, event)
