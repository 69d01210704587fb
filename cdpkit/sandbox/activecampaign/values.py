"""The calls about custom fields and about the values that contacts have in them."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.activecampaign.account import Account, Given
from cdpkit.sandbox.activecampaign.answers import RATE, answer, body, duplicate, listed, nothing, number, refuse
from cdpkit.sandbox.activecampaign.fields import Field
from cdpkit.sandbox.activecampaign.shown import value_id, values_of
from cdpkit.sandbox.gate import AnswerError, Endpoint
from cdpkit.sandbox.world.bodies import parsed


class Values:
    """The calls about custom fields of an account."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        calls: tuple[tuple[str, str, Any], ...] = (
            ("GET", "/api/3/fields", self.fields),
            ("POST", "/api/3/fields", self.create),
            ("POST", "/api/3/fieldRels", self.relate),
            ("POST", "/api/3/fieldOption/bulk", self.add_options),
            ("GET", "/api/3/fields/{id}/options", self.options),
            ("GET", "/api/3/fields/{id}", self.one),
            ("GET", "/api/3/fieldValues", self.values),
            ("POST", "/api/3/fieldValues", self.write),
            ("DELETE", "/api/3/fieldValues/{id}", self.clear),
        )
        return tuple(Endpoint(method, path, handler, RATE, group="account") for method, path, handler in calls)

    async def fields(self, request: Request) -> Response:
        """GET /api/3/fields, with options and relations unasked."""
        there = list(self.account.fields.values())
        return listed(
            request,
            self.account.settings,
            "fields",
            [each.shown() for each in there],
            fieldOptions=[option for each in there for option in each.options_shown()],
            fieldRels=[relation for each in there for relation in each.relations_shown()],
        )

    async def create(self, request: Request) -> Response:
        """POST /api/3/fields."""
        given = await body(request, "field")
        title, there = str(given.get("title") or ""), self.account.fields
        if not title or not given.get("type"):
            raise refuse(422, {"title": "The field title and type must be provided.", "code": "field_missing"})
        if title in {each.title for each in there.values()}:
            raise duplicate("The title is in use.")
        made = Field(max(there, default=0) + 1, title, str(given["type"]), lists=[])
        there[made.number] = made
        return answer({"field": made.shown()}, 201)

    async def relate(self, request: Request) -> Response:
        """POST /api/3/fieldRels: shows a field on the forms of a list, or with 0 of all."""
        given = await body(request, "fieldRel")
        field = self.account.fields.get(number(given.get("field")) or 0)
        if field is None:
            raise refuse(422, {"title": "Field id not valid"})
        field.lists.append(number(given.get("relid")) or 0)
        return answer({"fieldRel": field.relations_shown()[-1]}, 201)

    async def add_options(self, request: Request) -> Response:
        """POST /api/3/fieldOption/bulk; refused with one plain text."""
        found = parsed(await request.body())
        rows = found.get("fieldOptions") if isinstance(found, dict) else None
        for row in rows if isinstance(rows, list) else ():
            field = self.account.fields.get(number(row.get("field")) or 0)
            if field is None:
                raise AnswerError(answer({"errors": "The field is not there."}, 422))
            field.options[field.number * 1000 + len(field.options)] = str(row.get("value"))
        return answer({"fieldOptions": rows or []}, 201)

    def _there(self, request: Request) -> Field:
        found = self.account.fields.get(number(request.path_params["id"]) or 0)
        if found is None:
            raise nothing("Field", request.path_params["id"])
        return found

    async def one(self, request: Request) -> Response:
        """GET /api/3/fields/{id}."""
        found = self._there(request)
        return answer({"fieldOptions": found.options_shown(), "field": found.shown()})

    async def options(self, request: Request) -> Response:
        """GET /api/3/fields/{id}/options."""
        return answer({"fieldOptions": self._there(request).options_shown()})

    async def values(self, request: Request) -> Response:
        """GET /api/3/fieldValues: those that contain a text."""
        self.account.later.settle()
        field, text = (request.query_params.get(f"filters[{name}]") for name in ("fieldid", "val"))
        found = self.account.contacts(list(self.account.all()))
        rows = [row for one in found for row in values_of(one)]
        rows = [row for row in rows if field in (None, row["field"]) and (text or "") in row["value"]]
        return listed(request, self.account.settings, "fieldValues", rows)

    async def write(self, request: Request) -> Response:
        """POST /api/3/fieldValues: 201 for a new pair, 200 for one that was there."""
        given = await body(request, "fieldValue")
        who, field = number(given.get("contact")), number(given.get("field"))
        if field is None or field not in self.account.fields:
            raise refuse(422, {"title": "Field id not valid"})
        if who is None or not self.account.exists(who - 1):
            raise nothing("Subscriber", given.get("contact"))
        one = self.account.contacts([who - 1])[0]
        new = field not in one.values
        self.account.write(who - 1, one.email, Given(values={field: str(given.get("value") or "")}))
        one = self.account.contacts([who - 1])[0]
        row = {"id": value_id(who - 1, field), "contact": str(who), "field": str(field), "value": given.get("value")}
        return answer({"contacts": [{"id": one.id, "email": one.email}], "fieldValue": row}, 201 if new else 200)

    async def clear(self, request: Request) -> Response:
        """DELETE /api/3/fieldValues/{id}."""
        who, field = divmod(number(request.path_params["id"]) or 0, 1000)
        if field not in self.account.fields or not self.account.exists(who - 1):
            raise nothing("FieldValue", request.path_params["id"])
        one = self.account.contacts([who - 1])[0]
        self.account.write(who - 1, one.email, Given(values={field: ""}))
        return answer({})
