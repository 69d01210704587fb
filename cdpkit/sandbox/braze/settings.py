"""What the imitation of Braze can be told, and the keys that it takes."""

from dataclasses import dataclass, field
from typing import Literal

API_KEY = "5a4db0c5-ca4d-4b0c-8000-000000000000"
"""The key of the workspace, invented; the same at every start. It has all permissions."""

_WITHOUT = "-without-"

PERMISSIONS = frozenset(
    {
        "users.track", "users.export.ids", "users.export.segment", "users.identify", "users.merge", "users.delete",
        "users.alias.new", "segments.list", "segments.details", "campaigns.list", "campaigns.details",
        "custom_attributes.get", "subscription.status.set", "subscription.status.get", "subscription.groups.get",
        "email.status", "email.unsubscribe",
    }
)  # fmt: skip
"""What a key can be allowed, by the vendor's names."""

ARCHIVES = ("zip", "ratio", "entries", "names", "nested", "truncated", "encrypted", "crc")
"""What the files of an export can be instead of a proper archive; `archives` says more."""


def key_without(*permissions: str) -> str:
    """A key of the workspace that lacks these permissions."""
    return f"{API_KEY}{_WITHOUT}{','.join(permissions)}"


def permissions_of(key: str) -> frozenset[str] | None:
    """What a key is allowed; None for a key that is none of the workspace."""
    own, _, lacking = key.partition(_WITHOUT)
    return PERMISSIONS - set(lacking.split(",")) if own == API_KEY else None


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the imitation of Braze.

    Attributes:
        track_objects: Most objects of a call of `/users/track`, over its three arrays.
        track_bytes: Most bytes of a call's body.
        track_calls: Calls of `/users/track` in `track_window`; contracts differ.
        track_window: Seconds.
        track_seconds: How long a call of `/users/track` is at work, so that two can be at work at once.
        queued: How many of the first calls of `/users/track` are answered with 202, as in maintenance.
        ids_calls: Calls of `/users/export/ids` in a minute.
        long_texts: What becomes of a text of more than 255 characters; the vendor does not say.
        report_unknown: Report users who are unknown to a call that only updates, as older documents have it.
        reset: How the header says when the next window begins.
        file_users: Most users of a file of an export.
        export_seconds: Seconds from the request of an export to its first file; with 0 all are there at once.
        export_gap: Seconds between two files.
        export_polls: Listings of the bucket before the first file is there, and one more for each further file.
        export_held: Let files wait until the sandbox is told that they arrive.
        export_failures: How many of the first exports fail, of which an e-mail alone would tell: no file comes.
        next_day: Put files below the date of the day after.
        empty_writes: Write a file without a line for a segment of nobody, instead of none.
        times: Whether `dob` and `created_at` are exported as dates and plain times, or in the form of ISO 8601.
        archive: What the files of exports are.
        file_seconds: Seconds until a file is deleted again, at the next listing; 0 for never.
    """

    track_objects: int = field(default=75, metadata={"help": "most objects of a call of /users/track"})
    track_bytes: int = field(default=4_000_000, metadata={"help": "most bytes of a body"})
    track_calls: int = field(default=3000, metadata={"help": "calls of /users/track in a window"})
    track_window: float = field(default=3.0, metadata={"help": "seconds of that window"})
    track_seconds: float = field(default=0.0, metadata={"help": "seconds that a call of /users/track is at work"})
    queued: int = field(default=0, metadata={"help": "how many of the first calls of /users/track are answered 202"})
    ids_calls: int = field(default=250, metadata={"help": "calls of /users/export/ids in a minute"})
    long_texts: Literal["drop", "cut"] = field(
        default="drop", metadata={"help": "what becomes of texts that are too long", "choices": ("drop", "cut")}
    )
    report_unknown: bool = field(default=False, metadata={"help": "report users whom an update alone does not find"})
    reset: Literal["epoch", "delta", "retry_after", "empty", "missing"] = field(
        default="epoch",
        metadata={
            "help": "how headers say when the next window begins",
            "choices": ("epoch", "delta", "retry_after", "empty", "missing"),
        },
    )
    file_users: int = field(default=5000, metadata={"help": "most users of a file of an export"})
    export_seconds: float = field(default=0.0, metadata={"help": "seconds until the first file of an export is there"})
    export_gap: float = field(default=0.0, metadata={"help": "seconds between two files of an export"})
    export_polls: int = field(default=0, metadata={"help": "listings before the first file; one more for each other"})
    export_held: bool = field(default=False, metadata={"help": "hold files until the sandbox is told to let them come"})
    export_failures: int = field(default=0, metadata={"help": "how many of the first exports fail without a word"})
    next_day: bool = field(default=False, metadata={"help": "put files below the date of the day after"})
    empty_writes: bool = field(default=False, metadata={"help": "write an empty file for a segment of nobody"})
    times: Literal["plain", "iso"] = field(
        default="plain", metadata={"help": "the form of dob and created_at in exports", "choices": ("plain", "iso")}
    )
    archive: Literal["zip", "ratio", "entries", "names", "nested", "truncated", "encrypted", "crc"] = field(
        default="zip", metadata={"help": "what the files of exports are", "choices": ARCHIVES}
    )
    file_seconds: float = field(default=0.0, metadata={"help": "seconds until files are deleted again; 0 for never"})
