"""A plan to look at: what a load or a sync would change and send, before anything is stored or sent."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import finalize

import polars as pl

from cdpkit.core.processors import StepSpec
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.place.foreign import translated
from cdpkit.runs.comparison import Comparison, Side
from cdpkit.runs.files.given import read_lines
from cdpkit.runs.frame_view import FrameView
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.guard import guards_of, warned
from cdpkit.runs.hints import NO_HINTS, Hints
from cdpkit.runs.home import Home
from cdpkit.runs.imports.look import import_look
from cdpkit.runs.imports.made import more_types
from cdpkit.runs.imports.planned import PlannedImport
from cdpkit.runs.imports.what_if import Supposed, chosen_import, suppose
from cdpkit.runs.new_properties import made_lines
from cdpkit.runs.numbers import together
from cdpkit.runs.parts import Held, Part
from cdpkit.runs.plan import NEW_PROPERTIES, Plan
from cdpkit.runs.preview_frames import VIEWS, joined, refused_by
from cdpkit.runs.preview_told import numbers, parts_of, whole
from cdpkit.runs.report import report_lines
from cdpkit.runs.sync import Prepared
from cdpkit.show.face import Faced
from cdpkit.show.shown_frame import ShownFrame
from cdpkit.show.tells import Tells
from cdpkit.show.told import Told


class Preview(Faced, Tells):
    """What would happen, worked out by the very plan that is carried out with `preview=preview`.

    Each frame is worked out once, when it is first asked for; `view(name)` hands the same out in windows. Frames of a
    connection's preview have the column `goal` at their end, which says whose they are.
    """

    def __init__(
        self,
        home: Home,
        plans: Sequence[Plan],
        prepared: Prepared | None = None,
        sweep_more: Callable[[], None] | None = None,
        *,
        understood: Sequence[Mapping[str, Any]] = (),
        more: Hints = NO_HINTS,
    ) -> None:
        """Hold plans, until they are carried out or nobody looks at them any more.

        Args:
            home: The workspace.
            plans: The plan of a load, or those of a connection's goals in the order in which they run.
            prepared: What a run of a connection carries out; None for a load.
            sweep_more: Removes what was fetched for them.
            understood: How files of a load were read.
            more: What would give new properties other types than text.
        """
        self._home, self._more, self._understood = home, more, tuple(understood)
        self._plans, self._prepared = tuple(plans), prepared
        self._looks = tuple((plan.name, plan.look()) for plan in plans)
        self._frames, self._held, self._warned = dict[str, pl.DataFrame](), Held(), dict[str, list[str]]()
        self._on: Preview | None = None
        self._sweep: finalize[..., Any] = finalize(self, _discard, self._plans, sweep_more)

    def _keep(self) -> None:
        self._sweep.detach()
        self._sweep = finalize(self, _discard, self._plans, None)

    def _beside(self, plan: Plan) -> dict[str, Any]:
        """What is said of it beside its numbers: also what would keep it from being carried out."""
        if plan.name not in self._warned:
            own = None if self._prepared is None else self._prepared.connection.goal(plan.name).guards
            self._warned[plan.name] = warned(plan, guards_of(self._home, own))
        warnings = (*plan.warnings, *self._warned[plan.name])
        return {"warnings": warnings, "group": plan.snapshot.layers.population.group}

    @property
    def goals(self) -> tuple[GoalRun, ...]:
        """The goals, with the counters that they would have, and what they take at least.

        Whom a vendor is going to refuse nobody knows yet.
        """
        return tuple(
            GoalRun(plan.name, "planned", look.counters(), plan.kind, estimate=look.estimate(), **self._beside(plan))
            for plan, (_, look) in zip(self._plans, self._looks, strict=True)
        )

    @property
    def counters(self) -> dict[str, Any]:
        """The counters of all goals together."""
        return together(goal.counters for goal in self.goals)

    @property
    def summary(self) -> pl.DataFrame:
        """`property`, `rule`, `set`, `changed`, `cleared`: how many existing profiles would change, by property."""
        return self._frame("summary")

    @property
    def changes(self) -> pl.DataFrame:
        """`profile_id`, `property`, `before`, `after`, `rule`, `source_row`: every value that would change.

        A profile that would be created is one line with the rule `create`; it has no `profile_id` yet.
        """
        return self._frame("changes")

    @property
    def new_properties(self) -> pl.DataFrame:
        """`property`, `type`, `multi`, `why`, `rows`, `nearly`: what would be made, and what decided on its type."""
        return made if (made := self._frame("new_properties")).width > 1 else pl.DataFrame(schema=NEW_PROPERTIES)

    @property
    def creates(self) -> pl.DataFrame:
        """The profiles that would be created, named by the `source_row` that creates them."""
        return self._frame("creates")

    @property
    def matching(self) -> pl.DataFrame:
        """How each identifier fares by itself: `field`, `property`, and numbers of rows of the source.

        `rows` in all; `missing` (no value that the property takes); `one`, `several` or `none` profiles found by it;
        `near`, those of `none` that would find one if blanks and upper and lower case did not count.
        """
        return self._frame("matching")

    @property
    def near_misses(self) -> pl.DataFrame:
        """`source_row`, `field`, `property`, `value`, `stored`, `profile_id`: what nearly matches, and whom."""
        return self._frame("near_misses")

    @property
    def rows(self) -> pl.DataFrame:
        """`source_row`, `fate`, `reason`: every row of the source."""
        return self._frame("rows")

    @property
    def excluded(self) -> pl.DataFrame:
        """`source_row`, `reason`: the rows that would be left out.

        Of a connection also `profile_id`: the profiles that an export would leave out, but for those that are not due.
        """
        return self._frame("excluded")

    @property
    def rejected(self) -> pl.DataFrame:
        """`source_row`, `field`, `property`, `value`, `reason`: the values that would not be accepted.

        Of a connection also `profile_id`: the profiles that do not fit the vendor's fields.
        """
        return self._frame("rejected")

    @property
    def sends(self) -> pl.DataFrame:
        """`profile_id`, the vendor's identifiers, `body` (JSON), `lists` (those entered): who would be sent."""
        return self._frame("sends")

    @property
    def withdraws(self) -> pl.DataFrame:
        """`profile_id`, the vendor's identifiers, `list`: who would be taken off which list."""
        return self._frame("withdraws")

    @property
    def events(self) -> pl.DataFrame:
        """`source_row`, `profile_id`, `type`, `id`, `time`, `properties`, `fate` of events to store or to send."""
        return self._frame("events")

    @translated("the preview cannot be worked out")
    def again(
        self,
        *,
        identifiers: Mapping[str, str] | None = None,
        mappings: Sequence[Mapping[str, str]] | None = None,
        processors: Sequence[StepSpec] | None = None,
        goal: str | None = None,
    ) -> "Preview":
        """The same rows under other identifiers, mappings or processors; nothing is fetched anew.

        Args:
            identifiers: Instead of those of this preview, as for it; None leaves them.
            mappings: Likewise.
            processors: Likewise.
            goal: The import that is meant, where a preview of a connection has several.

        Returns:
            The preview of that one import, on the same profiles. That of a load can be stored with
            `ws.load(preview=preview)`; that of a connection only once its goal is like this.

        Raises:
            UnknownNameError: No such import.
            ConfigurationError: It does not fit, or names what was not fetched; lists every problem.
            SourceError: A file has to be read for more fields, and is not what it was.
        """
        chosen, supposed = chosen_import(self._plans, goal), Supposed(identifiers, mappings, processors)
        plan, prepared = suppose(self._home, chosen, supposed, self._prepared)
        more = more_types(plan.plan.prepared) if prepared is None else NO_HINTS
        made = Preview(self._home, [plan], prepared, understood=self._understood, more=more)
        made._on = self  # it may rest on files that go with this one
        return made

    def compare(self, other: "Preview") -> Comparison:
        """What another preview of the same rows would do otherwise: by property, value, row and counter.

        Args:
            other: Such as `again(...)` gives.

        Raises:
            ConfigurationError: It is no preview, or one of other rows.
        """
        return Comparison(_sides(self), _sides(_a_preview(other)), (self, other))

    def view(self, name: str) -> FrameView:
        """One of the frames above, to leaf through.

        Raises:
            UnknownNameError: There is none of this name; names those that there are.
        """
        if name not in VIEWS:
            raise UnknownNameError("view", name, VIEWS)
        return FrameView(name, lambda: self._frame(name))

    def report(self) -> str:
        """What would happen, for people."""
        what, state = self._what()
        told = f"nothing is {state}; it would be"
        lines = report_lines("preview", what, told, self.goals, refused=self._refused())
        return "\n".join([*lines, *self._notes()])

    def _notes(self) -> list[str]:
        made = made_lines(self.new_properties.iter_rows(named=True), self._more.read, self._more.notes)
        return [*made, *read_lines(self._understood)]

    def __repr__(self) -> str:
        """The report: numbers alone, since what is printed may come into a log."""
        return self.report()

    def _numbers(self, *, looked_up: bool = True) -> Told:
        return numbers(self, self._headline(), self._refused(), self._notes(), looked_up=looked_up)

    def _headline(self) -> str:
        what, state = self._what()
        return f"Preview {what}: nothing is {state}"

    def _told(self) -> Told:
        return whole(self, self._numbers(), self._held)

    def _what(self) -> tuple[str, str]:
        what, state = ("a load", "stored") if self._prepared is None else ("a sync", "stored or sent")
        return f"of {what}", state

    def _refused(self) -> dict[str, pl.DataFrame]:
        return refused_by(self._looks)

    def _frame(self, name: str) -> pl.DataFrame:
        """One of the frames, of all plans that have it, below each other."""
        if name not in self._frames:
            self._frames[name] = ShownFrame(joined(name, self._looks, named=self._prepared is not None))
        return self._frames[name]


