"""The place that a path or an address names."""

import os
from pathlib import Path

from cdpkit.place.folder import Folder
from cdpkit.place.place import Place

_SCHEME, _BACK = "s3:", "\\"


def is_bucket(where: str | os.PathLike[str]) -> bool:
    """Whether it is an address in a bucket, which may have been taken for a path before."""
    text = os.fspath(where).replace(_BACK, "/")
    return text.startswith((f"{_SCHEME}//", f"{_SCHEME}/")) and not text.startswith(f"{_SCHEME}///")


def place_at(where: str | os.PathLike[str]) -> Place:
    """The place of a folder, or of `s3://bucket/prefix`.

    Raises:
        ConfigurationError: It names no bucket, or what the environment says of S3 does not fit.
    """
    if is_bucket(where):
        from cdpkit.place.buckets.bucket import Bucket

        return Bucket.at(named(where))
    return Folder(Path(where))


def named(where: str | os.PathLike[str]) -> str:
    """A path as it was given, or an address as it is written."""
    text = os.fspath(where)
    return f"{_SCHEME}//{text.replace(_BACK, '/')[len(_SCHEME) :].lstrip('/')}" if is_bucket(where) else text
