"""Writing attributes: operators, objects, locked types; what does not fit is dropped without a word."""

from collections.abc import Mapping
from typing import Any

from cdpkit.sandbox.braze.account import Account
from cdpkit.sandbox.braze.values import (
    IGNORED,
    LONGEST,
    MOST,
    STANDARD,
    DroppedError,
    fits,
    inner,
    kind_of,
    merged,
    moment,
    points_of,
    small,
    unique,
)

IDENTIFYING = frozenset({"external_id", "user_alias", "braze_id"})
FLAGS = frozenset({"_update_existing_only", "_merge_objects", "push_token_import"})
_FREE = frozenset({"email_subscribe", "push_subscribe"})
_OF_OBJECTS = frozenset({"$add", "$update", "$remove"})


def needs_before(given: Mapping[str, Any]) -> bool:
    """Whether what an attributes object writes depends on what there was."""
    return any(isinstance(value, dict) for value in given.values())


class Attributes:
    """The attributes of the users of an account, to be written.

    Args:
        account: Whose.
        before: The attributes of users at the start of the call, by number; for those whose objects need them.
    """

    def __init__(self, account: Account, before: Mapping[int, Mapping[str, Any]]) -> None:
        self.account = account
        self.before = before

    def write(self, number: int, given: Mapping[str, Any]) -> None:
        """Write an attributes object to a user who was touched."""
        person = self.account.people.touched[number]
        for name, value in given.items():
            if name in IDENTIFYING or name in FLAGS or name == "subscription_groups":
                continue
            try:
                self._one(number, name, value, merge=given.get("_merge_objects") is True)
            except DroppedError as error:
                self.account.dropped[str(error)] += 1
        person.updated = self.account.clock()

    def _one(self, number: int, name: str, value: Any, *, merge: bool) -> None:
        changed = self.account.people.touched[number].changed
        if name in ("email", "phone"):
            self._reach(number, name, value)
        elif name in IGNORED:
            return
        elif name in STANDARD:
            changed[name] = None if value is None else STANDARD[name](value)
        else:
            changed[name] = self._custom(number, name, value, merge=merge)
        if name not in _FREE:
            self.account.data_points += points_of(value) if name not in STANDARD else 1

    def _reach(self, number: int, name: str, value: Any) -> None:
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise DroppedError("bad standard attribute")
        if name == "phone" and value is not None and not any(each.isdecimal() for each in value):
            raise DroppedError("bad standard attribute")
        self.account.reach(number, name, value)

    def _now(self, number: int, name: str) -> Any:
        changed = self.account.people.touched[number].changed
        return changed[name] if name in changed else self.before.get(number, {}).get(name)

    def _custom(self, number: int, name: str, value: Any, *, merge: bool) -> Any:
        """What is stored of a value of a custom attribute, whose type it locks if it is the first.

        Raises:
            DroppedError: It does not fit.
        """
        if name in self.account.blocked:
            raise DroppedError("attribute on the blocklist")
        if not 0 < len(name) <= LONGEST:
            raise DroppedError("name too long")
        if value is None:
            return None
        stored = self._operated(value, self._now(number, name), merge=merge)
        kind = kind_of(stored)
        locked = self.account.types.setdefault(name, kind)
        if not fits(locked, kind, stored):
            raise DroppedError("not of the locked type")
        return moment(stored) if locked == "Date" else stored

    def _operated(self, value: Any, now: Any, *, merge: bool) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return small(inner(value)) if kind_of(value) == "Object Array" else unique(value)
        return self._object(value, now, merge=merge) if isinstance(value, dict) else value

    def _object(self, value: dict[str, Any], now: Any, *, merge: bool) -> Any:
        """What is stored of an object, which perhaps says what to do with what there was."""
        keys = value.keys()
        if keys == {"inc"}:
            return _incremented(now, value["inc"])
        if keys and keys <= {"add", "remove"}:
            return _added(now, value)
        if keys and keys <= _OF_OBJECTS:
            return small(_objects(now, value, merge=merge))
        whole = inner(value)
        if not isinstance(whole, dict):
            raise DroppedError("bad object")
        return small(merged(now, whole) if merge else whole)

    def _text(self, value: str) -> str:
        if len(value) <= LONGEST:
            return value
        if self.account.settings.long_texts == "drop":
            raise DroppedError("text too long")
        return value[:LONGEST]


def _incremented(now: Any, by: Any) -> Any:
    if not isinstance(by, int) or isinstance(by, bool) or not isinstance(now or 0, int | float):
        raise DroppedError("bad increment")
    return (now or 0) + by


def _added(now: Any, value: Mapping[str, Any]) -> list[Any]:
    parts = [value.get("add") or [], value.get("remove") or [], now or []]
    if not all(isinstance(each, list) for each in parts):
        raise DroppedError("bad array operation")
    new, gone, there = parts
    return [each for each in unique([*there, *new]) if each not in gone]


def _objects(now: Any, value: Mapping[str, Any], *, merge: bool) -> list[Any]:
    """An array of objects after what is added to it, updated and removed in it."""
    there = list(now) if isinstance(now, list) else []
    if not all(isinstance(each, list) and all(isinstance(one, dict) for one in each) for each in value.values()):
        raise DroppedError("bad array operation")
    for one in value.get("$update", ()):
        new = inner(one.get("$new_object") or {})
        there = [(merged(each, new) if merge else new) if _meant(each, one) else each for each in there]
    for one in value.get("$remove", ()):
        there = [each for each in there if not _meant(each, one)]
    return [*there, *inner(value.get("$add") or [])][-MOST:]


def _meant(each: Any, one: Mapping[str, Any]) -> bool:
    key = one.get("$identifier_key")
    return isinstance(each, dict) and key in each and each[key] == one.get("$identifier_value")
