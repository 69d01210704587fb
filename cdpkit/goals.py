"""Goals of a connection as arguments that an editor completes and checks; mappings with the same keys do as well.

```python
from cdpkit.goals import ExportGoal

conn.goals.add(ExportGoal(name="VIPs", segment="vips", identifiers={"email": "email"}, target={"lists": ["VIP"]}))
```
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, ClassVar, Literal, TypedDict

from cdpkit.core.words import OnMultipleWord, RuleWord
from cdpkit.show.astext import AsText

Identifiers = Mapping[str, str] | Sequence[Mapping[str, str]]
"""`{"email": "email"}`, or `[{"from": "email", "to": "email"}]`."""

ImportMapping = TypedDict("ImportMapping", {"from": str, "to": str, "rule": RuleWord}, total=False)
"""A field of the vendor, the property that takes it, and the merge rule; `set` where it is left out."""

ExportMapping = TypedDict(
    "ExportMapping",
    {"value": str, "from": str, "text": str, "segments": Sequence[str], "to": str, "join": str, "send_empty": bool},
    total=False,
)
"""What is sent, and the vendor's field that it fills; a property named by `from`, where `value` is left out."""


class _Goal(AsText, Mapping[str, Any]):
    """The keys that were given, as a connection file has them."""

    kind: ClassVar[str]

    def _given(self) -> dict[str, Any]:
        values = [(each, getattr(self, each.name)) for each in _fields(self)]
        return {"kind": self.kind} | {each.name: value for each, value in values if value != _default(each)}

    def __getitem__(self, key: str) -> Any:
        return self._given()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given())

    def __len__(self) -> int:
        return len(self._given())

    def __repr__(self) -> str:
        told = (f"{key}={value!r}" for key, value in self._given().items() if key != "kind")
        return f"{type(self).__name__}({', '.join(told)})"


