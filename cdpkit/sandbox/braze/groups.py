"""Subscription groups, the states of users in them, and the calls about subscriptions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.braze.account import Account, Identifier
from cdpkit.sandbox.braze.answers import answer, body, refuse
from cdpkit.sandbox.braze.calls import SUBSCRIPTIONS, Call
from cdpkit.sandbox.braze.codes import uuid
from cdpkit.sandbox.world.lists import MailingList, Roster

ON, OFF = "subscribed", "unsubscribed"
_MOST = 50
_SHOWN = {ON: "Subscribed", OFF: "Unsubscribed", None: "unknown"}
_SEEDED: tuple[tuple[int, str, str, Mapping[str, int]], ...] = (
    (1, "Newsletter", "email", {ON: 6000, OFF: 700}),
    (2, "Offers", "email", {ON: 1000}),
    (3, "Texts", "sms", {}),
)
_KINDS = {"external_ids": "external_id", "emails": "email", "phones": "phone"}


class Groups:
    """The subscription groups of an account."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.roster = Roster(account.people.population, account.clock, first=len(_SEEDED) + 1)
        for number, name, channel, shares in _SEEDED:
            self.roster.seed(number, name, shares, 0.0, kind=channel)

    def declared(self) -> tuple[Call, ...]:
        """The calls."""
        write, read = "subscription.status.set", "subscription.status.get"
        return (
            Call("POST", "/v2/subscription/status/set", write, self.set_many, SUBSCRIPTIONS, "status"),
            Call("POST", "/subscription/status/set", write, self.set_one, SUBSCRIPTIONS, "status"),
            Call("GET", "/subscription/status/get", read, self.status),
            Call("GET", "/subscription/user/status", "subscription.groups.get", self.of_users),
            Call("POST", "/email/status", "email.status", self.email_status),
            Call("GET", "/email/unsubscribes", "email.unsubscribe", self.unsubscribes),
        )

    def group_id(self, group: MailingList) -> str:
        """The id of a group."""
        return uuid(group.number, self.account.seed, "group")

    def listed(self) -> list[dict[str, str]]:
        """The groups with their ids, of which no call of the vendor gives a list."""
        return [{"id": self.group_id(group), "name": group.name, "channel": group.kind} for group in self.roster]

    def shown(self, number: int) -> dict[str, Any]:
        """The groups that a user is in, and in which state, by their names; nothing for who is in none."""
        states = {group.name: state for group, state in self.roster.of(number)}
        return {"subscription_groups": states} if states else {}

    def _group(self, given: object) -> MailingList:
        for group in self.roster:
            if self.group_id(group) == given:
                return group
        raise refuse("Invalid subscription group ID")

    def from_track(self, number: int, given: object) -> None:
        """Put a user in the states that an attributes object names; what is not understood is passed over."""
        if not isinstance(given, list):
            return
        ids = {self.group_id(group): group for group in self.roster}
        for each in given:
            group = ids.get(str(each.get("subscription_group_id"))) if isinstance(each, dict) else None
            if group is not None and each.get("subscription_state") in (ON, OFF):
                self._put([number], group, each["subscription_state"])

    def _put(self, numbers: Iterable[int], group: MailingList, state: str) -> None:
        for number in numbers:
            group.put(number, state, self.account.clock())

    async def set_many(self, request: Request) -> Response:
        """POST /v2/subscription/status/set."""
        given = await body(request, self.account.settings.track_bytes)
        rows = given.get("subscription_groups")
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            raise refuse("'subscription_groups' must be an array of objects")
        for row in rows:
            self._set(row, {kind: row.get(name) or [] for name, kind in _KINDS.items()})
        return answer()

    async def set_one(self, request: Request) -> Response:
        """POST /subscription/status/set, of which each identifier is one or many."""
        row = await body(request, self.account.settings.track_bytes)
        self._set(row, {kind: _many(row.get(kind)) for kind in _KINDS.values()})
        return answer()

    def _set(self, row: dict[str, Any], who: dict[str, Any]) -> None:
        group, state = self._group(row.get("subscription_group_id")), row.get("subscription_state")
        if state not in (ON, OFF):
            raise refuse("Invalid subscription state")
        if not all(isinstance(each, list) and len(each) <= _MOST for each in who.values()):
            raise refuse(f"at most {_MOST} identifiers of a kind may be given")
        if not any(who.values()) or (who["email"] and who["phone"]):
            raise refuse("either external ids, emails or phones must be given")
        meant = [(kind, str(text)) for kind, texts in who.items() for text in texts]
        self.account.later.do(lambda: self._put(self._holders(meant), group, str(state)))

    def _holders(self, meant: Sequence[Identifier]) -> list[int]:
        known = self.account.known(meant)
        return [number for each in meant for number in self.account.holders(each, known)]

    async def status(self, request: Request) -> Response:
        """GET /subscription/status/get: by external id, else by e-mail or phone; who never said anything is unknown."""
        self.account.later.settle()
        group = self._group(request.query_params.get("subscription_group_id"))
        asked = ((kind, _asked(request, kind)) for kind in _KINDS.values())
        kind, ids = next(((kind, ids) for kind, ids in asked if ids), ("external_id", []))
        known = self.account.known((kind, each) for each in ids)
        found = {each: self.account.find((kind, each), known) for each in ids}
        states = {each: None if number is None else group.state(number) for each, number in found.items()}
        return answer({"status": {each: _SHOWN[state] for each, state in states.items()}}, 200)

    async def of_users(self, request: Request) -> Response:
        """GET /subscription/user/status: the groups of users."""
        self.account.later.settle()
        ids = _asked(request, "external_id")
        known = self.account.known(("external_id", each) for each in ids)
        found = {
            each: number for each in ids if (number := self.account.find(("external_id", each), known)) is not None
        }
        rows = self.account.rows(found.values())
        users = [
            {
                "external_id": each,
                "email": (now := self.account.attributes(number, rows.get(number, {}))).get("email"),
                "phone": now.get("phone"),
                "subscription_groups": [
                    {"id": self.group_id(group), "name": group.name, "channel": group.kind, "status": _SHOWN[state]}
                    for group, state in self.roster.of(number)
                ],
            }
            for each, number in found.items()
        ]
        return answer({"users": users, "total_count": len(users)}, 200)

    async def email_status(self, request: Request) -> Response:
        """POST /email/status: all who have an address; one that nobody has is no error."""
        given = await body(request, self.account.settings.track_bytes)
        emails, state = _many(given.get("email")), given.get("subscription_state")
        if not emails or len(emails) > _MOST or state not in ("opted_in", ON, OFF):
            raise refuse("'email' and 'subscription_state' are required")

        def change() -> None:
            holders = self._holders([("email", str(each)) for each in emails])
            self.account.people.touch(holders)
            for number in holders:
                self.account.people.touched[number].changed["email_subscribe"] = state

        self.account.later.do(change)
        return answer()

    async def unsubscribes(self, request: Request) -> Response:
        """GET /email/unsubscribes: the addresses that were unsubscribed since the start."""
        self.account.later.settle()
        offset, limit = (
            int(request.query_params.get(name) or default) for name, default in (("offset", 0), ("limit", 100))
        )
        people = self.account.people
        gone = {
            each.changed.get("email") or people.key(number, "email")
            for number, each in people.touched.items()
            if each.changed.get("email_subscribe") == OFF and not each.gone
        }
        emails = sorted(each for each in gone if each)[offset : offset + limit]
        return answer({"emails": [{"email": each} for each in emails]}, 200)


def _many(given: object) -> list[Any]:
    """One or many, as many."""
    return given if isinstance(given, list) else [] if given is None else [given]


def _asked(request: Request, name: str) -> list[str]:
    return [*request.query_params.getlist(f"{name}[]"), *request.query_params.getlist(name)][:_MOST]
