"""How people go: all of a run in one file, which is there as a whole or not at all."""

from dataclasses import replace

import polars as pl

from cdpkit.kit.effects import Effects, Reply
from cdpkit.kit.exporting import ExportAsked, Outgoing, Way
from cdpkit.vendors.files import target
from cdpkit.vendors.files.places import OK, shelf
from cdpkit.vendors.files.tables import FORMATS, Written, packed

_WHOLE = 1 << 62


def push(asked: ExportAsked, people: Outgoing) -> Effects[pl.DataFrame | None]:
    """Write the file; everybody in it is accepted."""
    if people.rows.is_empty() and not whole(asked):
        return None
    options, place = asked.options, shelf(asked.settings)
    kind, is_packed = target.ending(str(options["file"]))
    how = Written(target.separator(asked), options["encoding"], guard=options["guard"])
    content = FORMATS[kind](_table(asked, people), people.rows["body"], how)
    reply: Reply = yield place.putting(target.name_of(asked), packed(content) if is_packed else content)
    if reply.status != OK:
        place.refuse(reply)
    return None


def _table(asked: ExportAsked, people: Outgoing) -> pl.DataFrame:
    """The identifiers that no mapping fills, then the fields in the order of the mappings."""
    own = [people.rows[name] for name in asked.identifiers if name not in asked.fields]
    return pl.DataFrame([*own, *(people.fields[name] for name in asked.fields if name in people.fields.columns)])


def whole(asked: ExportAsked) -> bool:
    """Whether all of the segment is in the file each time."""
    return bool(asked.options["people"] == target.SEGMENT)


_FILE = Way("file", target.members, push, max_rows=_WHOLE, max_bytes=_WHOLE, together=True)


def way(asked: ExportAsked, _people: int) -> Way:
    """In one file; a file of a whole segment is written for nobody too, for what was there before is not true."""
    return replace(_FILE, nobody_too=True) if whole(asked) else _FILE
