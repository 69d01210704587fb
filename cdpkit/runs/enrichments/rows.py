"""The rows of a goal that asks: which fields are not mapped yet, and what properties may take them."""

from cdpkit.config.goals.enrich_profiles import EnrichGoalSettings
from cdpkit.kit.discovery import VendorField
from cdpkit.runs.found import Found, each_once
from cdpkit.runs.imports.rows import filling_rows


def _fields(found: Found, _: EnrichGoalSettings) -> tuple[VendorField, ...]:
    return () if found.vendor.enricher is None else each_once(found.discovery.fields)


def _asked_by(goal: EnrichGoalSettings) -> set[str]:
    """The properties that a goal asks by, which its answers must not fill."""
    return {pair.source for pair in goal.parameters}


ROWS = filling_rows(_fields, lambda _: set(), _asked_by)
