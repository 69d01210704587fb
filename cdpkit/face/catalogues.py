"""Catalogues in numbers: what properties hold, who is in segments, who consents to objectives."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cdpkit.core.properties import BUILT_IN, PropertyType
from cdpkit.errors import CdpkitError
from cdpkit.face.desk import Desk, Drawn, answers, heard
from cdpkit.face.drawn import drawn
from cdpkit.runs.told import person_first
from cdpkit.show.bar import Bar
from cdpkit.show.cells import cut
from cdpkit.show.frames import first_rows
from cdpkit.show.tells import told_of
from cdpkit.show.text import counted
from cdpkit.show.told import Lines, Told
from cdpkit.workspace.objectives import Objectives
from cdpkit.workspace.properties import Properties
from cdpkit.workspace.segments import Segment, Segments

_FLAGS = ("multi", "identifier", "pii")
_SAMPLE = 10
_LONGEST = 40
_SELDOM = 0.01
_MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)[.\d]*Z$")


class CatalogueDesk(Desk):
    """A catalogue that is counted in the background: what it holds is there at once, the numbers as they come."""

    def __init__(self, thing: Any, count: Callable[[Any], Told]) -> None:
        """Begin to count.

        Args:
            thing: The catalogue.
            count: Tells it in numbers; what cannot be counted stands in its place.
        """
        super().__init__()
        self._thing, self._count = thing, count
        self._told = told_of(thing)
        self.count()

    def view(self) -> Drawn:
        """See `Desk`."""
        names = list(self._thing) if isinstance(self._thing, Segments) else []
        return {"told": drawn(self._told), "samples": names}

    @heard
    def count(self) -> None:
        """Count anew."""
        self.start("Counting", lambda _stop, _tell: self._count(self._thing), self._counted)

    @answers
    def sample(self, name: str) -> None:
        """Say some of those who are in a segment, spread over all."""
        if isinstance(self._thing, Segments) and name in self._thing:
            self.say({"say": "card", "told": drawn(sample_told(self._thing[name]))})

    def _counted(self, told: Told) -> None:
        self._told = told


def properties_told(properties: Properties) -> Told:
    """The properties with their types, how many profiles have a value, and which values are the most frequent."""
    try:
        numbers = properties.statistics().rows_by_key("name", named=True, unique=True)
    except CdpkitError as error:
        return _with(told_of(properties), error)
    profiles = max((round(each["filled"] / each["share"]) for each in numbers.values() if each["share"]), default=0)
    lines = []
    built_in = {prop.name for prop in BUILT_IN}
    for name, prop in sorted(properties.items(), key=lambda each: each[0] in built_in):
        found = numbers[name]
        flags = [prop.type.value, *(flag for flag in _FLAGS if getattr(prop, flag))]
        often = "" if prop.type is PropertyType.DATETIME else _top(found["top"] or ())  # hardly one comes twice
        held = "; ".join(filter(None, ("" if prop.pii or prop.identifier else _between(found), often)))
        filled = f"{found['share'] or 0:.1%}"
        lines.append((name, ", ".join(flags), Bar(found["filled"], profiles), filled, found["distinct"], held))
    header = ("property", "type", "profiles", "filled", "values, about", "between, and most frequent of a sample")
    headline = f"{counted(len(lines), 'property', 'properties')} of {counted(profiles, 'profile')}"
    return Told(headline, [Lines(header, lines, caption="What properties hold")])


def _between(found: Mapping[str, Any]) -> str:
    if found["least"] is None:
        return ""
    least, most = (_MOMENT.sub(r"\1 \2", cut(found[end], _LONGEST)) for end in ("least", "most"))
    return f"{least} to {most}"


def _top(values: Iterable[Mapping[str, Any]]) -> str:
    often = [each for each in values if each["share"] >= _SELDOM]
    return ", ".join(f"{cut(each['value'], _LONGEST)} ({each['share']:.0%})" for each in often)


def segments_told(segments: Segments) -> Told:
    """The segments with how many are in each now; one that cannot be computed says why, in its place."""
    wheres = [(name, " ".join(segment.where.split()), _size(segment)) for name, segment in segments.items()]
    most = max((size for _, _, size in wheres if isinstance(size, int)), default=0)
    lines = [
        (name, where, Bar(size, most) if isinstance(size, int) else None, "" if isinstance(size, int) else size)
        for name, where, size in wheres
    ]
    if not lines:
        return Told(counted(0, "segment"), ["There is none yet; ws.segments.add(name, where) adds one."])
    header = ("segment", "where", "profiles", "problem")
    if all(not line[3] for line in lines):
        header, lines = header[:3], [line[:3] for line in lines]  # type: ignore[assignment, misc]
    return Told(counted(len(lines), "segment"), [Lines(header, lines, caption="Who is in segments now")])


def objectives_told(objectives: Objectives) -> Told:
    """The objectives with how many consent."""
    try:
        numbers = objectives.counts().rows_by_key("name", named=True, unique=True)
    except CdpkitError as error:
        return _with(told_of(objectives), error)
    lines = [
        (name, each.needs_consent, Bar(numbers[name]["consenting"], numbers[name]["profiles"]), each.description)
        for name, each in objectives.items()
    ]
    if not lines:
        return Told(counted(0, "objective"), ["There is none yet; ws.objectives.add(name) adds one."])
    header = ("objective", "needs consent", "profiles that consent", "description")
    return Told(counted(len(lines), "objective"), [Lines(header, lines, caption="Who consents to what")])


def segment_told(segment: Segment) -> Told:
    """A segment: how many are in it, some of them, or why it cannot be computed."""
    where = " ".join(segment.where.split())
    size = _size(segment)
    if isinstance(size, str):
        return Told(f"Segment {segment.name!r}", [where, size])
    told = sample_told(segment)
    return Told(f"Segment {segment.name!r}: {counted(size, 'profile')}", [where, *told.parts])


def sample_told(segment: Segment) -> Told:
    """Some of those who are in a segment."""
    try:
        frame = person_first(segment.sample(_SAMPLE))
    except CdpkitError as error:
        return Told(f"Segment {segment.name!r}", [str(error)])
    return Told(f"Segment {segment.name!r}", [first_rows(frame, _SAMPLE, "Some of them, spread over all")])


def _size(segment: Segment) -> int | str:
    try:
        return segment.count()
    except CdpkitError as error:
        return str(error)


def _with(told: Told, error: CdpkitError) -> Told:
    return Told(told.headline, [*told.parts, f"cannot be counted: {error}"])
