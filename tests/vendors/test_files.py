"""Files as a vendor, fed with answers by hand: which files come, and when; and the bytes in which people go."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_series_equal

from cdpkit import vendors
from cdpkit.config.vendor_settings import resolve_options, resolve_settings
from cdpkit.core.parse import parse
from cdpkit.core.properties import Property, PropertyType
from cdpkit.errors import SourceError, UnavailableError
from cdpkit.kit.buckets import GetObject, ListObjects
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.effects import Effects, Keep, Reply, Together, Wait
from cdpkit.kit.exporting import ExportAsked, SentField, as_members
from cdpkit.kit.folders import GetFile, ListFiles
from cdpkit.kit.importing import ImportAsked, Pulled, nothing_read
from cdpkit.kit.render import render
from cdpkit.runs.files.options import Read
from cdpkit.runs.files.read import read_file
from cdpkit.vendors.files.tables import FORMATS, Written, packed

VENDOR = vendors.get("files")
assert VENDOR.importer is not None
assert VENDOR.exporter is not None
IMPORTER, EXPORTER = VENDOR.importer, VENDOR.exporter


def asked(source: Mapping[str, Any], read_before: Any = nothing_read, **own: Any) -> ImportAsked:
    given = resolve_settings(VENDOR.settings, {"address": "crm", **own}, Path())
    return ImportAsked(given, resolve_options(IMPORTER.options, source), Discovery(), read_before=read_before)


def listed(*files: tuple[str, str, float]) -> Reply:
    """A list of names, each with what changes when the file does and the seconds since; the younger the later."""
    told = [
        {"key": name, "size": 1, "etag": etag, "modified": f"{1e9 - age:020.3f}", "age": age}
        for name, etag, age in files
    ]
    return Reply(200, body=json.dumps({"objects": told, "next": None}).encode())


class Folder:
    """Answers what a pull asks for.

    Attributes:
        lists: What lists tell, one after the other; the last one stays.
        there: What each file is like when it is read, where that is not what the last list told.
        read: The names of the files that were read.
        kept: The states that were kept.
        waits: How often something was waited for.
    """

    def __init__(self, *lists: Reply, there: Mapping[str, str] | None = None) -> None:
        self.lists, self.there = list(lists), dict(there or {})
        self.read: list[str] = []
        self.kept: list[Mapping[str, Any]] = []
        self.waits = 0

    def answer(self, effect: Any) -> Any:
        match effect:
            case Keep():
                self.kept.append(json.loads(json.dumps(effect.state)))
                return None
            case Wait():
                self.waits += 1
                return None
            case Together():
                return tuple(self.answer(each) for each in effect.effects)
            case ListFiles() | ListObjects():
                return self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
            case GetFile() | GetObject():
                if self.there.pop(effect.key, effect.etag) != effect.etag:
                    return Reply(412, body=b'{"code":"PreconditionFailed"}')
                self.read.append(effect.key)
                return Reply(200, page=effect.page)
        raise AssertionError(effect)

    def run(self, effects: Effects[Pulled]) -> Pulled:
        reply = None
        while True:
            try:
                effect = effects.send(reply)
            except StopIteration as end:
                found: Pulled = end.value
                return found
            reply = self.answer(effect)


OLD = 1e6
THREE = (("crm/part-2.csv", "b", OLD), ("crm/part-10.csv", "c", OLD - 1), ("crm/part-1.csv", "a", OLD + 1))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ({"files": "crm/*.csv"}, ["part-1.csv", "part-2.csv", "part-10.csv"]),
        ({"files": "crm/part-?.csv"}, ["part-1.csv", "part-2.csv"]),
        ({"files": "crm/part-2.csv"}, ["part-2.csv"]),
        ({"files": "**/*1*", "which": "newest"}, ["part-10.csv"]),
        ({"files": "crm/*.csv", "which": "new"}, ["part-1.csv", "part-2.csv", "part-10.csv"]),
    ],
)
def test_files_are_chosen_by_name_and_age(source: Mapping[str, str], names: list[str]) -> None:
    """All that fit, by the numbers in their names; the one written last; new ones, the oldest first."""
    pulled = Folder(listed(*THREE)).run(IMPORTER.pull(asked(source), None))
    assert [each.page.partition("/")[2] for each in pulled.files] == names
    assert [each.address for each in pulled.files] == [f"crm/crm/{name}" for name in names]
    assert pulled.new_alone == (source.get("which") == "new")


def test_no_file_is_an_error_with_those_that_there_are_unless_new_ones_are_asked_for() -> None:
    """A folder may well have nothing new."""
    with pytest.raises(SourceError, match=r"no file 'crm/\*.json'; there are: crm/part-1.csv, crm/part-10.csv"):
        Folder(listed(*THREE)).run(IMPORTER.pull(asked({"files": "*.json"}), None))
    assert Folder(listed()).run(IMPORTER.pull(asked({"files": "*.json", "which": "new"}), None)).files == ()
    read = Folder(listed(*THREE))
    known = asked(
        {"files": "**", "which": "new"}, lambda marks: frozenset(each for each in marks if "-1.c" not in each)
    )
    assert [each.address for each in read.run(IMPORTER.pull(known, None)).files] == ["crm/crm/part-1.csv"]
    assert read.read == ["crm/part-1.csv"]


def test_a_file_that_is_being_written_is_looked_at_again_before_it_is_read() -> None:
    """Until it stays the same; one that does not is left for the next run, where each is read once, else it fails."""
    growing = [listed(("a.csv", str(n), 0.1)) for n in range(3)]
    still = Folder(*growing, listed(("a.csv", "2", 1.5)))
    pulled = still.run(IMPORTER.pull(asked({"files": "a.csv"}), None))
    assert (still.waits, [each.mark for each in pulled.files]) == (3, ["a.csv\x1d2"])
    for which in ("all", "new"):
        endless = Folder(*(listed(("a.csv", str(n), 0.1), ("b.csv", "b", OLD)) for n in range(99)))
        effects = IMPORTER.pull(asked({"files": "*.csv", "which": which}), None)
        if which == "new":
            assert [each.mark for each in endless.run(effects).files] == ["b.csv\x1db"]
        else:
            with pytest.raises(UnavailableError, match=r"crm/a.csv is being written all the time"):
                endless.run(effects)


def test_a_file_that_changes_before_it_is_read_is_listed_anew() -> None:
    """What was stored already is not read again."""
    place = Folder(listed(*THREE), listed(("crm/part-2.csv", "B", OLD), *THREE[1:]), there={"crm/part-2.csv": "B"})
    pulled = place.run(IMPORTER.pull(asked({"files": "crm/*"}), None))
    assert place.read == ["crm/part-1.csv", "crm/part-10.csv", "crm/part-2.csv"]
    assert [each.mark.partition("\x1d")[2] for each in pulled.files] == ["a", "B", "c"]
    assert len({each.page for each in pulled.files}) == 3


def test_a_pull_goes_on_with_the_files_that_it_has_not_stored() -> None:
    """From each state that it kept it ends with the same, and reads no file twice."""
    many = listed(*((f"{n}.csv", "e", OLD) for n in range(10)))
    whole = Folder(many)
    pulled = whole.run(IMPORTER.pull(asked({"files": "*.csv"}), None))
    for state in whole.kept:
        rest = Folder(listed())  # nothing is listed again
        assert rest.run(IMPORTER.pull(asked({"files": "*.csv"}), state)) == pulled
        assert len(rest.read) == 10 - len(state["stored"])


def test_a_bucket_is_asked_as_a_folder_is() -> None:
    """Below its prefix, for the version that was listed."""
    place = Folder(listed(("exports/crm/a.csv", "e", OLD)))
    pull = IMPORTER.pull(asked({"files": "crm/*.csv"}, address="s3://bucket/exports/"), None)
    assert [(each.address, each.mark) for each in place.run(pull).files] == [
        ("s3://bucket/exports/crm/a.csv", "crm/a.csv\x1de")
    ]
    assert place.read == ["exports/crm/a.csv"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ({"file": "vips.csv"}, "would take the place of the one before"),
        ({"file": "vips-{day}-{run}.csv"}, r"nothing takes the place of \{day\}"),
        ({"file": "../vips-{run}.csv"}, "does not lie below the address"),
        ({"file": "vips-{run}.xlsx"}, "no end that says what the file is to be"),
        ({"file": "vips-{run}.parquet.gz"}, "is packed inside"),
        ({"file": "vips-{run}.csv", "separator": "::"}, "is no single character"),
    ],
)
def test_a_target_that_cannot_be_is_told(target: Mapping[str, str], said: str) -> None:
    """With what to do about it."""
    (problem,) = EXPORTER.problems(exporting(target))
    assert re.search(said, problem.what)
    assert problem.fix


def exporting(target: Mapping[str, Any], *fields: str, create: bool = True) -> ExportAsked:
    given = resolve_settings(VENDOR.settings, {"address": "crm"}, Path())
    options = resolve_options(EXPORTER.options, target)
    return ExportAsked(given, options, Discovery(), ("email",), fields, create)


def test_a_column_that_a_spreadsheet_would_work_out_is_called_otherwise() -> None:
    """Its name cannot have the apostrophe; and nobody is matched in a file."""
    (problem,) = EXPORTER.problems(exporting({"file": "x-{run}.csv"}, "+points"))
    assert "'+points'" in problem.what
    assert EXPORTER.problems(exporting({"file": "x-{run}.ndjson"}, "+points")) == []
    (problem,) = EXPORTER.problems(exporting({"file": "x-{run}.csv"}, create=False))
    assert problem.where == "create"


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12).filter(
    lambda text: bool(text.strip()) and bool(pl.Series([text]).str.contains(r"\S").item())
)
RISKY = st.builds(
    "".join, st.tuples(st.sampled_from(["=", "+", "-", "@", "'=", "''-", "\t=", "'", "-1", "+0", "["]), TEXTS)
)
FLOATS = st.floats(-1e15, 1e15).map(lambda number: float(f"{number:.6g}")).filter(lambda n: n == 0 or abs(n) > 1e-300)
KINDS: dict[PropertyType, tuple[Any, st.SearchStrategy[Any]]] = {
    PropertyType.TEXT: (
        pl.String(),
        TEXTS | RISKY | st.sampled_from(['["a"]', "-5", "1e5", '"', "a,b", "a\r\nb", "null"]),
    ),
    PropertyType.NUMBER: (pl.Int64(), st.integers(-(2**63), 2**63 - 1)),
    PropertyType.DECIMAL: (
        pl.Float64(),
        FLOATS,
    ),
    PropertyType.BOOLEAN: (pl.Boolean(), st.booleans()),
    PropertyType.DATE: (pl.Date(), st.dates()),
    PropertyType.DATETIME: (pl.Datetime("us", "UTC"), st.datetimes().map(lambda moment: moment.replace(tzinfo=None))),
}


@st.composite
def people(draw: st.DrawFn) -> dict[Property, pl.Series]:
    """Columns of all types, single and several, with empty values among them; each person has an address."""
    height = draw(st.integers(1, 6))
    found = {Property("email"): pl.Series([f"p{n}@x.de" for n in range(height)])}
    for kind, (dtype, values) in KINDS.items():
        for multi in (False, True):
            one = st.lists(values, min_size=1, max_size=3, unique=True) if multi else values
            drawn = draw(st.lists(st.none() | one, min_size=height, max_size=height))
            naive = pl.Datetime("us") if kind is PropertyType.DATETIME else dtype
            column = pl.Series(drawn, dtype=pl.List(naive) if multi else naive).cast(pl.List(dtype) if multi else dtype)
            found[Property(f"{kind}{'_several' * multi}", kind, multi=multi)] = column
    return found


@pytest.mark.parametrize("ending", [".csv", ".csv;", ".csv.gz", ".tsv", ".ndjson", ".ndjson.gz", ".parquet"])
@settings(max_examples=20, deadline=None)
@given(held=people())
def test_what_was_written_is_read_as_it_was(
    ending: str, held: dict[Property, pl.Series], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Values of each type, lists, empty ones, quotes, line ends, texts that look like formulas or like the guard."""
    name, separator = ending.rstrip(";").removesuffix(".gz"), ";" if ending.endswith(";") else ","
    separator = "\t" if name == ".tsv" else separator
    frame = pl.DataFrame([column.alias(prop.name) for prop, column in held.items()])
    content = FORMATS[name](frame, bodies_of(frame), Written(separator))
    path = tmp_path_factory.mktemp("x") / f"people{ending.rstrip(';')}"
    path.write_bytes(packed(content) if ending.endswith(".gz") else content)
    kind = {".ndjson": "json", ".parquet": "parquet"}.get(name, "csv")
    lists = tuple(prop.name for prop in held if prop.multi)
    mark = separator if kind == "csv" else None
    read = read_file(path, kind, Read(guard=True, lists=lists, separator=mark), None)
    assert read is not None
    assert not read.malformed.at
    rows = read.rows.lazy().collect()
    for prop, column in held.items():
        there = rows[prop.name] if prop.name in rows.columns else pl.Series([None] * frame.height)
        found = parse(there, prop, "UTC")
        assert_series_equal(found.values, column, check_names=False)
        assert found.rejected.is_empty()


