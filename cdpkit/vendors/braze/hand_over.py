"""How people go as files: Cloud Data Ingestion reads what comes to lie in a folder of a bucket.

A file is one object, there as a whole or not at all. Its name is that of the run with a checksum of what is in it, so
that a batch that is sent again is the same object; Braze, which may then read it twice, sets the same values twice.
Files of more than 512 MB are not read, and nothing tells in what order files or their lines are (documentation of Cloud
Data Ingestion from S3). Nothing comes back either: whoever is in a file counts as accepted.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from io import BytesIO

import polars as pl

from cdpkit.errors import CredentialsError, RemoteError, SourceError
from cdpkit.kit.buckets import code_of
from cdpkit.kit.declare import Setting, Settings
from cdpkit.kit.effects import Effects, Reply
from cdpkit.kit.exporting import ExportAsked, Outgoing, SentField, Way
from cdpkit.kit.kinds import Choice
from cdpkit.kit.render import Member
from cdpkit.problem import Problem
from cdpkit.vendors.braze import fields, places, target
from cdpkit.vendors.braze.push import sized, told

CALLS = "calls"
OPTIONS = (
    Setting(
        "hand_over",
        "How people go: by calls of /users/track, or as files of lines of JSON, CSV or Parquet that Braze's Cloud Data "
        "Ingestion reads from a bucket; of files nothing comes back",
        Choice((CALLS, "jsonl", "csv", "parquet")),
        default=CALLS,
    ),
    Setting(
        "hand_over_to",
        "The folder into which such files are written, in the connection's bucket or as s3://bucket/folder; the sync "
        "in Braze looks at it and at nothing else",
    ),
)

_MOST, _ROOM = 500_000, 64 << 20
"""People of a file, and bytes of their payloads; it is made in memory."""
_SCHEME, _ANY, _OK, _DENIED = "s3://", "://", 200, frozenset({401, 403})


def is_asked(asked: ExportAsked) -> bool:
    """Whether people go as files."""
    return bool(asked.options["hand_over"] != CALLS)


def problems(asked: ExportAsked) -> list[Problem]:
    """What is wrong with a goal that hands people over as files."""
    if not is_asked(asked):
        return []
    found = []
    bucket, folder = _place(asked)
    what = "names no bucket" if not bucket else "is no folder of a bucket" if _ANY in folder else ""
    what = what if folder else "does not say where the files go"
    if what:
        fix = "write the folder that the sync in Braze looks at, such as handed-over/profiles or s3://bucket/folder"
        found.append(Problem("target.hand_over_to", what, fix))
    if asked.options["increments"]:
        what = "values of a file that Braze reads twice would be added twice"
        found.append(Problem("target.increments", what, 'leave it out, or set target.hand_over = "calls"'))
    if asked.options["lists"] and asked.options["on_leave"]:
        what = "files and calls are not read in order, so that who leaves a group could be put on it again"
        found.append(Problem("target.on_leave", what, 'set it to false, or target.hand_over = "calls"'))
    return found


def push(asked: ExportAsked, people: Outgoing) -> Effects[pl.DataFrame | None]:
    """Write a file with these people."""
    rows, refused, entering = sized(people)
    if rows.height:
        content = _FORMATS[asked.options["hand_over"]](_lines(asked, rows))
        bucket, folder = _place(asked)
        key = f"{folder}/{asked.run}-{sha256(content).hexdigest()[:16]}.{asked.options['hand_over']}"
        reply: Reply = yield places.putting(asked.settings, bucket, key, content)
        if reply.status != _OK:
            _refuse(reply, bucket)
    return told(people, refused, entering)


def _lines(asked: ExportAsked, rows: pl.DataFrame) -> pl.DataFrame:
    """Who it is, in one column or two, and the payload; its names are those of the documentation."""
    (name,) = asked.identifiers
    payload = rows["body"].alias("payload")
    if name != fields.ALIAS:
        return pl.DataFrame([rows[name], payload])
    label = pl.Series("alias_label", [asked.settings["alias_label"]]).new_from_index(0, rows.height)
    return pl.DataFrame([rows[name].alias("alias_name"), label, payload])


def _members(asked: ExportAsked, sent: Sequence[SentField]) -> tuple[Member, ...]:
    """The payload: what is sent by a call, without who it is."""
    _, *others = target.members(asked, sent)
    return tuple(others)


def way(_asked: ExportAsked) -> Way:
    """In large files."""
    return Way("hand-over", _members, push, _MOST, _ROOM)


def _place(asked: ExportAsked) -> tuple[str, str]:
    """The bucket and the folder."""
    given = str(asked.options["hand_over_to"] or "").strip()
    if given[: len(_SCHEME)].lower() == _SCHEME:
        bucket, _, folder = given[len(_SCHEME) :].partition("/")
        return bucket, folder.strip("/")
    return _own_bucket(asked.settings), given.strip("/")


def _own_bucket(settings: Settings) -> str:
    return str(settings["bucket"] or "")


def _refuse(reply: Reply, bucket: str) -> None:
    """Raise what a refusal means.

    Raises:
        SourceError: There is no such bucket.
        CredentialsError: The keys may not write there.
        RemoteError: Anything else.
    """
    code = code_of(reply)
    if code == "NoSuchBucket":
        raise SourceError(f"target.hand_over_to: there is no bucket {bucket!r}; correct it, or make the bucket")
    if reply.status in _DENIED:
        fix = "give them s3:PutObject there, or name another bucket"
        raise CredentialsError("", [Problem("target.hand_over_to", f"the keys may not write there ({code})", fix)])
    raise RemoteError(f"{reply.what} was refused ({code}, status {reply.status})")


def _csv(lines: pl.DataFrame) -> bytes:
    held = BytesIO()
    lines.write_csv(held)
    return held.getvalue()


def _ndjson(lines: pl.DataFrame) -> bytes:
    held = BytesIO()
    lines.write_ndjson(held)
    return held.getvalue()


def _parquet(lines: pl.DataFrame) -> bytes:
    held = BytesIO()
    lines.write_parquet(held, compression="snappy")
    return held.getvalue()


_FORMATS: Mapping[str, Callable[[pl.DataFrame], bytes]] = {"csv": _csv, "jsonl": _ndjson, "parquet": _parquet}
