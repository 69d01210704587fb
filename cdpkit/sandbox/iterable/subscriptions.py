"""The calls about what people want to get: `updateSubscriptions`, its bulk form, and `/api/subscriptions/...`."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.gate import Endpoint
from cdpkit.sandbox.iterable.answers import answer, bad_json, body, envelope, no_path, refuse
from cdpkit.sandbox.iterable.lists import CHANNEL, MESSAGE_TYPE
from cdpkit.sandbox.iterable.profile import SUBSCRIPTIONS
from cdpkit.sandbox.iterable.project import Project
from cdpkit.sandbox.iterable.rows import Row, failure_lists, find, judge, known, row
from cdpkit.sandbox.iterable.settings import PROJECT
from cdpkit.sandbox.iterable.users import refuse_single
from cdpkit.sandbox.iterable.writes import write
from cdpkit.sandbox.limiter import Rate
from cdpkit.sandbox.world.bodies import Verdict
from cdpkit.sandbox.world.lists import ON, MailingList

_WRITE = Rate(20, 1)
_FIELDS = {"messagechannel": "unsubscribedChannelIds", "messagetype": "unsubscribedMessageTypeIds"}
_KNOWN = {"unsubscribedChannelIds": CHANNEL["id"], "unsubscribedMessageTypeIds": MESSAGE_TYPE["id"]}
"""The only channel, and the only message type, by the field that says who does not want them."""


class Subscriptions:
    """The calls about subscriptions in a project."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls; paths with a part that is filled in stand last."""
        one = "/api/subscriptions/{group}/{id}"
        return (
            Endpoint("POST", "/api/users/updateSubscriptions", self.update, _WRITE),
            Endpoint("POST", "/api/users/bulkUpdateSubscriptions", self.bulk_update, _WRITE),
            Endpoint("PUT", one, self.several, _WRITE),
            Endpoint("PATCH", f"{one}/user/{{email:path}}", self.single, _WRITE),
            Endpoint("DELETE", f"{one}/user/{{email:path}}", self.single, _WRITE),
            Endpoint("PATCH", f"{one}/byUserId/{{userId:path}}", self.single, _WRITE),
            Endpoint("DELETE", f"{one}/byUserId/{{userId:path}}", self.single, _WRITE),
        )

    async def update(self, request: Request) -> Response:
        """POST /api/users/updateSubscriptions: what is given replaces what there was."""
        self.project.later.settle()
        wrong: dict[str, str] = {}
        each, wanted = _asked(await body(request), "obj", wrong)
        if wrong:
            raise bad_json(request, wrong)
        self._check(wanted)
        lists = failure_lists(self._carried_out([each], [wanted]))
        refuse_single(lists)
        return envelope()

    async def bulk_update(self, request: Request) -> Response:
        """POST /api/users/bulkUpdateSubscriptions: the same for many."""
        self.project.later.settle()
        given, name = await body(request), "updateSubscriptionsRequests"
        if not isinstance(given.get(name), list):
            raise bad_json(request, {f"obj.{name}": "Array value expected"})
        wrong: dict[str, str] = {}
        asked = [
            _asked(each if isinstance(each, dict) else {}, f"obj.{name}[{at}]", wrong)
            for at, each in enumerate(given[name])
        ]
        if wrong:
            raise bad_json(request, wrong)
        for _, wanted in asked:
            self._check(wanted)
        verdict = self._carried_out([each for each, _ in asked], [wanted for _, wanted in asked])
        lists, (done, failed) = failure_lists(verdict), verdict.counts()

        def valid(ending: str) -> list[str]:
            named = (texts for why, texts in lists.items() if why.endswith(ending) and why != f"invalid{ending}")
            return [text for texts in named for text in texts]

        return answer(
            {
                "successCount": done,
                "failCount": failed,
                "invalidEmails": lists["invalidEmails"],
                "invalidUserIds": lists["invalidUserIds"],
                "validEmailFailures": valid("Emails"),
                "validUserIdFailures": valid("UserIds"),
            }
        )

    async def several(self, request: Request) -> Response:
        """PUT /api/subscriptions/{group}/{id}?action=: subscribe or unsubscribe many; who is unknown is passed over."""
        self.project.later.settle()
        given, action = await body(request), request.query_params.get("action", "subscribe")
        if action not in {"subscribe", "unsubscribe"}:
            raise refuse("BadParams", f"Invalid action: {action}")
        emails, user_ids = given.get("users") or [], given.get("usersByUserId") or []
        for name, texts in (("users", emails), ("usersByUserId", user_ids)):
            if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
                raise bad_json(request, {f"obj.{name}": "Array of strings expected"})
        rows = [*(_row(email=each.lower()) for each in emails), *(_row(user_id=each) for each in user_ids)]
        return self._changed(request, rows, on=action == "subscribe")

    async def single(self, request: Request) -> Response:
        """PATCH and DELETE /api/subscriptions/{group}/{id}/user/{email} and .../byUserId/{userId}."""
        self.project.later.settle()
        raw = request.scope["raw_path"].decode("latin-1").split("/", 6)[-1]
        if "/" in raw:
            return no_path(request)
        text = unquote(raw)
        each = _row(email=text.lower()) if "email" in request.path_params else _row(user_id=text)
        who, verdict = known(self.project, [each]), Verdict([each])
        verdict.judge(lambda one: judge(self.project, one, who, create=False))
        refuse_single(failure_lists(verdict))
        return self._changed(request, [each], on=request.method == "PATCH")

    def _changed(self, request: Request, rows: Sequence[Row], *, on: bool) -> Response:
        """Subscribe those who are there to a group, or unsubscribe them."""
        group, number = request.path_params["group"].lower(), request.path_params["id"]
        there = self._there(rows)
        if group == "emaillist":
            target = self.project.target(int(number)) if number.isdecimal() else None
            if target is None:
                raise refuse("BadParams", "Invalid email list id", {"projectId": str(PROJECT), "listId": number})
            self.project.later.do(lambda: self._put(there, target, ON if on else None))
            return envelope()
        field = _FIELDS.get(group)
        if field is None:
            return no_path(request)
        if number != str(_KNOWN[field]):
            raise refuse("BadParams", f"Invalid {request.path_params['group']} id: {number}")
        self.project.later.do(lambda: self._want(there, field, int(number), on=on))
        return envelope()

    def _there(self, rows: Sequence[Row]) -> list[int]:
        who, verdict = known(self.project, rows), Verdict(rows)
        verdict.judge(lambda each: judge(self.project, each, who, create=False))
        found = (find(self.project, each, who) for _, each in verdict.taken())
        return [number for number in found if number is not None]

    def _put(self, people: Sequence[int], target: MailingList, state: str | None) -> None:
        self._touch(people)
        for number in people:
            self.project.put(number, target, state)

    def _want(self, people: Sequence[int], field: str, group: int, *, on: bool) -> None:
        """Take a group out of what people do not want, or add it."""
        self._touch(people)
        for number in people:
            self.project.subscribe(number)
            changed = self.project.people.touched[number].changed
            others = [each for each in changed[field] if each != group]
            changed[field] = others if on else [*others, group]

    def _touch(self, people: Sequence[int]) -> None:
        self.project.people.touch(people)
        for number in people:
            self.project.people.touched[number].updated = self.project.clock()

    def _check(self, wanted: Mapping[str, list[int]]) -> None:
        """Refuse what cannot be subscribed to."""
        if wanted.get("subscribedMessageTypeIds"):
            raise refuse("BadParams", "Opt-in message types are not enabled for this project")
        for field, number in _KNOWN.items():
            strange = [each for each in wanted.get(field, ()) if each != number]
            if strange:
                raise refuse("BadParams", f"Invalid {field}: {strange[0]}")

    def _carried_out(self, rows: Sequence[Row], wanted: Sequence[Mapping[str, list[int]]]) -> Verdict[Row]:
        """Replace what people want; an unknown address makes somebody, as with an update."""
        outcome = write(self.project, rows, source="API", new_fields=False, create=True, target=None)
        taken = [(each, wanted[at]) for at, each in outcome.verdict.taken()]
        self.project.later.do(lambda: self._replace(taken))
        return outcome.verdict

    def _replace(self, taken: Sequence[tuple[Row, Mapping[str, list[int]]]]) -> None:
        who = known(self.project, [each for each, _ in taken])
        for each, wanted in taken:
            number = find(self.project, each, who)
            if number is None or not wanted:
                continue
            self._touch([number])
            self.project.subscribe(number)
            changed = self.project.people.touched[number].changed
            changed.update({name: wanted[name] for name in SUBSCRIPTIONS if name in wanted})
            if "emailListIds" in wanted:
                self.project.overwrite_lists(number, wanted["emailListIds"])


def _row(email: str | None = None, user_id: str | None = None) -> Row:
    return Row(email, user_id, {}, prefer_user_id=False, merge=False)


def _asked(given: Mapping[str, Any], where: str, wrong: dict[str, str]) -> tuple[Row, dict[str, list[int]]]:
    """Whom a request is about, and the ids that it gives; members that are not what they must be go to `wrong`."""
    wanted = {name: given[name] for name in ("emailListIds", *SUBSCRIPTIONS) if given.get(name) is not None}
    for name, value in wanted.items():
        if not isinstance(value, list) or not all(type(each) is int for each in value):
            wrong[f"{where}.{name}"] = "Array of numbers expected"
    return row({name: given.get(name) for name in ("email", "userId")}, where, wrong), wanted
