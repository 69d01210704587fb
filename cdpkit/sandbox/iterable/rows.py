"""Rows of bulk calls: what they must look like, and which of them are refused."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from cdpkit.sandbox.iterable.addresses import possible
from cdpkit.sandbox.iterable.answers import bad_json
from cdpkit.sandbox.iterable.project import Project
from cdpkit.sandbox.world.bodies import Member, Refusal, Verdict, misfits
from cdpkit.sandbox.world.people import is_claimed, was_forgotten
from cdpkit.sandbox.world.population import Known

_USER_ID = re.compile(r"[\x20-\x7e]{0,51}[\x21-\x7e]\Z")
_MEMBERS = {
    "email": Member(str, "String value expected"),
    "userId": Member(str, "String value expected"),
    "dataFields": Member(dict, "Object value expected"),
    "preferUserId": Member(bool, "Boolean value expected"),
    "mergeNestedObjects": Member(bool, "Boolean value expected"),
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


def failure(why: str, email: str | None = None, user_id: str | None = None) -> Refusal:
    """Why a row failed: one of invalid, notFound, invalidData, conflict, forgotten; and which identifiers name it."""
    named = {"Emails": email, "UserIds": user_id}
    return Refusal(why, {ending: text for ending, text in named.items() if text is not None})


def failure_lists(verdict: Verdict[Row]) -> dict[str, list[str]]:
    """The failed rows as `failedUpdates` has them: values, without positions."""
    lists: dict[str, list[str]] = {name: [] for name in FAILURES}
    for ending in ("Emails", "UserIds"):
        for text, why in verdict.by_key(ending):
            lists[why + ending].append(text)
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
    wrong.update((f"{where}.{name}", complaint) for name, complaint in misfits(given, _MEMBERS).items())
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


def is_forgotten(project: Project, name: str, text: str) -> bool:
    """Whether this identifies somebody who was erased for ever, by a call or before."""
    return text in project.forgotten[name] or was_forgotten(text)


def _form(project: Project, each: Row) -> Refusal | None:
    """The failure of a row whose identifiers are not possible, or forgotten."""
    if each.email is not None and not possible(each.email):
        return failure("invalid", each.email)
    if each.user_id is not None and not _USER_ID.match(each.user_id):
        return failure("invalid", user_id=each.user_id)
    if each.email is not None and is_forgotten(project, "email", each.email):
        return failure("forgotten", each.email)
    if each.user_id is not None and is_forgotten(project, "userId", each.user_id):
        return failure("forgotten", user_id=each.user_id)
    if each.email is not None and is_claimed(each.email):
        return failure("conflict", each.email, each.user_id)
    return None


def find(project: Project, each: Row, who: Known) -> int | None:
    """The person that a row means."""
    found = None
    if each.email is not None and project.settings.project_type != "userID":
        found = project.by_email(each.email, who)
    if found is None and each.user_id is not None and (each.email is None or project.settings.project_type != "email"):
        found = project.by_user_id(each.user_id, who)
    return found


def judge(project: Project, each: Row, who: Known, *, create: bool) -> Refusal | None:
    """Why a row cannot be carried out, or None.

    Args:
        project: Where it is to be carried out.
        each: The row.
        who: The people at the start whom the rows mean.
        create: Whether people who are not there are created.
    """
    kind = project.settings.project_type
    refused = _form(project, each) or (_new_address(project, each, who) if kind != "email" else None)
    if refused is not None:
        return refused
    if each.email is None and each.user_id is None:
        return failure("invalid", user_id="") if kind == "userID" else failure("invalid", email="")
    if kind == "userID" and each.user_id is None:
        return failure("notFound", each.email)
    if kind == "hybrid" and each.email is not None and each.user_id is not None:
        return _hybrid(project, each.email, each.user_id, who, create=create)
    needs_email = kind == "email" and each.email is None and not each.prefer_user_id
    if (needs_email or not create) and find(project, each, who) is None:
        return failure("notFound", each.email) if each.email is not None else failure("notFound", None, each.user_id)
    return None


def _new_address(project: Project, each: Row, who: Known) -> Refusal | None:
    """The failure of a row whose fields give somebody an address that cannot be, or that another has already."""
    email = each.values.get("email")
    if not isinstance(email, str):
        return None
    if not possible(email.lower()):
        return failure("invalid", email)
    if project.settings.project_type == "userID":
        return None
    holder = project.by_email(email.lower(), project.known({email.lower()}, ()))
    return failure("conflict", email) if holder is not None and holder != find(project, each, who) else None


def _hybrid(project: Project, email: str, user_id: str, who: Known, *, create: bool) -> Refusal | None:
    """The failure of a row that has both identifiers where both are unique."""
    one, other = project.by_email(email, who), project.by_user_id(user_id, who)
    if one is None and other is None:
        return None if create else failure("notFound", email, user_id)
    if one is not None and other is not None:
        return None if one == other else failure("conflict", email, user_id)
    found, lacking = (one, "userId") if one is not None else (other, "email")
    project.people.touch([found] if found is not None else [])
    taken = found is not None and project.people.key(found, lacking) is not None
    return failure("conflict", email, user_id) if taken else None
