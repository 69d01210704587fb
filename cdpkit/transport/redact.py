"""Texts of the network library, the system and vendors, without what must not leave."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

MASK = "***"
LONGEST = 200

SHORTEST = 8
"""Characters; what is shorter occurs in other words too, and is not looked for in what a vendor says."""


def mask(text: str, secrets: Iterable[str]) -> str:
    """A text in one short line, with secrets blotted out, longest first."""
    for secret in sorted({secret for secret in secrets if secret}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return " ".join(text.split())[:LONGEST]


def secrets_in(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The secrets among settings or header fields that are long enough to be told from other words."""
    found = (value.get_secret_value() for value in values.values() if isinstance(value, SecretStr))
    return tuple(dict.fromkeys(secret for secret in found if len(secret) >= SHORTEST))


def without(text: str, secrets: Iterable[str]) -> str:
    """A text with secrets blotted out, also as addresses and JSON write them."""
    for form in _longest_first(secrets):
        text = text.replace(form, MASK)
    return text


def body_without(body: bytes, secrets: Iterable[str]) -> bytes:
    """The same of a body."""
    for form in _longest_first(secrets):
        body = body.replace(form.encode("utf-8", "surrogatepass"), MASK.encode())
    return body


def _longest_first(secrets: Iterable[str]) -> list[str]:
    return sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True)


def _forms(secret: str) -> Iterator[str]:
    yield from (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1])
