"""What an import goal says of files: which, and how they are read."""

from collections.abc import Mapping
from typing import Any

from cdpkit.kit.declare import Options, Setting
from cdpkit.kit.importing import ImportAsked
from cdpkit.kit.kinds import Choice, Number, Switch
from cdpkit.problem import Problem

ALL, NEWEST, NEW = "all", "newest", "new"

GLIMPSE = {"which": NEWEST}
"""One file shows the fields of all."""

OPTIONS = (
    Setting(
        "files",
        "Which files, below the address: a name, or a pattern such as crm/*.csv, where ** goes through folders",
        required=True,
    ),
    Setting(
        "which",
        "Of those that fit all of them, the one that was written last, or each that was not read before, once",
        Choice((ALL, NEWEST, NEW)),
        default=ALL,
        label="Which of them",
    ),
    Setting(
        "format",
        "What the files are, whatever their names end with; left out, the ends of their names tell",
        Choice(("csv", "ndjson", "json", "parquet", "excel")),
    ),
    Setting("separator", "What stands between two fields: one character, or tab, comma, semicolon, pipe"),
    Setting("encoding", "How letters are written: utf-8, cp1252, utf-16"),
    Setting("quote", "What stands around fields; none for nothing"),
    Setting("header", "Whether the first line names the fields", Switch(), label="First line names fields"),
    Setting(
        "skip",
        "So many lines at the beginning are passed over",
        Number("lines", least=0, whole=True),
        label="Lines passed over",
    ),
    Setting("decimal", "The decimal mark of numbers", Choice((".", ",")), label="Decimal mark"),
    Setting("thousands", "The mark between thousands", label="Mark between thousands"),
    Setting("nulls", "Words that mean that there is no value, with commas between them", label="Words for no value"),
    Setting("dates", "The format of dates, such as %d.%m.%Y"),
    Setting("sheet", "The sheet of an Excel file; left out, the first one"),
    Setting(
        "guard",
        "Take the apostrophes off that keep spreadsheets from working cells out, where a CSV file has them throughout",
        Switch(),
        default=True,
        label="Guard against formulas",
    ),
)

_AS_THEY_ARE = ("format", "separator", "encoding", "header", "skip", "decimal", "thousands", "dates", "sheet")


def reads(options: Options) -> Mapping[str, Any]:
    """How the files are read, as `read` of a load says it."""
    given = {name: options[name] for name in _AS_THEY_ARE if options[name] is not None}
    if options["quote"] is not None:
        given["quote"] = False if options["quote"] == "none" else options["quote"]
    if options["nulls"]:
        given["nulls"] = [word.strip() for word in options["nulls"].split(",") if word.strip()]
    return given | {"guard": options["guard"]}


def source_problems(asked: ImportAsked) -> list[Problem]:
    """What is wrong with the source of an import."""
    return wrong_name("source.files", str(asked.options["files"]))


def wrong_name(where: str, name: str) -> list[Problem]:
    """What is wrong with a name below the address."""
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "~")) or ".." in parts or "://" in name or name[1:2] == ":":
        fix = "write it as it is called below settings.address, such as crm/people.csv"
        return [Problem(where, "does not lie below the address", fix)]
    return [Problem(where, "is a folder", "name files, such as crm/*.csv")] if name.endswith("/") else []
