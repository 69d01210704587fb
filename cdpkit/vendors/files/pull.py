"""How files come: those that are wanted are listed, and each is stored as it was listed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cdpkit.errors import SourceError, UnavailableError
from cdpkit.kit.buckets import keys_below
from cdpkit.kit.effects import Effects, Keep, Reply, Together, Wait, all_of
from cdpkit.kit.globs import fitting, is_glob, natural, start_of
from cdpkit.kit.importing import ImportAsked, Pulled, PulledFile
from cdpkit.problem import nearest_first
from cdpkit.vendors.files.places import CHANGED, GONE, OK, Shelf, shelf
from cdpkit.vendors.files.source import NEW, NEWEST

_AT_ONCE, _SHOWN = 4, 20
_LOOKS = 10
"""So often a file that is being written is looked at again; then it is left for the next run, or the run fails."""
_TURNS = 5
"""So often what is wanted is listed anew because a file has changed before it was stored."""
_STRANGE = re.compile(r"[^\w.-]+")
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """A file, as a list told it.

    Attributes:
        name: By what it is known below the address.
        etag: What changes when it does.
        modified: When it was written, as text that sorts.
        age: The seconds since; infinite in buckets, where objects are whole.
    """

    name: str
    etag: str
    modified: str
    age: float = float("inf")

    @property
    def mark(self) -> str:
        """Tells it from all others, and from itself once it has changed."""
        return f"{self.name}\x1d{self.etag}"


def pull(asked: ImportAsked, state: Mapping[str, Any] | None) -> Effects[Pulled]:
    """Store the files that are wanted; those that an earlier attempt has stored are not read again."""
    place, stored = shelf(asked.settings), dict[str, str]()
    wanted: tuple[Listed, ...] | None = None
    if state is not None:
        wanted = tuple(Listed(**each) for each in state["wanted"])
        stored = dict(state["stored"])
    for _ in range(_TURNS):
        if wanted is None:
            wanted = yield from _wanted(asked, place)
            yield _kept(wanted, stored)
        if (yield from _stored(place, wanted, stored)):
            return Pulled(
                files=tuple(PulledFile(stored[each.mark], place.shown(each.name), each.mark) for each in wanted),
                new_alone=asked.options["which"] == NEW,
            )
        wanted = None
    raise UnavailableError("the files change faster than they are read; run it again when nobody writes them")


def _wanted(asked: ImportAsked, place: Shelf) -> Effects[tuple[Listed, ...]]:
    """The files that are wanted, none of which is being written."""
    pause, which = float(asked.settings["settle"]), asked.options["which"]
    before: Mapping[str, str] = {}
    for look in range(_LOOKS + 1):
        chosen = _chosen(asked, (yield from _fitting(asked, place)))
        unsettled = [each for each in chosen if each.age < pause and before.get(each.name) != each.etag]
        if not unsettled:
            return chosen
        if look == _LOOKS:
            break
        before = {each.name: each.etag for each in chosen}
        yield Wait(pause, f"{len(unsettled)} files that are being written")
    if which == NEW:
        return tuple(each for each in chosen if each not in unsettled)
    raise UnavailableError(f"{place.shown(unsettled[0].name)} is being written all the time; run it again later")


def _fitting(asked: ImportAsked, place: Shelf) -> Effects[tuple[Listed, ...]]:
    """The files that fit the goal's pattern, `part-2` before `part-10`.

    Raises:
        SourceError: There are none, and not only new ones are wanted; names some of those that there are.
    """
    pattern = str(asked.options["files"]).strip()
    found = yield from keys_below(place.listing(start_of(pattern)))
    if isinstance(found, Reply):
        place.refuse(found)
    names = {place.name_of(str(each["key"])): each for each in found}
    fits = fitting(pattern)
    named = [pattern] if pattern in names else [name for name in names if is_glob(pattern) and fits.match(name)]
    if not named and asked.options["which"] != NEW:
        beside = yield from keys_below(place.listing(start_of(pattern).rpartition("/")[0]))
        there = [] if isinstance(beside, Reply) else [place.name_of(str(each["key"])) for each in beside]
        near = ", ".join(nearest_first(pattern, sorted(there))[:_SHOWN])
        raise SourceError(f"no file {place.shown(pattern)!r}; there are: {near or 'none'}")
    listed = [
        Listed(name, str(one["etag"]), str(one["modified"]), float(one.get("age", "inf")))
        for name in named
        if not name.endswith("/")
        for one in (names[name],)
    ]
    return tuple(sorted(listed, key=lambda each: natural(each.name)))


def _chosen(asked: ImportAsked, listed: tuple[Listed, ...]) -> tuple[Listed, ...]:
    which = asked.options["which"]
    if which == NEWEST:
        return tuple(sorted(listed, key=lambda each: (each.modified, natural(each.name)))[-1:])
    if which == NEW:
        known = asked.read_before([each.mark for each in listed])
        new = [each for each in listed if each.mark not in known]
        return tuple(sorted(new, key=lambda each: (each.modified, natural(each.name))))
    return listed


def _stored(place: Shelf, wanted: tuple[Listed, ...], stored: dict[str, str]) -> Effects[bool]:
    """Store the files that are not; False where one is not what the list told any more."""
    left = [each for each in wanted if each.mark not in stored]
    for start in range(0, len(left), _AT_ONCE):
        part = left[start : start + _AT_ONCE]
        pages = [_page(len(stored) + nth, each.name) for nth, each in enumerate(part)]
        calls = [place.getting(each.name, each.etag, page) for each, page in zip(part, pages, strict=True)]
        replies = all_of((yield Together(tuple(calls))))
        for reply in replies:
            if reply.status not in {OK, CHANGED, GONE}:
                place.refuse(reply)
        done = {each.mark: page for each, page, reply in zip(part, pages, replies, strict=True) if reply.status == OK}
        stored |= done
        yield _kept(wanted, stored)
        if len(done) < len(part):
            return False
    return True


def _kept(wanted: Sequence[Listed], stored: Mapping[str, str]) -> Keep:
    told = [{**asdict(each), "age": min(each.age, 1e9)} for each in wanted]
    return Keep({"wanted": told, "stored": dict(stored)})


def _page(nth: int, name: str) -> str:
    """The name of a page, whose end says what it is."""
    return f"{nth}/{_STRANGE.sub('_', name.rpartition('/')[2]).lstrip('.')[-_LONGEST:] or 'file'}"
