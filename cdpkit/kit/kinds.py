"""The kinds of settings and options: each reads what a file gives, or says in words what has to be there.

A new kind is one more class here: frozen, with a `name`, what is `expected`, and `read`. Its other fields are data that
forms, the command line and the manual show.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from typing import Any, ClassVar, Protocol, TypeGuard
from urllib.parse import urlsplit

from pydantic import AnyHttpUrl, TypeAdapter, ValidationError

FORMS = "env:NAME, file:path or keyring:service/name"
"""The forms of a reference to a secret."""

_ADDRESS = TypeAdapter(AnyHttpUrl)
_MOST = 2**63


@dataclass(frozen=True, slots=True)
class Unfit:
    """What is wrong with a given value, and how to mend it; never the value itself."""

    what: str
    fix: str


class Kind(Protocol):
    """What a setting or option may be.

    Attributes:
        name: The kind's own name.
    """

    name: ClassVar[str]

    @property
    def expected(self) -> str:
        """What is to be written, in words: `a text`, `one of us, eu`."""

    def read(self, given: object) -> Any:
        """The value as the vendor uses it, or an `Unfit`."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text, not empty."""

    name: ClassVar[str] = "text"

    @property
    def expected(self) -> str:
        """See `Kind`."""
        return "a text"

    def read(self, given: object) -> str | Unfit:
        """See `Kind`."""
        return given if isinstance(given, str) else _no_text(self)


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret, given as a reference; what it leads to is looked up where it is used, and never shown."""

    name: ClassVar[str] = "secret"

    @property
    def expected(self) -> str:
        """See `Kind`."""
        return f"a reference ({FORMS})"

    def read(self, given: object) -> str | Unfit:
        """The reference."""
        return given if isinstance(given, str) else _no_text(self)


@dataclass(frozen=True, slots=True)
class Address:
    """An http or https address."""

    name: ClassVar[str] = "address"

    @property
    def expected(self) -> str:
        """See `Kind`."""
        return "an http or https address"

    def read(self, given: object) -> str | Unfit:
        """See `Kind`."""
        if not isinstance(given, str):
            return _no_text(self)
        if not re.fullmatch(r"https?://[^\s/]\S*", given):  # what follows mends blanks and missing slashes
            return _NO_ADDRESS
        try:
            _ADDRESS.validate_python(given)
        except ValidationError:
            return _NO_ADDRESS
        return given


_NO_ADDRESS = Unfit("is no http or https address", 'write one such as "https://api.example.com"')


CLEAR = "is an http address of another machine: whatever is sent there, keys too, can be read on the way"
ENCRYPT = "write https://, or set allow_http = true where the way is a safe one"
"""What is wrong with an address that is not encrypted, and how to mend it."""


def in_the_clear(address: str) -> bool:
    """Whether what is sent to an address leaves this machine without encryption."""
    parts = urlsplit(address.strip())
    if parts.scheme.lower() != "http":
        return False
    host = (parts.hostname or "").rstrip(".").lower()
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost" and not host.endswith(".localhost")


@dataclass(frozen=True, slots=True)
class Switch:
    """On or off."""

    name: ClassVar[str] = "switch"

    @property
    def expected(self) -> str:
        """See `Kind`."""
        return "true or false"

    def read(self, given: object) -> bool | Unfit:
        """See `Kind`."""
        return given if isinstance(given, bool) else Unfit("is not on or off", "write true or false, without quotes")


@dataclass(frozen=True, slots=True)
class Number:
    """A number.

    Attributes:
        unit: What it counts, for people: `days`.
        least: It is this or more.
        most: It is this or less.
        above: It is more than this.
        whole: It has no places.
    """

    name: ClassVar[str] = "number"

    unit: str = ""
    least: float | None = None
    most: float | None = None
    above: float | None = None
    whole: bool = False

    @property
    def expected(self) -> str:
        """See `Kind`."""
        words = [f"{word} {bound:g}" for word, bound in self._bounds().items() if bound is not None]
        return " ".join(["a whole number" if self.whole else "a number", " and ".join(words)]).strip()

    def read(self, given: object) -> float | Unfit:
        """See `Kind`."""
        if not _is_number(given) or (self.whole and not isinstance(given, int)) or not self._holds(given):
            example = "1" if self.whole else "1.0"
            return Unfit(f"is no {self.expected.removeprefix('a ')}", f"write one without quotes, such as {example}")
        return given if self.whole else float(given)

    def _bounds(self) -> dict[str, float | None]:
        return {"above": self.above, "from": self.least, "up to": self.most}

    def _holds(self, number: float) -> bool:
        low = self.least is None or number >= self.least
        return low and (self.most is None or number <= self.most) and (self.above is None or number > self.above)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some fixed words.

    Attributes:
        choices: Which.
    """

    name: ClassVar[str] = "choice"

    choices: tuple[str, ...]

    @property
    def expected(self) -> str:
        """See `Kind`."""
        return f"one of {', '.join(self.choices)}"

    def read(self, given: object) -> str | Unfit:
        """See `Kind`."""
        if not isinstance(given, str):
            return _no_text(self)
        return given if given in self.choices else Unfit("is none of its choices", f"write {self.expected}")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Things that the connection finds at the vendor, by name or id.

    Attributes:
        things: The name of a `Thing` of the vendor: `lists`.
        several: Any number of them, read as a tuple; else one, read as a text.
        target: Only those to which people can go.
    """

    name: ClassVar[str] = "chosen"

    things: str
    several: bool = True
    target: bool = False

    @property
    def expected(self) -> str:
        """See `Kind`."""
        return 'a list of texts such as ["VIP"]' if self.several else "a text"

    def read(self, given: object) -> tuple[str, ...] | str | Unfit:
        """See `Kind`."""
        if not self.several:
            return given if isinstance(given, str) else _no_text(self)
        if isinstance(given, list | tuple) and all(isinstance(text, str) for text in given):
            return tuple(given)
        return Unfit("is no list of texts", 'write one such as ["VIP"]')


@dataclass(frozen=True, slots=True)
class Range:
    """From a number to a number, both included; one that is left out is None.

    Attributes:
        unit: What they count, for people.
        least: Both are this or more.
        most: Both are this or less.
        whole: They have no places.
    """

    name: ClassVar[str] = "range"

    unit: str = ""
    least: float | None = None
    most: float | None = None
    whole: bool = False

    @property
    def expected(self) -> str:
        """See `Kind`."""
        return "a table such as { from = 1, to = 5 }"

    def read(self, given: object) -> tuple[float | None, float | None] | Unfit:
        """See `Kind`."""
        if not _has_keys(given, "from", "to"):
            return Unfit("is no range", f"write {self.expected}")
        number = Number(self.unit, self.least, self.most, whole=self.whole)
        ends = [number.read(given[key]) if key in given else None for key in ("from", "to")]
        low, high = ends
        if isinstance(low, Unfit) or isinstance(high, Unfit):
            return Unfit(f"has an end that is no {number.expected.removeprefix('a ')}", f"write {self.expected}")
        if low is not None and high is not None and low > high:
            return Unfit("ends before it begins", f"write {self.expected}")
        return low, high


@dataclass(frozen=True, slots=True)
class Dates:
    """Which days, as `DateSpan` reads them: from `first` to `last`, or the last `days` before today."""

    first: date | None = None
    last: date | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class DateSpan:
    """From a day to a day, both included, or the last so many days; read as `Dates`."""

    name: ClassVar[str] = "date span"

    @property
    def expected(self) -> str:
        """See `Kind`."""
        return "a table such as { from = 2026-01-01, to = 2026-01-31 } or { days = 30 }"

    def read(self, given: object) -> Dates | Unfit:
        """See `Kind`."""
        unfit = Unfit("is no span of days", f"write {self.expected}")
        if _has_keys(given, "days"):
            days = Number(least=1, whole=True).read(given["days"])
            return unfit if isinstance(days, Unfit) else Dates(days=int(days))
        if not _has_keys(given, "from", "to"):
            return unfit
        first, last = (_day(given.get(key)) for key in ("from", "to"))
        if ("from" in given and first is None) or ("to" in given and last is None):
            return unfit
        if first is not None and last is not None and first > last:
            return Unfit("ends before it begins", f"write {self.expected}")
        return Dates(first, last)


def _no_text(kind: Kind) -> Unfit:
    return Unfit("is no text", f"write {kind.expected} in quotes")


def _is_number(value: object) -> TypeGuard[int | float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -_MOST <= value < _MOST if isinstance(value, int) else math.isfinite(value)


def _has_keys(given: object, *keys: str) -> TypeGuard[Mapping[str, Any]]:
    """Whether this is a table with some of these keys and no other."""
    return isinstance(given, Mapping) and bool(given) and set(given) <= set(keys)


def _day(given: object) -> date | None:
    if isinstance(given, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", given):
        try:
            return date.fromisoformat(given)
        except ValueError:
            return None
    return given if type(given) is date else None  # a moment is a date too, and does not fit
