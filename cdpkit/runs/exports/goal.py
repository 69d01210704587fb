"""An export goal: what a connection file asks, resolved against the workspace and what the vendor has."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from cdpkit.config.goals import ExportGoalSettings, ExportMappingSettings
from cdpkit.config.vendor_settings import option_problems, resolve_options
from cdpkit.core.due import DueOptions
from cdpkit.core.hashing import hash_text
from cdpkit.core.processors import Step, parse_steps
from cdpkit.core.properties import PROFILE_ID, Property
from cdpkit.errors import ConfigurationError
from cdpkit.kit.vendor import Discovery, ExportAsked, Exporter, Settings, Vendor
from cdpkit.problem import Problem
from cdpkit.runs.home import Home
from cdpkit.runs.session import Session

_BUILT_IN_VALUES = {"viewed_interactions": "viewed_interactions", "permission_level": "permission_level"}


@dataclass(frozen=True, slots=True)
class ExportGoal:
    """An export goal that is known to fit.

    Attributes:
        name: The goal.
        key: The name under which the tables hold what belongs to it.
        where: The expression of its segment.
        pairs: The property and the vendor's identifier that it links.
        mappings: What is sent.
        segments: The names of the segments that are sent; none where the workspace does not expose them.
        steps: Processors over the rows.
        objectives: The linked objectives that need consent.
        asked: What the vendor is asked.
        due: What decides who is due.
        skip_unchanged: Leave out who would be sent as last time.
        warnings: What a person should look at.
    """

    name: str
    key: str
    where: str
    pairs: tuple[tuple[str, str], ...]
    mappings: tuple[ExportMappingSettings, ...]
    segments: tuple[str, ...]
    steps: tuple[Step, ...]
    objectives: tuple[str, ...]
    asked: ExportAsked
    due: DueOptions
    skip_unchanged: bool
    warnings: tuple[str, ...]

    @property
    def properties(self) -> tuple[str, ...]:
        """The profile properties that are mapped; who has a value in none of them is not sent."""
        return tuple(m.source for m in self.mappings if m.value == "property" and m.source is not None)


def exporter_of(vendor: Vendor) -> Exporter:
    """The vendor's exporter.

    Raises:
        ConfigurationError: Nothing is exported to this vendor.
    """
    if vendor.exporter is None:
        raise ConfigurationError(f"nothing can be exported to {vendor.title}; remove the export goal")
    return vendor.exporter


def column_of(mapping: ExportMappingSettings) -> str | None:
    """The property that a mapping sends; None where its value is no property's."""
    if mapping.value == "identifier":
        return mapping.source or PROFILE_ID.name
    return mapping.source if mapping.value == "property" else _BUILT_IN_VALUES.get(mapping.value)


def export_problems(
    home: Home,
    vendor: Vendor,
    settings: Settings,
    goal: ExportGoalSettings,
    discovery: Discovery,
    planned: Iterable[str] = (),
) -> list[Problem]:
    """What has to be mended before the goal can run; `planned` are properties that goals before it are going to add."""
    where, exporter = f"goal {goal.name!r}", vendor.exporter
    if exporter is None:
        return [Problem(where, f"nothing can be exported to {vendor.title}", "remove the goal")]
    found = option_problems(exporter.options, goal.target, f"{where}: target")
    if not found:
        asked = _asked(exporter, goal)
        found += [problem.inside(where) for problem in exporter.problems(settings, asked, discovery)]
    known = home.settings.read()
    segments = dict.fromkeys([goal.segment, *(name for m in goal.mappings for name in m.segments or ())])
    found += [
        Problem(
            where,
            f"there is no segment {name!r}; there are: {', '.join(known.segments) or 'none yet'}",
            f"define it with ws.segments.define({name!r}, where)",
        )
        for name in segments
        if name not in known.segments
    ]
    catalogue = {name: Property(name) for name in planned} | known.catalogue()
    return found + _property_problems(where, goal, catalogue)


