"""What a run keeps in its folder, read back; what is damaged names itself, is put aside, and is not gone on with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl

from cdpkit.errors import WorkspaceError
from cdpkit.place import Place
from cdpkit.place.foreign import reason_of
from cdpkit.place.frames import read_frame
from cdpkit.place.sealed import unsealed


class KeptError(WorkspaceError):
    """A file that a run has kept is damaged or gone; a new run works it out anew."""


def kept_json(place: Place) -> dict[str, Any] | None:
    """What was kept as JSON; None where nothing was.

    Raises:
        KeptError: It is damaged.
    """
    if not place.exists():
        return None
    with kept(place):
        return unsealed(place.read())


def kept_frame(place: Place, checksum: str | None = None) -> pl.DataFrame:
    """A frame that was kept.

    Args:
        place: Where.
        checksum: Of what was written, None where nobody knows.

    Raises:
        KeptError: It is damaged, or gone.
    """
    with kept(place):
        return read_frame(place, checksum)


@contextmanager
def kept(place: Place) -> Iterator[None]:
    """Read what was kept at a place.

    Raises:
        KeptError: That fails; what lies there is put aside.
    """
    try:
        yield
    except FileNotFoundError:
        raise KeptError(f"{place}, which this run had kept, is gone; the next run begins anew") from None
    except BaseException as error:
        if reason_of(error) is None and not isinstance(error, ValueError):
            raise
        raise damaged(place) from None


def damaged(place: Place) -> KeptError:
    """Put a damaged file aside; returns what is to be raised or told."""
    aside = place.put_aside()
    return KeptError(
        f"{place}, which this run had kept, is damaged; it is put aside as {aside.name}, and the next run begins anew"
    )
