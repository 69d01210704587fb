"""The calls about users, `/api/users/...`."""

from collections.abc import Mapping
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.gate import AnswerError, Endpoint
from cdpkit.sandbox.iterable.addresses import possible
from cdpkit.sandbox.iterable.answers import answer, bad_json, body, envelope, no_path, plain_text, refuse
from cdpkit.sandbox.iterable.project import Project
from cdpkit.sandbox.iterable.rows import failure_lists, parse, row
from cdpkit.sandbox.iterable.writes import write
from cdpkit.sandbox.limiter import Rate

_READ, _FIELDS, _UPDATE, _BULK = Rate(100, 1), Rate(3, 1), Rate(500, 1), Rate(5, 1)
_SINGLE = {
    "invalidEmails": (400, "InvalidEmailAddressError", "Invalid email: {}"),
    "invalidUserIds": (400, "InvalidUserIdError", "Invalid userId: {}"),
    "notFoundEmails": (400, "UnknownEmailError", "No user with the email {} exists"),
    "notFoundUserIds": (400, "UnknownUserIdError", "No user with the userId {} exists"),
    "invalidDataEmails": (400, "RequestFieldsTypesMismatched", "Invalid data for {}"),
    "invalidDataUserIds": (400, "RequestFieldsTypesMismatched", "Invalid data for {}"),
    "conflictEmails": (409, "ExternalKeyConflict", "Another user has the identifiers of {}"),
    "conflictUserIds": (409, "ExternalKeyConflict", "Another user has the identifiers of {}"),
    "forgottenEmails": (409, "ForgottenUserError", "The user {} was forgotten"),
    "forgottenUserIds": (409, "ForgottenUserError", "The user {} was forgotten"),
}
"""How a call about one user is refused, by the list that a bulk call would name the user in."""


def refuse_single(lists: Mapping[str, list[str]]) -> None:
    """Refuse a call about one user who is in one of the lists that a bulk call would have.

    Raises:
        AnswerError: The user is.
    """
    for name, values in lists.items():
        if values:
            status, code, msg = _SINGLE[name]
            raise refuse(code, msg.format(values[0]), None, status)


_NOBODY = "No user with that id exists!"


class Users:
    """The calls about users of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls; paths with a part that is filled in stand last."""
        return (
            Endpoint("GET", "/api/users/getFields", self.fields, _FIELDS),
            Endpoint("GET", "/api/users/getByEmail", self.by_email, _READ),
            Endpoint("GET", "/api/users/byUserId", self.by_user_id, _READ),
            Endpoint("POST", "/api/users/update", self.update, _UPDATE),
            Endpoint("POST", "/api/users/bulkUpdate", self.bulk_update, _BULK),
            Endpoint("GET", "/api/users/byUserId/{userId:path}", self.by_user_id, _READ),
            Endpoint("DELETE", "/api/users/byUserId/{userId:path}", self.delete, _READ),
            Endpoint("GET", "/api/users/{email:path}", self.by_email, _READ),
            Endpoint("DELETE", "/api/users/{email:path}", self.delete, _READ),
        )

    async def fields(self, _: Request) -> Response:
        """GET /api/users/getFields: the types of all fields by dotted name."""
        self.project.later.settle()
        return answer({"fields": self.project.types})

    async def by_email(self, request: Request) -> Response:
        """GET /api/users/{email} and /api/users/getByEmail?email=: `{}` for nobody."""
        self.project.later.settle()
        email = _in_path(request, "email") or request.query_params.get("email", "")
        if not possible(email):
            raise refuse("InvalidEmailAddressError", f"Invalid email: {email}")
        return self._shown(self._by_email(email))

    def _by_email(self, email: str) -> int | None:
        return self.project.by_email(email.lower(), self.project.known({email.lower()}, ()))

    def _by_user_id(self, user_id: str) -> int | None:
        return self.project.by_user_id(user_id, self.project.known((), {user_id}))

    async def by_user_id(self, request: Request) -> Response:
        """GET /api/users/byUserId/{userId} and ?userId=: nobody is a refusal, of words alone for a path."""
        self.project.later.settle()
        in_path = _in_path(request, "userId")
        found = self._by_user_id(in_path or request.query_params.get("userId", ""))
        if found is None and in_path:
            return plain_text(_NOBODY, 400)
        if found is None:
            raise refuse("error.users.noUserWithIdExists", _NOBODY)
        return self._shown(found)

    def _shown(self, number: int | None) -> Response:
        if number is None:
            return answer({})
        (fields,) = self.project.profiles([number])
        keys = {name: fields[name] for name in ("email", "userId") if name in fields}
        return answer({"user": {**keys, "dataFields": fields}})

    async def delete(self, request: Request) -> Response:
        """DELETE /api/users/{email} and /api/users/byUserId/{userId}; an address that nobody has is no error."""
        self.project.later.settle()
        user_id, email = _in_path(request, "userId"), _in_path(request, "email")
        if user_id:
            found = self._by_user_id(user_id)
            if found is None:
                raise refuse("BadParams", f"No users with userId {user_id} exist")
        else:
            if not possible(email):
                raise refuse("InvalidEmailAddressError", f"Invalid email: {email}")
            if self.project.settings.project_type == "userID":
                raise refuse("BadParams", "Users of this project are not deleted by email")
            found = self._by_email(email)
        if found is not None:
            self.project.delete(found)
        return envelope()

    async def update(self, request: Request) -> Response:
        """POST /api/users/update: create or change one user."""
        self.project.later.settle()
        given = await body(request)
        wrong: dict[str, str] = {}
        one = row(given, "obj", wrong)
        new_fields = _flag(given, "createNewFields", wrong)
        if wrong:
            raise bad_json(request, wrong)
        outcome = write(self.project, [one], source="API", new_fields=new_fields, create=True, target=None)
        refuse_single(failure_lists(outcome.verdict))
        return envelope()

    async def bulk_update(self, request: Request) -> Response:
        """POST /api/users/bulkUpdate: create or change many; refused rows are named in an answer with status 200."""
        self.project.later.settle()
        given = await body(request)
        wrong: dict[str, str] = {}
        new_fields = _flag(given, "createNewFields", wrong)
        if wrong:
            raise bad_json(request, wrong)
        rows = parse(request, given.get("users"), "users")
        if not rows:
            raise refuse("InvalidEmailAddressError", "Emails invalid: ")
        outcome = write(self.project, rows, source="API", new_fields=new_fields, create=True, target=None)
        return answer({**outcome.shown(), "noOpEmails": [], "noOpUserIds": []})


def _flag(given: dict[str, object], name: str, wrong: dict[str, str]) -> bool:
    """A flag that is on where it is left out."""
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        wrong[f"obj.{name}"] = "Boolean value expected"
    return value is not False


def _in_path(request: Request, name: str) -> str:
    """The part of the path that is filled in; a slash in it must be encoded."""
    if name not in request.path_params:
        return ""
    raw = request.scope["raw_path"].decode("latin-1").removeprefix("/api/users/")
    if name == "userId":
        raw = raw.removeprefix("byUserId/")
    if "/" in raw:
        raise AnswerError(no_path(request))
    return unquote(raw)
