"""Ids in hexadecimal digits that look random and hold a number, so that what they mean is computed, not searched."""

from cdpkit.sandbox.world.mixing import mixed_one, salt

_HELD = 12
"""Digits of the number itself."""


def code(number: int, seed: int, kind: str, digits: int = 32) -> str:
    """The id of the `number`-th thing of a kind (a list, a person, a document) as so many digits, from 16 to 44."""
    noise = "".join(f"{mixed_one(number, salt(seed, f'{kind} {part}')):016x}" for part in (0, 1))
    return noise[: digits - _HELD] + f"{number ^ (salt(seed, kind) % 16**_HELD):0{_HELD}x}"


def number_of(text: str, seed: int, kind: str) -> int | None:
    """The number that an id of a kind holds; None for a text that is no such id."""
    try:
        number = int(text[-_HELD:], 16) ^ (salt(seed, kind) % 16**_HELD)
    except ValueError:
        return None
    return number if text == code(number, seed, kind, len(text)) else None
