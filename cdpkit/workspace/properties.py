"""The catalogue of properties."""

from collections.abc import Iterator

import polars as pl

from cdpkit.config.settings_file import Document, add_property, put_property
from cdpkit.core.names import check_name
from cdpkit.core.properties import BUILT_IN, Property, PropertyType
from cdpkit.core.words import TypeWord
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.runs.catalogue import follow
from cdpkit.runs.home import Home
from cdpkit.runs.reshape import change_property, remove_properties
from cdpkit.runs.statistics import SAMPLE, property_statistics
from cdpkit.runs.uses import broken_segments, keep_links, uses_of
from cdpkit.show.face import Faced
from cdpkit.show.text import counted
from cdpkit.show.told import Told, told
from cdpkit.workspace.catalogue import Catalogue


class Properties(Faced, Catalogue[Property]):
    """All properties by name, the built-in ones first; a mapping that reads the settings each time."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def add(
        self,
        name: str,
        type: TypeWord | str | None = None,
        multi: bool = False,
        identifier: bool = False,
        pii: bool = False,
    ) -> Property:
        """Add a property; adding the very same one again changes nothing.

        Args:
            name: Letters, digits, `_` and `-`; unique without regard to case; never changes.
            type: text, email, number, decimal, boolean, date or datetime. Where it is left out, an identifier that is
                named like an e-mail address is one, since as text each spelling would be somebody else; others are
                text.
            multi: Whether it holds a list of unique values.
            identifier: Whether rows may be matched on it.
            pii: Whether it tells who a person is.

        Raises:
            ConfigurationError: The name is taken or illegal, or the type unknown.
        """
        check_name("property", name)
        if type is None:
            type = "email" if identifier and "mail" in name.lower() else "text"  # noqa: A001
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
        multi: bool | None = None,
        identifier: bool | None = None,
        pii: bool | None = None,
        rest: str | None = None,
    ) -> Property:
        """Change the type of a property, with its values, or its flags.

        Every value fits a text. A text fits a number, a decimal, a date or an e-mail address if that would be written
        just so, and a boolean or a date and time if a load would take it. Of lists, those with one value fit a
        property that holds one. The change is a run of its own in the history, which `ws.undo` takes back.

        Args:
            name: The property.
            type: text, email, number, decimal, boolean, date or datetime.
            multi: Whether it holds a list of unique values.
            identifier: Whether rows may be matched on it.
            pii: Whether it tells who a person is.
            rest: What becomes of values that do not fit: None refuses the change, "reject" empties them; the changes
                of the run list them.

        Raises:
            UnknownNameError: No such property.
            ConfigurationError: It is built in, values do not fit, or a segment could not be computed any more, or it
                holds the ids of groups, and would not be text or number.
            ConflictError: Others keep committing.
        """
        current = self._own(name)
        if rest not in (None, "reject"):
            raise ConfigurationError("rest is None, which refuses the change, or 'reject', which empties what is left")
        after = Property(
            name,
            current.type if type is None else _type(type),
            current.multi if multi is None else multi,
            current.identifier if identifier is None else identifier,
            current.pii if pii is None else pii,
        )
        if (after.type, after.multi) == (current.type, current.multi):
            self._home.settings.edit(lambda document: put_property(document, name, after))
            return self[name]
        keep_links(self._home, after)
        broken = broken_segments(self._home, name, after)
        if broken:
            raise ConfigurationError(
                f"segment {', '.join(map(repr, broken))} could not be computed if property {name!r} were "
                f"{after.type.value}; write it so that it fits both, such as with try_cast, or remove it"
            )
        change_property(self._home, current, after, reject=rest == "reject")
        return self[name]

    def remove(self, name: str) -> None:
        """Remove a property with its values, as a run of its own; old versions keep them for `keep_days`.

        Raises:
            UnknownNameError: No such property.
            ConfigurationError: It is built in, or segments or goals use it.
            ConflictError: Others keep committing.
        """
        current = self._own(name)
        uses = uses_of(self._home, name)
        if uses:
            raise ConfigurationError(f"property {name!r} is used by {', '.join(uses)}; change or remove those first")
        remove_properties(self._home, current)

    def frame(self) -> pl.DataFrame:
        """`name`, `type`, `multi`, `identifier`, `pii`: one line a property."""
        schema = {"name": pl.String, "type": pl.String, "multi": pl.Boolean}
        return pl.DataFrame(
            [(p.name, p.type.value, p.multi, p.identifier, p.pii) for p in self.values()],
            schema=schema | {"identifier": pl.Boolean, "pii": pl.Boolean},
            orient="row",
        )

    def _own(self, name: str) -> Property:
        follow(self._home)
        if name in {prop.name for prop in BUILT_IN}:
            raise ConfigurationError(f"property {name!r} is built in and stays as it is")
        return self[name]

    def statistics(self, *names: str, sample: int = SAMPLE) -> pl.DataFrame:
        """What properties hold now, a line each, in one pass over their columns.

        `name`, `type`; `filled` (profiles with a value) and `share` (of all); `distinct` values (estimated); `least`,
        `most` and `mean` where there are such; `top`, the most frequent values with their shares, of a sample, and null
        where a property tells who somebody is.

        Args:
            names: Which ones; all, also those built in, where none is named.
            sample: Of how many profiles, spread over all, the most frequent values are counted.

        Raises:
            UnknownNameError: No such property.
        """
        wanted = [self[name] for name in names] or list(self.values())
        return property_statistics(self._home, wanted, sample)

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
