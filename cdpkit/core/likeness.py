"""How much alike names are written, whatever their case, accents, and what stands between their words."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

_BETWEEN = re.compile(r"[\W_]+")
_WORD_ENDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
LEAST = 0.65
"""Names that are less alike than this are no candidates."""
_CASE, _MARKS, _ORDER, _WRITTEN, _PART = 0.99, 0.97, 0.94, 0.92, 0.9
"""The most that names may have which differ in case, in marks, in the order of words, in letters, and in words."""
_LOOKED_AT = 20


@dataclass(frozen=True)
class Name:
    """A name, and its words: lower case, without accents.

    Attributes:
        text: The name.
    """

    text: str

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its words, in order; none where it has neither letters nor digits."""
        plain = unicodedata.normalize("NFKD", self.text)
        plain = "".join(char for char in plain if not unicodedata.combining(char))
        return tuple(word.casefold() for word in _BETWEEN.split(_WORD_ENDS.sub(" ", plain)) if word)

    @cached_property
    def bare(self) -> str:
        """Its words behind each other; the whole name where it has none."""
        return "".join(self.words) or self.text.casefold()

    @cached_property
    def pairs(self) -> Counter[str]:
        """The pairs of letters in it, with one at its beginning."""
        padded = f" {self.bare}"
        return Counter(padded[at : at + 2] for at in range(len(self.bare)))


@dataclass(frozen=True, slots=True)
class Alike:
    """Two names that are written alike.

    Attributes:
        left: Of the one side.
        right: Of the other.
        score: From `LEAST` to 1, which only the same name has.
    """

    left: str
    right: str
    score: float


def likeness(one: str, other: str) -> float:
    """How much alike two names are written: 1 for the same name, 0 for nothing in common; the same both ways round."""
    return _likeness(*(Name(text) for text in sorted((one, other))))


def _likeness(one: Name, other: Name) -> float:
    if one.text == other.text:
        return 1.0
    if one.text.casefold() == other.text.casefold():
        return _CASE
    if one.bare == other.bare:
        return _MARKS
    if one.words and sorted(one.words) == sorted(other.words):
        return _ORDER
    written = _WRITTEN * SequenceMatcher(None, one.bare, other.bare, autojunk=False).ratio()
    return max(written, _PART * _part(one, other))


def _part(one: Name, other: Name) -> float:
    """Of names that share words, where the one has no others: how much that is, the more for what is said first."""
    shared = Counter(one.words) & Counter(other.words)
    letters = sum(len(word) * times for word, times in shared.items())
    shorter, longer = sorted((len(one.bare), len(other.bare)))
    if not letters or letters < shorter:
        return 0.0
    return LEAST / _PART + (1 - LEAST / _PART) * letters / longer


def alike(left: Iterable[str], right: Iterable[str]) -> list[Alike]:
    """All pairs of names that are much alike, the best first, then in the order of both sides.

    Of many names each is compared with those alone that share most pairs of letters with it.
    """
    ones, others = [Name(text) for text in dict.fromkeys(left)], [Name(text) for text in dict.fromkeys(right)]
    having: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(others):
        for pair in name.pairs:
            having[pair].append(place)
    found = [
        (score, at, place)
        for at, name in enumerate(ones)
        for place in _nearest(name, others, having)
        if (score := likeness(name.text, others[place].text)) >= LEAST
    ]
    found.sort(key=lambda each: (-each[0], each[1], each[2]))
    return [Alike(ones[at].text, others[place].text, score) for score, at, place in found]


def _nearest(name: Name, others: Sequence[Name], having: dict[str, list[int]]) -> list[int]:
    if len(others) <= _LOOKED_AT:
        return list(range(len(others)))
    shared: Counter[int] = Counter()
    for pair, times in name.pairs.items():
        for place in having.get(pair, ()):
            shared[place] += min(times, others[place].pairs[pair])
    share = {place: 2 * many / (len(name.bare) + len(others[place].bare)) for place, many in shared.items()}
    return sorted(share, key=lambda place: (-share[place], place))[:_LOOKED_AT]


def best(found: Iterable[Alike]) -> list[Alike]:
    """Of pairs, the best first, those in which neither name has been taken by a better one."""
    lefts: set[str] = set()
    rights: set[str] = set()
    kept = []
    for each in found:
        if each.left not in lefts and each.right not in rights:
            lefts.add(each.left)
            rights.add(each.right)
            kept.append(each)
    return kept
