"""What the properties hold, in numbers: one pass over the columns, and most frequent values from a sample."""

from collections.abc import Sequence

import polars as pl

from cdpkit.core.consent import consents
from cdpkit.core.properties import Property, PropertyType
from cdpkit.core.text import to_text
from cdpkit.runs.catalogue import catalogued
from cdpkit.runs.home import Home

TOP = 5
"""So many of the most frequent values are told."""
SAMPLE = 100_000
"""Of so many profiles, spread over all, the most frequent values are counted."""

_STATISTICS = {
    "name": pl.String(),
    "type": pl.String(),
    "filled": pl.Int64(),
    "share": pl.Float64(),
    "distinct": pl.Int64(),
    "least": pl.String(),
    "most": pl.String(),
    "mean": pl.Float64(),
    "top": pl.List(pl.Struct({"value": pl.String(), "share": pl.Float64()})),
}
_NUMERIC = (PropertyType.NUMBER, PropertyType.DECIMAL)
_ORDERED = (*_NUMERIC, PropertyType.DATE, PropertyType.DATETIME)


def property_statistics(home: Home, properties: Sequence[Property], sample: int = SAMPLE) -> pl.DataFrame:
    """What properties hold now, a line each.

    Args:
        home: The workspace.
        properties: Those that are looked at.
        sample: Of how many profiles, spread over all, the most frequent values are counted.

    Returns:
        `name`, `type`; `filled` (profiles with a value) and `share` (of all); `distinct` values (estimated, within some
        in a hundred; of lists, their elements); `least` and `most`, of numbers and times, as text; `mean`, of numbers;
        `top`, the most frequent values as text, each with its share of the profiles that have one, in the sample; null
        for properties that tell who somebody is.
    """
    snapshot = home.tables.snapshot()
    profiles = catalogued(home, snapshot)
    counted = profiles.select(
        pl.len().alias("all"),
        *(expr.alias(f"{name} {prop.name}") for prop in properties for name, expr in _numbers(prop).items()),
    )
    every = max(1, snapshot.next_row // max(1, sample))
    shown = [prop.name for prop in properties if not (prop.pii or prop.identifier)]
    some = profiles.filter(pl.col("row") % every == 0).select(shown)
    numbers, sampled = pl.collect_all([counted, some], engine="streaming")
    total = int(numbers["all"][0])
    lines = []
    for prop in properties:
        found = {name: numbers[f"{name} {prop.name}"] for name in _numbers(prop)}
        filled = int(found["filled"][0])
        least, most = (to_text(found[name])[0] if name in found else None for name in ("least", "most"))
        mean = found["mean"][0] if "mean" in found else None
        top = _top(sampled[prop.name]) if prop.name in shown else None
        share = filled / total if total else None
        lines.append((prop.name, prop.type.value, filled, share, int(found["distinct"][0]), least, most, mean, top))
    return pl.DataFrame(lines, schema=_STATISTICS, orient="row")


def objective_counts(home: Home, names: Sequence[str]) -> pl.DataFrame:
    """`name`, `consenting`, `profiles`: how many consent to each objective (a refusal wins), and how many there are."""
    profiles = catalogued(home, home.tables.snapshot())
    told = profiles.select(pl.len().alias("all"), *(consents([name]).sum().alias(f"of {name}") for name in names))
    numbers = told.collect(engine="streaming")
    lines = [(name, int(numbers[f"of {name}"][0]), int(numbers["all"][0])) for name in names]
    return pl.DataFrame(lines, schema={"name": pl.String, "consenting": pl.Int64, "profiles": pl.Int64}, orient="row")


def _numbers(prop: Property) -> dict[str, pl.Expr]:
    """What is worked out of one column, by name."""
    held = pl.col(prop.name)
    if prop.multi:
        return {"filled": (held.list.len() > 0).sum(), "distinct": _about(held.explode())}
    found = {"filled": held.count(), "distinct": _about(held)}
    if prop.type in _ORDERED:
        found |= {"least": held.min(), "most": held.max()}
    if prop.type in _NUMERIC:
        found["mean"] = held.mean()
    return found


def _about(values: pl.Expr) -> pl.Expr:
    """About how many different values there are; of whole numbers as they stand the estimate would be far too high."""
    return values.drop_nulls().hash().approx_n_unique()


def _top(values: pl.Series) -> list[dict[str, object]]:
    """The most frequent values of a column; of lists, of their elements."""
    filled = values.drop_nulls()
    having = filled.len()
    if isinstance(values.dtype, pl.List):
        having = int((filled.list.len() > 0).sum())
        filled = filled.explode().drop_nulls()
    counts = filled.alias("value").value_counts(sort=True).head(TOP)
    texts = to_text(counts["value"])
    return [{"value": value, "share": count / having} for value, count in zip(texts, counts["count"], strict=True)]
