"""The calls about contacts: pages of them, one of them, and writes."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.activecampaign.account import ACTIVE, STANDARD, Account, Contact, Given, proper_address
from cdpkit.sandbox.activecampaign.answers import (
    RATE,
    answer,
    asked,
    body,
    duplicate,
    limit_of,
    nothing,
    number,
    refuse,
)
from cdpkit.sandbox.activecampaign.shown import contact_shown, memberships_of, page_of, short, tags_of, values_of
from cdpkit.sandbox.gate import Endpoint

_ANY = -1
_FILTERS = frozenset({"ids[]", "email", "phone", "listid", "status"})


class Contacts:
    """The calls about contacts of an account."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        calls: tuple[tuple[str, str, Any], ...] = (
            ("GET", "/api/3/contacts", self.page),
            ("POST", "/api/3/contacts", self.create),
            ("POST", "/api/3/contact/sync", self.sync),
            ("GET", "/api/3/contacts/{id}/{part}", self.part),
            ("GET", "/api/3/contacts/{id}", self.one),
            ("PUT", "/api/3/contacts/{id}", self.update),
            ("DELETE", "/api/3/contacts/{id}", self.delete),
        )
        return tuple(Endpoint(method, path, handler, RATE, group="account") for method, path, handler in calls)

    async def page(self, request: Request) -> Response:
        """GET /api/3/contacts: a page by id or by offset; filters that there are not are passed over."""
        account, limit = self.account, limit_of(request, self.account.settings)
        account.later.settle()
        first, offset = asked(request, "id_greater", 0), asked(request, "offset", 0)
        descending = request.query_params.get("orders[id]", "ASC").upper() == "DESC"
        if not descending and account.settings.total == "all" and not _FILTERS & {*request.query_params}:
            numbers, total = account.people.after(first - 1, offset + limit), len(account.people)
        else:
            numbers = self._matching(request)
            total = len(numbers)
            if first:
                numbers = [each for each in numbers if each >= first]
                total = len(numbers) if account.settings.total == "rest" else total
        if descending:
            numbers.reverse()
        found = account.contacts(numbers[offset : offset + limit])
        include = set(request.query_params.get("include", "").split(","))
        seen = {"limit": limit, "offset": offset, "listid": asked(request, "listid", 0), "segmentid": None}
        meta = {"total": str(total), "sortable": True, "page_input": seen}
        return answer({**page_of(account, found, include), "meta": meta})

    def _matching(self, request: Request) -> list[int]:
        """The numbers of the contacts whom the known filters let through, in order."""
        account, query = self.account, request.query_params
        ids = query.getlist("ids[]")
        found = [each - 1 for text in ids if (each := number(text)) is not None and account.exists(each - 1)]
        numbers = sorted(set(found)) if ids else None
        if "email" in query:
            there = account.by_email(query["email"])
            numbers = [each for each in there.values() if numbers is None or each in numbers]
        everybody = list(account.all()) if numbers is None else numbers
        for passes in self._filters(request):
            everybody = [each for each in everybody if passes(each)]
        if query.get("phone"):
            have = account.contacts(everybody)
            everybody = [each.number for each in have if each.standard["phone"].startswith(query["phone"])]
        return everybody

    def _filters(self, request: Request) -> list[Callable[[int], bool]]:
        account, status = self.account, request.query_params.get("status", str(_ANY))
        wanted = None if status == str(_ANY) else status
        if "listid" in request.query_params:
            one = account.roster.get(asked(request, "listid", 0))
            return [lambda each: one is not None and one.state(each) in ({wanted} if wanted else {"0", "1", "2", "3"})]
        if wanted is None:
            return []
        return [lambda each: any(state == wanted for _, state in account.roster.of(each))]

    def _there(self, request: Request) -> Contact:
        self.account.later.settle()
        given = request.path_params["id"]
        found = number(given)
        if found is None or not self.account.exists(found - 1):
            raise nothing("Subscriber", given)
        return self.account.contacts([found - 1])[0]

    async def one(self, request: Request) -> Response:
        """GET /api/3/contacts/{id}: a contact with all that belongs to it."""
        found = self._there(request)
        beside = page_of(self.account, [found], {"fieldValues", "contactLists"})
        whole = beside.pop("contacts")[0]
        return answer({"contactAutomations": [], "deals": [], "geoIps": [], **beside, "contact": whole})

    async def part(self, request: Request) -> Response:
        """GET /api/3/contacts/{id}/...: what belongs to a contact."""
        found, name = self._there(request), request.path_params["part"]
        parts: dict[str, Callable[[], list[dict[str, Any]]]] = {
            "contactLists": lambda: memberships_of(self.account, found),
            "fieldValues": lambda: values_of(found),
            "contactTags": lambda: tags_of(self.account, found),
        }
        return answer({name: parts[name]() if name in parts else []})

    def given(self, contact: dict[str, Any]) -> Given:
        """What a call writes; fields that there are not are passed over, and only what is there is written."""
        standard = {name: str(contact[name] or "") for name in STANDARD if name in contact}
        rows = contact.get("fieldValues")
        values: dict[int, str] = {}
        for row in rows if isinstance(rows, list) else ():
            field = number(row.get("field")) if isinstance(row, dict) else None
            if field in self.account.fields and field is not None:
                values[field] = self.account.fields[field].stored(row.get("value"))
        tags = contact.get("tags")
        return Given(standard, values, tuple(map(str, tags)) if isinstance(tags, list) else ())

    @staticmethod
    def _address(contact: dict[str, Any]) -> str:
        email = contact.get("email")
        if not email:
            raise refuse(400, {"status": 400, "title": "Bad Request", "detail": "Email address is required"})
        if not proper_address(email):
            pointer = {"pointer": "/data/attributes/email"}
            what = {"title": "Email address is not valid.", "code": "email_invalid", "source": pointer}
            raise refuse(422, {**what, "error": "must_be_valid_email_address"})
        return str(email)

    def _lists(self, contact: dict[str, Any]) -> list[int]:
        """The lists that a call names inside a contact, looked at before anything is written."""
        rows = contact.get("lists")
        found = [number(row.get("list")) for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict)]
        if any(each is None or self.account.roster.get(each) is None for each in found):
            raise refuse(422, {"title": "List not found", "code": "related_missing"})
        return [each for each in found if each is not None]

    def _written(self, there: int | None, email: str, contact: dict[str, Any], status: int) -> Response:
        given, lists = self.given(contact), self._lists(contact)
        if there is None and self.account.full():
            raise refuse(403, {"status": 403, "title": "Forbidden", "detail": "Contact limit reached"})
        written = self.account.write(there, email, given)
        for each in lists:
            self.account.put(written, each, ACTIVE)
        one = self.account.contacts([written])[0]
        made = short(self.account, one) if there is None else contact_shown(self.account, one, late=False)
        values = values_of(one, given.values)
        if not contact.get("fieldValues"):
            return answer({"contact": made}, status)
        return answer(
            {"fieldValues": values, "contact": {**made, "fieldValues": [each["id"] for each in values]}}, status
        )

    async def sync(self, request: Request) -> Response:
        """POST /api/3/contact/sync: 201 where it creates, 200 where it updates."""
        contact = await body(request, "contact")
        self.account.later.settle()
        email = self._address(contact)
        there = self.account.by_email(email).get(email.strip().lower())
        return self._written(there, email, contact, 201 if there is None else 200)

    async def create(self, request: Request) -> Response:
        """POST /api/3/contacts."""
        contact = await body(request, "contact")
        self.account.later.settle()
        email = self._address(contact)
        if self.account.by_email(email):
            raise duplicate("Email address already exists in the system")
        return self._written(None, email, contact, 201)

    async def update(self, request: Request) -> Response:
        """PUT /api/3/contacts/{id}."""
        found, contact = self._there(request), await body(request, "contact")
        email = self._address(contact) if "email" in contact else found.email
        if self.account.by_email(email).get(email.strip().lower(), found.number) != found.number:
            raise duplicate("Email address already exists in the system")
        return self._written(found.number, email, contact, 200)

    async def delete(self, request: Request) -> Response:
        """DELETE /api/3/contacts/{id}."""
        self.account.delete(self._there(request).number)
        return answer({})
