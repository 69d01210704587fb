"""The custom fields of a list, and which values they hold."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

TEXT, NUMBER, DATE, ONE, MANY, COUNTRY, STATE = (
    "Text", "Number", "Date", "MultiSelectOne", "MultiSelectMany", "Country", "USState",
)  # fmt: skip
KINDS = (TEXT, NUMBER, DATE, ONE, MANY, COUNTRY, STATE)
CHOICES = (ONE, MANY)
LONGEST = 250
"""Characters of a value."""

COUNTRIES = ("Australia", "Belgium", "Brazil", "France", "Germany", "Netherlands", "Poland", "United States of America")
STATES = ("Alabama", "California", "Illinois", "New York", "Texas", "Washington")
_FIRST, _LAST = date(1900, 1, 1), date(2076, 6, 6)
_NO_DATE = "0000-00-00"
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)\Z")


class Unfit(Exception):  # noqa: N818 - it tells what a value is, and nothing is wrong
    """A value that its field cannot hold; `code` is that of the refusal."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"code {code}")


@dataclass(slots=True)
class Field:
    """A custom field.

    Attributes:
        number: Which one; keys and names change.
        name: Its name.
        kind: Its type.
        key: How calls name it, in brackets.
        column: The column of the invented people that fills it; empty for none.
        options: What can be chosen.
        visible: Whether people see it where they state their preferences.
    """

    number: int
    name: str
    kind: str
    key: str = ""
    column: str = ""
    options: list[str] = field(default_factory=list)
    visible: bool = True

    def __post_init__(self) -> None:
        """Without a key of its own it has that of its name."""
        self.key = self.key or key_of(self.name)

    def shown(self) -> dict[str, Any]:
        """The field as its list has it."""
        return {
            "FieldName": self.name,
            "Key": self.key,
            "DataType": self.kind,
            "FieldOptions": self.choices(),
            "VisibleInPreferenceCenter": self.visible,
        }

    def choices(self) -> list[str]:
        """What can be chosen; the server knows countries and states by itself."""
        return {COUNTRY: list(COUNTRIES), STATE: list(STATES)}.get(self.kind, self.options)

    def stored(self, text: str) -> str | None:
        """A value as it is stored; None for one that says that there is none.

        Raises:
            Unfit: The field cannot hold it.
        """
        if len(text) > LONGEST:
            raise Unfit(810)
        if self.kind == DATE:
            return _day(text)
        if self.kind == NUMBER and not _NUMBER.match(text.strip()):
            raise Unfit(400)
        if self.kind not in {TEXT, NUMBER} and text not in self.choices():
            raise Unfit(400)
        return text.strip() if self.kind == NUMBER else text

    def of_person(self, value: Any) -> tuple[str, ...]:
        """What an invented person's column becomes."""
        if value is None:
            return ()
        return tuple(map(str, value)) if isinstance(value, list) else (str(value)[:LONGEST],)


def _day(text: str) -> str | None:
    """A date in the one form in which it is stored; the time of a moment is lost."""
    written = text.strip().replace("/", "-")[:10]
    if written == _NO_DATE:
        return None
    try:
        found = date.fromisoformat(written)
    except ValueError as error:
        raise Unfit(400) from error
    if not _FIRST <= found <= _LAST:
        raise Unfit(400)
    return found.isoformat()


def key_of(name: str) -> str:
    """The key that a name makes."""
    return f"[{''.join(name.split())}]"


class Fields:
    """The custom fields of a list."""

    def __init__(self, given: Sequence[Field] = ()) -> None:
        self._fields = {each.number: each for each in given}
        self._next = max(self._fields, default=0) + 1

    def __iter__(self) -> Any:
        return iter(self._fields.values())

    def __len__(self) -> int:
        return len(self._fields)

    def find(self, given: str) -> Field | None:
        """The field of a key, with or without its brackets, or of a name; regardless of case."""
        wanted = given.strip().lower()
        for each in self._fields.values():
            if wanted in {each.key.lower(), each.key.lower().strip("[]"), each.name.lower()}:
                return each
        return None

    def by_name(self) -> Mapping[str, Field]:
        """All fields by the texts that calls may name them with, in lower case."""
        named: dict[str, Field] = {}
        for each in self._fields.values():
            for text in (each.name, each.key.strip("[]"), each.key):
                named[text.lower()] = each
        return named

    def of_key(self, key: str) -> Field | None:
        """The field of a key in brackets, regardless of case."""
        return next((each for each in self._fields.values() if each.key.lower() == key.lower()), None)

    def add(self, name: str, kind: str, options: Sequence[str], *, visible: bool) -> Field:
        """Make a field."""
        made = Field(self._next, name, kind, options=list(options), visible=visible)
        self._fields[made.number] = made
        self._next += 1
        return made

    def drop(self, one: Field) -> None:
        """Remove a field."""
        del self._fields[one.number]


def _colours() -> list[str]:
    return ["red", "blue", "green", "💚", 'say "hi"']


def seeded(*, own: bool, people: bool) -> Fields:
    """The fields of a list at the start.

    Args:
        own: Whether it has the fields that nothing fills yet.
        people: Whether it has those that the invented people fill; the keys are those of no other list.
    """
    found: list[Field] = []
    if people:
        found += [
            Field(1, "Points", NUMBER, column="points"),
            Field(2, "Plan", ONE, column="plan", options=["free", "basic", "pro", "enterprise"]),
            Field(3, "Tier", ONE, "[Tier1]", "tier", ["bronze", "silver", "gold"]),
            Field(4, "Birth date", DATE, column="birthDate"),
            Field(5, "Last purchase", TEXT, column="lastPurchase"),
            Field(6, "Favourites", MANY, column="favourites", options=_colours()),
            Field(7, "City", TEXT, column="address.city"),
            Field(8, "Street", TEXT, column="address.street"),
            Field(9, "Note", TEXT, column="note"),
            Field(10, "Customer number", TEXT, column="userId"),
        ]
    if own:
        found += [
            Field(11, "Favourite quote", TEXT),
            Field(12, "Clicks", NUMBER),
            Field(13, "Ratio", NUMBER),
            Field(14, "Day", DATE),
            Field(15, "Moment", TEXT),
            Field(16, "Interests", MANY, options=["books", "games", "music"]),
            Field(17, "Member", ONE, options=["true", "false"]),
            Field(18, "Country", COUNTRY),
            Field(19, "US state", STATE),
        ]
    return Fields(found)
