"""Exports of segments: asked for by a call, they arrive in the bucket later, file by file, and nothing tells of it."""

import asyncio
import secrets
import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cdpkit.sandbox.braze.account import Account
from cdpkit.sandbox.braze.answers import answer, body, refuse
from cdpkit.sandbox.braze.archives import HOSTILE, packed
from cdpkit.sandbox.braze.calls import Call
from cdpkit.sandbox.braze.segments import Segment, Segments
from cdpkit.sandbox.braze.shown import FIELDS, Shown, line
from cdpkit.sandbox.buckets import Buckets
from cdpkit.sandbox.world.codes import code

_MOST_ATTRIBUTES, _MOST_AT_ONCE = 500, 100
_FOLDER = "segment-export"
RUNNING, DONE, FAILED, CANCELLED = "running", "done", "failed", "cancelled"


@dataclass(slots=True)
class Export:
    """An export.

    Attributes:
        segment: The id of the segment.
        prefix: By which its files are told from others.
        begun: Unix seconds.
        fields: What was asked for.
        files: Key and content of those that did not arrive yet.
        arrived: Keys of those that did, and when in Unix seconds.
        polls: How often the bucket was listed where its files will be.
        ended: Failed or cancelled; None where it was not.
        written: Whether its files are made.
    """

    segment: str
    prefix: str
    begun: float
    fields: list[str]
    files: list[tuple[str, bytes]] = field(default_factory=list, repr=False)
    arrived: dict[str, float] = field(default_factory=dict)
    polls: int = 0
    ended: str | None = None
    written: bool = False

    @property
    def state(self) -> str:
        """Where it is."""
        return self.ended or (RUNNING if self.files or not self.written else DONE)

    def shown(self) -> dict[str, Any]:
        """The export as the sandbox shows it."""
        own = {"segment_id": self.segment, "object_prefix": self.prefix, "begun": self.begun, "fields": self.fields}
        return {**own, "state": self.state, "waiting": len(self.files), "arrived": list(self.arrived)}


