"""The catalogue of properties."""

from collections.abc import Iterator

import polars as pl

from cdpkit.config.settings import Document, add_property
from cdpkit.core.names import check_name
from cdpkit.core.properties import BUILT_IN, Property, PropertyType
from cdpkit.core.words import TypeWord
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.runs.home import Home
from cdpkit.show.text import counted
from cdpkit.show.told import Told, told
from cdpkit.workspace.catalogue import Catalogue

_TEXTS = {PropertyType.TEXT, PropertyType.EMAIL}


class Properties(Catalogue[Property]):
    """All properties by name, the built-in ones first; a mapping that reads the settings each time."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def add(
        self,
        name: str,
        type: TypeWord | str = "text",
        multi: bool = False,
        identifier: bool = False,
        pii: bool = False,
    ) -> Property:
        """Add a property; adding the very same one again changes nothing.

        Args:
            name: Letters, digits, `_` and `-`; unique without regard to case; never changes.
            type: text, email, number, decimal, boolean, date or datetime.
            multi: Whether it holds a list of unique values.
            identifier: Whether rows may be matched on it.
            pii: Whether it tells who a person is.

        Raises:
            ConfigurationError: The name is taken or illegal, or the type unknown.
        """
        check_name("property", name)
        prop = Property(name, _type(type), multi, identifier, pii)

        def edit(document: Document) -> None:
            if self.get(name) != prop:
                add_property(document, prop)

        self._home.settings.edit(edit)
        self._home.tables.snapshot().layers.table.add_columns({name: prop.dtype})
        return prop

    def change(
        self,
        name: str,
        *,
        type: TypeWord | str | None = None,
        identifier: bool | None = None,
        pii: bool | None = None,
    ) -> Property:
        """Change the flags of a property, or its type between text and email.

        Raises:
            UnknownNameError: No such property.
            ConfigurationError: It is built in, or its type would change otherwise.
        """
        current = self[name]
        if name in {prop.name for prop in BUILT_IN}:
            raise ConfigurationError(f"property {name!r} is built in and stays as it is")
        if type is not None and _type(type) != current.type and {_type(type), current.type} != _TEXTS:
            raise ConfigurationError(f"property {name!r} is {current.type}; a type only changes between text and email")
        wanted = {"type": type and _type(type).value, "identifier": identifier, "pii": pii}

        def edit(document: Document) -> None:
            entry = next(entry for entry in document["properties"] if entry["name"] == name)
            entry.update({key: value for key, value in wanted.items() if value is not None})

        self._home.settings.edit(edit)
        return self[name]

    def frame(self) -> pl.DataFrame:
        """`name`, `type`, `multi`, `identifier`, `pii`: one line a property."""
        schema = {"name": pl.String, "type": pl.String, "multi": pl.Boolean}
        return pl.DataFrame(
            [(p.name, p.type.value, p.multi, p.identifier, p.pii) for p in self.values()],
            schema=schema | {"identifier": pl.Boolean, "pii": pl.Boolean},
            orient="row",
        )

    def __getitem__(self, name: str) -> Property:
        catalogue = self._home.settings.read().catalogue()
        if name not in catalogue:
            raise UnknownNameError("property", name, catalogue, f"add it with ws.properties.add({name!r})")
        return catalogue[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._home.settings.read().catalogue())

    def __len__(self) -> int:
        return len(self._home.settings.read().catalogue())

    def _told(self) -> Told:
        flags = ("multi", "identifier", "pii")
        properties = self._home.settings.read().catalogue().values()
        lines = [(p.name, p.type.value, [flag for flag in flags if getattr(p, flag)]) for p in properties]
        return told(counted(len(lines), "property", "properties"), ("name", "type", "flags"), lines)


def _type(name: str) -> PropertyType:
    if name not in set(PropertyType):
        raise UnknownNameError("property type", name, PropertyType)
    return PropertyType(name)
