"""The catalogue of types of timeline events."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from cdpkit.config.event_types import LARGEST, paths_of, put_type, type_of_xml
from cdpkit.config.settings_file import Document
from cdpkit.core.events.types import BUILT_IN_EVENTS, EventType, read_properties
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.runs.files.xml_files import content_of_xml
from cdpkit.runs.home import Home
from cdpkit.show.text import counted
from cdpkit.show.told import Told, told
from cdpkit.workspace.catalogue import Catalogue

_FRAME = {"type": pl.String, "property": pl.String, "what": pl.String}

Properties = Mapping[str, Any] | Sequence[Any]
"""`{"total": "decimal", "products": {"sku": "text"}}`: the name of a property to its type, or to what it holds several
times; or a list of `{"name", "type", "multiple", "identifier", "properties"}`."""


class EventTypes(Catalogue[EventType]):
    """All types of timeline events by name, `order` first; a mapping that reads the settings each time."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def add(self, name: str, properties: Properties = (), label: str = "") -> EventType:
        """Add a type; adding the very same one again changes nothing.

        Args:
            name: Letters, digits, `_` and `-`; unique without regard to case.
            properties: What its events hold beside id and time; see `Properties`.
            label: For people.

        Raises:
            ConfigurationError: The name or a property does not fit, or there is another type of this name.
            UnknownNameError: No such type of values.
        """
        return self._add(EventType(name, read_properties(properties), label))

    def change(self, name: str, properties: Properties | None = None, *, label: str | None = None) -> EventType:
        """Give a type other properties or another label; what is left out stays, and so do events that are there.

        Raises:
            UnknownNameError: No such type.
            ConfigurationError: It is built in, or a property does not fit.
        """
        held = self._own(name)
        after = EventType(
            name,
            held.properties if properties is None else read_properties(properties),
            held.label if label is None else label,
        )
        self._home.settings.edit(lambda document: put_type(document, name, after))
        return self[name]

    def define(self, name: str, properties: Properties = (), label: str = "") -> EventType:
        """Add a type, or change the one of this name: for cells that run again with other properties.

        Raises:
            ConfigurationError: It is built in, or does not fit.
        """
        return self.change(name, properties, label=label) if name in self else self.add(name, properties, label)

    def remove(self, name: str) -> None:
        """Forget a type; events of it stay.

        Raises:
            UnknownNameError: No such type.
            ConfigurationError: It is built in.
        """
        self._own(name)
        self._home.settings.edit(lambda document: put_type(document, name, None))

    def add_xml(self, source: str | Path | bytes) -> EventType:
        """Add the type that the XML of a plug-in describes; adding the very same one again changes nothing.

        Args:
            source: The path of the file, or its bytes. A document type, entities and references to other files are
                refused; nothing outside of it is read.

        Raises:
            ConfigurationError: It describes none, or there is another type of this name.
            SourceError: The file cannot be read.
            UnknownNameError: No such type of values.
        """
        if isinstance(source, bytes):
            return self._add(type_of_xml(source, "the XML"))
        return self._add(type_of_xml(content_of_xml(Path(source), LARGEST), str(source)))

    def frame(self) -> pl.DataFrame:
        """`type`, `property`, `what`: a line for each property of each type."""
        lines = [(name, path, what) for name, kind in self.items() for path, what in paths_of(kind)]
        return pl.DataFrame(lines, schema=_FRAME, orient="row")

    def __getitem__(self, name: str) -> EventType:
        known = self._home.settings.read().types()
        if name not in known:
            raise UnknownNameError("event type", name, known, f"add it with ws.event_types.add({name!r}, properties)")
        return known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._home.settings.read().types())

    def __len__(self) -> int:
        return len(self._home.settings.read().types())

    def _told(self) -> Told:
        lines = [(name, kind.label, ", ".join(path for path, _ in kind.leaves())) for name, kind in self.items()]
        return told(counted(len(self), "event type"), ("name", "label", "properties"), lines)

    def _add(self, kind: EventType) -> EventType:
        def edit(document: Document) -> None:
            held = self.get(kind.name)
            if held is not None and held != kind:
                raise ConfigurationError(
                    f"there is an event type {kind.name!r} already; change it with "
                    f"ws.event_types.change({kind.name!r}, properties)"
                )
            if held is None:
                put_type(document, kind.name, kind)

        self._home.settings.edit(edit)
        return self[kind.name]

    def _own(self, name: str) -> EventType:
        if name in BUILT_IN_EVENTS:
            raise ConfigurationError(f"event type {name!r} is built in and stays as it is; add one of your own")
        return self[name]
