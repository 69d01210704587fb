"""What a kind of goal is: a value with the questions that runs, checks, previews, undos and forms ask."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import polars as pl

from cdpkit.config.goal import GoalSettings
from cdpkit.core.properties import Property
from cdpkit.kit.declare import Setting
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.vendor import Direction, Vendor
from cdpkit.problem import Problem
from cdpkit.runs.folder import GoalFolder
from cdpkit.runs.goal_run import GoalRun
from cdpkit.runs.home import Home
from cdpkit.runs.plan import Plan
from cdpkit.runs.progress import Observer, silent
from cdpkit.runs.rows import Rows
from cdpkit.runs.session import Known, Session
from cdpkit.store.snapshot import Snapshot

S = TypeVar("S", bound=GoalSettings)
P = TypeVar("P", bound=Plan)

Line = Callable[[GoalRun], dict[str, Any]]
"""Makes the line of the history that joins with a goal's commit."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the goals of a run are carried out.

    Attributes:
        full: Apply or send everything again.
        resend_in_doubt: Send those again of whom no answer came.
        people: The rows of the profiles alone that an export considers; None for all.
        allow: The guards that are not to stop it.
        real_time: A watch has found that those are due whom it keeps for the goal (`runs.watch`).
    """

    full: bool = False
    resend_in_doubt: bool = False
    people: tuple[int, ...] | None = None
    allow: tuple[str, ...] = ()
    real_time: bool = False


def nobody_told(_properties: Iterable[Property]) -> None:
    """Where nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a goal is worked out and carried out with.

    Attributes:
        session: The connection.
        folder: Where what was fetched is kept.
        run: The run that carries it out.
        options: How.
        show: Is told how far it is.
        on: The profiles as the goals before it leave them; None for those that are there by then.
        planned: The properties that those goals are going to add.
        waited: Whether the plan is that of a preview, which is carried out as it is or not at all.
        makes: Is told the properties that are made which the plan could not tell.
    """

    session: Session
    folder: GoalFolder
    run: str
    options: Options = Options()
    show: Observer = silent
    on: Snapshot | None = None
    planned: tuple[Property, ...] = ()
    waited: bool = False
    makes: Callable[[Iterable[Property]], None] = nobody_told


@dataclass(frozen=True, slots=True)
class FormStep:
    """A step of the form in which a goal is filled in.

    Attributes:
        name: For programs.
        label: For people.
        keys: The keys of the goal's settings that it asks for, in order.
        words: By key a label and a line of help, where the usual ones do not fit.
    """

    name: str
    label: str
    keys: tuple[str, ...]
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Undoing:
    """What has to be known of a goal's run before it is taken back.

    Attributes:
        summed: The properties into which it added numbers.
        stays: What is not taken back, for people; empty where all is.
    """

    summed: tuple[str, ...] = ()
    stays: str = ""


@dataclass(frozen=True, slots=True)
class Following:
    """What a watch has to know of a goal that is carried out as soon as profiles change.

    Attributes:
        properties: The properties whose changes make a profile due.
        segment: The name of the segment of which it has to be a member.
        waits: Of rows of profiles those whose turn has surely not come, so that no run is made for them.
        left: Of a run that has ended well, given by its id: the rows whose turn is still to come.
    """

    properties: tuple[str, ...]
    segment: str
    waits: Callable[[Home, str, pl.Series], pl.Series]
    left: Callable[[Home, str, str], pl.Series]


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose profiles a goal serves.

    Attributes:
        segment: The name of the segment.
        identifiers: The properties by which the vendor is to know them; each needs a value in one.
        properties: The properties that are sent; each needs a value in one, where there are any.
    """

    segment: str
    identifiers: tuple[str, ...]
    properties: tuple[str, ...] = ()


class Part(Protocol):
    """What a vendor has for goals of a kind."""

    @property
    def options(self) -> tuple[Setting, ...]:
        """Of a goal, the vendor's own."""


def no_part(_vendor: Vendor) -> None:
    """Of a kind for which no vendor has anything of its own."""


def no_identifiers(_vendor: Vendor, _discovery: Discovery) -> tuple[str, ...]:
    """Of a kind whose goals link none of the vendor's."""
    return ()


def not_followed(_goal: GoalSettings) -> None:
    """Of a kind whose goals wait for a run of their connection."""


def no_audience(_goal: GoalSettings) -> None:
    """Of a kind whose goals serve no segment."""


def nothing_offered(_vendor: Vendor, _properties: Mapping[str, Property]) -> None:
    """Of a kind whose goals all begin empty."""


@dataclass(frozen=True, slots=True)
class GoalKind(Generic[S, P]):
    """A kind of goal.

    Attributes:
        name: As `kind` in a connection file has it.
        direction: `import` or `export`, as seen from the workspace.
        order: Goals of a lower order run first.
        settings: The model of its keys.
        steps: The steps of its form.
        problems: What has to be mended before a goal can run, where goals before it are going to add properties of
            these names; each with its places in the goal's keys. Where the vendor was not asked, what only it can tell
            is left out.
        adds: The names of the properties that a goal may add.
        plan: Work a goal without problems out, and stop before anything is stored or sent.
        carry_out: Store or send what was planned, and commit with it the line that is made of how it ended. Raises a
            ConflictError only where nothing was committed: the plan is discarded then and made again.
        undo: What an undo has to know, of how the goal ended and what the history says that it was asked.
        nothing: The counters of a goal that did not come to its rows or people.
        offer: The keys with which the first goal of the kind may begin at a vendor, given the catalogue; None where
            there can be none. A person completes them.
        audience: Whose profiles a goal serves; None where it serves no segment.
        follows: What a watch has to know of a goal; None of one that is not carried out in real time.
        part: What a vendor has for goals of the kind; None where it can have none.
        segments: Whether goals of the kind name a segment at a vendor.
        without: The keys of its settings that say nothing at a vendor.
        identifiers: The vendor's fields that goals of the kind link to properties.
        rows: What can be asked of its rows of mappings; None where it has none.
    """

    name: str
    direction: Direction
    order: int
    settings: type[S]
    steps: tuple[FormStep, ...]
    problems: Callable[[Known, S, Sequence[str]], list[Problem]]
    adds: Callable[[S], tuple[str, ...]]
    plan: Callable[[Work, S], P]
    carry_out: Callable[[Work, P, Line], GoalRun]
    undo: Callable[[GoalRun, Mapping[str, Any]], Undoing]
    nothing: Mapping[str, Any] = field(default_factory=dict)
    offer: Callable[[Vendor, Mapping[str, Property]], dict[str, Any] | None] = nothing_offered
    audience: Callable[[S], Audience | None] = no_audience
    follows: Callable[[S], Following | None] = not_followed
    part: Callable[[Vendor], Part | None] = no_part
    segments: Callable[[Vendor], bool] = lambda _: True
    without: Callable[[Vendor], tuple[str, ...]] = lambda _: ()
    identifiers: Callable[[Vendor, Discovery], tuple[str, ...]] = no_identifiers
    rows: Rows[S] | None = None