def bodies_of(frame: pl.DataFrame) -> pl.Series:
    sent = [SentField(name, name, dtype) for name, dtype in frame.schema.items()]
    return render(frame, as_members(sent))


def test_cells_that_a_spreadsheet_would_work_out_are_guarded_and_numbers_are_not() -> None:
    """By an apostrophe before them; cells that have one before such a sign get another one, so that it can go again."""
    texts = ["=1+1", "+32 470", "-x", "@me", "\tt", "-5", "+0.5", "-1e5", "a=b", "'=x", "'quoted'", "5"]
    frame = pl.DataFrame({"cell": texts, "number": [-1] * len(texts)})
    content = FORMATS[".csv"](frame, frame["cell"], Written()).decode()
    expected = ["'=1+1", "'+32 470", "'-x", "'@me", "'\tt", "-5", "+0.5", "-1e5", "a=b", "''=x", "'quoted'", "5"]
    assert content.splitlines() == ["cell,number", *(f"{text},-1" for text in expected)]
    bare = FORMATS[".csv"](frame, frame["cell"], Written(guard=False)).decode()
    assert bare.splitlines()[1] == "=1+1,-1"


@pytest.mark.parametrize(
    ("cells", "read", "said"),
    [
        (["'=1", "x"], ["=1", "x"], True),
        (["'=1", "=2"], ["'=1", "=2"], False),
        (["'=1", "-2"], ["=1", "-2"], True),
        (["'x'", "y"], ["'x'", "y"], False),
    ],
)
def test_the_guard_goes_where_a_whole_file_has_it(
    cells: list[str], read: list[str], said: bool, tmp_path: Path
) -> None:
    """A file in which a formula stands as it is was not guarded; without the option nothing is taken off."""
    (tmp_path / "x.csv").write_text("\n".join(["name", *cells]) + "\n")
    found = read_file(tmp_path / "x.csv", "csv", Read(guard=True), None)
    assert found is not None
    assert found.rows.lazy().collect()["name"].to_list() == read
    assert any("apostrophe" in note for note in found.understood.standing) == said
    plain = read_file(tmp_path / "x.csv", "csv", Read(), None)
    assert plain is not None
    assert plain.rows.lazy().collect()["name"].to_list() == cells
