"""The gallery: the vendors to which a connection can be made, searched as people remember them."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from cdpkit import vendors
from cdpkit.errors import CdpkitError
from cdpkit.kit.declare import describe
from cdpkit.kit.vendor import Direction, Vendor
from cdpkit.show.tells import Tells
from cdpkit.show.text import counted
from cdpkit.show.told import Told, told
from cdpkit.workspace.catalogue import Catalogue

_FRAME: dict[str, Any] = {"name": pl.String, "title": pl.String, "help": pl.String, "directions": pl.List(pl.String)}


@dataclass(frozen=True, slots=True, repr=False)
class GalleryEntry(Tells):
    """A vendor, as the gallery shows it.

    Attributes:
        name: As `ws.connect` takes it.
        title: As people call it.
        help: One line.
        directions: What goes which way, as seen from the workspace: `import`, `export`.
        settings: What a connection is told, a declaration each: `name`, `label`, `help`, `kind`, `secret`, `choices`,
            `required`, `default`, `applies` and more.
        options: What a goal is told, by direction; likewise.
        things: What there is to choose at the vendor, such as lists.
        missing: Why it cannot be used as it is installed; empty where it can.
    """

    name: str
    title: str
    help: str
    directions: tuple[Direction, ...] = ()
    settings: tuple[dict[str, Any], ...] = ()
    options: dict[Direction, tuple[dict[str, Any], ...]] | None = None
    things: tuple[dict[str, str], ...] = ()
    missing: str = ""

    def _told(self) -> Told:
        if self.missing:
            return Told(f"{self.title}: cannot be used", [self.missing])
        settings = [(each["name"], each["help"], "yes" if each["required"] else "") for each in self.settings]
        return Told(
            f"{self.title}: {self.help}",
            [f"directions: {', '.join(self.directions)}", told("Settings", ("name", "help", "required"), settings)],
        )


class Gallery(Catalogue[GalleryEntry]):
    """All vendors by name, those of other packages among them; a mapping that looks for them each time."""

    def __init__(self, names: tuple[str, ...] | None = None) -> None:
        self._names = names

    def search(self, text: str) -> "Gallery":
        """The vendors in whose name, title, help or directions every word of a text occurs, whatever its case."""
        words = text.casefold().split()
        entries = [(name, _searched(entry)) for name, entry in self.items()]
        return Gallery(tuple(name for name, said in entries if all(word in said for word in words)))

    def frame(self) -> pl.DataFrame:
        """`name`, `title`, `help`, `directions`: one line a vendor."""
        return pl.DataFrame(self._lines(), schema=_FRAME, orient="row")

    def __getitem__(self, name: str) -> GalleryEntry:
        try:
            return entry_of(vendors.get(name))
        except CdpkitError as error:
            if name not in vendors.names():
                raise
            return GalleryEntry(name, name, "", missing=str(error))

    def __iter__(self) -> Iterator[str]:
        return iter(vendors.names() if self._names is None else self._names)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def _told(self) -> Told:
        return told(counted(len(self), "vendor"), list(_FRAME), self._lines())

    def _lines(self) -> list[tuple[str, str, str, list[str]]]:
        return [(each.name, each.title, each.help or each.missing, [*each.directions]) for each in self.values()]


def entry_of(vendor: Vendor) -> GalleryEntry:
    """A vendor as the gallery shows it."""
    options = {
        way: tuple(describe(option) for each, part in vendor.parts if each == way for option in part.options)
        for way in vendor.directions
    }
    return GalleryEntry(
        vendor.name,
        vendor.title,
        vendor.help,
        tuple(options),
        tuple(map(describe, vendor.settings)),
        options,
        tuple(asdict(thing) for thing in vendor.things),
    )


def _searched(entry: GalleryEntry) -> str:
    return " ".join([entry.name, entry.title, entry.help, *entry.directions]).casefold()
