"""What a vendor is: a value that declares its settings, limits and fields, and how people are pulled and pushed.

Each vendor is one folder in `cdpkit.vendors` that ends with `VENDOR = Vendor(...)`. Everything that talks is a
generator of effects (`cdpkit.kit.effects`); everything else is a function from values or whole columns to such.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from cdpkit.core.outcome import ACCEPTED
from cdpkit.kit.auth import Auth
from cdpkit.kit.effects import Effects
from cdpkit.kit.render import Member
from cdpkit.problem import Problem

Settings = Mapping[str, Any]
"""The settings of a connection by name, secrets as `SecretStr`; defaults are filled in."""

Options = Mapping[str, Any]
"""The vendor's own options of a goal, its `source` or `target`; defaults are filled in."""

OUTCOME = {"row": pl.Int64(), "fate": pl.String(), "reason": pl.String(), "lists": pl.List(pl.String())}
"""What became of people who were sent: each `row` once; `fate` is one of the three above; `reason` is the vendor's own
word for a refusal, never a person's value; `lists` are the ids of the lists on which the person was put now."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a connection.

    Attributes:
        name: Its key in the connection file.
        help: One line for forms and for the README.
        secret: It is given as a reference (`env:NAME`, `file:path`, `keyring:service/name`) and never shown.
        default: Used where it is left out; None where it has to be given.
        choices: What it may be; empty for any text.
    """

    name: str
    help: str
    secret: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a goal's `source` or `target`.

    Attributes:
        name: Its key.
        help: One line for forms and for the README.
        default: Used where it is left out; its type is the option's type: a bool, a text, a number, or a tuple of
            texts for names.
    """

    name: str
    help: str
    default: bool | str | int | float | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """How often the vendor may be called.

    Attributes:
        calls: So many calls...
        seconds: ...in so many seconds.
        at_once: Most calls in flight.
        source: Where the figure is from.
    """

    calls: float
    seconds: float
    at_once: int = 8
    source: str = ""


@dataclass(frozen=True, slots=True)
class VendorField:
    """A field of a person at the vendor: its name, and its type in the vendor's words."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class VendorList:
    """A list at the vendor.

    Attributes:
        id: The vendor's id, as text.
        name: What people call it; names need not be unique.
        kind: The vendor's word for what kind of list it is.
        target: Whether people can be put on it and taken off.
    """

    id: str
    name: str
    kind: str = ""
    target: bool = True


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a connection finds at the vendor."""

    fields: tuple[VendorField, ...]
    lists: tuple[VendorList, ...]

    def field(self, name: str) -> VendorField | None:
        """The field of this very name."""
        return next((field for field in self.fields if field.name == name), None)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull stored.

    Attributes:
        pages: Names of page files by what they hold; `.ndjson` files are read as one object a line, `.txt` files
            into a column `line`.
        warnings: What could not be had, for people; the run then succeeds with warnings.
    """

    pages: Mapping[str, tuple[str, ...]]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Importer:
    """How people come from the vendor.

    Attributes:
        options: Of a goal's `source`.
        identifiers: The fields by which the vendor knows a person; always there.
        everyone: The options that pull everybody.
        problems: What is wrong with a goal's `source`.
        pull: Fetch. Given are the settings, options, discovery, the fields that are wanted (None for all), and the
            state of the last `Keep` where a killed run goes on (else None).
        needs: The fields that `stage` itself reads, beside those a goal names.
        stage: Make one row a person of what was pulled. Given are a frame for each key of `Pulled.pages` (fields
            that no page has are missing), the settings, options and discovery. The rows have the identifiers,
            `lists` (the names of a person's lists) and `list_ids` (their ids as text), both List of Text.
    """

    options: tuple[Option, ...]
    identifiers: tuple[str, ...]
    everyone: Options
    problems: Callable[[Settings, Options, Discovery], list[Problem]]
    pull: Callable[[Settings, Options, Discovery, tuple[str, ...] | None, Mapping[str, Any] | None], Effects[Pulled]]
    needs: tuple[str, ...]
    stage: Callable[[Mapping[str, pl.DataFrame], Settings, Options, Discovery], pl.DataFrame]


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


