"""The rules of segments: what a clause means, and which clauses are wrong."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cdpkit.sandbox.campaign_monitor.account import Account, Subscriber
from cdpkit.sandbox.campaign_monitor.answers import lowered, text_of, unreadable
from cdpkit.sandbox.campaign_monitor.fields import CHOICES, COUNTRY, DATE, NUMBER, STATE, TEXT, Field
from cdpkit.sandbox.world.lists import MailingList

_CLAUSE = re.compile(r"([A-Z_]+)(?: (.*))?\Z", re.DOTALL)
_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQUALS": lambda value, wanted: bool(value == wanted),
    "BEFORE": lambda value, wanted: bool(value < wanted),
    "AFTER": lambda value, wanted: bool(value > wanted),
    "GREATER_THAN_OR_EQUAL": lambda value, wanted: bool(value >= wanted),
}
_THERE = ("PROVIDED", "NOT_PROVIDED")
_VERBS: Mapping[str, tuple[str, ...]] = {
    TEXT: ("EQUALS", "CONTAINS", *_THERE),
    NUMBER: ("EQUALS", "GREATER_THAN_OR_EQUAL", "BETWEEN", *_THERE),
    DATE: ("EQUALS", "BEFORE", "AFTER", "BETWEEN", *_THERE),
    **dict.fromkeys((*CHOICES, COUNTRY, STATE), ("EQUALS", *_THERE)),
}
"""Verbs that were seen, by the type of what they are about; how the negated ones are spelt was not."""

_BAD_SUBJECT, _BAD_VERB, _BAD_DATE, _BAD_NUMBER, _BAD_OPTION = 2705, 2717, 2720, 2721, 2722


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it is about, and a verb with its operand."""

    subject: str
    clause: str

    def shown(self) -> dict[str, str]:
        """The rule as answers have it."""
        return {"RuleType": self.subject, "Clause": self.clause}


Groups = tuple[tuple[Rule, ...], ...]
"""Of the rules of a group one must hold, and of all groups each."""


def rule_of(given: object) -> Rule:
    """A rule of a body.

    Raises:
        AnswerError: It is no object, or its members are no texts.
    """
    if not isinstance(given, dict):
        raise unreadable("Rules")
    members = lowered(given)
    return Rule(text_of(members.get("ruletype"), "RuleType"), text_of(members.get("clause"), "Clause"))


class Judge:
    """Whom rules let through on a list."""

    def __init__(self, account: Account, one: MailingList) -> None:
        self.account = account
        self.one = one
        self._named = account.fields[one.number].by_name()

    def wrong(self, rule: Rule) -> int | None:
        """The code of what is wrong with a rule."""
        kind, field = self._about(rule)
        if kind is None:
            return _BAD_SUBJECT
        found = _CLAUSE.match(rule.clause)
        if found is None or found[1] not in _VERBS[kind] or ((found[2] is None) != (found[1] in _THERE)):
            return _BAD_VERB
        if found[2] is None:
            return None
        if field is not None and kind not in {TEXT, NUMBER, DATE}:
            return None if found[2] in field.choices() else _BAD_OPTION
        try:
            [_typed(kind, part) for part in _parts(found[1], found[2])]
        except ValueError:
            return _BAD_DATE if kind == DATE else _BAD_NUMBER
        return None

    def _about(self, rule: Rule) -> tuple[str | None, Field | None]:
        """The type of what a rule is about, and the field where it is one."""
        subject = rule.subject.lower()
        if subject in {"name", "emailaddress"}:
            return TEXT, None
        if subject == "datesubscribed":
            return DATE, None
        field = self._named.get(subject)
        return (None, None) if field is None else (field.kind, field)

    def takes(self, groups: Groups, person: Subscriber) -> bool:
        """Whether somebody is let through."""
        return all(any(self._holds(rule, person) for rule in group) for group in groups)

    def _holds(self, rule: Rule, person: Subscriber) -> bool:
        kind, field = self._about(rule)
        found = _CLAUSE.match(rule.clause)
        if kind is None or found is None:
            return False
        values = self._values(rule, field, person)
        verb, operand = found[1], found[2] or ""
        if verb in _THERE:
            return bool(values) == (verb == "PROVIDED")
        wanted = [_typed(kind, part) for part in _parts(verb, operand)]
        return any(_fits(verb, _typed(kind, value), wanted) for value in values)

    def _values(self, rule: Rule, field: Field | None, person: Subscriber) -> tuple[str, ...]:
        if field is not None:
            return person.values.get(field.number, ())
        subject = rule.subject.lower()
        joined = self.account.time(self.one, person.joined)[:10]
        text = {"name": person.name, "emailaddress": person.email, "datesubscribed": joined}[subject]
        return (text,) if text else ()


def _fits(verb: str, value: Any, wanted: list[Any]) -> bool:
    if verb == "CONTAINS":
        return wanted[0] in value
    if verb == "BETWEEN":
        return bool(wanted[0] <= value <= wanted[1])
    return _TESTS[verb](value, wanted[0])


def _parts(verb: str, operand: str) -> list[str]:
    """The operands of a verb.

    Raises:
        ValueError: There are too few.
    """
    parts = operand.split(" AND ") if verb == "BETWEEN" else [operand]
    if len(parts) != (2 if verb == "BETWEEN" else 1):
        raise ValueError(operand)
    return parts


def _typed(kind: str, text: str) -> Any:
    """An operand or a value as what it is compared as; texts regardless of case."""
    if kind == NUMBER:
        return float(text)
    return date.fromisoformat(text) if kind == DATE else text.lower()