@dataclass(frozen=True, kw_only=True, repr=False)
class ImportGoal(_Goal):
    """A goal that enriches or creates profiles.

    Attributes:
        name: How it is called, once in a connection.
        identifiers: The vendor's field to property; all must match at once.
        mappings: What is stored, in order.
        source: The vendor's own options, such as `{"lists": ["Newsletter"]}` or `{"all": True}`.
        segment: Whom a vendor is asked about that is asked about given people; no other vendor takes one.
        create_profiles: Whether a row without match makes a profile.
        on_multiple_matches: What a row with several matches does.
        processors: Steps on the rows before matching.
        events: What the rows become on time lines beside that (topic `events`); one for each type.
        save_lists_to: The property that takes the names of a person's lists.
        save_lists_rule: Whether they join the names there or replace them.
        active: Whether a run of the connection carries it out.
        guards: How much it may change before a person has to look (topic `guards`), such as `{"withdrawals": 0.2}`.
    """

    kind: ClassVar[str] = "import_profiles"

    name: str
    identifiers: Identifiers
    mappings: Sequence[ImportMapping] = ()
    source: Mapping[str, Any] = field(default_factory=dict)
    segment: str | None = None
    create_profiles: bool = True
    on_multiple_matches: OnMultipleWord = "newest"
    processors: Sequence[str | Mapping[str, Any]] = ()
    events: Sequence[Mapping[str, Any]] = ()
    save_lists_to: str | None = None
    save_lists_rule: Literal["add", "set_or_clear"] = "add"
    active: bool = True
    guards: Mapping[str, float | bool] | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class ImportGroupsGoal(_Goal):
    """A goal that makes groups, such as households, and fills their properties (topic `groups`).

    Attributes:
        name: How it is called, once in a connection.
        group: The type of the groups, as `ws.groups` has it.
        id: The vendor's field that holds the id of each.
        mappings: What is stored, in properties of the groups, in order.
        source: The vendor's own options.
        create_groups: Whether an id that is not known makes a group.
        processors: Steps on the rows before the groups are found.
        segment: Of a vendor that is asked about people, each question paid: about whom.
        parameters: Of such a vendor: property to its parameter, by what it is asked.
        pause: Likewise: how long nobody is asked about again.
        max_requests: Likewise: most requests of a run.
        budget: Likewise: most that these may cost.
        repeat_in_doubt: Likewise: ask about those again of whom no answer came; they may be paid twice.
        active: Whether a run of the connection carries it out.
        guards: How much it may change before a person has to look (topic `guards`).
    """

    kind: ClassVar[str] = "import_groups"

    name: str
    group: str
    id: str
    mappings: Sequence[ImportMapping] = ()
    source: Mapping[str, Any] = field(default_factory=dict)
    create_groups: bool = True
    processors: Sequence[str | Mapping[str, Any]] = ()
    segment: str | None = None
    parameters: Identifiers | None = None
    pause: str = "6 months"
    max_requests: int = 10_000
    budget: float | None = None
    repeat_in_doubt: bool = False
    active: bool = True
    guards: Mapping[str, float | bool] | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class ImportEventsGoal(_Goal):
    """A goal that puts a vendor's events on the time lines of profiles.

    Attributes:
        name: How it is called, once in a connection.
        identifiers: The vendor's field to property; all must match at once.
        events: What the rows become, such as `{"type": "order", "time": "createdAt", "id": "id", "mappings": "*"}`;
            one for each type.
        mappings: What is stored of them in properties of the profile beside that, in order.
        source: The vendor's own options, such as `{"purchases": True}`.
        create_profiles: Whether an event of somebody without match makes a profile.
        on_multiple_matches: What a row with several matches does.
        processors: Steps on the rows before matching.
        active: Whether a run of the connection carries it out.
        guards: How much it may change before a person has to look (topic `guards`).
    """

    kind: ClassVar[str] = "import_events"

    name: str
    identifiers: Identifiers
    events: Sequence[Mapping[str, Any]]
    mappings: Sequence[ImportMapping] = ()
    source: Mapping[str, Any] = field(default_factory=dict)
    create_profiles: bool = True
    on_multiple_matches: OnMultipleWord = "newest"
    processors: Sequence[str | Mapping[str, Any]] = ()
    active: bool = True
    guards: Mapping[str, float | bool] | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class ExportGoal(_Goal):
    """A goal that sends a segment's profiles to the vendor.

    Attributes:
        name: How it is called, once in a connection.
        segment: The name of the segment.
        identifiers: Property to the vendor's identifier.
        mappings: What is sent, in the order in which the vendor gets it.
        target: The vendor's own options, such as `{"lists": ["VIP"], "on_leave": True}`.
        create: Whether the vendor may create a person where none matches.
        skip_unchanged_payload: Leave out a profile whose body equals the last one the vendor accepted.
        processors: Steps on the rows before sending.
        active: Whether a run of the connection carries it out.
        guards: How much it may change before a person has to look (topic `guards`), such as `{"withdrawals": 0.2}`.
    """

    kind: ClassVar[str] = "export_profiles"

    name: str
    segment: str
    identifiers: Identifiers
    mappings: Sequence[ExportMapping] = ()
    target: Mapping[str, Any] = field(default_factory=dict)
    create: bool = True
    skip_unchanged_payload: bool = False
    processors: Sequence[str | Mapping[str, Any]] = ()
    active: bool = True
    guards: Mapping[str, float | bool] | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class EnrichGoal(_Goal):
    """A goal that asks a vendor about people, each question paid, and stores what it answers.

    Attributes:
        name: How it is called, once in a connection.
        segment: Whom it asks about.
        parameters: Property to the vendor's parameter: by what it asks.
        mappings: What is stored of the answers, in order.
        source: The vendor's own options, such as `{"min_confidence": 6}`.
        pause: How long nobody is asked about again: `"30 days"`, `"6 months"`, `"1 year"`.
        max_requests: Most requests of a run; of 24 hours, where the goal is asked in real time.
        budget: Most that these may cost, in the currency of the connection's price.
        repeat_in_doubt: Ask about those again, inside the pause, of whom no answer came; they may be paid twice.
        batch: Asked in runs of the connection, about the whole segment.
        real_time: Asked by `ws.watch()` as soon as a parameter of somebody changes, about those alone.
        processors: Steps on the answers before they are stored.
        active: Whether a run of the connection carries it out.
        guards: How much the answers may change before a person has to look (topic `guards`).
    """

    kind: ClassVar[str] = "enrich_profiles"

    name: str
    segment: str
    parameters: Identifiers
    mappings: Sequence[ImportMapping] = ()
    source: Mapping[str, Any] = field(default_factory=dict)
    pause: str = "6 months"
    max_requests: int = 10_000
    budget: float | None = None
    repeat_in_doubt: bool = False
    batch: bool = True
    real_time: bool = False
    processors: Sequence[str | Mapping[str, Any]] = ()
    active: bool = True
    guards: Mapping[str, float | bool] | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class ExportEventsGoal(_Goal):
    """A goal that sends the timeline events of a segment's profiles, each once.

    Attributes:
        name: How it is called, once in a connection.
        segment: Whose events are sent.
        identifiers: Property to the vendor's identifier.
        target: The vendor's own options.
        types: The types that are sent; all of them, where it is empty.
        since: The first time of events that are sent, such as `"2026-01-31"`.
        until: The first time of events that are not sent any more.
        last_days: Events of so many days before the run alone; not beside `since` and `until`.
        active: Whether a run of the connection carries it out.
        guards: How much it may change before a person has to look (topic `guards`).
    """

    kind: ClassVar[str] = "export_events"

    name: str
    segment: str
    identifiers: Identifiers
    target: Mapping[str, Any] = field(default_factory=dict)
    types: Sequence[str] = ()
    since: str | None = None
    until: str | None = None
    last_days: int | None = None
    active: bool = True
    guards: Mapping[str, float | bool] | None = None


def _fields(goal: _Goal) -> tuple[Field[Any], ...]:
    return fields(goal)  # type: ignore[arg-type]  # each goal is a dataclass


def _default(declared: Field[Any]) -> Any:
    return declared.default if declared.default_factory is MISSING else declared.default_factory()
