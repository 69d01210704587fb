"""Exports of segments: each is asked for once, and its files are read when no more of them come.

Nothing at Braze tells how far an export is; a failure is told by e-mail alone. Files lie below
`segment-export/<segment>/<day>/<object prefix>/`, where the day may be the next one. Exports that others asked for lie
beside it, and those of the dashboard in the day's folder itself (documentation of `/users/export/segment`).
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from cdpkit.errors import CredentialsError, RemoteError, UnavailableError
from cdpkit.kit.answers import part
from cdpkit.kit.buckets import code_of, keys_below
from cdpkit.kit.declare import Settings
from cdpkit.kit.effects import Effects, Keep, Reply, Together, Wait, all_of
from cdpkit.kit.jobs import Started, once, started_from
from cdpkit.vendors.braze import places
from cdpkit.vendors.braze.api import get, post, read

_OK, _AT_ONCE = 200, 4
_DEEP = 3
"""Day, prefix and name."""
_FIRST, _LONGEST = 2.0, 60.0
"""Seconds of the first pause between two looks into the bucket, and of the longest."""
_SLACK = 60
"""Seconds by which two clocks of Braze may differ."""
_BUSY, _TURNS = 300.0, 12
"""Seconds after which an export that could not begin, for another one of its segment runs, is asked for again."""


@dataclass(frozen=True, slots=True)
class Export:
    """How far the export of one segment is.

    Attributes:
        started: Its start; `before` has the prefixes that lay in the bucket before.
        keys: Its files, once no more come.
        fetched: How many of them are pages.
    """

    started: Started = field(default_factory=Started)
    keys: tuple[str, ...] | None = None
    fetched: int = 0

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> "Export":
        """Read what was kept."""
        if kept is None:
            return cls()
        keys = kept["keys"]
        return cls(started_from(kept["started"]), None if keys is None else tuple(keys), int(kept["fetched"]))

    @property
    def pages(self) -> tuple[str, ...]:
        """The names of its pages."""
        prefix = str(self.started.job).replace("/", "-")
        return tuple(f"users-{prefix}-{number}.ndjson" for number in range(1, len(self.keys or ()) + 1))

    def plain(self) -> dict[str, Any]:
        """What JSON can hold."""
        return asdict(self)


Remember = Callable[[Export], Keep]


def started(
    settings: Settings, segment: str, wanted: Mapping[str, Any], export: Export, remember: Remember
) -> Effects[Export]:
    """Ask for the export, unless that was done.

    While another export of the segment runs, Braze answers 429. One that was asked for and of which no answer came is
    looked for in the bucket: it is the only one that lies there and did not before.

    Raises:
        UnavailableError: Others export the segment all the time.
    """
    turn = 0
    while True:
        try:
            job = yield from once(
                partial(_ask, settings, segment, wanted),
                partial(_find, settings, segment),
                export.started,
                keep=lambda made: remember(replace(export, started=made)),
                before=partial(_seen, settings, segment),
            )
        except _BusyError:
            turn += 1
            if turn == _TURNS:
                raise
            if not export.started.asked:
                yield remember(export)  # surely not begun, and what lies there by then is another's
            yield Wait(_BUSY, f"another export of segment {segment} to end")
        else:
            return replace(export, started=replace(export.started, asked=True, job=job))


class _BusyError(UnavailableError):
    """Another export of the segment runs."""


def _ask(settings: Settings, segment: str, wanted: Mapping[str, Any]) -> Effects[str]:
    content = {"segment_id": segment, "output_format": "zip", **wanted}
    try:
        reply = yield post(settings, "/users/export/segment", content, "export", repeatable=False)
    except UnavailableError as error:
        yield get(settings, "/segments/list")  # raises, where it is not busy but away
        what = f"another export of segment {segment} is running at Braze; run it again when that is over"
        raise _BusyError(what) from error
    return part(read(reply), "object_prefix", str, reply)


def _seen(settings: Settings, segment: str) -> Effects[dict[str, Any]]:
    """What lies in the bucket, and the time of day at Braze: a prefix ends with the second of its request."""
    reply = yield get(settings, "/segments/list")
    read(reply)
    date = reply.headers.get("date")
    since = parsedate_to_datetime(date).timestamp() - _SLACK if date else 0
    return {"since": int(since), "prefixes": (yield from _prefixes(settings, segment))}


def _find(settings: Settings, segment: str, before: Mapping[str, Any]) -> Effects[str | None]:
    """The export that was asked for, which shows once its first file is there; None where none does for minutes."""
    pause = _FIRST
    while True:
        there = yield from _prefixes(settings, segment)
        new = [each for each in there if each not in before["prefixes"] and _second(each) >= before["since"]]
        if len(new) > 1:
            raise RemoteError(
                f"{len(new)} exports of segment {segment} began at once, and no answer told which of them is this "
                "run's; run it again with full = True"
            )
        if new or pause > _LONGEST * 2:
            return new[0] if new else None
        yield Wait(pause, f"the first file of an export of segment {segment}")
        pause *= 2


def _second(prefix: str) -> int:
    end = prefix.rpartition("-")[2]
    return int(end) if end.isascii() and end.isdecimal() else 0


def _prefixes(settings: Settings, segment: str) -> Effects[list[str]]:
    """The prefixes of the exports whose files lie in the bucket."""
    files = yield from _files(settings, segment)
    return sorted({prefix for prefix, _ in files})


def _files(settings: Settings, segment: str) -> Effects[dict[tuple[str, str], tuple[int, str]]]:
    """Size and mark of what exports by the API have written, by prefix and key; what lies elsewhere is another's.

    Raises:
        CredentialsError: The bucket is not shown.
    """
    call = places.listing(settings, f"segment-export/{segment}/")
    found = yield from keys_below(call)
    if isinstance(found, Reply):
        raise CredentialsError("", [places.refused(settings, found)])
    placed = ((str(row["key"]).removeprefix(call.prefix).split("/"), row) for row in found)
    return {
        (parts[1], str(row["key"])): (int(row["size"]), str(row["etag"]))
        for parts, row in placed
        if len(parts) == _DEEP
    }


def followed(settings: Settings, segment: str, export: Export, remember: Remember) -> Effects[Export]:
    """Wait until no more files come, and store them; an export of which none comes has failed.

    Raises:
        RemoteError: No file came in all that time, or one cannot be read; it is asked for anew the next time.
    """
    try:
        if export.keys is None:
            export = replace(export, keys=(yield from _all_there(settings, segment, str(export.started.job))))
            yield remember(export)
        return (yield from _fetched(settings, export, remember))
    except UnavailableError:
        raise
    except RemoteError:
        yield remember(Export())
        raise


def _all_there(settings: Settings, segment: str, prefix: str) -> Effects[tuple[str, ...]]:
    """The keys of the export's files, once they have been the same for as long as the settings say."""
    settle, patience = settings["export_settle"], settings["export_minutes"] * 60
    waited = still = 0.0
    pause = min(_FIRST, max(settle, 0.01))
    seen: dict[str, tuple[int, str]] | None = None
    while True:
        there = yield from _files(settings, segment)
        files = {key: told for (own, key), told in there.items() if own == prefix}
        if not files or files != seen:
            still, seen = 0.0, files
        elif still >= settle:
            return tuple(sorted(files))
        if waited >= patience:
            raise RemoteError(
                f"no whole export of segment {segment} lay in bucket {settings['bucket']!r} after "
                f"{settings['export_minutes']:g} minutes: it has failed, of which Braze tells by e-mail alone, or the "
                "segment has no users, or Braze writes into another bucket; see that the S3 settings here are those in "
                "Braze, and run it again"
            )
        yield Wait(pause, f"the files of the export of segment {segment}, of which there are {len(files)}")
        waited, still = waited + pause, still + pause if files else 0.0
        pause = min(2 * pause, _LONGEST, max(settle, _FIRST))


def _fetched(settings: Settings, export: Export, remember: Remember) -> Effects[Export]:
    keys, pages = export.keys or (), export.pages
    while export.fetched < len(keys):
        part_of = slice(export.fetched, export.fetched + _AT_ONCE)
        calls = (places.getting(settings, *pair) for pair in zip(keys[part_of], pages[part_of], strict=True))
        replies = all_of((yield Together(tuple(calls))))
        for reply in replies:
            if reply.status != _OK:
                raise RemoteError(
                    f"a file of the export in bucket {settings['bucket']!r} cannot be read ({code_of(reply)}); files "
                    "may be deleted some hours after an export: run it again, and an export is asked for anew"
                )
        export = replace(export, fetched=export.fetched + len(replies))
        yield remember(export)
    return export