class Exports:
    """The exports of segments of an account.

    Attributes:
        all: The exports, oldest first.
        archive: What the last file of the next export is; one of `ARCHIVES`.
        held: Whether files wait until the sandbox is told that they arrive.
    """

    def __init__(self, account: Account, segments: Segments, buckets: Buckets) -> None:
        self.account = account
        self.segments = segments
        self.buckets = buckets
        self.all: list[Export] = []
        self.archive = str(account.settings.archive)
        self.held = account.settings.export_held
        self.shown = Shown(account, plain=account.settings.times == "plain")
        self._lock = threading.RLock()
        self._written = 0
        buckets.before_listing.append(self.listed)

    def declared(self) -> tuple[Call, ...]:
        """The calls."""
        return (
            Call("POST", "/users/export/segment", "users.export.segment", self.start),
            Call("POST", "/export/segment/cancel", "segments.list", self.cancel),
        )

    async def start(self, request: Request) -> Response:
        """POST /users/export/segment: one at a time for each segment; where its files will be follows from a prefix."""
        account = self.account
        account.later.settle()
        self.settle()
        given = await body(request, account.settings.track_bytes)
        fields, custom = _names(given, "fields_to_export"), _names(given, "custom_attributes_to_export")
        if not fields or not set(fields) <= FIELDS:
            raise refuse(f"'fields_to_export' must be some of: {', '.join(sorted(FIELDS))}")
        if len(custom) > _MOST_ATTRIBUTES:
            raise refuse(f"at most {_MOST_ATTRIBUTES} custom attributes may be exported")
        form = given.get("output_format") or "zip"
        if form not in ("zip", "gzip"):
            raise refuse("'output_format' is zip or gzip")
        segment = self.segments.get(given.get("segment_id"))
        running = [each for each in self.all if each.state == RUNNING]
        if any(each.segment == given["segment_id"] for each in running):
            raise refuse("An export of this segment is already running", 429)
        if len(running) >= _MOST_AT_ONCE:
            raise refuse("Too many exports are running")
        prefix = f"{uuid.uuid4()}-{int(account.clock())}"
        made = Export(given["segment_id"], prefix, account.clock(), [*fields, *custom])
        self.all.append(made)
        if len(self.all) <= account.settings.export_failures:
            made.ended = FAILED
        else:
            await self._write(made, segment, custom, gzipped=form == "gzip")
            self.settle()
        # With a bucket of one's own, the address is left out or null; both were seen.
        return answer({"object_prefix": made.prefix, **({} if len(self.all) % 2 else {"url": None})})

    async def _write(self, export: Export, segment: Segment, custom: list[str], *, gzipped: bool) -> None:
        """Make the files of an export, of the users as they are now, and lay other files beside where they will be."""
        settings = self.account.settings
        fields = {*export.fields} & FIELDS
        members = self.segments.members(segment)
        day = datetime.fromtimestamp(self.account.clock(), UTC) + timedelta(days=settings.next_day)
        folder = f"{_FOLDER}/{export.segment}/{day:%Y-%m-%d}"
        self._lay_beside(folder)
        starts = list(range(0, len(members), settings.file_users)) or [0] * settings.empty_writes
        files = []
        for start in starts:
            await asyncio.sleep(0)
            users = self.shown.users(members[start : start + settings.file_users], fields, custom)
            content = "".join(f"{line(user)}\n" for user in users).encode()
            self._written += 1
            name, last = code(self._written, self.account.seed, "file", 24), start == starts[-1]
            make = HOSTILE.get(self.archive) if last else None
            whole = make(content) if make else packed(content, name, gzipped=gzipped)
            files.append((f"{folder}/{export.prefix}/{name}.{'gz' if gzipped else 'zip'}", whole))
        export.files, export.written = files, True

    def _lay_beside(self, folder: str) -> None:
        """Write what others put there: an export of the dashboard, and one that somebody else asked for before."""
        csv = packed(b"Braze ID,Email\r\n0,dashboard@example.com\r\n", "users", gzipped=False)
        other = packed(b'{"external_id":"of-another-export"}\n', "users", gzipped=False)
        self.buckets.put(f"{folder}/users-{secrets.token_hex(6)}.zip", csv)
        self.buckets.put(f"{folder}/{uuid.uuid4()}-1500000000/{secrets.token_hex(12)}.zip", other)

    async def cancel(self, request: Request) -> Response:
        """POST /export/segment/cancel: ends what runs of a segment; what arrived stays."""
        given = await body(request, self.account.settings.track_bytes)
        self.segments.get(given.get("segment_id"))
        for each in self.all:
            if each.segment == given["segment_id"] and each.state == RUNNING:
                self.end(each, CANCELLED)
        return answer()

    def end(self, export: Export, state: str) -> None:
        """End an export that runs; no more files come."""
        with self._lock:
            export.ended = state
            export.files.clear()

    def listed(self, prefix: str) -> None:
        """Count a listing for the exports whose files it would show, and let those arrive that are due."""
        with self._lock:
            for each in self.all:
                there = f"{_FOLDER}/{each.segment}/"
                each.polls += prefix.startswith(there) or there.startswith(prefix)
        self.settle()

    def settle(self) -> None:
        """Let the files arrive that are due, and delete those whose time is over."""
        settings, now = self.account.settings, self.account.clock()
        with self._lock:
            for each in self.all:
                while each.state == RUNNING and each.files and not self.held and self._due(each):
                    self.arrive(each)
                for key, since in list(each.arrived.items()):
                    if settings.file_seconds and now >= since + settings.file_seconds:
                        self.buckets.remove(key)
                        del each.arrived[key]

    def _due(self, export: Export) -> bool:
        settings, came = self.account.settings, len(export.arrived)
        at = export.begun + settings.export_seconds + came * settings.export_gap
        polls = settings.export_polls + came if settings.export_polls else 0
        return self.account.clock() >= at and export.polls >= polls + (settings.export_polls > 0)

    def arrive(self, export: Export) -> None:
        """Let the next file of an export arrive."""
        with self._lock:
            key, content = export.files.pop(0)
            self.buckets.put(key, content)
            export.arrived[key] = self.account.clock()


def _names(given: dict[str, Any], name: str) -> list[str]:
    """A list of names; empty for none.

    Raises:
        AnswerError: It is something else.
    """
    found = given.get(name) or []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise refuse(f"'{name}' must be an array of strings")
    return found
