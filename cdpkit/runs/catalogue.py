"""The catalogue of properties and the profiles: which columns they show, and who follows whom."""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from cdpkit.config.settings_file import Document, put_property
from cdpkit.core.properties import Property
from cdpkit.runs.home import Home
from cdpkit.store.snapshot import Snapshot
from cdpkit.store.tables import RUNS

EDIT = "catalogue"
"""The key in a run's details under which it lists how the catalogue has changed by it: `name`, `before`, `after`."""


def catalogued(home: Home, snapshot: Snapshot, planned: tuple[Property, ...] = ()) -> pl.LazyFrame:
    """`row` and the properties of the catalogue, in its order; one that nobody has yet is null.

    Args:
        home: The workspace.
        snapshot: The profiles, or the groups of a type.
        planned: Properties that a plan is going to add.
    """
    group = snapshot.layers.population.group
    catalogue = home.settings.read().catalogue(group) | {prop.name: prop for prop in planned}
    stored = snapshot.schema  # read once: it is worked out anew each time, and there may be thousands of columns
    columns: list[Any] = [
        name if name in stored else pl.lit(None, prop.dtype).alias(name) for name, prop in catalogue.items()
    ]
    return snapshot.profiles().select("row", *columns)


def plain(prop: Property | None) -> dict[str, Any] | None:
    """A property as the history holds it."""
    if prop is None:
        return None
    return {each: getattr(prop, each) for each in ("name", "multi", "identifier", "pii")} | {"type": prop.type.value}


def edits_of(line: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How the catalogue has changed by a run of the history."""
    edits: list[dict[str, Any]] = json.loads(line["details"]).get(EDIT, [])
    return edits


def follow(home: Home) -> None:
    """Let all commits join their tables, and the settings follow those that changed what a property is.

    The commit is what counts: where its process was killed before it wrote the settings, whoever comes next does.
    """
    home.tables.roll_forward()
    if home.tables.catalogue_seq <= home.settings.read().properties_at:
        return
    runs = home.tables.scan(RUNS).filter(pl.col("seq").is_not_null()).select("seq", "details").collect()
    told = {line["seq"]: edits_of(line) for line in runs.sort("seq").iter_rows(named=True)}
    edits = {seq: edit for seq, edit in told.items() if edit}

    def change(document: Document) -> None:
        done = document.get("properties_at", 0)
        for edit in (edit for seq, several in edits.items() if seq > done for edit in several):
            after = edit["after"]
            put_property(document, edit["name"], None if after is None else Property(**after))
        if edits and max(edits) > done:
            document["properties_at"] = max(edits)

    home.settings.edit(change)
