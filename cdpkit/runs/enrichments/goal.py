"""A goal that asks a vendor about people, resolved against the workspace and what the vendor has."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import floor, inf

import polars as pl

from cdpkit.config.goals.enrich_profiles import EnrichGoalSettings
from cdpkit.config.vendor_settings import option_problems, resolve_options
from cdpkit.core.asking import Pause
from cdpkit.core.export_values import no_segment
from cdpkit.core.goal import FieldMapping, ImportGoal, Rule
from cdpkit.core.processors import parse_steps, step_problems
from cdpkit.core.properties import GROUP_ID, PROFILE_ID, Property
from cdpkit.errors import ConfigurationError
from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.enriching import EnrichAsked, Enricher
from cdpkit.kit.lists import choice_problems
from cdpkit.kit.vendor import Vendor
from cdpkit.problem import At, Problem, each_once, unknown
from cdpkit.runs.groups import properties_of
from cdpkit.runs.guard import Guards, guards_of
from cdpkit.runs.home import Home
from cdpkit.runs.kind import Options
from cdpkit.runs.session import Known, Session
from cdpkit.runs.watch.kept import due


@dataclass(frozen=True, slots=True)
class EnrichGoal:
    """A goal that is known to fit.

    Attributes:
        name: The goal.
        key: The name under which the tables hold what belongs to it.
        where: The expression of its segment.
        pairs: The property and the vendor's parameter that it links.
        objectives: The linked objectives that need consent.
        asked: What the vendor is asked.
        answers: The import of what it answers.
        pause: How long nobody is asked about again.
        again: Ask about those again of whom no answer came.
        full: Ask about those again of whom nothing has changed.
        most: Most requests of a run, or of 24 hours.
        daily: Whether that holds for 24 hours, because a watch makes many runs.
        only: The rows of the profiles alone that are asked about; None for all of the segment.
        group: The type of the groups that the answers are about; empty for the profiles.
        price: What a document costs; None where nobody has said.
        guards: How much the answers may change.
    """

    name: str
    key: str
    where: str
    pairs: tuple[tuple[str, str], ...]
    objectives: tuple[str, ...]
    asked: EnrichAsked
    answers: ImportGoal
    pause: Pause
    again: bool
    full: bool
    most: float
    price: float | None
    guards: Guards
    daily: bool = False
    only: pl.Series | None = field(default=None, compare=False, repr=False)
    group: str = ""


@dataclass(frozen=True, slots=True)
class Into:
    """Where answers go that are about groups.

    Attributes:
        group: The type of the groups.
        id: The field of the answers that holds the id of each.
        create: Whether an id that is not known makes a group.
    """

    group: str
    id: str
    create: bool


def enricher_of(vendor: Vendor) -> Enricher:
    """The vendor's.

    Raises:
        ConfigurationError: It is not asked about people.
    """
    if vendor.enricher is None:
        raise ConfigurationError(f"{vendor.title} is not asked about people; remove the goal")
    return vendor.enricher


def enrich_problems(
    known: Known, goal: EnrichGoalSettings, planned: Sequence[str], into: Into | None = None
) -> list[Problem]:
    """What has to be mended before the goal can run; without a discovery, as far as that can be told."""
    where, enricher = f"goal {goal.name!r}", known.vendor.enricher
    if enricher is None:
        return [Problem(where, f"{known.vendor.title} is not asked about people", "remove the goal")]
    found = option_problems(enricher.options, goal.source, f"{where}: source")
    found += step_problems(goal.processors, known.home.functions, f"{where}: processors")
    if not found and known.discovery is not None:
        found += _at_vendor(known.vendor, enricher, goal, known.settings, known.discovery, where, into)
    found += [problem.inside(where) for problem in _in_workspace(known.home, goal, planned, into)]
    if not goal.mappings:
        what = "is empty: nothing would be stored of what is paid for"
        found.append(Problem(f"{where}: mappings", what, "map a field").about(("mappings",)))
    price = enricher.price(known.settings) if "price" in known.settings else None
    if goal.budget is not None and price is None:
        what = "is a limit of what a run may cost, and nobody has said what a document costs"
        found.append(
            Problem(f"{where}: budget", what, "add price below [settings], or remove the key budget").about(("budget",))
        )
    return found


def _at_vendor(
    vendor: Vendor,
    enricher: Enricher,
    goal: EnrichGoalSettings,
    settings: Settings,
    there: Discovery,
    where: str,
    into: Into | None,
) -> list[Problem]:
    asked = asked_of(enricher, goal, settings, there, into)
    wrong = choice_problems(enricher.options, asked.options, there, vendor.things, "source", vendor.title)
    wrong = wrong or enricher.problems(asked)
    names = [field.name for field in there.fields]
    fields: list[tuple[str, At]] = [(each.source, ("mappings", n, "from")) for n, each in enumerate(goal.mappings)]
    fields += [] if into is None else [(into.id, ("id",))]
    for name, at in fields:
        if name not in names and not goal.processors:
            fix = "map one of these; a contract's own are named by settings.more_fields"
            wrong.append(unknown(str(at[0]), "field", name, names, fix).about(at))
    wrong += [] if into is None or wrong else _elsewhere(enricher, asked, goal, into)
    return [problem.located().inside(where) for problem in wrong]


def _elsewhere(enricher: Enricher, asked: EnrichAsked, goal: EnrichGoalSettings, into: Into) -> list[Problem]:
    """The fields that do not come with the ids of groups: each class of documents is an answer of its own."""
    ids = ", ".join(enricher.groups)
    if into.id not in enricher.groups:
        what = f"{into.id!r} is no id of a group"
        return [Problem("id", what, f"write one of: {ids}" if ids else "remove the goal").about(("id",))]
    own = enricher.about(replace(asked, fields=(into.id,)))
    return [
        Problem(
            "mappings",
            f"{each.source!r} comes with another document than {into.id!r}",
            f"map fields that come with it, or take another id, of: {ids}",
        ).about(("mappings", nth, "from"))
        for nth, each in enumerate(goal.mappings)
        if enricher.about(replace(asked, fields=(each.source,))) not in ((), own)
    ]


def _in_workspace(home: Home, goal: EnrichGoalSettings, planned: Sequence[str], into: Into | None) -> list[Problem]:
    known = home.settings.read()
    catalogue = {name: Property(name) for name in planned} | known.catalogue()
    found = [problem.about(("segment",)) for problem in no_segment("segment", goal.segment, known.segments)]
    for nth, pair in enumerate(goal.parameters):
        at = ("parameters", nth, "from")
        if pair.source not in catalogue:
            fix = f"add it with ws.properties.add({pair.source!r})"
            found.append(unknown("parameters", "property", pair.source, catalogue, fix).about(at))
        if into is None and pair.source in {mapping.target for mapping in goal.mappings}:
            what = f"property {pair.source!r} is asked by and filled: each answer would be asked about again"
            found.append(Problem("mappings", what, "store it in another property").about(at))
    answers = as_import(home, goal, into, key="", zone="UTC", objectives=(), full=False)
    catalogue = catalogue if into is None else {**properties_of(known, into.group)}
    stored = catalogue | {
        each.target: Property(each.target, multi=each.rule is Rule.ADD)
        for each in answers.mappings
        if each.target not in catalogue
    }
    fields = [*answers.named]
    return each_once([*found, *answers.problems(fields, stored, apart=True)])


def asked_of(
    enricher: Enricher, goal: EnrichGoalSettings, settings: Settings, discovery: Discovery, into: Into | None = None
) -> EnrichAsked:
    """What a goal whose options fit asks of the vendor."""
    known_by = [] if into is None else [into.id]
    return EnrichAsked(
        settings,
        resolve_options(enricher.options, goal.source, "source"),
        discovery,
        tuple(pair.target for pair in goal.parameters),
        tuple(dict.fromkeys([*known_by, *(mapping.source for mapping in goal.mappings)])),
    )


def as_import(
    home: Home,
    goal: EnrichGoalSettings,
    into: Into | None,
    *,
    key: str,
    zone: str,
    objectives: tuple[str, ...],
    full: bool,
) -> ImportGoal:
    """The import of the answers: they are about profiles that are there, and make no others; or about groups."""
    known_by = (PROFILE_ID.name, PROFILE_ID.name) if into is None else (into.id, GROUP_ID.name)
    return ImportGoal(
        identifiers=(known_by,),
        mappings=tuple(FieldMapping(each.source, each.target, each.rule) for each in goal.mappings),
        create_profiles=into is not None and into.create,
        steps=parse_steps(goal.processors, home.functions),
        name=key,
        full=full,
        zone=zone,
        objectives=() if into is not None else objectives,
    )


def resolve_enrichment(
    session: Session, goal: EnrichGoalSettings, options: Options, into: Into | None = None
) -> EnrichGoal:
    """The goal as the plan needs it; it has no problems."""
    home, enricher, key = session.home, enricher_of(session.vendor), session.key(goal)
    asked = asked_of(enricher, goal, session.settings, session.discovery, into)
    price = enricher.price(session.settings)
    return EnrichGoal(
        name=goal.name,
        key=key,
        where=home.settings.read().segments[goal.segment],
        pairs=tuple((pair.source, pair.target) for pair in goal.parameters),
        objectives=session.objectives,
        asked=asked,
        answers=as_import(
            home, goal, into, key=key, zone=session.zone, objectives=session.objectives, full=options.full
        ),
        pause=goal.paused,
        again=goal.repeat_in_doubt or options.resend_in_doubt,
        full=options.full,
        most=min(goal.max_requests, _affordable(goal.budget, price, enricher.documents(asked))),
        price=price,
        guards=guards_of(home, goal.guards, options.allow),
        daily=goal.real_time,
        only=pl.Series("row", due(home, session.name, goal.name), pl.Int64) if options.real_time else None,
        group="" if into is None else into.group,
    )


def _affordable(budget: float | None, price: float | None, documents: int) -> float:
    """How many requests a budget surely pays for."""
    if budget is None or not price:
        return inf
    return floor(budget / (price * documents) + _ROUNDING)


_ROUNDING = 1e-9
