"""JSON that says of itself whether it is whole: its last member `crc` is the CRC-32 of what comes before it."""

import json
import re
import zlib
from collections.abc import Mapping
from typing import Any

_SEAL = re.compile(rb',"crc":"([0-9a-f]{8})"\}$')


def sealed(value: Mapping[str, Any]) -> bytes:
    """An object that is not empty as one line of JSON, with its seal."""
    text = json.dumps(value, separators=(",", ":")).encode()[:-1]
    return text + f',"crc":"{zlib.crc32(text):08x}"}}'.encode()


def unsealed(text: bytes) -> dict[str, Any]:
    """The object of a text, without its seal; one without any is an earlier cdpkit's, and is taken as it is.

    Raises:
        ValueError: It is no object, or not what was written.
    """
    found = _SEAL.search(text)
    if found is not None and zlib.crc32(text[: found.start()]) != int(found[1], 16):
        raise ValueError("not what was written")
    try:
        value = json.loads(text if found is None else text[: found.start()] + b"}")
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    match value:
        case dict():
            return value
    raise ValueError("no object")
