"""What an export goal says of its file: how it is called, who is in it, and how it is written."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

import polars as pl

from cdpkit.kit.declare import Setting
from cdpkit.kit.exporting import ExportAsked, SentField, as_members
from cdpkit.kit.kinds import Choice, Switch
from cdpkit.kit.render import Member
from cdpkit.problem import Problem
from cdpkit.vendors.files.source import wrong_name
from cdpkit.vendors.files.tables import FORMATS, TEXTS, is_risky

CHANGED, SEGMENT = "changed", "segment"

OPTIONS = (
    Setting(
        "file",
        "The name of the file below the address, such as vips-{date}.csv.gz, where {date}, {time} and {run} are those "
        "of the run; its end says what it is",
        required=True,
    ),
    Setting(
        "people",
        "The profiles that are new or changed since they were last in a file, or all of the segment each time",
        Choice((CHANGED, SEGMENT)),
        default=CHANGED,
    ),
    Setting("separator", "What stands between two fields of CSV: one character, or tab, comma, semicolon, pipe"),
    Setting(
        "encoding",
        "How letters of CSV are written; utf-8-sig tells spreadsheets that it is Unicode",
        Choice(("utf-8", "utf-8-sig", "utf-16")),
        default="utf-8",
    ),
    Setting(
        "guard",
        "Write an apostrophe before cells of CSV that begin with = + - @ or a tab, and are no numbers, so that no "
        "spreadsheet works them out",
        Switch(),
        default=True,
    ),
)

_PLACES = ("date", "time", "run")
_MARKS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "\\t": "\t"}
_NO_MARK = '\r\n"'


def members(asked: ExportAsked, fields: Sequence[SentField]) -> tuple[Member, ...]:
    """The identifiers that no mapping fills, then the fields."""
    own = tuple(Member(name, column=name) for name in asked.identifiers if name not in asked.fields)
    return (*own, *as_members(fields))


def ending(name: str) -> tuple[str, bool]:
    """What the end of a name says: what the file is, and whether it is packed."""
    path = PurePosixPath(name.lower())
    packed = path.suffix == ".gz"
    return (PurePosixPath(path.stem).suffix if packed else path.suffix), packed


def name_of(asked: ExportAsked) -> str:
    """How the file of a run is called; the same when the run goes on."""
    began = asked.began
    told = {"run": asked.run}
    if began is not None:
        told |= {"date": began.strftime("%Y-%m-%d"), "time": began.strftime("%H%M%S")}
    return re.sub(r"\{(\w+)\}", lambda found: told.get(found[1], found[0]), str(asked.options["file"]).strip())


def separator(asked: ExportAsked) -> str:
    """What stands between two fields."""
    given = asked.options["separator"]
    if given is None:
        return "\t" if ending(str(asked.options["file"]))[0] == ".tsv" else ","
    return _MARKS.get(given, str(given))


def target_problems(asked: ExportAsked) -> list[Problem]:
    """What is wrong with the target of an export."""
    name, options = str(asked.options["file"]).strip(), asked.options
    where, found = "target.file", wrong_name("target.file", name)
    kind, packed = ending(name)
    if kind not in FORMATS:
        fix = f"end it with one of {', '.join(FORMATS)}, and texts also with .gz behind it"
        found.append(Problem(where, "has no end that says what the file is to be", fix))
    elif packed and kind not in TEXTS:
        found.append(Problem(where, f"a {kind} file is packed inside", "leave .gz out"))
    strange = [place for place in re.findall(r"\{([^}]*)\}", name) if place not in _PLACES]
    if strange:
        told = ", ".join(f"{{{place}}}" for place in _PLACES)
        found.append(Problem(where, f"nothing takes the place of {{{strange[0]}}}", f"write {told}, or no brackets"))
    if options["people"] == CHANGED and "{run}" not in name and "{time}" not in name:
        what = "a file of changes would take the place of the one before, which may not have been read yet"
        fix = f'add {{run}} or {{time}} to its name, or set people = "{SEGMENT}"'
        found.append(Problem(where, what, fix))
    if not asked.create:
        what = "a file is written, and nobody there to be matched"
        found.append(Problem("create", what, "remove create = false").about(("create",)))
    mark = separator(asked)
    if len(mark) != 1 or not mark.isascii() or mark in _NO_MARK:
        found.append(Problem("target.separator", "is no single character", "write one such as ';', or tab"))
    if kind in {".csv", ".tsv"} and options["guard"]:
        risky = [name for name in (*asked.identifiers, *asked.fields) if is_risky(name)]
        what = "a spreadsheet would work out the name of the column {!r}"
        found += [Problem("mappings", what.format(name), "call it otherwise") for name in risky]
    return found


def convert(values: pl.Series, _name: str, _asked: ExportAsked) -> pl.Series:
    """A file takes all values as they are."""
    return values
