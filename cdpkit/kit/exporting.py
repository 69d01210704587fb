"""How people go to a vendor: they are pushed in one of several ways, and taken off lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from cdpkit.core.outcome import ACCEPTED
from cdpkit.kit.declare import Options, Setting, Settings
from cdpkit.kit.discovery import Discovery, Item
from cdpkit.kit.effects import Effects
from cdpkit.kit.kinds import Switch
from cdpkit.kit.render import Form, Member
from cdpkit.problem import Problem

OUTCOME = {"row": pl.Int64(), "fate": pl.String(), "reason": pl.String(), "lists": pl.List(pl.String())}
"""What became of people who were sent: each `row` once; `fate` is one of those of `cdpkit.core.outcome`; `reason` is
the vendor's own word for a refusal, never a person's value; `lists` are the ids of the lists on which the person was
put now."""

LOOKED = {"row": pl.Int64(), "on": pl.List(pl.String()), "off": pl.List(pl.String())}
"""Of people who are to be put on lists the ids of those on which they are, and of those that they left and stay off."""


def all_accepted(rows: pl.Series) -> pl.DataFrame:
    """An `OUTCOME` frame in which everybody was accepted, and put on no list."""
    return pl.DataFrame([rows, *(column.new_from_index(0, rows.len()) for column in _ACCEPTED)])


_ACCEPTED = [
    pl.Series(name, [value], OUTCOME[name]) for name, value in (("fate", ACCEPTED), ("reason", None), ("lists", []))
]


@dataclass(frozen=True, slots=True)
class SentField:
    """A field to send.

    Attributes:
        name: The vendor's field.
        column: The column of the frame that holds its values, already as `Exporter.convert` made them.
        dtype: The column's type.
        join: A separator: several values are sent as one text; None for a list where the vendor has lists.
        send_empty: Clear the vendor's field where the value is empty.
    """

    name: str
    column: str
    dtype: pl.DataType
    join: str | None = None
    send_empty: bool = False


def as_members(fields: Sequence[SentField]) -> tuple[Member, ...]:
    """Fields as members of a body, each under its own name."""
    return tuple(
        Member(
            field.name,
            column=field.column,
            form=Form(join=field.join),
            send_empty="null" if field.send_empty else None,
        )
        for field in fields
    )


@dataclass(frozen=True, slots=True)
class ExportAsked:
    """What an export goal asks of a vendor.

    Attributes:
        settings: The connection's.
        options: The goal's `target`.
        discovery: What the connection found.
        identifiers: The vendor's identifiers that the goal links.
        fields: The names of the vendor's fields that it fills, in the order of its mappings.
        create: Whether the vendor may create people.
        run: The run that sends, the same when it goes on; empty where nothing is sent.
        began: When it began, in the connection's zone; None where nothing is sent.
    """

    settings: Settings
    options: Options
    discovery: Discovery = field(repr=False)
    identifiers: tuple[str, ...]
    fields: tuple[str, ...]
    create: bool
    run: str = ""
    began: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Outgoing:
    """People on their way to the vendor; the repr holds no value.

    Attributes:
        rows: `row` (Int64, unique), a text column for each linked identifier of the vendor (null where a person has
            none), `body` (the person as JSON text), `enter` (List of Text: ids of the lists to put the person on),
            `back` (likewise: those of them that the goal itself once took the person off, who comes back to them).
        fields: The mapped fields under the vendor's names, as `convert` made them; as high as `rows`.
        enters: Whether any of them may be put on a list.
    """

    rows: pl.DataFrame
    fields: pl.DataFrame
    enters: bool = True

    def __repr__(self) -> str:
        return f"Outgoing({self.rows.height} people)"

    def filter(self, mask: pl.Series) -> "Outgoing":
        """Those for whom the mask is true."""
        fields = self.fields.filter(mask) if self.fields.width else self.fields
        return Outgoing(self.rows.filter(mask), fields, self.enters)

    def slice(self, start: int, length: int) -> "Outgoing":
        """So many of them from an index on."""
        return Outgoing(self.rows.slice(start, length), self.fields.slice(start, length), self.enters)


Calls = Mapping[str, int]
"""Numbers of calls, by the vendor's limits on which they draw; those under no limit stand under an empty name."""


def one_call(*_: object) -> Calls:
    """One call, under no limit."""
    return {"": 1}


