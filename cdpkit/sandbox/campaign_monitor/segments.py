"""The calls about segments of lists."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.campaign_monitor.answers import (
    MESSAGES,
    answer,
    body,
    lowered,
    moment,
    nothing,
    paging,
    query,
    refuse,
    text_of,
    unreadable,
)
from cdpkit.sandbox.campaign_monitor.calls import ANY, LISTS, PEOPLE, Calls
from cdpkit.sandbox.campaign_monitor.fields import Field
from cdpkit.sandbox.campaign_monitor.rights import Rights
from cdpkit.sandbox.campaign_monitor.rules import Groups, Judge, rule_of
from cdpkit.sandbox.campaign_monitor.shown import ORDERS, Orders, row_of
from cdpkit.sandbox.campaign_monitor.start import ACTIVE
from cdpkit.sandbox.gate import Endpoint
from cdpkit.sandbox.world.codes import number_of
from cdpkit.sandbox.world.lists import MailingList


@dataclass(slots=True)
class Segment:
    """A segment of a list."""

    number: int
    one: MailingList
    title: str
    groups: Groups = ()


class Segments(Calls):
    """The calls about segments."""

    def __init__(self, orders: Orders, rights: Rights) -> None:
        super().__init__(orders.account, rights)
        self.orders = orders
        self._segments: dict[int, Segment] = {}
        self._busy = self.account.settings.segments_busy
        self._kept: dict[int, tuple[int, frozenset[int]]] = {}

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        return self.declared(
            ("GET", "/clients/{id}/segments.json", self.of_client, ANY),
            ("GET", "/lists/{id}/segments.json", self.of_list, ANY),
            ("POST", "/segments/{id}/rules.json", self.add_rules, LISTS),
            ("DELETE", "/segments/{id}/rules.json", self.clear, LISTS),
            ("GET", "/segments/{id}/active.json", self.people, PEOPLE),
            ("POST", "/segments/{id}.json", self.create, LISTS),
            ("GET", "/segments/{id}.json", self.one, ANY),
            ("PUT", "/segments/{id}.json", self.change, LISTS),
            ("DELETE", "/segments/{id}.json", self.delete, LISTS),
        )

    def lost(self, one: MailingList, field: Field) -> None:
        """Remove the rules about a field that is gone, or that has other options."""
        names = {field.name.lower(), field.key.lower(), field.key.strip("[]").lower()}
        for each in self._segments.values():
            if each.one is one:
                kept = (tuple(rule for rule in group if rule.subject.lower() not in names) for group in each.groups)
                each.groups = tuple(filter(None, kept))

    def _id(self, each: Segment) -> str:
        return self.account.id_of(each.number, "segment")

    def _there(self, request: Request) -> Segment:
        """The segment of a path.

        Raises:
            AnswerError: There is none, or it is not the key's.
        """
        number = number_of(request.path_params["id"], self.account.seed, "segment")
        found = None if number is None else self._segments.get(number)
        if found is None or not self.rights.reaches(request, int(found.one.kind)):
            raise refuse(271)
        return found

    def _not_busy(self) -> None:
        if self._busy:
            self._busy -= 1
            raise refuse(278)

    def _rows(self, *lists: MailingList) -> Response:
        return answer(
            [
                {
                    "ListID": self.account.id_of(each.one.number, "list"),
                    "SegmentID": self._id(each),
                    "Title": each.title,
                }
                for each in self._segments.values()
                if each.one in lists
            ]
        )

    async def of_client(self, request: Request) -> Response:
        """GET /clients/{id}/segments.json."""
        return self._rows(*self.account.lists_of(self.client_asked(request)))

    async def of_list(self, request: Request) -> Response:
        """GET /lists/{id}/segments.json."""
        return self._rows(self.list_asked(request))

    async def create(self, request: Request) -> Response:
        """POST /segments/{id}.json, where the id is that of the list: the answer is the segment's id."""
        one = self.list_asked(request)
        given = await body(request)
        title = self._title(one, given, None)
        groups = self._groups(one, given.get("rulegroups") or [])
        self._not_busy()
        made = Segment(max(self._segments, default=0) + 1, one, title, groups)
        self._segments[made.number] = made
        return answer(self._id(made), 201)

    async def change(self, request: Request) -> Response:
        """PUT /segments/{id}.json: a title, and rules that replace all there are where some are given."""
        found = self._there(request)
        given = await body(request)
        title = self._title(found.one, given, found)
        groups = found.groups
        if given.get("rulegroups") is not None:
            groups = self._groups(found.one, given["rulegroups"])
        self._not_busy()
        found.title, found.groups = title, groups
        self._kept.clear()
        return nothing()

    async def add_rules(self, request: Request) -> Response:
        """POST /segments/{id}/rules.json: one more group."""
        found = self._there(request)
        groups = self._groups(found.one, [await body(request)])
        self._not_busy()
        found.groups = (*found.groups, *groups)
        self._kept.clear()
        return nothing()

    async def clear(self, request: Request) -> Response:
        """DELETE /segments/{id}/rules.json."""
        found = self._there(request)
        self._not_busy()
        found.groups = ()
        self._kept.clear()
        return nothing()

    async def delete(self, request: Request) -> Response:
        """DELETE /segments/{id}.json."""
        found = self._there(request)
        self._not_busy()
        del self._segments[found.number]
        return nothing()

    async def one(self, request: Request) -> Response:
        """GET /segments/{id}.json."""
        self.account.later.settle()
        found = self._there(request)
        return answer(
            {
                "ActiveSubscribers": len(self._members(found)),
                "RuleGroups": [{"Rules": [rule.shown() for rule in group]} for group in found.groups],
                "ListID": self.account.id_of(found.one.number, "list"),
                "SegmentID": self._id(found),
                "Title": found.title,
            }
        )

    async def people(self, request: Request) -> Response:
        """GET /segments/{id}/active.json: the active people of the list whom the rules let through."""
        self.account.later.settle()
        found = self._there(request)
        asked = query(request)
        page = paging(asked, self.account.settings.page_rows, "date", ORDERS)
        since = moment(asked["date"], self.account.owner(found.one).zone) if asked.get("date") else None
        members = self._members(found)
        whole = [number for number in self.orders.of(found.one, ACTIVE, page, since) if number in members]
        rows = [
            row_of(self.account, found.one, each, asked)
            for each in self.account.subscribers(found.one, page.part(whole))
        ]
        for row in rows:
            del row["ReadsEmailWith"]
        return answer(page.shown(whole, rows))

    def _members(self, segment: Segment) -> frozenset[int]:
        """Who is in a segment now; kept as long as nobody writes."""
        version, members = self._kept.get(segment.number, (-1, frozenset()))
        if version != self.account.version:
            judge = Judge(self.account, segment.one)
            found: list[int] = []
            for ids in segment.one.members(ACTIVE):
                there = self.account.subscribers(segment.one, ids.to_list())
                found += [person.number for person in there if judge.takes(segment.groups, person)]
            members = frozenset(found)
            self._kept[segment.number] = (self.account.version, members)
        return members

    def _title(self, one: MailingList, given: dict[str, Any], own: Segment | None) -> str:
        title = text_of(given.get("title"), "Title").strip()
        if not title:
            raise refuse(273)
        if any(each.title == title and each.one is one and each is not own for each in self._segments.values()):
            raise refuse(275)
        return title

    def _groups(self, one: MailingList, given: object) -> Groups:
        """The groups of rules in a body.

        Raises:
            AnswerError: One of them is wrong; the answer has an entry for each rule, also for those that are right.
        """
        if not isinstance(given, list):
            raise unreadable("RuleGroups")
        found = []
        for group in given:
            rules = lowered(group).get("rules") if isinstance(group, dict) else None
            if not isinstance(rules, list):
                raise unreadable("RuleGroups")
            found.append(tuple(rule_of(each) for each in rules))
        judge = Judge(self.account, one)
        codes = [(rule, judge.wrong(rule)) for group in found for rule in group]
        if any(code for _, code in codes):
            raise refuse(277, None, [_judged(rule.subject, rule.clause, code) for rule, code in codes])
        return tuple(filter(None, found))


def _judged(subject: str, clause: str, code: int | None) -> dict[str, Any]:
    """What an answer says of a rule."""
    message = MESSAGES.get(code or 0, "Invalid rule") if code else "Valid"
    results = [{"Clause": clause, "Code": code, "Message": message}] if code else []
    return {"RuleType": subject, "Code": code or 0, "Message": message, "ClauseResults": results}
