"""Ids as Braze writes them."""

from cdpkit.sandbox.world.codes import code


def uuid(number: int, seed: int, kind: str) -> str:
    """The id of the `number`-th thing of a kind, in the form of a UUID."""
    text = code(number, seed, kind)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
