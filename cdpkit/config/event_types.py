"""Types of timeline events in the settings file, and read from the XML of a plug-in."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import tomlkit
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from cdpkit.config.settings_file import Document
from cdpkit.core.events.types import EventProperty, EventType, read_properties
from cdpkit.errors import ConfigurationError

LARGEST = 2**20
"""Bytes of a file with a type; a thousandth is usual."""
_KIND = "timelineeventtype"
_SHAPE = (
    f"write <plugin><id>..</id><type>{_KIND}</type><name><label>..</label></name>"
    '<properties><property id=".." type="text"/></properties></plugin>'
)
_DEEPEST = 2
_TRUTHS = {"true": True, "1": True, "false": False, "0": False, "": False}


def put_type(document: Document, name: str, kind: EventType | None) -> None:
    """Put a type in the place of the one of its name, or behind the others; None takes it out."""
    entries = document.get("event_types", [])
    at = next((index for index, entry in enumerate(entries) if entry["name"] == name), None)
    if kind is None:
        if at is not None:
            del entries[at]
        if not entries and "event_types" in document:
            del document["event_types"]
        return
    table = tomlkit.item(_written(kind))
    if at is not None:
        entries[at] = table
        return
    if "event_types" not in document:
        document.append("event_types", tomlkit.aot())
    document["event_types"].append(table)


def _written(kind: EventType) -> dict[str, Any]:
    label = {"label": kind.label} if kind.label else {}
    return {"name": kind.name, **label, "properties": [_inline(prop) for prop in kind.properties]}


def _inline(prop: EventProperty) -> Any:
    table = tomlkit.inline_table()
    table["name"] = prop.name
    if not prop.properties:
        table["type"] = prop.type.value
    for flag in ("multiple", "identifier"):
        if getattr(prop, flag):
            table[flag] = True
    if prop.properties:
        inner = tomlkit.array()
        for each in prop.properties:
            inner.append(_inline(each))
        table["properties"] = inner
    return table


def type_of_xml(content: bytes, called: str) -> EventType:
    """The type of timeline events that the XML of a plug-in describes.

    Nothing is looked up for it: a document type, entities and references to other files are refused.

    Args:
        content: The XML.
        called: What it is, for messages.

    Raises:
        ConfigurationError: It is none, is too large, or defines what could be used to attack whoever reads it.
        UnknownNameError: A property has a type that there is none of.
    """
    if len(content) > LARGEST:
        raise ConfigurationError(f"{called} has {len(content):,} bytes; a type of events has {LARGEST:,} at most")
    try:
        root = fromstring(content, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException:
        raise ConfigurationError(
            f"{called} has a document type or entities, which are not read; remove its <!DOCTYPE ...>"
        ) from None
    except (ParseError, ValueError, LookupError) as error:
        where = getattr(error, "position", None)
        at = f" in line {where[0]}" if where else ""
        raise ConfigurationError(f"{called} is no XML{at}; {_SHAPE}") from None
    if root.tag != "plugin" or _text(root, "type") != _KIND:
        raise ConfigurationError(f"{called} describes no type of timeline events; {_SHAPE}")
    properties = read_properties([_property(each, called, 1) for each in root.iterfind("properties/property")])
    return EventType(_text(root, "id"), properties, _text(root, "name/label"))


def _property(element: Element, called: str, depth: int) -> dict[str, Any]:
    if depth > _DEEPEST:
        raise ConfigurationError(f"{called} has properties in properties in properties; one level of them is kept")
    inner = [_property(each, called, depth + 1) for each in element.iterfind("property")]
    given = element.attrib
    kind = {} if inner else {"type": given.get("type", "text").strip().lower()}
    flags = {flag: _truth(given.get(flag, ""), flag, called) for flag in ("multiple", "identifier")}
    return {"name": given.get("id", ""), **kind, **flags, "properties": inner}


def _truth(text: str, flag: str, called: str) -> bool:
    if text.strip().lower() not in _TRUTHS:
        raise ConfigurationError(f"{called}: {flag} is neither true nor false; write one of them")
    return _TRUTHS[text.strip().lower()]


def _text(root: Element, path: str) -> str:
    return (root.findtext(path) or "").strip()


def paths_of(kind: EventType) -> Iterator[tuple[str, str]]:
    """For each property of a type its path and what it is, in words."""
    several = {prop.name for prop in kind.properties if prop.properties and prop.multiple}
    for path, prop in kind.leaves():
        words = [prop.type.value]
        words += ["several"] if prop.multiple or path.partition(".")[0] in several else []
        yield path, ", ".join([*words, *(["identifier"] if prop.identifier else [])])
