"""Who lies in the table of the profiles: they themselves, and groups of each type in layers and columns of their own.

So one commit is true for all of them, and what reads profiles never opens a file of groups. A layer of the type
`household` is called `household/base` or `household/17`, a column of a property of it `household/size`. Numbers of rows
are never given twice, whoever has them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

BETWEEN = "/"
"""Stands between a type and the name of a layer or a column; no property has it in its name."""

GROUP_ID, _PUBLIC = "group_id", "profile_id"
_SHARED = ("created_at", "updated_at", "updated_seq")


@dataclass(frozen=True, slots=True)
class Population:
    """The profiles, or the groups of one type.

    Attributes:
        group: The type; empty for the profiles.
    """

    group: str = ""

    @property
    def id(self) -> str:
        """The property by which others know one of them."""
        return GROUP_ID if self.group else _PUBLIC

    def layer(self, name: str) -> str:
        """What a layer is called in the table."""
        return f"{self.group}{BETWEEN}{name}" if self.group else name

    def own_layer(self, partition: str | None) -> str | None:
        """What a layer of the table is called here; None for one of others."""
        group, between, name = (partition or "").rpartition(BETWEEN)
        return name if group == self.group and bool(between) == bool(self.group) else None

    def column(self, name: str) -> str:
        """What a column is called in the table."""
        if not self.group or name in ("row", "deleted", *_SHARED):
            return name
        return _PUBLIC if name == GROUP_ID else f"{self.group}{BETWEEN}{name}"

    def own_columns(self, table: Iterable[str]) -> dict[str, str]:
        """The columns here, `row` first, each with its name in the table; the layer and what deletes are none."""
        if not self.group:
            return {name: name for name in table if BETWEEN not in name and name not in ("layer", "deleted")}
        kept = {name: self.column(name) for name in ("row", GROUP_ID, *_SHARED)}
        own = (name.partition(BETWEEN) for name in table if BETWEEN in name)
        return kept | {name: self.column(name) for group, _, name in own if group == self.group}


PEOPLE = Population()
"""The profiles."""


def groups_among(names: Iterable[str | None]) -> tuple[str, ...]:
    """The types of groups that have some of these layers or columns of the table."""
    found = {name.rpartition(BETWEEN)[0] for name in names if name}
    return tuple(sorted(found - {""}))
