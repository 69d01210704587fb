"""A goal that exports events: what a connection file asks, resolved against the workspace and what the vendor has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cdpkit.config.goals.export_events import ExportEventsGoalSettings
from cdpkit.config.vendor_settings import option_problems, resolve_options
from cdpkit.core.events.types import EventType
from cdpkit.core.export_values import no_identifying, no_segment
from cdpkit.core.hashing import hash_text
from cdpkit.core.properties import Property
from cdpkit.errors import ConfigurationError
from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.event_exporting import EventExporter
from cdpkit.kit.exporting import ExportAsked
from cdpkit.kit.vendor import Vendor
from cdpkit.problem import Problem, unknown
from cdpkit.runs.exports.keepers import Others
from cdpkit.runs.ids import now
from cdpkit.runs.session import Known, Session


@dataclass(frozen=True, slots=True)
class EventGoal:
    """A goal that exports events and is known to fit.

    Attributes:
        name: The goal.
        key: The name under which the tables hold what belongs to it.
        where: The expression of its segment.
        pairs: The property and the vendor's identifier that it links.
        types: The types of events that are sent, by name; those that are not there any more among them.
        chosen: Their names; empty for all.
        since: The first time of events that are sent; None for no bound.
        until: The first time of those that are not.
        objectives: The linked objectives that need consent.
        asked: What the vendor is asked.
        config: The hash of what decides how an event is sent.
        again: Send those too of which no answer came, and those that were sent.
    """

    name: str
    key: str
    where: str
    pairs: tuple[tuple[str, str], ...]
    types: Mapping[str, EventType]
    chosen: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    objectives: tuple[str, ...]
    asked: ExportAsked
    config: int
    doubtful_again: bool = False
    full: bool = False

    @property
    def warnings(self) -> tuple[()]:
        """None."""
        return ()

    @property
    def others(self) -> Others:
        """None: it takes nobody off a list."""
        return Others(self.key)


def event_exporter_of(vendor: Vendor) -> EventExporter:
    """The vendor's exporter of events.

    Raises:
        ConfigurationError: No events are exported to this vendor.
    """
    if vendor.event_exporter is None:
        raise ConfigurationError(f"no events can be exported to {vendor.title}; remove the goal")
    return vendor.event_exporter


def export_events_problems(known: Known, goal: ExportEventsGoalSettings) -> list[Problem]:
    """What has to be mended before the goal can run; without a discovery, as far as that can be told."""
    where, exporter = f"goal {goal.name!r}", known.vendor.event_exporter
    if exporter is None:
        return [Problem(where, f"no events can be exported to {known.vendor.title}", "remove the goal")]
    found = option_problems(exporter.options, goal.target, f"{where}: target")
    if found:
        return found
    settings = known.home.settings.read()
    catalogue: Mapping[str, Property] = settings.catalogue()
    wrong = [each.about(("segment",)) for each in no_segment("segment", goal.segment, settings.segments)]
    for nth, pair in enumerate(goal.identifiers):
        at = ("identifiers", nth)
        wrong += [each.about((*at, "from")) for each in no_identifying("identifiers", pair.source, catalogue)]
        if pair.target not in exporter.identifiers:
            kind = f"identifier of {known.vendor.title}"
            wrong.append(unknown("identifiers", kind, pair.target, exporter.identifiers).about((*at, "to")))
    for nth, name in enumerate(goal.types):
        if name not in settings.types():
            wrong.append(unknown("types", "event type", name, settings.types()).about(("types", nth)))
    if not wrong:
        wrong += exporter.problems(_asked(exporter, goal, known.settings, known.discovery or Discovery()))
    return [problem.located().inside(where) for problem in wrong]


def _asked(
    exporter: EventExporter, goal: ExportEventsGoalSettings, settings: Settings, discovery: Discovery
) -> ExportAsked:
    options = resolve_options(exporter.options, goal.target)
    identifiers = tuple(pair.target for pair in goal.identifiers)
    return ExportAsked(settings, options, discovery, identifiers, (), create=True)


def resolve_event_export(
    session: Session, goal: ExportEventsGoalSettings, *, full: bool, resend_in_doubt: bool
) -> EventGoal:
    """The goal as the plan needs it; it has no problems."""
    settings, exporter = session.home.settings.read(), event_exporter_of(session.vendor)
    since, until = goal.between(session.zone)
    if goal.last_days is not None:
        since = now() - timedelta(days=goal.last_days)
    decides = {key: value for key, value in goal.given().items() if key not in ("name", "active", "guards")}
    return EventGoal(
        name=goal.name,
        key=session.key(goal),
        where=settings.segments[goal.segment],
        pairs=tuple((pair.source, pair.target) for pair in goal.identifiers),
        types=settings.types(),
        chosen=goal.types,
        since=since,
        until=until,
        objectives=session.objectives,
        asked=_asked(exporter, goal, session.settings, session.discovery),
        config=hash_text(repr(sorted(decides.items()))),
        doubtful_again=resend_in_doubt,
        full=full,
    )
