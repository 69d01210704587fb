"""The merge as one function on frames: no workspace, no file, nothing kept; the very core that loads go through."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from cdpkit.core.fates import ImportCounters
from cdpkit.core.goal import ImportGoal, read_identifiers, read_mappings, read_on_multiple
from cdpkit.core.handed import handed, refuse_unheld, to_frame
from cdpkit.core.imports import Emitted, ImportResult, Source, import_rows
from cdpkit.core.infer import infer, new_properties
from cdpkit.core.processors import BUILT_INS, PythonProcessor, StepSpec, parse_steps, process
from cdpkit.core.properties import BUILT_IN, DEFAULT_PERMISSION_LEVEL, SOURCE_ROW, Property, PropertyType
from cdpkit.core.rows import Rows
from cdpkit.errors import ConfigurationError, refuse
from cdpkit.show.astext import AsText

_SEQ = "updated_seq"
_PATCHED, _NEW = "\x00patched", "\x00new"


@dataclass(frozen=True, slots=True, repr=False)
class Merged(AsText):
    """What a merge makes of profiles and rows.

    Attributes:
        profiles: `row`, the columns of the profiles, and one for each property that was made; those that were there
            in their order, then the created ones. Columns of properties have the types of the properties. Of a
            created profile the columns that nothing fills are null, `profile_id` among them: who stores it names it.
        changes: `row`, `property`, `before`, `after` (as text), `rule`, `source_row`: every value that changed; a
            created profile is one line with the rule `create`.
        rows: `source_row`, `fate`, `reason`: every source row once, numbered from 0.
        rejected: `source_row`, `field`, `property`, `value`, `reason`: every value that was not accepted.
        counters: All of it in numbers.
        properties: What the columns that are matched on or mapped to were taken for, by name.
    """

    profiles: pl.DataFrame
    changes: pl.DataFrame
    rows: pl.DataFrame
    rejected: pl.DataFrame
    counters: ImportCounters
    properties: Mapping[str, Property]

    def __repr__(self) -> str:
        counted, excluded = self.counters, sum(self.counters.excluded.values())
        return (
            f"Merged: {self.profiles.height:,} profiles ({counted.created:,} created, {counted.updated:,} updated); "
            f"{self.rows.height:,} rows ({counted.applied:,} applied, {counted.unchanged:,} unchanged, "
            f"{excluded:,} excluded); {self.rejected.height:,} values rejected"
        )


def merge(
    profiles: object,
    rows: object,
    identifiers: Mapping[str, str],
    mappings: Sequence[Mapping[str, str]] = (),
    create_profiles: bool = True,
    on_multiple_matches: str = "newest",
    processors: Sequence[StepSpec] = (),
    *,
    properties: Sequence[Property] = (),
    functions: Mapping[str, PythonProcessor] | None = None,
    today: dt.date | None = None,
    zone: str = "UTC",
) -> Merged:
    """Merge rows into profiles, all in memory: what `Workspace.load` does, as a function on frames.

    The types of properties are those of the columns of `profiles`: text, number, decimal, boolean, date, datetime, of
    a list several values. A column that is not there yet, or has no type, gets the first type that all values of its
    field fit, as in a load. Columns that nothing names are handed through as they are.

    Args:
        profiles: A Polars frame (eager or lazy), pandas or Arrow; may be empty, without columns. `row` numbers them
            (unique; by position from 0, where it is not there), `updated_seq` says which is the newest (the last one,
            where it is not there).
        rows: A frame likewise.
        identifiers: Field of the rows to property; with several, all must match at once.
        mappings: `{"from": field, "to": property, "rule": rule}`; the rules are set, set_if_empty, set_or_clear, add
            and sum.
        create_profiles: Whether a row without match makes a profile.
        on_multiple_matches: What a row with several matches does: newest, skip or all.
        processors: Steps over the rows before matching, as in a load; `sql` needs a workspace.
        properties: Where a type is to be another one than the column's, such as `Property("mail", "email")`.
        functions: Python functions from lazy frame to lazy frame that `processors` name.
        today: The date that the processor `current_date` gives.
        zone: The time zone in which texts without one are read.

    Returns:
        Polars frames, and the counters.

    Raises:
        ConfigurationError: Something named does not exist or does not fit; every problem is listed.
        SourceError: What was given is no frame.
    """
    goal = ImportGoal(
        identifiers=read_identifiers(identifiers),
        mappings=read_mappings(mappings),
        create_profiles=create_profiles,
        on_multiple_matches=read_on_multiple(on_multiple_matches),
        steps=parse_steps(processors, functions or {}),
        zone=zone,
    )
    given = handed(rows)
    refuse_unheld([field for field, _ in (*goal.identifiers, *goal.stored)], given.unheld)
    source = _source(given.frame.lazy().collect(engine="streaming"), goal, functions or {}, today)
    held = _numbered(to_frame(profiles))
    catalogue = _catalogue(held, source.rows, goal, properties)
    refuse("the merge does not fit", goal.problems(list(source.rows.schema), catalogue))
    named = dict.fromkeys(target for _, target in (*goal.identifiers, *goal.stored))
    used = {name: catalogue[name] for name in named}
    typed = _typed(held, list(used.values()))
    dated = typed if _SEQ in typed.columns else typed.with_columns(pl.lit(0, pl.Int64).alias(_SEQ))
    next_row = 0 if typed.is_empty() else int(typed["row"].max()) + 1  # type: ignore[arg-type]  # they are numbers
    emitted: list[Emitted] = []
    result = import_rows(source, goal, catalogue, dated.lazy(), None, next_row, emitted.append)
    return _merged(typed, emitted, result, used)


def _source(
    rows: pl.DataFrame, goal: ImportGoal, functions: Mapping[str, PythonProcessor], today: dt.date | None
) -> Source:
    if SOURCE_ROW in rows.columns:
        raise ConfigurationError(f"the field {SOURCE_ROW!r} is kept for numbering the rows; rename it")
    numbers = pl.int_range(rows.height, dtype=pl.Int64, eager=True).alias(SOURCE_ROW)
    if not goal.steps:
        none = pl.DataFrame(schema={SOURCE_ROW: pl.Int64, "reason": pl.String})
        return Source(Rows(rows, rows.height), numbers, none)
    dated = BUILT_INS["current_date"].cls
    if today is None and any(isinstance(step.processor, dated) for step in goal.steps):
        raise ConfigurationError("the processor 'current_date' needs the date; give it as today=")
    day = today or dt.date.min
    done = process(rows.with_columns(numbers), goal.steps, functions=functions, sql=_no_sql, today=day)
    left = Rows(done.rows.drop(SOURCE_ROW), done.rows.height)
    return Source(left, done.rows[SOURCE_ROW], done.excluded, done.added, done.unread)


def _no_sql(_rows: pl.DataFrame, _text: str) -> pl.DataFrame:
    raise ConfigurationError("the processor 'sql' needs a workspace; change the rows before you merge them")


def _numbered(profiles: pl.DataFrame) -> pl.DataFrame:
    """The profiles with `row` in front."""
    if "row" not in profiles.columns:
        numbers = pl.int_range(profiles.height, dtype=pl.Int64, eager=True).alias("row")
        return profiles.select(numbers, pl.all())
    row = profiles["row"]
    if not row.dtype.is_integer() or row.null_count() or row.n_unique() != row.len():
        raise ConfigurationError("the column 'row' numbers the profiles: whole numbers, each once; or leave it out")
    return profiles.select(pl.col("row").cast(pl.Int64), pl.exclude("row"))


def _catalogue(profiles: pl.DataFrame, rows: Rows, goal: ImportGoal, given: Sequence[Property]) -> dict[str, Property]:
    """The built-in properties, and every other one that is named."""
    if not all(isinstance(prop, Property) for prop in given):
        raise ConfigurationError(
            "properties are a list of cdpkit.Property, such as [cdpkit.Property('points', type='number')]; leave out "
            "those whose type is to be found"
        )
    built_in, told = {prop.name: prop for prop in BUILT_IN}, {prop.name: prop for prop in given}
    pairs = [*goal.identifiers, *goal.stored]
    named = {target for _, target in pairs}
    strange = [name for name in told if name in built_in or name not in named]
    if "row" in named:
        raise ConfigurationError("'row' numbers the profiles; match on and map to other properties")
    if strange:
        raise ConfigurationError(f"property {strange[0]!r} is built in, or nothing is matched on it or mapped to it")
    cased = {name.lower(): name for name in profiles.columns}
    missed = sorted(name for name in named if name not in profiles.columns and name.lower() in cased)
    if missed:
        raise ConfigurationError(
            f"no property {missed[0]!r}, but there is {cased[missed[0].lower()]!r}; write it like that"
        )
    typed = [name for name, dtype in profiles.schema.items() if name in named and dtype != pl.Null]
    columns = {name: infer(profiles[name].head(0), name) for name in typed if name not in told}
    catalogue = columns | built_in | told
    catalogue |= {prop.name: prop for prop in new_properties(pairs, rows, catalogue, goal.gathered)}
    matched = [target for _, target in goal.identifiers if target in catalogue and target not in built_in]
    return catalogue | {name: replace(catalogue[name], identifier=True) for name in matched}


def _typed(profiles: pl.DataFrame, properties: Sequence[Property]) -> pl.DataFrame:
    """The profiles with a column for each of these properties, of its type."""
    wrong: list[str] = []
    for prop in properties:
        column = profiles.get_column(prop.name, default=None)
        if column is None or column.dtype == pl.Null:
            typed = pl.repeat(None, profiles.height, dtype=prop.dtype, eager=True).alias(prop.name)
        elif _holds(column.dtype, prop):
            typed = column.cast(prop.dtype)
        else:
            several = " with several values" if prop.multi else ""
            wrong.append(f"the column {prop.name!r} is {column.dtype}, which is no {prop.type.value}{several}")
            continue
        profiles = profiles.with_columns(typed)
    if wrong:
        raise ConfigurationError("the profiles do not fit; cast or leave out:\n- " + "\n- ".join(wrong))
    return profiles


def _holds(dtype: pl.DataType, prop: Property) -> bool:
    """Whether a column of this type can be read as the property without loss."""
    inner = dtype.inner if isinstance(dtype, pl.List | pl.Array) else dtype
    if isinstance(dtype, pl.List | pl.Array) is not prop.multi:
        return False
    match prop.type:
        case PropertyType.TEXT | PropertyType.EMAIL:
            return inner in (pl.String, pl.Categorical, pl.Enum)
        case PropertyType.NUMBER:
            return inner.is_integer() and inner not in (pl.UInt64, pl.Int128, pl.UInt128)
        case PropertyType.DECIMAL:
            return inner.is_numeric()
        case PropertyType.DATETIME:
            return inner == pl.Datetime
        case _:
            return inner == prop.element


def _merged(
    held: pl.DataFrame, emitted: Sequence[Emitted], result: ImportResult, properties: Mapping[str, Property]
) -> Merged:
    """Lay what was emitted over the profiles, and name columns as runs do."""
    created, patch, changes = (
        pl.concat([getattr(part, name) for part in emitted]) for name in ("created", "patch", "changes")
    )
    if "permission_level" in held.columns and "permission_level" not in created.columns:
        created = created.with_columns(permission_level=pl.lit(DEFAULT_PERMISSION_LEVEL))
    laid = held.join(
        patch.with_columns(pl.lit(value=True).alias(_PATCHED)), "row", "left", suffix=_NEW, maintain_order="left"
    )
    names = [name for name in patch.columns if name != "row"]
    new = [pl.when(_PATCHED).then(name + _NEW).otherwise(name).alias(name) for name in names]
    merged = laid.with_columns(new).select(held.columns)
    numbered = {SOURCE_ROW: "source_row"}
    return Merged(
        profiles=pl.concat([merged, created], how="diagonal"),
        changes=changes.rename(numbered),
        rows=result.fates.rename(numbered),
        rejected=result.rejected.drop("row").rename(numbered),
        counters=result.counters,
        properties=properties,
    )
