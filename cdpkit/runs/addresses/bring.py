"""Bringing what lies at an address to this machine, as files that are read like any other."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cdpkit.errors import ConfigurationError, SourceError
from cdpkit.kit.downloads import download, mark_of, shown, was_packed
from cdpkit.kit.effects import Reply
from cdpkit.kit.kinds import in_the_clear
from cdpkit.kit.vendor import Limit
from cdpkit.place import Place
from cdpkit.place.passing import renamed
from cdpkit.runs.addresses.names import file_name
from cdpkit.runs.addresses.objects import get_object, objects_at
from cdpkit.transport.driver import Driver
from cdpkit.transport.silence import aloud

_SCHEMES: Final = ("https", "http", "s3")
_FAR: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_LIMITS: Final = {"source": Limit(100, 1.0, at_once=4, source="ours: what any server bears")}
_ATTEMPTS: Final = 4


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that was brought here.

    Attributes:
        path: Where it is.
        address: Where it came from, without anything secret.
        facts: What tells whether it is the same again, beside its size.
    """

    path: Path
    address: str
    facts: Mapping[str, str]


def is_address(source: str) -> bool:
    """Whether a source is an address that is fetched.

    Raises:
        SourceError: It is one of a kind that is not.
    """
    found = _FAR.match(source)
    if found is None:
        return False
    kind = found[1].lower()
    if kind not in _SCHEMES:
        raise SourceError(f"nothing is fetched from {kind}:// addresses, but from https:// and s3://; fetch it first")
    return True


def named(source: str) -> str:
    """An address as messages have it; a key may have the signs in it that begin a query."""
    return source if source[:2].lower() == "s3" else shown(source)


def bring(source: str, place: Place, *, allow_http: bool = False) -> list[Brought]:
    """Fetch what is at an address.

    Args:
        source: `https://...`, or `s3://bucket/key`, whose key may be a glob; `http://` of this machine alone.
        place: A folder for it.
        allow_http: Whether `http://` may be of another machine too.

    Raises:
        SourceError: There is nothing, or it is no address.
        CredentialsError: It is not given to this user, or there are no keys.
        RemoteError: The server cannot be reached, or refuses.
        ConfigurationError: It would be fetched without encryption, or a package is missing.
    """
    try:
        parts = urlsplit(source.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host:
        raise SourceError("the source begins like an address and is none; write https://host/file or s3://bucket/key")
    if in_the_clear(source) and not allow_http:
        raise ConfigurationError(
            f"{named(source)} is an http address of another machine: whatever is fetched can be read and changed on "
            "the way; write https://, or where the way is a safe one read={'allow_http': True}"
        )
    of_bucket = parts.scheme.lower() == "s3"
    driver = Driver(
        None if of_bucket else f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        _LIMITS,
        folder=place,
        vendor="S3" if of_bucket else "The server",
        attempts=_ATTEMPTS,
        allow_http=allow_http,
        tell=aloud,
    )
    with driver:
        return _objects(driver, source, place) if of_bucket else [_file(driver, source, place)]


def _file(driver: Driver, url: str, place: Place) -> Brought:
    got = driver.run(download(url, "0/fetched", "source"))
    name = file_name(got.names, got.kind, was_packed=got.was_packed)
    return Brought(renamed(place / got.page, name), shown(url), {"mark": got.mark})


def _objects(driver: Driver, address: str, place: Place) -> list[Brought]:
    found = driver.run(objects_at(address, "source"))
    replies: dict[int, Reply] = {}
    tasks = ((nth, get_object(each, f"{nth}/fetched", "source")) for nth, each in enumerate(found))
    driver.each(tasks, replies.__setitem__)
    brought = []
    for nth, each in enumerate(found):
        told = replies[nth].headers
        name = file_name([each.key.rpartition("/")[2]], "", was_packed=was_packed(told))
        brought.append(Brought(renamed(place / f"{nth}/fetched", name), each.address, {"mark": mark_of(told)}))
    return brought
