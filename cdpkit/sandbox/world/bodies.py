"""What bodies must be, and how a vendor names the people in one whom it refuses: by place, by identifier, by count."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Row = TypeVar("Row")


def parsed(raw: bytes) -> Any:
    """What a body in JSON holds.

    Raises:
        ValueError: It is no JSON, has a number that JSON has not, or halves of characters that cannot be stored.
    """
    found = json.loads(raw, parse_constant=_no_constant)
    if b"\\u" in raw:
        json.dumps(found, ensure_ascii=False).encode()
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


@dataclass(frozen=True, slots=True)
class Member:
    """What a member of an object must be; null counts as absent.

    Attributes:
        kind: The class of its values; a boolean is no number.
        complaint: The vendor's words where it is something else.
        missing: The vendor's words where it is absent; None where it may be.
    """

    kind: type | tuple[type, ...]
    complaint: str
    missing: str | None = None


def misfits(given: Mapping[str, Any], members: Mapping[str, Member]) -> dict[str, str]:
    """The members of an object that are not what they must be, with the vendor's words."""
    wrong: dict[str, str] = {}
    for name, member in members.items():
        value = given.get(name)
        if value is None:
            if member.missing is not None:
                wrong[name] = member.missing
        elif not isinstance(value, member.kind) or (isinstance(value, bool) and member.kind is not bool):
            wrong[name] = member.complaint
    return wrong


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody is refused.

    Attributes:
        why: The vendor's word or code.
        keys: The identifiers that the answer names, by their names.
    """

    why: str
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Verdict(Generic[Row]):
    """The rows of a call, and which of them are refused.

    Attributes:
        rows: Those that came.
        refused: Why, by position.
    """

    rows: Sequence[Row]
    refused: dict[int, Refusal] = field(default_factory=dict)

    def judge(self, why: Callable[[Row], Refusal | None]) -> None:
        """Refuse those rows that are not refused yet and have a reason."""
        for position, row in self.taken():
            refusal = why(row)
            if refusal is not None:
                self.refused[position] = refusal

    def taken(self) -> Iterator[tuple[int, Row]]:
        """The rows that are not refused, with their positions."""
        for position, row in enumerate(self.rows):
            if position not in self.refused:
                yield position, row

    def by_place(self, first: int = 0) -> list[tuple[int, str]]:
        """Place and reason of each refused row, in their order; the first row has the place `first`."""
        return [(position + first, self.refused[position].why) for position in sorted(self.refused)]

    def by_key(self, name: str) -> list[tuple[str, str]]:
        """Identifier and reason of each refused row that has this identifier."""
        return [(each.keys[name], each.why) for each in self.refused.values() if name in each.keys]

    def counts(self) -> tuple[int, int]:
        """How many rows were taken, and how many refused."""
        return len(self.rows) - len(self.refused), len(self.refused)
