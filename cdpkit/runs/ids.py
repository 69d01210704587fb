"""Ids and times of runs."""

import secrets
import time
import uuid
from datetime import UTC, datetime


def run_id() -> str:
    """A UUID of version 7 as text: sorts by the time it was made."""
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)