def _property_problems(where: str, goal: ExportGoalSettings, catalogue: dict[str, Property]) -> list[Problem]:
    linked = [pair.source for pair in goal.identifiers]
    linked += [m.source for m in goal.mappings if m.value == "identifier" and m.source is not None]
    used = [*linked, *(m.source for m in goal.mappings if m.value == "property" and m.source is not None)]
    flagged = [name for name, prop in catalogue.items() if prop.identifier]
    missing = [
        Problem(
            where,
            f"there is no property {name!r}; there are: {', '.join(catalogue)}",
            f"correct its name, or add it with ws.properties.add({name!r})",
        )
        for name in dict.fromkeys(used)
        if name not in catalogue
    ]
    plain = [
        Problem(
            where,
            f"property {name!r} is no identifier; there are: {', '.join(flagged)}",
            f"link one of them, or flag it with ws.properties.change({name!r}, identifier=True)",
        )
        for name in dict.fromkeys(linked)
        if name in catalogue and not catalogue[name].identifier
    ]
    return missing + plain


def _asked(exporter: Exporter, goal: ExportGoalSettings) -> ExportAsked:
    return ExportAsked(
        options=resolve_options(exporter.options, goal.target, "target"),
        identifiers=tuple(pair.target for pair in goal.identifiers),
        fields=tuple(mapping.target for mapping in goal.mappings),
        create=goal.create,
    )


def resolve_export(session: Session, goal: ExportGoalSettings, *, full: bool, resend_in_doubt: bool) -> ExportGoal:
    """The goal as the plan needs it; it has no problems."""
    exporter, known = exporter_of(session.vendor), session.home.settings.read()
    asked = _asked(exporter, goal)
    steps = parse_steps(goal.processors, session.home.functions)
    lists = tuple(listed.id for listed in exporter.lists(asked.options, session.discovery))
    sends_segments = [m for m in goal.mappings if m.value == "segments"]
    names = dict.fromkeys(name for m in sends_segments for name in m.segments or known.segments)
    hidden = bool(sends_segments) and not known.expose_segments
    warning = "names of segments are not sent, because expose_segments is off in cdpkit.toml"
    return ExportGoal(
        name=goal.name,
        key=session.key(goal),
        where=known.segments[goal.segment],
        pairs=tuple((pair.source, pair.target) for pair in goal.identifiers),
        mappings=goal.mappings,
        segments=() if hidden else tuple(names),
        steps=steps,
        objectives=session.objectives,
        asked=asked,
        due=DueOptions(
            config=hash_text(_fingerprint(goal, steps, lists)),
            selection=hash_text("\x1d".join(session.objectives)),
            lists=lists,
            on_enter=bool(asked.options.get("on_enter", False)),
            on_leave=bool(asked.options.get("on_leave", False)),
            full=full,
            resend_in_doubt=resend_in_doubt,
        ),
        skip_unchanged=goal.skip_unchanged_payload,
        warnings=(warning,) if hidden else (),
    )


def _fingerprint(goal: ExportGoalSettings, steps: tuple[Step, ...], lists: tuple[str, ...]) -> str:
    """A text that differs when the same profile would be sent differently."""
    sent = goal.model_dump_json(include={"identifiers", "mappings"})
    return "\x1d".join([sent, *(step.fingerprint() for step in steps), *lists])


def key_of(frame: pl.DataFrame, identifiers: tuple[str, ...]) -> pl.Series:
    """A person's identifiers at the vendor as one text, each with its name; null without any."""
    texts = [
        pl.when(pl.col(name).is_not_null()).then(pl.concat_str(pl.lit(f"{name}\x1e"), pl.col(name)))
        for name in identifiers
    ]
    joined = pl.concat_str(texts, separator="\x1f", ignore_nulls=True)
    return frame.select(pl.when(joined != "").then(joined).alias("key")).to_series()


def identifiers_in(keys: pl.DataFrame, identifiers: tuple[str, ...]) -> pl.DataFrame:
    """The identifiers that `key_of` joined, as columns again, in place of `key`."""
    parts = [pl.col("key").str.extract(rf"(?:^|\x1f){name}\x1e([^\x1f]*)").alias(name) for name in identifiers]
    return keys.with_columns(parts).drop("key")
