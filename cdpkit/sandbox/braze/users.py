"""The calls that read users one by one, and those that identify, merge and delete them."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.braze.account import Account, Identifier
from cdpkit.sandbox.braze.answers import answer, body, refuse
from cdpkit.sandbox.braze.calls import IDENTITY, Call
from cdpkit.sandbox.braze.objects import NOBODY, identifier
from cdpkit.sandbox.braze.shown import FIELDS, Shown
from cdpkit.sandbox.limiter import Rate

_MOST = 50
_DELETED = {
    "external_ids": "external_id",
    "braze_ids": "braze_id",
    "user_aliases": "user_alias",
    "email_addresses": "email",
    "phone_numbers": "phone",
}
_IDENTIFIED = {
    "aliases_to_identify": "user_alias",
    "emails_to_identify": "email",
    "phone_numbers_to_identify": "phone",
}


class Users:
    """The calls about users by their identifiers."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.shown = Shown(account, plain=False)

    def declared(self) -> tuple[Call, ...]:
        """The calls."""
        ids = Rate(self.account.settings.ids_calls, 60)
        return (
            Call("POST", "/users/export/ids", "users.export.ids", self.export, ids, group=""),
            Call("POST", "/users/alias/new", "users.alias.new", self.alias, IDENTITY, "identity"),
            Call("POST", "/users/identify", "users.identify", self.identify, IDENTITY, "identity"),
            Call("POST", "/users/merge", "users.merge", self.merge, IDENTITY, "identity"),
            Call("POST", "/users/delete", "users.delete", self.delete, IDENTITY, "identity"),
        )

    async def _body(self, request: Request) -> dict[str, Any]:
        self.account.later.settle()
        return await body(request, self.account.settings.track_bytes)

    def _one(self, given: Mapping[str, Any]) -> int | None:
        """Who is meant by an object with an identifier."""
        who = identifier(given)
        return None if who is None else self.account.find(who, self.account.known([who]))

    async def export(self, request: Request) -> Response:
        """POST /users/export/ids: those who are there; the others are named, and are no error."""
        given = await self._body(request)
        fields = given.get("fields_to_export")
        if not isinstance(fields, list) or not all(isinstance(each, str) for each in fields):
            raise refuse("'fields_to_export' is required")
        external, aliases = given.get("external_ids") or [], given.get("user_aliases") or []
        if not isinstance(external, list) or not isinstance(aliases, list) or len(external) + len(aliases) > _MOST:
            raise refuse(f"max number of ids {_MOST} exceeded")
        asked: list[Any] = [{"external_id": each} for each in external] + [{"user_alias": each} for each in aliases]
        singles = {"braze_id": "braze_id", "email_address": "email", "phone": "phone"}
        asked += [{kind: given[name]} for name, kind in singles.items() if given.get(name)]
        if not asked:
            raise refuse("an identifier is required")
        who = [identifier(each) for each in asked]
        known = self.account.known(each for each in who if each is not None)
        found = [self._all(each, known) for each in who]
        numbers = dict.fromkeys(number for each in found for number in each)
        invalid = [external[place] for place in range(len(external)) if not found[place]]
        users = self.shown.users(list(numbers), FIELDS & set(fields))
        return answer({"users": users, **({"invalid_user_ids": invalid} if invalid else {})})

    def _all(self, who: Identifier | None, known: Any) -> list[int]:
        if who is None:
            return []
        found = self.account.holders(who, known)
        return found if who[0] in ("email", "phone") else found[:1]

    async def alias(self, request: Request) -> Response:
        """POST /users/alias/new: an alias of a user with an external id, or of somebody new who has no other name."""
        rows = _rows(await self._body(request), "user_aliases")
        done = 0
        for row in rows:
            label, name, external = row.get("alias_label"), row.get("alias_name"), row.get("external_id")
            if not label or not name:
                raise refuse("'alias_name' and 'alias_label' are required")
            if self.account.alias_holder(str(label), str(name)) is not None:
                done += 1
                continue
            number = self._one({"external_id": external}) if external else None
            if external and number is None:
                continue
            if number is None:
                self.account.create(("alias", f"{label}\n{name}"))
            else:
                self.account.aliases[str(label), str(name)] = number
            done += 1
        return answer({"aliases_processed": done})

    async def identify(self, request: Request) -> Response:
        """POST /users/identify: users without an external id get one, or are merged into who has it already."""
        given = await self._body(request)
        done, errors = 0, []
        for array, kind in _IDENTIFIED.items():
            for index, row in enumerate(_rows(given, array) if array in given else ()):
                external, other = row.get("external_id"), row.get(kind)
                if not external or not other:
                    errors.append({"type": NOBODY, "input_array": "user_identifiers", "index": index})
                    continue
                self._identify(str(external), self._one({kind: other}))
                done += 1
        return answer({"aliases_processed": done, **({"errors": errors} if errors else {})})

    def _identify(self, external: str, number: int | None) -> None:
        people = self.account.people
        if number is None:
            return
        people.touch([number])
        if people.key(number, "userId") is not None:
            return
        there = self._one({"external_id": external})
        if there is None:
            people.identify(number, userId=external)
        else:
            self.account.merge(number, there)

    async def merge(self, request: Request) -> Response:
        """POST /users/merge: accepted also where it will be passed over, for somebody is not there."""
        rows = _rows(await self._body(request), "merge_updates", "merge updates")
        pairs = [(row.get("identifier_to_merge"), row.get("identifier_to_keep")) for row in rows]
        if not all(isinstance(each, dict) for pair in pairs for each in pair):
            raise refuse("identifiers must be objects")
        self.account.later.do(lambda: self._each(pairs, self._merge))
        return answer(status=202)

    def _each(self, rows: list[Any], change: Callable[[Any], None]) -> None:
        for row in rows:
            change(row)

    def _merge(self, pair: tuple[Any, Any]) -> None:
        loser, winner = (self._one(each) for each in pair)
        if loser is not None and winner is not None and loser != winner:
            self.account.merge(loser, winner)

    async def delete(self, request: Request) -> Response:
        """POST /users/delete: counts what was asked, also for those who are not there."""
        given = await self._body(request)
        kinds = [name for name in _DELETED if given.get(name)]
        if len(kinds) != 1:
            raise refuse(f"exactly one of {', '.join(_DELETED)} is required")
        values = given[kinds[0]]
        if not isinstance(values, list) or len(values) > _MOST:
            raise refuse(f"a single request may not contain more than {_MOST} users")
        kind = _DELETED[kinds[0]]
        texts = [each.get(kind) if isinstance(each, dict) and kind != "user_alias" else each for each in values]
        self.account.later.do(lambda: self._each([{kind: each} for each in texts], self._delete))
        return answer({"deleted": len(values)})

    def _delete(self, given: Mapping[str, Any]) -> None:
        number = self._one(given)
        if number is not None:
            self.account.delete(number)


def _rows(given: Mapping[str, Any], name: str, noun: str = "identifiers") -> list[dict[str, Any]]:
    """The objects of an array.

    Raises:
        AnswerError: It is none, or too long.
    """
    rows = given.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise refuse(f"'{name}' must be an array of objects")
    if len(rows) > _MOST:
        raise refuse(f"a single request may not contain more than {_MOST} {noun}")
    return rows
