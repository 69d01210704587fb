"""The calls that change who somebody is, or whether there is somebody: another address, one of two, nobody any more."""

import hashlib
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.gate import Endpoint
from cdpkit.sandbox.iterable.addresses import possible
from cdpkit.sandbox.iterable.answers import answer, bad_json, body, envelope, refuse
from cdpkit.sandbox.iterable.project import Project
from cdpkit.sandbox.iterable.rows import is_forgotten
from cdpkit.sandbox.limiter import Rate

_WRITE, _MERGE, _FORGET = Rate(500, 1), Rate(50, 1), Rate(3, 1)
_IDENTIFIERS = {"email": "Email", "userId": "UserId"}


class Identities:
    """The calls about who is who in a project."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        return (
            Endpoint("POST", "/api/users/updateEmail", self.update_email, _WRITE),
            Endpoint("POST", "/api/users/merge", self.merge, _MERGE),
            Endpoint("POST", "/api/users/forget", self.forget, _FORGET),
            Endpoint("POST", "/api/users/unforget", self.unforget, _FORGET),
            Endpoint("GET", "/api/users/forgotten", self.forgotten, _FORGET),
            Endpoint("GET", "/api/users/forgottenUserIds", self.forgotten_user_ids, _FORGET),
            Endpoint("GET", "/api/users/getSentMessages", self.sent_messages, _FORGET),
        )

    async def update_email(self, request: Request) -> Response:
        """POST /api/users/updateEmail: another address; `currentEmail` comes before `currentUserId`."""
        self.project.later.settle()
        given = await _texts(request, "currentEmail", "currentUserId", "newEmail")
        if self.project.settings.project_type != "email":
            raise refuse("BadParams", "This endpoint can only be used in email-based projects")
        name, current = _either(given, {"currentEmail": "email", "currentUserId": "userId"})
        if "newEmail" not in given:
            raise bad_json(request, {"obj.newEmail": "String value expected"})
        new = self._possible("email", given["newEmail"])
        number = self._find(name, current)
        if number is None:
            raise refuse("BadParams", f"Cannot change user Some({current}) to {new}. User does not exist")
        if self._find("email", new) not in {None, number}:
            raise refuse("EmailAlreadyExists", f"Cannot change user Some({current}) to {new}. Email already exists")
        self.project.later.do(lambda: self._rename(number, {"email": new}))
        return envelope()

    async def merge(self, request: Request) -> Response:
        """POST /api/users/merge: the destination gets what it lacks; where it is nobody the source becomes it."""
        self.project.later.settle()
        sides = [{f"{side}{end}": name for name, end in _IDENTIFIERS.items()} for side in ("source", "destination")]
        given = await _texts(request, *sides[0], *sides[1])
        (first, source), (second, destination) = (_either(given, names, alone=True) for names in sides)
        number, into = self._find(first, source), self._find(second, destination)
        if number is None:
            raise refuse("BadParams", f"Cannot merge user {source} into {destination}. User does not exist")
        if into is None:
            self.project.later.do(lambda: self._rename(number, {second: destination}))
        elif into != number:
            self.project.later.do(lambda: self._merge(number, into))
        return envelope()

    async def forget(self, request: Request) -> Response:
        """POST /api/users/forget: remove somebody, and refuse the identifiers from now on."""
        self.project.later.settle()
        name, text = self._allowed(await _texts(request, "email", "userId"))
        if is_forgotten(self.project, name, text):
            return envelope()
        number = self._find(name, text)
        if number is None:
            raise refuse("BadParams", "User does not exist")
        self.project.forget(number)
        return envelope()

    async def unforget(self, request: Request) -> Response:
        """POST /api/users/unforget: take an identifier again."""
        name, text = self._allowed(await _texts(request, "email", "userId"))
        self.project.forgotten[name].discard(text)
        return envelope()

    async def forgotten(self, _: Request) -> Response:
        """GET /api/users/forgotten: the hashes of addresses."""
        return self._hashes("email", "hashedEmails")

    async def forgotten_user_ids(self, _: Request) -> Response:
        """GET /api/users/forgottenUserIds: the hashes of user ids."""
        return self._hashes("userId", "hashedUserIds")

    async def sent_messages(self, request: Request) -> Response:
        """GET /api/users/getSentMessages: none was ever sent."""
        email, user_id = request.query_params.get("email"), request.query_params.get("userId")
        if email is None and user_id is None:
            raise refuse("BadParams", "Either email or userId must be set")
        if email is not None:
            self._possible("email", email)
        return answer({"messages": []})

    def _hashes(self, name: str, member: str) -> Response:
        if name not in self._identifying():
            raise refuse("BadParams", f"Users of this project are not forgotten by {name}")
        texts = (text.strip().lower() for text in sorted(self.project.forgotten[name]))
        return answer({member: [hashlib.sha256(text.encode()).hexdigest() for text in texts]})

    def _identifying(self) -> tuple[str, ...]:
        return {"email": ("email",), "userID": ("userId",)}.get(self.project.settings.project_type, tuple(_IDENTIFIERS))

    def _allowed(self, given: Mapping[str, str]) -> tuple[str, str]:
        """The identifier by which this project forgets somebody."""
        name, text = _either(given, {name: name for name in self._identifying()})
        return name, self._possible(name, text, forgotten=True)

    def _possible(self, name: str, text: str, *, forgotten: bool = False) -> str:
        text = text.lower() if name == "email" else text
        if name == "email" and not possible(text):
            raise refuse("InvalidEmailAddressError", f"Invalid email: {text}")
        if not forgotten and is_forgotten(self.project, name, text):
            raise refuse("ForgottenUserError", f"The user {text} was forgotten", None, 409)
        return text

    def _find(self, name: str, text: str) -> int | None:
        text = self._possible(name, text)
        if name == "email":
            return self.project.by_email(text, self.project.known({text}, ()))
        return self.project.by_user_id(text, self.project.known((), {text}))

    def _rename(self, number: int, keys: Mapping[str, str]) -> None:
        self.project.people.touch([number])
        self.project.people.identify(number, **keys)
        self.project.people.touched[number].updated = self.project.clock()

    def _merge(self, number: int, into: int) -> None:
        for each, state in self.project.roster.of(number):
            self.project.people.touch([into])
            self.project.put(into, each, state)
        self.project.people.merge(number, into)
        self.project.roster.forget(number)


async def _texts(request: Request, *names: str) -> dict[str, str]:
    """The texts of these names that a body has; null counts as absent."""
    given: dict[str, Any] = await body(request)
    wrong = {f"obj.{name}": "String value expected" for name in names if not isinstance(given.get(name), str | None)}
    if wrong:
        raise bad_json(request, wrong)
    return {name: given[name] for name in names if given.get(name) is not None}


def _either(given: Mapping[str, str], names: Mapping[str, str], *, alone: bool = False) -> tuple[str, str]:
    """The first identifier that is given, by the member that holds it.

    Raises:
        AnswerError: None is, or several are where one is to stand alone.
    """
    there = [(name, given[member]) for member, name in names.items() if member in given]
    if not there or (alone and len(there) > 1):
        raise refuse("BadParams", f"Either {' or '.join(names)} must be set")
    return there[0]