def _sides(preview: Preview) -> list[Side]:
    """The imports of a preview, to be compared."""
    sides = []
    for plan in plans_of(preview):
        if isinstance(plan, PlannedImport):
            look = import_look(plan.plan)
            frames = [frame or pl.DataFrame for frame in (look.changes, look.creates, look.rows)]
            sides.append(Side(plan.name, plan.plan.prepared.inputs, look.counters(), *frames))
    return sides


def plans_of(preview: Preview) -> tuple[Plan, ...]:
    """The plan of a load, or those of a connection's goals in the order in which they run."""
    return _a_preview(preview)._plans  # noqa: SLF001  (who looks at a preview has no use for it)


def headline_of(preview: Preview) -> str:
    """What it is, which is known at once."""
    return preview._headline()  # noqa: SLF001  (it is told to whoever shows it)


def numbers_of(preview: Preview, *, looked_up: bool = True) -> Told:
    """What it tells, without a value of anybody; `looked_up` as of `preview_told.numbers`."""
    return preview._numbers(looked_up=looked_up)  # noqa: SLF001  (likewise)


def parts(preview: Preview) -> tuple[Part, ...]:
    """Its frames as people look at them; each is made once."""
    return parts_of(preview, preview._held)  # noqa: SLF001  (likewise)


def home_of(preview: Preview) -> Home:
    """The workspace."""
    return preview._home  # noqa: SLF001  (likewise)


def prepared_of(preview: Preview) -> Prepared | None:
    """What a run of the connection carries out; None for the preview of a load."""
    return _a_preview(preview)._prepared  # noqa: SLF001  (likewise)


def keep(preview: Preview) -> None:
    """Leave what was fetched for it where it is: a run is about to need it, and may be gone on with later."""
    preview._keep()  # noqa: SLF001  (likewise)


def _discard(plans: Sequence[Plan], more: Callable[[], None] | None) -> None:
    for plan in plans:
        plan.discard()
    if more is not None:
        more()


def _a_preview(given: Preview) -> Preview:
    """The same, where it is what it is taken for; somebody may have handed in the run of a preview instead."""
    if not isinstance(given, Preview):
        raise ConfigurationError(
            f"preview= takes what a preview gave, such as ws.preview_load(...), not a {type(given).__name__}"
        )
    return given
