"""Frames that are kept beside the tables, until a run has ended."""

from hashlib import sha256
from io import BytesIO

import polars as pl

from cdpkit.place.place import Place


def read_frame(place: Place, checksum: str | None = None) -> pl.DataFrame:
    """A frame that was written here.

    Args:
        place: Where.
        checksum: What writing it returned; None where that is not known.

    Raises:
        FileNotFoundError: None was.
        ValueError: What is here is not what was written.
    """
    content = place.read()
    if checksum is not None and sha256(content).hexdigest() != checksum:
        raise ValueError("not what was written")
    return pl.read_parquet(content)


def write_frame(place: Place, frame: pl.DataFrame) -> str:
    """Keep a frame here, whole or not at all; returns the checksum of what was written."""
    content = BytesIO()
    frame.write_parquet(content)
    place.write([content.getvalue()])
    return sha256(content.getvalue()).hexdigest()
