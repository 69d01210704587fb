"""An export goal: what a connection file asks, resolved against the workspace and what the vendor has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from cdpkit.config.goals.export_profiles import ExportGoalSettings, ExportMappingSettings
from cdpkit.config.vendor_settings import option_problems, resolve_options
from cdpkit.core.due import DueOptions
from cdpkit.core.export_values import Workspace, no_identifying, no_segment
from cdpkit.core.hashing import hash_text
from cdpkit.core.processors import Step, parse_steps, step_problems
from cdpkit.core.properties import Property
from cdpkit.errors import ConfigurationError
from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.exporting import CHANGED_ONLY, ExportAsked, Exporter, Withdrawal
from cdpkit.kit.lists import choice_problems
from cdpkit.kit.vendor import Vendor
from cdpkit.problem import Problem, each_once
from cdpkit.runs.exports.keepers import Others, others_of
from cdpkit.runs.home import Home
from cdpkit.runs.ids import time_of
from cdpkit.runs.session import Session


@dataclass(frozen=True, slots=True)
class ExportGoal:
    """An export goal that is known to fit.

    Attributes:
        name: The goal.
        key: The name under which the tables hold what belongs to it.
        where: The expression of its segment.
        pairs: The property and the vendor's identifier that it links.
        mappings: What is sent.
        labels: For each mapping the names that profiles may bear, with the expressions by which they do.
        steps: Processors over the rows.
        objectives: The linked objectives that need consent.
        asked: What the vendor is asked.
        due: What decides who is due.
        skip_unchanged: Leave out who would be sent as last time.
        changed_only: Send the fields alone that differ from what was accepted last.
        others: The other goals of the account, where this one takes people off lists.
        warnings: What a person should look at.
    """

    name: str
    key: str
    where: str
    pairs: tuple[tuple[str, str], ...]
    mappings: tuple[ExportMappingSettings, ...]
    labels: tuple[Mapping[str, str], ...]
    steps: tuple[Step, ...]
    objectives: tuple[str, ...]
    asked: ExportAsked
    due: DueOptions
    skip_unchanged: bool
    changed_only: bool
    others: Others
    warnings: tuple[str, ...]

    @property
    def properties(self) -> tuple[str, ...]:
        """The profile properties that are mapped; who has a value in none of them is not sent."""
        return mapped_properties(self.mappings)

    @property
    def all_labels(self) -> Mapping[str, str]:
        """The labels of all mappings."""
        return {name: where for own in self.labels for name, where in own.items()}


def mapped_properties(mappings: Iterable[ExportMappingSettings]) -> tuple[str, ...]:
    """The profile properties that are mapped; who has a value in none of them is not sent."""
    read = (mapping.type.column(mapping) for mapping in mappings if mapping.type.decides)
    return tuple(column for column in read if column is not None)


def exporter_of(vendor: Vendor) -> Exporter:
    """The vendor's exporter.

    Raises:
        ConfigurationError: Nothing is exported to this vendor.
    """
    if vendor.exporter is None:
        raise ConfigurationError(f"nothing can be exported to {vendor.title}; remove the export goal")
    return vendor.exporter


def withdrawal_of(vendor: Vendor) -> Withdrawal:
    """How the vendor takes people off lists.

    Raises:
        ConfigurationError: It has no lists.
    """
    withdrawal = exporter_of(vendor).withdrawal
    if withdrawal is None:
        raise ConfigurationError(f"nobody can be taken off a list at {vendor.title}; remove the export goal")
    return withdrawal


def export_problems(
    home: Home,
    vendor: Vendor,
    settings: Settings,
    goal: ExportGoalSettings,
    discovery: Discovery | None,
    planned: Iterable[str] = (),
) -> list[Problem]:
    """What has to be mended before the goal can run; without a discovery, as far as that can be told.

    Args:
        home: The workspace.
        vendor: The vendor.
        settings: The connection's.
        goal: The goal.
        discovery: What the vendor has; None where it was not asked.
        planned: The properties that goals before it are going to add.
    """
    where, exporter = f"goal {goal.name!r}", vendor.exporter
    if exporter is None:
        return [Problem(where, f"nothing can be exported to {vendor.title}", "remove the goal")]
    found = option_problems(exporter.options, goal.target, f"{where}: target")
    if not found and discovery is not None:
        asked = asked_of(exporter, goal, settings, discovery)
        wrong = choice_problems(exporter.options, asked.options, discovery, vendor.things, "target", vendor.title)
        found += [problem.located().inside(where) for problem in (*wrong, *exporter.problems(asked))]
    found += step_problems(goal.processors, home.functions, f"{where}: processors")
    return found + [problem.inside(where) for problem in _value_problems(goal, _workspace(home, planned))]


def _workspace(home: Home, planned: Iterable[str] = ()) -> Workspace:
    known = home.settings.read()
    catalogue = {name: Property(name) for name in planned} | known.catalogue()
    return Workspace(catalogue, known.segments, known.expose_segments)


def _value_problems(goal: ExportGoalSettings, known: Workspace) -> list[Problem]:
    """What the workspace lacks of what the goal names, each once."""
    found = [problem.about(("segment",)) for problem in no_segment("segment", goal.segment, known.segments)]
    for nth, pair in enumerate(goal.identifiers):
        lacks = no_identifying("identifiers", pair.source, known.properties)
        found += [problem.about(("identifiers", nth, "from")) for problem in lacks]
    for nth, mapping in enumerate(goal.mappings):
        key = "from" if mapping.segments is None else "segments"
        found += [problem.about(("mappings", nth, key)) for problem in mapping.type.problems(mapping, known)]
    return each_once(found)


def asked_of(exporter: Exporter, goal: ExportGoalSettings, settings: Settings, discovery: Discovery) -> ExportAsked:
    """What a goal whose options fit asks of the vendor."""
    return ExportAsked(
        settings=settings,
        discovery=discovery,
        options=resolve_options(exporter.options, goal.target, "target"),
        identifiers=tuple(pair.target for pair in goal.identifiers),
        fields=tuple(mapping.target for mapping in goal.mappings),
        create=goal.create,
    )


def resolve_export(
    session: Session, goal: ExportGoalSettings, run: str = "", *, full: bool, resend_in_doubt: bool
) -> ExportGoal:
    """The goal as the plan of a run needs it; it has no problems."""
    exporter, known = exporter_of(session.vendor), _workspace(session.home)
    asked = asked_of(exporter, goal, session.settings, session.discovery)
    if run:
        asked = replace(asked, run=run, began=time_of(run).astimezone(ZoneInfo(session.zone)))
    steps = parse_steps(goal.processors, session.home.functions)
    lists = tuple(listed.id for listed in exporter.lists(asked))
    hidden = (mapping.type.hidden(known) for mapping in goal.mappings)
    return ExportGoal(
        name=goal.name,
        key=session.key(goal),
        where=known.segments[goal.segment],
        pairs=tuple((pair.source, pair.target) for pair in goal.identifiers),
        mappings=goal.mappings,
        labels=tuple(mapping.type.labels(mapping, known) for mapping in goal.mappings),
        steps=steps,
        objectives=session.objectives,
        asked=asked,
        due=DueOptions(
            config=hash_text(_fingerprint(goal, steps, lists)),
            selection=hash_text("\x1d".join(session.objectives)),
            lists=lists,
            on_enter=bool(asked.options.get("on_enter", False)),
            on_leave=bool(asked.options.get("on_leave", False)),
            full=full or exporter.whole(asked),
            resend_in_doubt=resend_in_doubt,
        ),
        skip_unchanged=goal.skip_unchanged_payload,
        changed_only=bool(asked.options.get(CHANGED_ONLY.name, False)),
        others=others_of(session, goal) if asked.options.get("on_leave", False) else Others(session.key(goal)),
        warnings=tuple(dict.fromkeys(filter(None, hidden))),
    )


def _fingerprint(goal: ExportGoalSettings, steps: tuple[Step, ...], lists: tuple[str, ...]) -> str:
    """A text that differs when the same profile would be sent differently."""
    sent = goal.model_dump_json(include={"identifiers", "mappings"})
    return "\x1d".join([sent, *(step.fingerprint() for step in steps), *lists])