@dataclass(frozen=True, slots=True)
class ExportAsked:
    """What an export goal asks of a vendor.

    Attributes:
        options: The goal's `target`.
        identifiers: The vendor's identifiers that the goal links.
        fields: The names of the vendor's fields that it fills, in the order of its mappings.
        create: Whether the vendor may create people.
    """

    options: Options
    identifiers: tuple[str, ...]
    fields: tuple[str, ...]
    create: bool


@dataclass(frozen=True, slots=True, eq=False)
class Outgoing:
    """People on their way to the vendor; the repr holds no value.

    Attributes:
        rows: `row` (Int64, unique), a text column for each linked identifier of the vendor (null where a person has
            none), `body` (the person as JSON text), `enter` (List of Text: ids of the lists to put the person on).
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


@dataclass(frozen=True, slots=True)
class Exporter:
    """How people go to the vendor.

    Attributes:
        options: Of a goal's `target`; `on_enter` and `on_leave` among them where the vendor has lists.
        identifiers: The vendor's identifiers that a goal may link; at least one.
        problems: What is wrong with an export goal.
        lists: The lists on which the goal puts people.
        compared: Identifier values as the vendor compares them.
        convert: Values as the vendor's field takes them; null where one does not fit. Empty values stay null.
        members: The body of a person, as `cdpkit.kit.render` writes it; identifiers are columns of their own names.
        repeatable: Whether a push that may have arrived can be made again.
        max_rows: Most people in a push or withdrawal.
        max_bytes: Most bytes of a push's body.
        overhead: Bytes that a push's body has beside those of its people and a comma for each.
        push: Create or update people and put them on lists; returns an `OUTCOME` frame, or None where everybody was
            accepted and put on no list, as with most batches.
        withdraw: Take people (`row` and identifier columns) off one list, and touch nothing else; returns an
            `OUTCOME` frame without `lists`, in which somebody who is gone already is accepted.
    """

    options: tuple[Option, ...]
    identifiers: tuple[str, ...]
    problems: Callable[[Settings, ExportAsked, Discovery], list[Problem]]
    lists: Callable[[Options, Discovery], tuple[VendorList, ...]]
    compared: Callable[[pl.Series, str], pl.Series]
    convert: Callable[[pl.Series, str, Discovery], pl.Series]
    members: Callable[[Settings, ExportAsked, Sequence[SentField], Discovery], tuple[Member, ...]]
    max_rows: int
    max_bytes: int
    overhead: int
    push: Callable[[Settings, ExportAsked, Outgoing], Effects[pl.DataFrame | None]]
    withdraw: Callable[[Settings, ExportAsked, VendorList, pl.DataFrame], Effects[pl.DataFrame]]
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor.

    Attributes:
        name: As connection files call it; the name of its file.
        title: As people call it.
        help: One line for the gallery.
        settings: Among them `base_url`, the address below which its calls are made.
        limits: By the name that calls draw on.
        check: Whether the credentials work; returns nothing or raises.
        discover: Fields and lists.
        importer: None where nothing can be imported.
        exporter: None where nothing can be exported.
        auth: How tokens are had for calls that are `authorised`; None where no call is.
        addresses: The names of further settings that hold addresses, such as that of the login.
    """

    name: str
    title: str
    help: str
    settings: tuple[Setting, ...]
    limits: Mapping[str, Limit]
    check: Callable[[Settings], Effects[None]]
    discover: Callable[[Settings], Effects[Discovery]]
    importer: Importer | None
    exporter: Exporter | None
    auth: Auth | None = None
    addresses: tuple[str, ...] = ()
