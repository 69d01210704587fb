"""Two previews of the same rows, side by side: which values, rows and counters would be others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from cdpkit.core.imports import CREATED_RULE
from cdpkit.core.text import to_text
from cdpkit.errors import ConfigurationError
from cdpkit.runs.parts import worded
from cdpkit.show.frames import first_rows
from cdpkit.show.tells import Tells
from cdpkit.show.text import counted
from cdpkit.show.told import Told

_WHOM = ("goal", "profile_id", "created_by", "property")


@dataclass(frozen=True, slots=True)
class Side:
    """An import of a preview.

    Attributes:
        goal: Its name.
        inputs: What was read.
        counters: What it would do, in numbers.
        changes: Makes the frame of a preview.
        creates: Likewise.
        rows: Likewise.
    """

    goal: str
    inputs: Sequence[Mapping[str, Any]]
    counters: Mapping[str, Any]
    changes: Callable[[], pl.DataFrame]
    creates: Callable[[], pl.DataFrame]
    rows: Callable[[], pl.DataFrame]


class Comparison(Tells):
    """What two previews of the same rows would do otherwise: here that which was asked, there the other one.

    Each frame is worked out once, when it is first asked for.
    """

    def __init__(self, here: Sequence[Side], there: Sequence[Side], holds: Sequence[object] = ()) -> None:
        """Hold the imports that both have.

        Args:
            here: Those of the one.
            there: Those of the other.
            holds: What has to stay as long as the frames are not worked out.

        Raises:
            ConfigurationError: They have none in common, or have read something else.
        """
        self._holds = tuple(holds)
        other = {side.goal: side for side in there}
        self._pairs = [(side, other[side.goal]) for side in here if side.goal in other]
        if not self._pairs:
            raise ConfigurationError("the previews have no import in common; compare what preview.again(...) gives")
        if any(list(one.inputs) != list(two.inputs) for one, two in self._pairs):
            raise ConfigurationError("the previews are of different rows; compare what preview.again(...) gives")

    @cached_property
    def frame(self) -> pl.DataFrame:
        """`goal`, `profile_id`, `created_by`, `property`, `before`, `here`, `there`: the values that differ, as text.

        A profile that would be created has no id, and is named by the source row that creates it. Null means that the
        value is left as it is, or that the profile is not created.
        """
        return self._values.filter(pl.col("here").ne_missing(pl.col("there"))).drop("in_here", "in_there")

    @cached_property
    def summary(self) -> pl.DataFrame:
        """`goal`, `property`, `same`, `differ`, `only_here`, `only_there`: in how many profiles values would be set."""
        here, there = pl.col("here"), pl.col("there")
        only_here, only_there = pl.col("in_there").is_null(), pl.col("in_here").is_null()
        both = ~only_here & ~only_there
        counts = {
            "same": both & here.eq_missing(there),
            "differ": both & here.ne_missing(there),
            "only_here": only_here,
            "only_there": only_there,
        }
        return (
            self._values.group_by("goal", "property")
            .agg(which.sum().cast(pl.Int64).alias(name) for name, which in counts.items())
            .sort("goal", "property")
        )

    @cached_property
    def rows(self) -> pl.DataFrame:
        """`goal`, `source_row`, `fate_here`, `reason_here`, `fate_there`, `reason_there`: rows with another fate."""
        parts = []
        for one, two in self._pairs:
            here, there = (side.rows().drop_nulls("source_row").with_columns(found=True) for side in (one, two))
            both = here.join(there, on="source_row", how="full", coalesce=True, suffix="_there")
            both = both.rename({"fate": "fate_here", "reason": "reason_here"}).sort("source_row")
            parts.append(both.select(pl.lit(one.goal).alias("goal"), pl.exclude("found", "found_there")))
        other = pl.col("fate_here").ne_missing(pl.col("fate_there")) | pl.col("reason_here").ne_missing(
            pl.col("reason_there")
        )
        return pl.concat(parts).filter(other)

    @cached_property
    def counters(self) -> pl.DataFrame:
        """`goal`, `counter`, `here`, `there`: the numbers that differ; a counter by reason has a line for each."""
        lines = []
        for one, two in self._pairs:
            here, there = _flat(one.counters), _flat(two.counters)
            names = [name for name in dict.fromkeys([*here, *there]) if here.get(name, 0) != there.get(name, 0)]
            lines += [(one.goal, name, here.get(name, 0), there.get(name, 0)) for name in names]
        schema = {"goal": pl.String, "counter": pl.String, "here": pl.Int64, "there": pl.Int64}
        return pl.DataFrame(lines, schema=schema, orient="row")

    @cached_property
    def _values(self) -> pl.DataFrame:
        parts = []
        for one, two in self._pairs:
            here, there = (_values_of(side) for side in (one, two))
            here, there = (
                here.rename({"after": "here", "found": "in_here"}),
                there.rename({"after": "there", "found": "in_there"}),
            )
            both = here.join(there, on=list(_WHOM), how="full", coalesce=True, nulls_equal=True, suffix="_there")
            parts.append(both.with_columns(pl.coalesce("before", "before_there").alias("before")))
        columns = (*_WHOM, "before", "here", "there", "in_here", "in_there")
        return pl.concat(parts).select(columns).sort(_WHOM, nulls_last=True)

    def _told(self) -> Told:
        values, rows = counted(self.frame.height, "value"), counted(self.rows.height, "row")
        profiles = counted(self.frame.select(_WHOM[:-1]).n_unique(), "profile")
        frames = (("Values set, in profiles", self.summary), ("Numbers that differ", self.counters))
        shown = [first_rows(frame, caption=caption) for caption, frame in frames if frame.height]
        fates = self.rows.group_by(pl.exclude("source_row")).agg(pl.len().alias("rows")).sort(pl.all())
        told = fates.rename({"reason_here": "reason"}).pipe(_in_words, "reason", "reason_here")
        told = told.rename({"reason_there": "reason"}).pipe(_in_words, "reason", "reason_there")
        more = [first_rows(told, caption="Rows with another fate")] if told.height else []
        return Told(f"Two previews: {values} of {profiles} and {rows} differ", [*shown, *more])


def _in_words(frame: pl.DataFrame, code: str, name: str) -> pl.DataFrame:
    return worded(frame).rename({code: name})


def _values_of(side: Side) -> pl.DataFrame:
    """`goal`, `profile_id`, `created_by`, `property`, `before`, `after`, `found`: what would be set, once a profile."""
    columns = ["profile_id", "created_by", "property", "before", "after"]
    nothing = pl.lit(None, pl.Int64).alias("created_by")
    changes = side.changes().filter(pl.col("rule") != CREATED_RULE).with_columns(nothing).select(columns)
    creates = side.creates()
    texts = pl.DataFrame([creates["source_row"].alias("created_by"), *map(to_text, creates.drop("source_row"))])
    made = texts.unpivot(index="created_by", variable_name="property", value_name="after").drop_nulls("after")
    none = [pl.lit(None, pl.String).alias(name) for name in ("profile_id", "before")]
    both = pl.concat([changes, made.with_columns(none).with_columns(pl.col("after").cast(pl.String)).select(columns)])
    return both.select(pl.lit(side.goal).alias("goal"), *columns, found=True)


def _flat(counters: Mapping[str, Any]) -> dict[str, int]:
    flat: dict[str, int] = {}
    for name, value in counters.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}: {reason}": count for reason, count in value.items()}
        else:
            flat[name] = value
    return flat
