"""Texts of the network library and the system, without what must not leave."""

from collections.abc import Iterable

MASK = "***"
LONGEST = 200


def mask(text: str, secrets: Iterable[str]) -> str:
    """A text in one short line, with secrets blotted out, longest first."""
    for secret in sorted({secret for secret in secrets if secret}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return " ".join(text.split())[:LONGEST]
