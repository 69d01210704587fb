"""What a vendor has: its fields, its lists, and what else there is to choose, asked once."""

from collections.abc import Sequence

import polars as pl

from cdpkit.errors import UnknownNameError
from cdpkit.kit.discovery import LISTS, Item
from cdpkit.runs.found import Found
from cdpkit.show.tells import Tells
from cdpkit.show.text import counted
from cdpkit.show.told import Lines, Told

_FIELDS = pl.Schema({"name": pl.String(), "type": pl.String(), "lists": pl.List(pl.String())})
_ITEMS = pl.Schema({"id": pl.String(), "name": pl.String(), "kind": pl.String(), "target": pl.Boolean()})


class Discovered(Tells):
    """What a vendor had when it was asked; `conn.discover()` asks anew.

    Attributes:
        connection: The name of the connection that asked.
        found: The same as values, with the types that fit, for forms.
    """

    def __init__(self, connection: str, found: Found) -> None:
        self.connection = connection
        self.found = found

    @property
    def fields(self) -> pl.DataFrame:
        """`name`, `type`, `lists`: the names of the lists whose people have the field; empty where everybody has."""
        discovery = self.found.discovery
        names = {item.id: item.name for item in discovery.lists}
        lines = [
            (field.name, field.type, [names.get(number, number) for number in field.lists])
            for field in discovery.fields
        ]
        return pl.DataFrame(lines, schema=_FIELDS, orient="row")

    @property
    def lists(self) -> pl.DataFrame:
        """`id`, `name`, `kind`, `target` (whether people can be put on it)."""
        return _frame(self.found.discovery.lists)

    @property
    def things(self) -> tuple[str, ...]:
        """The kinds of things that there are to choose, such as `lists`."""
        return tuple(thing.name for thing in self.found.vendor.things)

    def items(self, thing: str = LISTS.name) -> pl.DataFrame:
        """What there is to choose of one kind: `id`, `name`, `kind`, `target`.

        Args:
            thing: One of `things`.

        Raises:
            UnknownNameError: The vendor has no such things.
        """
        if thing not in self.things:
            raise UnknownNameError("kind of thing", thing, self.things)
        return _frame(self.found.discovery.items.get(thing, ()))

    def _told(self) -> Told:
        vendor, fields = self.found.vendor, self.fields
        per_list = bool((fields["lists"].list.len() > 0).any())
        header = _FIELDS.names() if per_list else _FIELDS.names()[:2]
        parts = [Told(counted(fields.height, "field"), [Lines(header, fields[header].rows())])]
        for thing in vendor.things:
            items = self.items(thing.name)
            headline = counted(items.height, thing.singular, thing.plural)
            parts.append(Told(headline, [Lines(items.columns, items.rows())]))
        return Told(f"Connection {self.connection!r} at {vendor.title}", parts)


def _frame(items: Sequence[Item]) -> pl.DataFrame:
    lines = [(item.id, item.name, item.kind, item.target) for item in items]
    return pl.DataFrame(lines, schema=_ITEMS, orient="row")
