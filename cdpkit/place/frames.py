"""Frames that are kept beside the tables, until a run has ended."""

from io import BytesIO

import polars as pl

from cdpkit.place.place import Place


def read_frame(place: Place) -> pl.DataFrame:
    """A frame that was written here.

    Raises:
        FileNotFoundError: None was.
    """
    return pl.read_parquet(place.read())


def write_frame(place: Place, frame: pl.DataFrame) -> None:
    """Keep a frame here, whole or not at all."""
    content = BytesIO()
    frame.write_parquet(content)
    place.write([content.getvalue()])
