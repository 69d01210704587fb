"""Files of XML that users hand in, which describe something and are no source of rows."""

from pathlib import Path

from cdpkit.errors import SourceError
from cdpkit.place.foreign import translated


def content_of_xml(path: Path, largest: int) -> bytes:
    """The bytes of a file, at most one more than the largest that it may have.

    Raises:
        SourceError: It cannot be read.
    """
    failed = f"{path} cannot be read"
    with translated(failed, SourceError, mend="check its name and its permissions"), path.open("rb") as file:
        return file.read(largest + 1)
