"""The calls about the custom fields of a list."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.campaign_monitor.account import Account
from cdpkit.sandbox.campaign_monitor.answers import answer, body, flag_of, nothing, refuse, text_of, unreadable
from cdpkit.sandbox.campaign_monitor.calls import ANY, LISTS, Calls
from cdpkit.sandbox.campaign_monitor.fields import CHOICES, KINDS, Field, Fields, key_of
from cdpkit.sandbox.campaign_monitor.rights import Rights
from cdpkit.sandbox.gate import Endpoint
from cdpkit.sandbox.world.lists import MailingList

_LONGEST_NAME = 100


class CustomFields(Calls):
    """The calls about custom fields.

    Args:
        account: The account.
        rights: Who may do what.
        dropped: Told of the options or the field that a list lost, since segments lose their rules with them.
    """

    def __init__(self, account: Account, rights: Rights, dropped: Callable[[MailingList, Field], None]) -> None:
        super().__init__(account, rights)
        self._dropped = dropped

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        return self.declared(
            ("GET", "/lists/{id}/customfields.json", self.all, ANY),
            ("POST", "/lists/{id}/customfields.json", self.create, LISTS),
            ("PUT", "/lists/{id}/customfields/{key}.json", self.change, LISTS),
            ("PUT", "/lists/{id}/customfields/{key}/options.json", self.options, LISTS),
            ("DELETE", "/lists/{id}/customfields/{key}.json", self.delete, LISTS),
        )

    def _there(self, request: Request) -> tuple[MailingList, Fields, Field]:
        """The list and the field of a path, where the key stands in its brackets.

        Raises:
            AnswerError: There is none.
        """
        one = self.list_asked(request)
        fields = self.account.fields[one.number]
        found = fields.of_key(request.path_params["key"])
        if found is None:
            raise refuse(253)
        return one, fields, found

    async def all(self, request: Request) -> Response:
        """GET /lists/{id}/customfields.json."""
        return answer([each.shown() for each in self.account.fields[self.list_asked(request).number]])

    async def create(self, request: Request) -> Response:
        """POST /lists/{id}/customfields.json: the answer is the key, as a bare text."""
        fields = self.account.fields[self.list_asked(request).number]
        given = await body(request)
        name = self._name(fields, given, None)
        kind = next(
            (each for each in KINDS if each.lower() == text_of(given.get("datatype"), "DataType").lower()), None
        )
        if kind is None:
            raise refuse(259)
        options = _options(given.get("options"))
        if options and kind not in CHOICES:
            raise refuse(256)
        if not options and kind in CHOICES:
            raise refuse(257)
        if len(fields) >= self.account.settings.most_fields:
            raise refuse(260)
        made = fields.add(name, kind, options, visible=_visible(given, before=True))
        self.account.version += 1
        return answer(made.key, 201)

    async def change(self, request: Request) -> Response:
        """PUT /lists/{id}/customfields/{key}.json: a new name makes a new key."""
        _, fields, found = self._there(request)
        given = await body(request)
        found.name = self._name(fields, given, found)
        found.key = key_of(found.name)
        found.visible = _visible(given, before=found.visible)
        return answer(found.key)

    async def options(self, request: Request) -> Response:
        """PUT /lists/{id}/customfields/{key}/options.json: replaces the options, or adds to them."""
        one, _, found = self._there(request)
        given = await body(request)
        if found.kind not in CHOICES:
            raise refuse(256)
        options = _options(given.get("options"))
        if not options:
            raise refuse(257)
        kept = found.options if flag_of(given.get("keepexistingoptions"), "KeepExistingOptions") else []
        found.options = list(dict.fromkeys([*kept, *options]))
        self._dropped(one, found)
        self.account.version += 1
        return nothing()

    async def delete(self, request: Request) -> Response:
        """DELETE /lists/{id}/customfields/{key}.json."""
        one, fields, found = self._there(request)
        fields.drop(found)
        self._dropped(one, found)
        self.account.version += 1
        return nothing()

    def _name(self, fields: Fields, given: dict[str, Any], own: Field | None) -> str:
        """The name of a field, whose key no other field of the list has."""
        name = text_of(given.get("fieldname"), "FieldName").strip()
        if not name or len(name) > _LONGEST_NAME:
            raise refuse(254)
        there = fields.of_key(key_of(name))
        if there is not None and there is not own:
            raise refuse(255)
        return name


def _options(given: object) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, list):
        raise unreadable("Options")
    return [text_of(each, "Options") for each in given]


def _visible(given: dict[str, Any], *, before: bool) -> bool:
    return flag_of(given.get("visibleinpreferencecenter", before), "VisibleInPreferenceCenter")
