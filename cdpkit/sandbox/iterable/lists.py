"""The calls about lists, `/api/lists...`, and two small ones that list what else a project has."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import polars as pl
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cdpkit.sandbox.gate import Endpoint
from cdpkit.sandbox.iterable.answers import answer, bad_json, body, envelope, refuse
from cdpkit.sandbox.iterable.profile import list_shown
from cdpkit.sandbox.iterable.project import STATIC, Project, described
from cdpkit.sandbox.iterable.rows import Row, find, judge, known, parse
from cdpkit.sandbox.iterable.settings import PROJECT
from cdpkit.sandbox.iterable.writes import Outcome, write
from cdpkit.sandbox.limiter import Rate
from cdpkit.sandbox.stream import Stream
from cdpkit.sandbox.world.bodies import Verdict
from cdpkit.sandbox.world.lists import MailingList

_READ, _MEMBERS, _WRITE = Rate(100, 1), Rate(5, 60), Rate(5, 1)
_MOST_PREVIEWED = 5000
CHANNEL = {"id": 1, "name": "Marketing Channel", "channelType": "Marketing", "messageMedium": "Email"}
MESSAGE_TYPE = {
    "id": 9,
    "name": "Newsletter",
    "channelId": 1,
    "subscriptionPolicy": "OptOut",
    "createdAt": 1_718_000_000_000,
    "updatedAt": 1_718_000_000_000,
}


class Lists:
    """The calls about lists of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._calls = 0

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls; paths with a part that is filled in stand last."""
        return (
            Endpoint("GET", "/api/lists", self.all, _READ),
            Endpoint("POST", "/api/lists", self.create, _WRITE),
            Endpoint("GET", "/api/lists/getUsers", self.members, _MEMBERS),
            Endpoint("GET", "/api/lists/previewUsers", self.preview, _MEMBERS),
            Endpoint("POST", "/api/lists/subscribe", self.subscribe, _WRITE),
            Endpoint("POST", "/api/lists/unsubscribe", self.unsubscribe, _WRITE),
            Endpoint("GET", "/api/lists/{listId}/size", self.size, _MEMBERS),
            Endpoint("DELETE", "/api/lists/{listId}", self.delete, _WRITE),
            Endpoint("GET", "/api/channels", self.channels, _READ),
            Endpoint("GET", "/api/messageTypes", self.message_types, _READ),
        )

    async def channels(self, _: Request) -> Response:
        """GET /api/channels."""
        return answer({"channels": [CHANNEL]})

    async def message_types(self, _: Request) -> Response:
        """GET /api/messageTypes."""
        return answer({"messageTypes": [MESSAGE_TYPE]})

    async def all(self, _: Request) -> Response:
        """GET /api/lists: the newest first."""
        self.project.later.settle()
        return answer({"lists": [list_shown(each) for each in self.project.newest_lists()]})

    async def create(self, request: Request) -> Response:
        """POST /api/lists: a static list; its name need not be new."""
        given = await body(request)
        name, description = given.get("name"), given.get("description")
        if not isinstance(name, str):
            raise bad_json(request, {"obj.name": "String value expected"})
        if description is not None and not isinstance(description, str):
            raise bad_json(request, {"obj.description": "String value expected"})
        made = self.project.roster.create(name, self.project.later.seconds, kind=STATIC, facts=described(description))
        return answer({"listId": made.number})

    async def delete(self, request: Request) -> Response:
        """DELETE /api/lists/{listId}."""
        number = request.path_params["listId"]
        if not number.isdecimal() or not self.project.roster.drop(int(number)):
            raise refuse("BadParams", f"Unable to delete list {number} in Project {PROJECT}, which does not exist.")
        return envelope(f"List {number} in Project {PROJECT} was successfully deleted.")

    def _list(self, number: str) -> MailingList:
        self.project.later.settle()
        found = self.project.roster.get(int(number)) if number.isdecimal() else None
        if found is None:
            where = {"projectId": str(PROJECT), "listId": number}
            raise refuse("BadParams", "Invalid email list id", where)
        return found

    async def size(self, request: Request) -> Response:
        """GET /api/lists/{listId}/size: the bare number."""
        return PlainTextResponse(str(self._list(request.path_params["listId"]).size()))

    async def members(self, request: Request) -> Response:
        """GET /api/lists/getUsers: an identifier a line, in another order at each call."""
        wanted = self._list(request.query_params.get("listId", ""))
        lines = self._identifiers(wanted, prefer_user_id=request.query_params.get("preferUserId") == "true")
        return Stream(lines, "text/plain", gzip=not self.project.settings.plain)

    async def preview(self, request: Request) -> Response:
        """GET /api/lists/previewUsers: a sample of the members."""
        wanted = self._list(request.query_params.get("listId", ""))
        size = request.query_params.get("size", "1000")
        if not size.isdecimal() or not 1 <= int(size) <= _MOST_PREVIEWED:
            raise refuse("BadParams", f"size must be from 1 to {_MOST_PREVIEWED}")
        prefer = request.query_params.get("preferUserId") == "true"
        whole = b"".join([part async for part in self._identifiers(wanted, prefer_user_id=prefer)])
        lines = whole.decode().splitlines()
        sample = random.Random(self._calls).sample(lines, min(int(size), len(lines)))  # noqa: S311 - an order
        return PlainTextResponse("".join(line + "\n" for line in sample))

    async def _identifiers(self, wanted: MailingList, *, prefer_user_id: bool) -> AsyncIterator[bytes]:
        self._calls += 1
        shuffled = random.Random(self._calls)  # noqa: S311 - an order
        kind = self.project.settings.project_type
        first, second = ("userId", "email") if kind == "userID" or prefer_user_id else ("email", "userId")
        parts = list(wanted.members())
        shuffled.shuffle(parts)
        for ids in parts:
            await asyncio.sleep(0)
            names = self._keys(ids, first, second if kind == "hybrid" else first)
            shuffled.shuffle(names)
            yield "".join(name + "\n" for name in names).encode()

    def _keys(self, ids: pl.Series, first: str, second: str) -> list[str]:
        """The identifiers of people of these ids, as they are now."""
        touched = [number for number in ids if number in self.project.people.touched]
        frame = self.project.people.population.keys(ids.filter(~ids.is_in(touched)))
        names = frame.select(pl.coalesce(first, second)).to_series().drop_nulls().to_list()
        for number in touched:
            own = self.project.people.keys(number)
            name = own[first] or own[second]
            names += [name] if name is not None else []
        return names

    def _target(self, given: dict[str, Any], request: Request) -> MailingList:
        number = given.get("listId")
        if not isinstance(number, int) or isinstance(number, bool):
            raise bad_json(request, {"obj.listId": "Number value expected"})
        found = self.project.target(number)
        if found is None:
            where = {"projectId": PROJECT, "listId": number}
            raise refuse("Success", f"error.lists.invalidListId({number})", where)
        return found

    async def subscribe(self, request: Request) -> Response:
        """POST /api/lists/subscribe: put people on a list, and write their fields."""
        self.project.later.settle()
        given = await body(request)
        rows = parse(request, given.get("subscribers"), "subscribers")
        target = self._target(given, request)
        existing_only = given.get("updateExistingUsersOnly") is True and self.project.settings.project_type != "email"
        outcome = write(self.project, rows, source="ListAPI", new_fields=True, create=not existing_only, target=target)
        return answer(outcome.shown())

    async def unsubscribe(self, request: Request) -> Response:
        """POST /api/lists/unsubscribe: take people off a list; with channelUnsubscribe, off its whole channel."""
        self.project.later.settle()
        given = await body(request)
        rows = parse(request, given.get("subscribers"), "subscribers")
        target = self._target(given, request)
        if given.get("channelUnsubscribe") is True:
            self.project.channel_unsubscribed.update(each.email or each.user_id or "" for each in rows)
        return answer(self._taken_off(rows, target).shown())

    def _taken_off(self, rows: list[Row], target: MailingList) -> Outcome:
        who = known(self.project, rows)
        outcome = Outcome(Verdict(rows))
        outcome.verdict.judge(lambda each: judge(self.project, each, who, create=False))
        there = (find(self.project, each, who) for _, each in outcome.verdict.taken())
        found = [number for number in there if number is not None]
        self.project.later.do(lambda: self._take(found, target))
        return outcome

    def _take(self, found: list[int], target: MailingList) -> None:
        leaving, now = [number for number in found if number in target], self.project.clock()
        self.project.people.touch(leaving)
        for number in leaving:
            self.project.put(number, target, None)
            self.project.people.touched[number].updated = now
