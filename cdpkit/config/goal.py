"""What goals of every kind have in a connection file, and the parts that several kinds are made of."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, StrictBool

from cdpkit.config.guards import GuardSettings
from cdpkit.config.part import Filled, Part, misfit
from cdpkit.core.names import unfit_name
from cdpkit.core.processors.steps import StepSpec

ADD_GOAL = "add it with conn.goals.add(...)"
"""What to do about a goal that does not exist, if its name is the right one."""


def _name(text: str) -> str:
    wrong = unfit_name(text)
    if wrong is not None:
        raise misfit(*wrong)
    return text


Name = Annotated[str, AfterValidator(_name)]
"""A text that can be a name."""


class GoalSettings(Part):
    """A goal of any kind.

    Attributes:
        kind: The name of its kind, by which its other keys are read.
        name: How it is called, once in a connection.
        active: Whether a run of the connection carries it out.
        guards: How much it may change before a person has to look; None for what holds in the workspace.
        typed: The class of `cdpkit.goals` that takes its keys; empty where there is none.
    """

    typed: ClassVar[str] = ""

    kind: str
    name: Name
    active: StrictBool = True
    guards: GuardSettings | None = None

    @property
    def in_runs(self) -> bool:
        """Whether a run of its connection carries it out; what a watch follows need not wait for one."""
        return True

    @property
    def about(self) -> str:
        """The type of the groups whose properties it stores or sends; empty for profiles."""
        return ""

    def given(self) -> dict[str, Any]:
        """The keys that a connection file has of it."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def __repr__(self) -> str:
        """What `conn.goals.add` would be given."""
        told = (f"{key}={value!r}" for key, value in self.given().items() if key != "kind" or not self.typed)
        return f"{self.typed or 'Goal'}({', '.join(told)})"


class PairSettings(Part):
    """An identifier pair: `from` a field of the source `to` a property, or `from` a property `to` a vendor's field."""

    source: Filled = Field(alias="from")
    target: Filled = Field(alias="to")


def _pair_list(given: Any) -> Any:
    if isinstance(given, Mapping):
        return [{"from": source, "to": target} for source, target in given.items()]
    return given


def _some_pairs(pairs: tuple[PairSettings, ...]) -> tuple[PairSettings, ...]:
    if not pairs:
        raise misfit("is empty", 'give at least one pair such as { from = "email", to = "email" }')
    targets = [pair.target for pair in pairs]
    twice = named_twice(targets)
    if twice:
        at = [(nth, "to") for nth in places_of(twice, targets)]
        raise misfit(f"has {twice!r} twice on its right side", "keep one pair for it", at=at)
    return pairs


def _step(given: Any) -> StepSpec:
    if not isinstance(given, str | Mapping):
        raise misfit("is no processor", 'write the name of one, or a table such as { processor = "trim" }')
    return given


Pairs = Annotated[tuple[PairSettings, ...], BeforeValidator(_pair_list), AfterValidator(_some_pairs)]
Steps = tuple[Annotated[StepSpec, PlainValidator(_step)], ...]


def named_twice(names: Sequence[str]) -> str | None:
    """The first name that comes twice, whatever its case; None where each comes once."""
    counts = Counter(name.casefold() for name in names)
    return next((name for name in names if counts[name.casefold()] > 1), None)


def places_of(name: str, names: Sequence[str]) -> list[int]:
    """Where a name stands among names, whatever its case."""
    return [nth for nth, each in enumerate(names) if each.casefold() == name.casefold()]
