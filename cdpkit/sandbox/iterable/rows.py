"""Rows of bulk calls: what they must look like, and which of them are refused."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from cdpkit.sandbox.iterable.answers import bad_json
from cdpkit.sandbox.iterable.project import Known, Project

_EMAIL = re.compile(r"[^\s@<>(),;:\"\[\]\\]+@(?:[^\s@.]+\.)+[^\s@.]+\Z")
_USER_ID = re.compile(r"[\x20-\x7e]{0,51}[\x21-\x7e]\Z")
_FORGOTTEN_EMAIL = re.compile(r"forgotten\.\d+@example\.com\Z")
_FORGOTTEN_USER_ID = re.compile(r"forgotten-\d+\Z")
_CONFLICT_EMAIL = re.compile(r"conflict\.\d+@example\.com\Z")
_MEMBERS: dict[str, tuple[type, str]] = {
    "email": (str, "String value expected"),
    "userId": (str, "String value expected"),
    "dataFields": (dict, "Object value expected"),
    "preferUserId": (bool, "Boolean value expected"),
    "mergeNestedObjects": (bool, "Boolean value expected"),
}

FAILURES = (
    "invalidEmails", "invalidUserIds", "notFoundEmails", "notFoundUserIds", "invalidDataEmails", "invalidDataUserIds",
    "conflictEmails", "conflictUserIds", "forgottenEmails", "forgottenUserIds",
)  # fmt: skip
"""The lists of `failedUpdates`."""


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody in a bulk call; the address is in lower case."""

    email: str | None
    user_id: str | None
    values: dict[str, Any]
    prefer_user_id: bool
    merge: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a row failed: one of invalid, notFound, invalidData, conflict, forgotten; and which identifiers name it."""

    why: str
    email: str | None = None
    user_id: str | None = None


@dataclass(slots=True)
class Failures:
    """The failed rows of a call, by their positions."""

    rows: dict[int, Failure] = field(default_factory=dict)

    def lists(self) -> dict[str, list[str]]:
        """Them as `failedUpdates` has them: values, without positions."""
        lists: dict[str, list[str]] = {name: [] for name in FAILURES}
        for failure in self.rows.values():
            if failure.email is not None:
                lists[f"{failure.why}Emails"].append(failure.email)
            if failure.user_id is not None:
                lists[f"{failure.why}UserIds"].append(failure.user_id)
        return lists


def parse(request: Request, given: Any, name: str) -> list[Row]:
    """The rows of the member `name` of a body.

    Raises:
        AnswerError: They are not what they must be; the whole call is refused, and params names every such member.
    """
    if not isinstance(given, list):
        raise bad_json(request, {f"obj.{name}": "Array value expected"})
    wrong: dict[str, str] = {}
    rows: list[Row] = []
    for position, each in enumerate(given):
        if not isinstance(each, dict):
            wrong[f"obj.{name}[{position}]"] = "Object value expected"
            continue
        rows.append(row(each, f"obj.{name}[{position}]", wrong))
    if wrong:
        raise bad_json(request, wrong)
    return rows


def row(given: Mapping[str, Any], where: str, wrong: dict[str, str]) -> Row:
    """A row; members that are not what they must be are added to `wrong`. Null counts as absent."""
    for name, (expected, complaint) in _MEMBERS.items():
        value = given.get(name)
        if value is not None and not isinstance(value, expected):
            wrong[f"{where}.{name}"] = complaint
    if wrong:
        return Row(None, None, {}, prefer_user_id=False, merge=False)
    email = given.get("email")
    return Row(
        None if email is None else email.lower(),
        given.get("userId"),
        given.get("dataFields") or {},
        prefer_user_id=bool(given.get("preferUserId")),
        merge=bool(given.get("mergeNestedObjects")),
    )


def known(project: Project, rows: Iterable[Row]) -> Known:
    """Who of the people at the start is meant."""
    emails = {each.email for each in rows if each.email is not None}
    return project.known(emails, {each.user_id for each in rows if each.user_id is not None})


def _form(each: Row) -> Failure | None:
    """The failure of a row whose identifiers are not possible, or forgotten."""
    if each.email is not None and not _EMAIL.match(each.email):
        return Failure("invalid", email=each.email)
    if each.user_id is not None and not _USER_ID.match(each.user_id):
        return Failure("invalid", user_id=each.user_id)
    if each.email is not None and _FORGOTTEN_EMAIL.match(each.email):
        return Failure("forgotten", email=each.email)
    if each.user_id is not None and _FORGOTTEN_USER_ID.match(each.user_id):
        return Failure("forgotten", user_id=each.user_id)
    if each.email is not None and _CONFLICT_EMAIL.match(each.email):
        return Failure("conflict", each.email, each.user_id)
    return None


def valid_email(email: str) -> bool:
    """Whether this can be an address."""
    return bool(_EMAIL.match(email))


def find(project: Project, each: Row, who: Known) -> int | None:
    """The person that a row means."""
    found = None
    if each.email is not None and project.settings.project_type != "userID":
        found = project.by_email(each.email, who)
    if found is None and each.user_id is not None and (each.email is None or project.settings.project_type != "email"):
        found = project.by_user_id(each.user_id, who)
    return found


def judge(project: Project, each: Row, who: Known, *, create: bool) -> Failure | None:
    """Why a row cannot be carried out, or None.

    Args:
        project: Where it is to be carried out.
        each: The row.
        who: The people at the start whom the rows mean.
        create: Whether people who are not there are created.
    """
    failure = _form(each)
    if failure is not None:
        return failure
    kind = project.settings.project_type
    if each.email is None and each.user_id is None:
        return Failure("invalid", user_id="") if kind == "userID" else Failure("invalid", email="")
    if kind == "userID" and each.user_id is None:
        return Failure("notFound", email=each.email)
    if kind == "hybrid" and each.email is not None and each.user_id is not None:
        return _hybrid(project, each.email, each.user_id, who, create=create)
    needs_email = kind == "email" and each.email is None and not each.prefer_user_id
    if (needs_email or not create) and find(project, each, who) is None:
        return (
            Failure("notFound", email=each.email) if each.email is not None else Failure("notFound", None, each.user_id)
        )
    return None


def _hybrid(project: Project, email: str, user_id: str, who: Known, *, create: bool) -> Failure | None:
    """The failure of a row that has both identifiers where both are unique."""
    one, other = project.by_email(email, who), project.by_user_id(user_id, who)
    if one is None and other is None:
        return None if create else Failure("notFound", email, user_id)
    if one is not None and other is not None:
        return None if one == other else Failure("conflict", email, user_id)
    found = one if one is not None else other
    project.touch([found] if found is not None else [])
    person = project.touched[found] if found is not None else None
    taken = person is not None and (person.user_id if one is not None else person.email) is not None
    return Failure("conflict", email, user_id) if taken else None
