"""What a run refused, to mend and to take again: `run.rejects`."""

from collections.abc import Callable, Mapping
from threading import Event
from typing import Any, Generic

import polars as pl

from cdpkit.core.mending import LINE
from cdpkit.errors import ConfigurationError
from cdpkit.runs.parts import worded
from cdpkit.runs.progress import Observer, shown
from cdpkit.runs.rejects.corrections import corrections_of, known_lines, refuse_lines
from cdpkit.runs.rejects.goal import Again, R, Refusing
from cdpkit.runs.stopping import stopping
from cdpkit.show.face import Faced
from cdpkit.show.frames import first_rows
from cdpkit.show.tells import Tells
from cdpkit.show.text import counted
from cdpkit.show.told import Told

_NOWHERE = (
    "the values belong to no single profile, or to a property that the goal does not store; correct the source, and "
    "load it again"
)


class Rejects(Faced, Tells, Generic[R]):
    """What a run refused and nobody has made good since; `run.rejects` makes one, and reads the history for it.

    Nothing here is changed in place: `filter`, `mend` and `drop` give new ones. What is neither mended nor dropped
    stays listed, and so does what was mended until it is taken.

    Attributes:
        run_id: The run.
        frame: `line` (a number that stays with it), `goal`, `profile_id`, `identifier`, `source_row`, `field`,
            `property`, `value`, `reason`, `mendable`, `mended` (the correction, as text), `dropped`. For somebody whom
            a vendor refused, `value` is what the property has now.
    """

    def __init__(self, run_id: str, lines: pl.DataFrame, goals: Mapping[str, Refusing], again: Again[R]) -> None:
        """Hold the lines.

        Args:
            run_id: The run.
            lines: As `frame`, with `row`.
            goals: By name those of the run that can have refused something.
            again: How what it refused is taken again.
        """
        self._lines, self._goals, self._again = lines, goals, again
        self.run_id = run_id
        self.frame = lines.drop("row")

    @property
    def count(self) -> int:
        """How many lines there are."""
        return self._lines.height

    @property
    def exports(self) -> bool:
        """Whether all lines are of people whom a vendor refused: `send_again` takes those, `load_again` the others."""
        return all(self._goals[name].exports for name in self._lines["goal"].unique())

    @property
    def properties(self) -> tuple[str, ...]:
        """The properties that corrections of all lines may set."""
        goals = [self._goals[name] for name in self._lines["goal"].unique(maintain_order=True)]
        return tuple(name for name in (goals[0].rules if goals else ()) if all(name in goal.rules for goal in goals))

    @property
    def groups(self) -> pl.DataFrame:
        """`goal`, `reason`, `field`, `lines`, `profiles`, `mendable`, `mended`, `dropped`: counts, the most first."""
        counts = [
            pl.len().cast(pl.Int64).alias("lines"),
            pl.col("row").drop_nulls().n_unique().cast(pl.Int64).alias("profiles"),
            pl.col("mendable").sum().cast(pl.Int64),
            pl.col("mended").count().cast(pl.Int64),
            pl.col("dropped").sum().cast(pl.Int64),
        ]
        keys = ["goal", "reason", "field"]
        return self._lines.group_by(keys).agg(counts).sort("lines", *keys, descending=[True, False, False, False])

    def filter(self, *conditions: pl.Expr, **equal: Any) -> "Rejects[R]":
        """Those lines of the frame for which all conditions hold.

        Args:
            conditions: Such as `pl.col("value").str.contains(",")`.
            equal: Column and value, such as `reason="not_a_date"`.
        """
        return self._with(self._lines.filter(*conditions, **equal))

    def mend(self, corrections: object, property: str | None = None) -> "Rejects[R]":  # noqa: A002 - it is called so
        """Give other values in the place of refused ones; they are stored by `load_again` or `send_again`.

        Args:
            corrections: A mapping of lines to values; a frame with `line` and `mended` (or `value`), such as `frame`
                with other values in it, and `property` where another property than that of the line is to be set; or
                an expression over the frame, such as `pl.col("value").str.replace(",", ".")`, of which what fits is
                taken.
            property: For people whom a vendor refused as a whole: the property that is to be set.

        Returns:
            All lines, with the corrections in `mended`; what is empty, or as it was refused, is no correction.

        Raises:
            ConfigurationError: A line is not listed, its value has nowhere to go, or a correction does not fit its
                property; the message has the lines.
        """
        told = not isinstance(corrections, pl.Expr)
        if isinstance(corrections, pl.Expr):
            corrections = self.frame.select(LINE, corrections.cast(pl.String).alias("mended"))
        given = known_lines(corrections_of(corrections), self._lines)
        if property is not None:
            given = given.with_columns(property=pl.lit(property))
        homeless = pl.col("row").is_null() | ~pl.col("mendable")
        none = (given.clear(), given.clear())
        parts = [none, *(self._again.fits(goal, given) for goal in self._goals.values())]
        stored, fits = map(pl.concat, zip(*parts, strict=True))
        if told:
            without = given.join(stored, on=LINE, how="anti")
            refuse_lines(without.filter(homeless | pl.col("property").is_not_null()), _NOWHERE)
            refuse_lines(without, "says not which property is to be set; give property=, or a column 'property'")
            refuse_lines(stored.join(fits, on=LINE, how="anti"), "the correction does not fit its property either")
        new = fits.select(LINE, "property", "mended", dropped=False)
        return self._with(self._lines.update(new, on=LINE, how="left"))

    def drop(self, *conditions: pl.Expr, **equal: Any) -> "Rejects[R]":
        """Give values of an import up: `load_again` takes them off the list for good.

        Args:
            conditions: Which ones, as for `filter`; all that are listed here, where nothing is said.
            equal: Likewise.

        Returns:
            All lines, those among them given up.

        Raises:
            ConfigurationError: There are people among them whom a vendor refused: those are due as long as they are
                in the segment.
        """
        chosen = self._lines.filter(*conditions, **equal)
        people = chosen.filter(pl.col("goal").is_in([name for name, goal in self._goals.items() if goal.exports]))
        refuse_lines(people, "people whom a vendor refused are due as long as they are members of the segment")
        given_up = pl.col(LINE).is_in(chosen[LINE].implode())
        return self._with(
            self._lines.with_columns(
                mended=pl.when(~given_up).then("mended"), dropped=pl.when(given_up).then(True).otherwise("dropped")
            )
        )

    def anew(self, *, corrected: bool = True) -> "Rejects[R]":
        """What is refused still, read again.

        Args:
            corrected: Whether the corrections that were not taken yet stay.
        """
        if not corrected:
            return self._with(self._again.lines())
        held = self._lines.select(LINE, "mended", "dropped", own="property")
        now = self._again.lines().drop("mended", "dropped").join(held, on=LINE, how="left", maintain_order="left")
        mended = pl.col("mended").is_not_null()
        kept = now.with_columns(
            pl.when(mended).then("own").otherwise("property").alias("property"),
            pl.col("dropped").fill_null(value=False),
        )
        return self._with(kept.select(self._lines.columns))

    def load_again(self, *, progress: bool | Observer | None = None, stop: Event | None = None) -> R:
        """Store what was mended of an import, in a load of its own, by the merge rules of the goal.

        Each value goes to the profile that its row reached; processors are not run again. Of a property with several
        values the mended ones join those that are there. What was stored or dropped is listed no more.

        Args:
            progress: As for `ws.load`.
            stop: Likewise.

        Returns:
            The load; `details["mends"]` names the run that had refused the values, `source_row` is the line.

        Raises:
            ConfigurationError: Nothing is mended or dropped, it is of several goals, or somebody has taken some of it
                meanwhile.
        """
        goal, lines = self._of_one(pl.col("mended").is_not_null() | pl.col("dropped"))
        if goal.exports:
            raise ConfigurationError(f"goal {goal.name!r} is an export; send_again() stores its values and sends them")
        return self._do(lambda show: self._again.load(goal, lines, show, stop), progress)

    def send_again(self, *, progress: bool | Observer | None = None, stop: Event | None = None) -> R:
        """Store what was mended in the profiles, and send those people, and nobody else.

        Where nothing was mended all people who are listed here are sent: perhaps the vendor was what had to be mended.
        Who is not sent here is due in the next run of the goal.

        Args:
            progress: As for `conn.run`.
            stop: Likewise.

        Returns:
            The sync; `details["asked"]` names the run that had refused the people.

        Raises:
            ConfigurationError: The people are of several goals, or too many to be sent alone.
        """
        mended = bool(self._lines["mended"].count())
        goal, lines = self._of_one(pl.col("mended").is_not_null() if mended else pl.lit(value=True))
        if not goal.exports:
            raise ConfigurationError(f"goal {goal.name!r} is no export; load_again() stores its values")
        return self._do(lambda show: self._again.send(goal, lines, show, stop), progress)

    def _of_one(self, which: pl.Expr) -> tuple[Refusing, pl.DataFrame]:
        lines = self._lines.filter(which)
        names = lines["goal"].unique().sort().to_list()
        if not names:
            raise ConfigurationError("nothing is mended or dropped; give corrections with mend(...) first")
        if len(names) > 1:
            several = ", ".join(map(repr, names))
            raise ConfigurationError(
                f"the lines are of several goals: {several}; take one with filter(goal={names[0]!r})"
            )
        return self._goals[names[0]], lines

    def _do(self, what: Callable[[Observer], R], progress: bool | Observer | None) -> R:
        with shown(progress) as show, stopping("ws.runs says whether it was stored or sent; repeat the call"):
            return what(show)

    def _with(self, lines: pl.DataFrame) -> "Rejects[R]":
        return Rejects(self.run_id, lines, self._goals, self._again)

    def _told(self) -> Told:
        counts = self.groups
        profiles = counted(self._lines["row"].drop_nulls().n_unique(), "profile")
        more = [f"{counts[name].sum():,} {name}" for name in ("mended", "dropped") if counts[name].sum()]
        what = ", ".join([counted(self.count, "line"), f"of {profiles}", *more])
        shown = counts.drop(name for name in ("mended", "dropped") if not counts[name].sum())
        return Told(f"Refused in run {self.run_id}: {what}", [first_rows(worded(shown))])
