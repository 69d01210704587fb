"""What the tests of readers need: values of texts, and a file read."""

from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import strategies as st

from cdpkit.runs.files.options import read_options
from cdpkit.runs.sources import SourceRows, read_source

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        '"',
        '""',
        'a"b',
        "\r",
        "\n",
        "\r\n",
        ",",
        ";",
        "\t",
        "'",
        " x ",
        "1,5",
        "007",
        "é",
        "\u2028",
        "\x0b",
        "\x00",
        "NULL",
    ]
)
NAMES = ["mail", "plan", "note"]


def tables(most: int = 8) -> st.SearchStrategy[list[list[str]]]:
    """Rows of three texts."""
    return st.lists(st.lists(TEXTS, min_size=3, max_size=3), max_size=most)


def read(path: Path, **options: Any) -> SourceRows:
    return read_source(path, None, read_options(options))


def texts(read: SourceRows) -> list[list[str]]:
    """All rows, what is empty as an empty text."""
    rows = read.rows.columns(list(read.fields))
    return [["" if value is None else str(value) for value in row] for row in rows.cast(pl.String).rows()]
