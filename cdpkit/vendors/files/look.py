"""Whether the place can be seen, and which files lie there."""

from cdpkit.errors import CredentialsError
from cdpkit.kit.buckets import code_of
from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import Discovery, Item, Thing
from cdpkit.kit.effects import Effects, Reply
from cdpkit.vendors.files.places import OK, problems, shelf

FILES = Thing("files", "file", "files")
_SHOWN = 1000
_NOT_YET = "NoSuchFolder"
"""A folder that an export will make."""


def check(settings: Settings) -> Effects[None]:
    """Look at the place."""
    yield from discover(settings)


def discover(settings: Settings) -> Effects[Discovery]:
    """Some of the files that are there; their fields are told by the files alone.

    Raises:
        CredentialsError: The settings do not fit, or the place is not open to this user or these keys.
        CdpkitError: It cannot be looked at.
    """
    wrong = problems(settings)
    if wrong:
        raise CredentialsError("", wrong)
    place = shelf(settings)
    reply: Reply = yield place.listing("", _SHOWN)
    if reply.status != OK:
        if code_of(reply) != _NOT_YET:
            place.refuse(reply)
        return Discovery()
    names = [place.name_of(str(each["key"])) for each in reply.json()["objects"]]
    return Discovery(items={FILES.name: tuple(Item(name, name, target=False) for name in names)})