@dataclass(frozen=True, slots=True)
class Way:
    """A way of pushing people: one call, with its limits and the shape of its body.

    Attributes:
        name: Tells it from the vendor's other ways.
        members: The body of a person, as `cdpkit.kit.render` writes it; identifiers are columns of their own names.
        push: Create or update people and put them on lists; returns an `OUTCOME` frame, or None where everybody was
            accepted and put on no list, as with most batches.
        max_rows: Most people in a push; 1 where the vendor takes one person a call.
        max_bytes: Most bytes of a push's body.
        overhead: Bytes that a push's body has beside those of its people and a comma for each.
        repeatable: Whether a push that may have arrived can be made again.
        together: Whether people with the same identifiers may go in one push; else they go one after the other.
        nobody_too: Whether a run that has nobody to send makes a push of nobody.
        calls: How many calls a push of these people makes at least.
    """

    name: str
    members: Callable[[ExportAsked, Sequence[SentField]], tuple[Member, ...]]
    push: Callable[[ExportAsked, Outgoing], Effects[pl.DataFrame | None]]
    max_rows: int
    max_bytes: int
    overhead: int = 0
    repeatable: bool = True
    together: bool = False
    nobody_too: bool = False
    calls: Callable[[ExportAsked, Outgoing], Calls] = one_call


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """How people are taken off a list.

    Attributes:
        take: Take people (`row`, and a text column for each identifier) off one list, and touch nothing else; returns
            an `OUTCOME` frame in which somebody who is gone already is accepted. Where the vendor refuses whoever comes
            back, it has `lists`: the list for those whom this took off, none for those who were gone already.
        max_rows: Most people in one.
        repeatable: Whether one that may have arrived can be made again.
        calls: How many calls it takes at least to take so many people off.
    """

    take: Callable[[ExportAsked, Item, pl.DataFrame], Effects[pl.DataFrame]]
    max_rows: int
    repeatable: bool = True
    calls: Callable[[int], Calls] = one_call


@dataclass(frozen=True, slots=True)
class Price:
    """What the vendor bills for writing fields.

    Attributes:
        unit: What it counts, in the plural, such as `data points`.
        of: How many of them each value of a field costs, cleared ones too.
    """

    unit: str
    of: Callable[[pl.Series, str, ExportAsked], pl.Series]


CHANGED_ONLY = Setting(
    "changed_attributes_only",
    "Send of a changed profile the attributes alone that differ from what was accepted last; else all of them",
    Switch(),
    default=False,
)
"""An option of a `target`, of vendors where a call leaves alone what it does not name."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """How people go to the vendor.

    Attributes:
        options: Of a goal's `target`; `on_enter` and `on_leave` among them where the vendor has lists, and
            `CHANGED_ONLY` where single fields can be sent.
        identifiers: The vendor's identifiers that a goal may link, beside those that discovery finds.
        problems: What else is wrong with an export goal, beside what does not fit an option's kind or is not there.
        lists: The lists on which the goal puts people.
        compared: Identifier values as the vendor compares them.
        convert: Values as the vendor's field of this name takes them; null where one does not fit. Empty values stay
            null.
        way: How so many people are pushed. It depends on the goal and the number alone, so that a killed run goes on
            in the way in which it began.
        withdrawal: How people are taken off a list; None where the vendor has no lists.
        look: Asks about given people (`row`, a text column for each identifier, `enter`), all of whom are to be put on
            lists, before anybody is sent: as `LOOKED`, each of whom something is known once. A push of such a vendor
            makes nobody where the goal may not create. None where all of the vendor's people are looked at.
        price: What it bills for fields; None where it does not.
        whole: Whether all members go each time, changed or not.
    """

    options: tuple[Setting, ...]
    identifiers: tuple[str, ...]
    problems: Callable[[ExportAsked], list[Problem]]
    lists: Callable[[ExportAsked], tuple[Item, ...]]
    compared: Callable[[pl.Series, str], pl.Series]
    convert: Callable[[pl.Series, str, ExportAsked], pl.Series]
    way: Callable[[ExportAsked, int], Way]
    withdrawal: Withdrawal | None = None
    look: Callable[[ExportAsked, pl.DataFrame], Effects[pl.DataFrame]] | None = None
    price: Price | None = None
    whole: Callable[[ExportAsked], bool] = lambda _: False
