"""What bulkUpdate, update and subscribe have in common: look at the fields, judge the rows, carry them out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cdpkit.sandbox.iterable.answers import refuse
from cdpkit.sandbox.iterable.fields import MAX_FIELDS, TYPING, clash, validation_errors
from cdpkit.sandbox.iterable.project import Project
from cdpkit.sandbox.iterable.rows import Row, failure, failure_lists, find, judge, known
from cdpkit.sandbox.iterable.settings import PROJECT
from cdpkit.sandbox.world.bodies import Verdict
from cdpkit.sandbox.world.fields import look
from cdpkit.sandbox.world.lists import ON, MailingList
from cdpkit.sandbox.world.population import Known

_MANAGED = ("signupDate", "signupSource", "profileUpdatedAt", "itblUserId", "devices")
"""Fields that calls should not write. Their types are looked at, and some can be written (recorded in 2021)."""
_WRITABLE = ("signupDate", "signupSource")
_MANAGED_PREFIXES = ("itblInternal", "itblDS")
_LIST_FIELDS = ("emailListIds", "userListIds")
_NOT_FIELDS = {"email", "userId", *_LIST_FIELDS, *_MANAGED} - {*_WRITABLE}


@dataclass(slots=True)
class Outcome:
    """What became of the rows of a call."""

    verdict: Verdict[Row]
    created_fields: list[str] = field(default_factory=list)
    filtered_fields: list[str] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """The answer of bulkUpdate, subscribe and unsubscribe."""
        lists = failure_lists(self.verdict)
        done, failed = self.verdict.counts()
        return {
            "successCount": done,
            "failCount": failed,
            "invalidEmails": _all_of(lists, "Emails"),
            "invalidUserIds": _all_of(lists, "UserIds"),
            "filteredOutFields": self.filtered_fields,
            "createdFields": self.created_fields,
            "failedUpdates": lists,
        }


def _all_of(lists: Mapping[str, list[str]], ending: str) -> list[str]:
    """The deprecated lists: all who failed, whatever the reason."""
    return [text for name, texts in lists.items() if name.endswith(ending) for text in texts]


def _managed(name: str) -> bool:
    return name in _MANAGED or name.split(".", maxsplit=1)[0] in _MANAGED_PREFIXES


def write(
    project: Project, rows: Sequence[Row], *, source: str, new_fields: bool, create: bool, target: MailingList | None
) -> Outcome:
    """Carry out the rows of a call; those that cannot be are failures.

    Args:
        project: Where.
        rows: Whom and what.
        source: The signup source of people who are created.
        new_fields: Whether fields that there are not are created; else they are left out.
        create: Whether people who are not there are created.
        target: A list that they are put on.

    Raises:
        AnswerError: A value does not fit its field, and that refuses the whole call; or there would be too many
            fields.
    """
    outcome = Outcome(Verdict(rows))
    values = _fields(project, rows, outcome, new_fields=new_fields)
    who = known(project, rows)
    outcome.verdict.judge(lambda each: judge(project, each, who, create=create))
    good = [(each, values[position]) for position, each in outcome.verdict.taken()]
    project.later.do(lambda: _carry_out(project, good, who, source, target))
    return outcome


def _fields(project: Project, rows: Sequence[Row], outcome: Outcome, *, new_fields: bool) -> list[dict[str, Any]]:
    """The values of each row that are written, once they were looked at; new fields are created."""
    written = {name for each in rows for name in each.values}
    managed = {name for name in written if _managed(name)}
    project.managed_fields |= managed
    filtered = set() if new_fields else written - managed - project.types.keys()
    left_out = {name for name in managed if name not in project.types} | filtered
    taken = [
        {name: value for name, value in each.values.items() if name not in left_out} if left_out else each.values
        for each in rows
    ]
    found = look(project.types, enumerate(taken), TYPING)
    if found.misfits and project.settings.type_errors == "batch":
        clashes = " ".join(clash(name, misfit) for name, misfit in found.misfits.items())
        same = "The request does not have the same data types as the data previously submitted."
        msg = f"Project {PROJECT}: {same} {clashes}"
        raise refuse("RequestFieldsTypesMismatched", msg, {"validationErrors": validation_errors(found.misfits)})
    if len(project.types) + len(found.created) > MAX_FIELDS:
        raise refuse("UniqueFieldsLimitExceeded", f"Project {PROJECT}: more than {MAX_FIELDS} profile fields")
    for position in sorted(found.bad_rows.keys() | found.long_rows):
        each = rows[position]
        named = each.user_id if each.email is None else None
        outcome.verdict.refused[position] = failure("invalidData", each.email, named)
    project.types |= found.created
    outcome.created_fields = sorted(found.created)
    outcome.filtered_fields = sorted(filtered)
    return taken


def _carry_out(
    project: Project, good: Sequence[tuple[Row, dict[str, Any]]], who: Known, source: str, target: MailingList | None
) -> None:
    found = [find(project, each, who) for each, _ in good]
    project.people.touch(number for number in found if number is not None)
    before = _before(project, good, found)
    now = project.clock()
    for (each, values), there in zip(good, found, strict=True):
        # Somebody who is twice in a call was not there at first, and is after the first of the two rows.
        number = there if there is not None else find(project, each, who)
        if number is None:
            number = project.people.create({"signupSource": source})
        email = each.email
        if email is None and project.settings.project_type == "email" and project.people.key(number, "email") is None:
            email = project.placeholder(each.user_id or "")
        project.people.identify(number, email=email, userId=each.user_id)
        project.people.touched[number].updated = now
        _apply(project, number, values, before.get(number, {}) if each.merge else None)
        if target is not None:
            project.put(number, target, ON)


def _before(
    project: Project, good: Sequence[tuple[Row, dict[str, Any]]], found: Sequence[int | None]
) -> dict[int, dict[str, Any]]:
    """The profiles of those whose objects are merged, as they are before the call."""
    merged = {
        number
        for (each, values), number in zip(good, found, strict=True)
        if number is not None and each.merge and any(isinstance(value, dict) for value in values.values())
    }
    return dict(zip(merged, project.profiles(merged), strict=True)) if merged else {}


def _apply(project: Project, number: int, values: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
    """Write fields; null clears one. Objects are merged where it is given what was there before."""
    changed = project.people.touched[number].changed
    for name, value in values.items():
        if name in _NOT_FIELDS:
            continue
        if before is not None and isinstance(value, dict):
            changed[name] = _merged(changed[name] if name in changed else before.get(name), value)
        else:
            changed[name] = without_nulls(value)
    email, user_id = values.get("email"), values.get("userId")
    kind = project.settings.project_type
    project.people.identify(
        number,
        email=email.lower() if isinstance(email, str) and kind != "email" else None,
        userId=user_id if isinstance(user_id, str) and kind != "userID" else None,
    )
    lists = values.get(project.list_field)
    if isinstance(lists, list):
        project.overwrite_lists(number, (each for each in lists if isinstance(each, int)))


def _merged(before: Any, new: Mapping[str, Any]) -> dict[str, Any]:
    whole = dict(before) if isinstance(before, dict) else {}
    for name, value in new.items():
        whole[name] = _merged(whole.get(name), value) if isinstance(value, dict) else value
    cleaned: dict[str, Any] = without_nulls(whole)
    return cleaned


def without_nulls(value: Any) -> Any:
    """What is stored of a value: members of objects that are null are cleared."""
    if isinstance(value, dict):
        return {name: without_nulls(each) for name, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value
