"""The calls about lists, about who is on them, and about addresses that are excluded; users and tags beside them."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.activecampaign.account import Account
from cdpkit.sandbox.activecampaign.answers import RATE, answer, body, listed, nothing, number, refuse, shown_time
from cdpkit.sandbox.activecampaign.shown import membership, memberships_of
from cdpkit.sandbox.gate import Endpoint
from cdpkit.sandbox.world.lists import MailingList

_USER = {"id": "7", "username": "mira", "firstName": "Mira", "lastName": "K", "email": "mira@shop.example"}
_STATES = ("0", "1", "2", "3")


class Lists:
    """The calls about lists of an account."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        calls: tuple[tuple[str, str, Any], ...] = (
            ("GET", "/api/3/users/me", self.me),
            ("GET", "/api/3/lists/exclusions", self.exclusions),
            ("GET", "/api/3/lists", self.page),
            ("POST", "/api/3/lists", self.create),
            ("POST", "/api/3/listGroups", self.group),
            ("GET", "/api/3/lists/{id}", self.one),
            ("DELETE", "/api/3/lists/{id}", self.delete),
            ("GET", "/api/3/contactLists", self.all),
            ("POST", "/api/3/contactLists", self.put),
            ("GET", "/api/3/tags", self.tags),
            ("POST", "/api/3/tags", self.new_tag),
            ("POST", "/api/3/contactTags", self.tag),
            ("DELETE", "/api/3/contactTags/{id}", self.untag),
        )
        return tuple(Endpoint(method, path, handler, RATE, group="account") for method, path, handler in calls)

    async def me(self, _: Request) -> Response:
        """GET /api/3/users/me: whose key it is."""
        return answer({"user": {**_USER, "phone": "", "signature": None, "links": {}}})

    def _shown(self, each: MailingList) -> dict[str, Any]:
        return {
            "id": str(each.number),
            "name": each.name,
            "stringid": f"list-{each.number}",
            "channel": each.kind,
            "cdate": shown_time(each.created),
            "udate": shown_time(each.created),
            "active_subscribers": str(each.size("1")),
            "non_deleted_subscribers": str(each.size()),
            "userid": "1",
            "user": "1",
            "deletestamp": None,
            "links": {},
        }

    async def page(self, request: Request) -> Response:
        """GET /api/3/lists."""
        self.account.later.settle()
        return listed(request, self.account.settings, "lists", [self._shown(each) for each in self.account.roster])

    async def create(self, request: Request) -> Response:
        """POST /api/3/lists."""
        given = await body(request, "list")
        missing = [name for name in ("name", "stringid", "sender_url", "sender_reminder") if not given.get(name)]
        if missing:
            raise refuse(
                422, *({"title": f"The {name} was not provided.", "code": "field_missing"} for name in missing)
            )
        made = self.account.roster.create(str(given["name"]), self.account.later.seconds, kind="email")
        return answer({"list": self._shown(made)}, 201)

    async def group(self, request: Request) -> Response:
        """POST /api/3/listGroups: lets users see a list."""
        return answer({"listGroup": await body(request, "listGroup")}, 201)

    def _there(self, request: Request) -> MailingList:
        found = self.account.roster.get(number(request.path_params["id"]) or 0)
        if found is None:
            raise nothing("_List", request.path_params["id"])
        return found

    async def one(self, request: Request) -> Response:
        """GET /api/3/lists/{id}."""
        return answer({"list": self._shown(self._there(request))})

    async def delete(self, request: Request) -> Response:
        """DELETE /api/3/lists/{id}."""
        self.account.roster.drop(self._there(request).number)
        return answer({})

    async def exclusions(self, request: Request) -> Response:
        """GET /api/3/lists/exclusions: phrases of addresses that are never mailed."""
        rows = [
            {"id": str(place), "phrase": phrase, "type": "contains", "channel": "email"}
            for place, phrase in enumerate(self.account.excluded, 1)
        ]
        return listed(request, self.account.settings, "exclusions", rows)

    async def all(self, request: Request) -> Response:
        """GET /api/3/contactLists: every row, whatever filters are asked for."""
        self.account.later.settle()
        found = self.account.contacts(list(self.account.all()))
        rows = [row for one in found for row in memberships_of(self.account, one)]
        return listed(request, self.account.settings, "contactLists", rows)

    async def put(self, request: Request) -> Response:
        """POST /api/3/contactLists: 201 for a new pair, 200 for one that was there; revives whoever it is told to."""
        given = await body(request, "contactList")
        self.account.later.settle()
        who, where = number(given.get("contact")), self.account.roster.get(number(given.get("list")) or 0)
        if who is None or not self.account.exists(who - 1):
            raise nothing("Subscriber", given.get("contact"))
        if where is None:
            raise refuse(422, {"title": "List not found", "code": "related_missing"})
        state = str(given.get("status", "1"))
        if state not in _STATES:
            raise refuse(422, {"title": f"{state} is not a valid choice.", "code": "invalid_choice"})
        new = where.state(who - 1) is None
        self.account.later.do(lambda: self.account.put(who - 1, where.number, state))
        one = self.account.contacts([who - 1])[0]
        row = {**membership(one, where, state), "status": int(state), "sourceid": given.get("sourceid", 0)}
        return answer({"contacts": [], "contactList": row}, 201 if new else 200)

    def _tag(self, each: int) -> dict[str, Any]:
        return {"id": str(each), "tag": self.account.tags[each], "tagType": "contact", "description": ""}

    async def tags(self, request: Request) -> Response:
        """GET /api/3/tags."""
        wanted = request.query_params.get("search", "").lower()
        rows = [self._tag(each) for each, name in self.account.tags.items() if wanted in name.lower()]
        return listed(request, self.account.settings, "tags", rows)

    async def new_tag(self, request: Request) -> Response:
        """POST /api/3/tags."""
        text = str((await body(request, "tag")).get("tag", ""))
        if text.lower() in {name.lower() for name in self.account.tags.values()}:
            return answer({"message": "The tag exists.", "error": "duplicate tag"}, 422)
        return answer({"tag": self._tag(self.account.tag_id(text))}, 201)

    async def tag(self, request: Request) -> Response:
        """POST /api/3/contactTags: 201 for a new pair, 200 for one that was there."""
        given = await body(request, "contactTag")
        who, tag = number(given.get("contact")), number(given.get("tag"))
        if who is None or not self.account.exists(who - 1) or tag not in self.account.tags or tag is None:
            raise refuse(404, {"title": "Contact not found"})
        made, new = self.account.tag(who - 1, tag)
        row = {"id": str(made), "contact": str(who), "tag": str(tag), "cdate": shown_time(self.account.clock())}
        return answer({"contactTag": row}, 201 if new else 200)

    async def untag(self, request: Request) -> Response:
        """DELETE /api/3/contactTags/{id}: by the id of the pair."""
        given = request.path_params["id"]
        if self.account.tagged.pop(number(given) or 0, None) is None:
            raise nothing("SubscriberTag", given)
        return answer({})
