"""What a connection finds at the vendor: fields of people, and things to choose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cdpkit.core.properties import PropertyType


@dataclass(frozen=True, slots=True)
class VendorField:
    """A field of a person at the vendor.

    Attributes:
        name: Its name.
        type: Its type in the vendor's words.
        lists: The ids of the lists whose people have it; empty where everybody has it.
        identifies: Whether people may be known by it, beside the identifiers that the vendor declares.
        id: By which calls name it, where that is not its name.
        choices: The only values that it takes; empty where it takes others too.
        holds: The type of property that fits its values; None where that is not known, and any may fit.
        several: Whether it holds several values.
        in_parts: Whether its parts are fields of their own, so that whoever wants all values maps those.
    """

    name: str
    type: str
    lists: tuple[str, ...] = ()
    identifies: bool = False
    id: str = ""
    choices: tuple[str, ...] = ()
    holds: PropertyType | None = None
    several: bool = False
    in_parts: bool = False


@dataclass(frozen=True, slots=True)
class Thing:
    """A kind of thing to choose at the vendor, such as lists, audiences, buckets or document types.

    Attributes:
        name: As `Discovery.items` and the kind `Chosen` call it.
        singular: What people call one.
        plural: And several.
    """

    name: str
    singular: str
    plural: str


LISTS = Thing("lists", "list", "lists")
"""Lists of people, which most vendors have; those of an export are the items of this thing."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to choose.

    Attributes:
        id: The vendor's id, as text.
        name: What people call it; names need not be unique.
        kind: The vendor's word for what kind it is.
        target: Whether people can be put there and taken off.
    """

    id: str
    name: str
    kind: str = ""
    target: bool = True


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a connection finds at the vendor.

    Attributes:
        fields: The fields of people; one name may occur once in each list.
        items: What there is to choose, by the name of the `Thing`.
        facts: What else the vendor's own parts want to know of the account, such as its time zone.
    """

    fields: tuple[VendorField, ...] = ()
    items: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def lists(self) -> tuple[Item, ...]:
        """The lists."""
        return self.items.get(LISTS.name, ())

    def field(self, name: str, lists: Iterable[str] = ()) -> VendorField | None:
        """The field of this very name: of everybody, or of one of these lists; of any list where none is given."""
        return next((found for found in self.fields_of(lists) if found.name == name), None)

    def fields_of(self, lists: Iterable[str] = ()) -> tuple[VendorField, ...]:
        """The fields of everybody and of these lists, by id; all fields where none is given."""
        wanted = frozenset(lists)
        return tuple(found for found in self.fields if not found.lists or not wanted or wanted & {*found.lists})

    def identifiers(self, declared: tuple[str, ...]) -> tuple[str, ...]:
        """The identifiers that a vendor declares, and the fields by which people may be known beside them."""
        return tuple(dict.fromkeys([*declared, *(found.name for found in self.fields if found.identifies)]))
