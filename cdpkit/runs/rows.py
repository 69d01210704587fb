"""The rows of mappings of a goal, whatever its kind: what a form and a script can ask, without asking the vendor.

Each function takes a goal and gives another one, or tells something of its rows; nothing is stored.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cdpkit.config.goal import GoalSettings
from cdpkit.core.fields import Field
from cdpkit.core.goal import Rule
from cdpkit.core.likeness import Alike, alike
from cdpkit.core.properties import Property
from cdpkit.kit.discovery import VendorField
from cdpkit.problem import Problem
from cdpkit.runs.found import Found

S = TypeVar("S", bound=GoalSettings)
Catalogue = Mapping[str, Property]


@dataclass(frozen=True, slots=True)
class Bulk:
    """How rows are added in one go.

    Attributes:
        rule: The merge rule of each; None for `set`, and where rows have none.
        prefix: In front of the names of properties.
    """

    rule: Rule | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A field and a property that are written alike, and whose types fit.

    Attributes:
        field: The vendor's.
        property: Of the workspace.
        score: How much alike they are, up to 1 for the same name.
    """

    field: str
    property: str
    score: float


@dataclass(frozen=True, slots=True)
class Rows(Generic[S]):
    """What can be asked of the rows of a kind of goal.

    Attributes:
        fields: The vendor's fields that a row of the goal may name: of everybody and of the goal's lists.
        remaining: Those among them that have no row yet, and are no identifier of the goal.
        add_remaining: The goal with a row for each of these that can have one.
        empty: A row that is still to be filled in, with a prefix where the name of the property goes.
        notices: By the number of a row, from 0: what a person should know of it; nothing of it is an error.
        suggestions: Which remaining field may be meant by which property, the best first.
    """

    fields: Callable[[Found, S], tuple[VendorField, ...]]
    remaining: Callable[[S, Sequence[VendorField]], tuple[VendorField, ...]]
    add_remaining: Callable[[S, Sequence[VendorField], Catalogue, Bulk], S]
    empty: Callable[[str], Mapping[str, Any]]
    notices: Callable[[S, Catalogue], Mapping[int, Problem]]
    suggestions: Callable[[S, Sequence[VendorField], Catalogue], tuple[Suggestion, ...]]


def suggested(
    fields: Sequence[Field],
    catalogue: Catalogue,
    fits: Callable[[Field, Property], bool],
    without: Collection[str] = (),
) -> tuple[Suggestion, ...]:
    """Which fields and properties are written alike, the best first.

    Args:
        fields: The fields.
        catalogue: All properties.
        fits: Whether values may go from the one to the other.
        without: Names of properties that are no candidates.
    """
    known = {field.name: field for field in fields}
    properties: Iterable[str] = (name for name in catalogue if name not in without)
    found: list[Alike] = alike(known, properties)
    return tuple(
        Suggestion(each.left, each.right, round(each.score, 3))
        for each in found
        if fits(known[each.left], catalogue[each.right])
    )
