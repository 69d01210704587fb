"""One row a person, of what a pull stored."""

from collections.abc import Callable, Sequence

import polars as pl

from cdpkit.core import scalars
from cdpkit.core.repeated import repeated
from cdpkit.kit.discovery import Item

LISTS, LIST_IDS = "lists", "list_ids"
"""The columns of a staged person that hold the names and the ids of the lists."""

_NO_IDS = pl.Series([[]], dtype=pl.List(pl.String))


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Objects as columns with dotted names, into those that have such names already."""
    while nested := [column for column in frame if isinstance(column.dtype, pl.Struct)]:
        frame = frame.drop(column.name for column in nested)
        for column in nested:
            for inner in column.struct.unnest():
                name = f"{column.name}.{inner.name}"
                there = frame[name] if name in frame.columns else None
                if there is not None and there.dtype != inner.dtype:
                    there, inner = scalars.as_text(there), scalars.as_text(inner)  # noqa: PLW2901
                frame = frame.with_columns(
                    (inner if there is None else there.zip_with(there.is_not_null(), inner)).alias(name)
                )
    return frame


def objects(pages: pl.DataFrame, name: str) -> pl.DataFrame:
    """The objects that pages hold in a list of this name, one a row; a frame without columns where there are none.

    Args:
        pages: A row a page. Where the objects of two pages differ, they are JSON texts.
        name: Of the list.
    """
    if name not in pages.columns:
        return pl.DataFrame()
    found = pages[name].explode().drop_nulls()
    if found.dtype == pl.String:
        found = found.str.json_decode(infer_schema_length=None)
    return found.struct.unnest() if isinstance(found.dtype, pl.Struct) else pl.DataFrame()


def text(frame: pl.DataFrame, name: str) -> pl.Series:
    """A column as text, empty where no page has it."""
    if name not in frame.columns:
        return pl.Series(name, [None], pl.String).new_from_index(0, frame.height)
    return scalars.as_text(frame[name])


def latest(people: pl.DataFrame, keys: pl.Series, moments: Callable[[], pl.Series]) -> pl.DataFrame:
    """One row a person: the one of the last moment, and of several such the last one.

    Args:
        people: Rows, some of them perhaps of the same person.
        keys: What tells people apart; a row without a key is somebody by itself.
        moments: When each row was true; one without a moment comes before all others. Asked for only where somebody
            has several rows.
    """
    if repeated(keys.drop_nulls()) is None:
        return people
    several = (keys.is_duplicated() & keys.is_not_null()).alias("several")
    rows = pl.DataFrame([keys.alias("key"), moments().alias("moment"), several]).with_row_index("index")
    newest = rows.filter("several").sort("moment", nulls_last=False, maintain_order=True)
    last = newest.unique("key", keep="last")["index"]
    return people.filter(rows.select(~pl.col("several") | pl.col("index").is_in(last.implode())).to_series())


def lists_of(people: pl.Series, members: pl.DataFrame) -> pl.Series:
    """The ids of the lists that each person is on, as List of Text, without nulls.

    Args:
        people: What tells people apart, as text.
        members: `person` and `list`: a row for each list that somebody is on.
    """
    lists = members.group_by("person", maintain_order=True).agg(pl.col("list").unique(maintain_order=True))
    found = people.alias("person").to_frame().join(lists, on="person", how="left", maintain_order="left")["list"]
    return found.cast(_NO_IDS.dtype).fill_null(_NO_IDS).alias(LIST_IDS)


def ids(people: pl.DataFrame, *columns: str) -> pl.Series:
    """The ids of the lists that each person is on, as List of Text without nulls.

    Args:
        people: One row a person.
        columns: Those that hold ids, as lists of numbers, or as texts that hold numbers; one may be missing.
    """
    found = [_numbers(people[name]).fill_null(_NO_IDS) for name in columns if name in people.columns]
    if not found:
        return _NO_IDS.new_from_index(0, people.height)
    return found[0] if len(found) == 1 else pl.DataFrame(found).select(pl.concat_list(pl.all())).to_series()


def _numbers(values: pl.Series) -> pl.Series:
    if not isinstance(values.dtype, pl.List):
        values = scalars.as_text(values).str.extract_all("[0-9]+")
    return values.cast(pl.List(pl.Int64), strict=False).list.filter(pl.element().is_not_null()).cast(_NO_IDS.dtype)


def on_lists(people: pl.DataFrame, there: Sequence[Item], chosen: Sequence[Item] = ()) -> pl.DataFrame:
    """The people of the chosen lists, with the ids and the names of all lists that they are on.

    Args:
        people: `list_ids`, List of Text without nulls; ids of lists that are not there are dropped.
        there: The lists of the vendor.
        chosen: Those whose people are wanted; empty for everybody.
    """
    ids = pl.col(LIST_IDS)
    if chosen:
        people = people.filter(ids.list.eval(pl.element().is_in([item.id for item in chosen])).list.any())
    names = {item.id: item.name for item in there}
    called = pl.element().replace_strict(names, default=None, return_dtype=pl.String)
    people = people.with_columns(ids.list.filter(called.is_not_null()).list.unique(maintain_order=True))
    return people.with_columns(ids.list.eval(called).list.unique(maintain_order=True).alias(LISTS))
