"""Looking at every file of a workspace: the tables, the settings, the connections, and what runs have kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import polars as pl

from cdpkit.config.connections import ConnectionFiles
from cdpkit.errors import CdpkitError
from cdpkit.place import Place
from cdpkit.place.foreign import translated
from cdpkit.place.sealed import unsealed
from cdpkit.runs.folder import RUNS_FOLDER
from cdpkit.runs.home import Home
from cdpkit.show.tells import Tells
from cdpkit.show.told import Told
from cdpkit.store.verify import CHANGED, MISSING, Finding, Seen, verify_tables

_SUMS = {"plan.json": ("frames", "{}.parquet"), "pulled.json": ("checksums", "{}")}
"""Where a run keeps the checksums of its files, and what these are called."""


@dataclass(frozen=True, slots=True, repr=False)
class Verification(Tells):
    """What looking at every file of a workspace found; true where nothing is damaged.

    Attributes:
        findings: The files that are damaged or missing, each with what is wrong and the runs whose values are in it.
        checked: How many files are as they were written, byte by byte.
        unsummed: How many can be read, but have no checksum, because an earlier cdpkit wrote them,
            or the power went before that of a log entry was kept.
        unnamed: How many files of tables no commit names; compaction removes them after a day.
        size: How many bytes were looked at.
    """

    findings: tuple[Finding, ...]
    checked: int
    unsummed: int
    unnamed: int
    size: int

    @property
    def ok(self) -> bool:
        """Whether nothing is damaged or missing."""
        return not self.findings

    @property
    def damaged(self) -> pl.DataFrame:
        """`table`, `file`, `what`, `runs` (a list of ids): the files that are damaged or missing."""
        schema = {"table": pl.String(), "file": pl.String(), "what": pl.String(), "runs": pl.List(pl.String())}
        lines = [(found.table, found.file, found.what, list(found.runs)) for found in self.findings]
        return pl.DataFrame(lines, schema=schema, orient="row")

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return {
            "ok": self.ok,
            "checked": self.checked,
            "without_checksum": self.unsummed,
            "unnamed": self.unnamed,
            "bytes": self.size,
            "damaged": [
                {"table": found.table, "file": found.file, "what": found.what, "runs": list(found.runs)}
                for found in self.findings
            ],
        }

    def __bool__(self) -> bool:
        return self.ok

    def _told(self) -> Told:
        found = f"{len(self.findings):,} damaged or missing" if self.findings else "nothing is damaged"
        rest = [f"{self.unsummed:,} have no checksum and can be read"] if self.unsummed else []
        rest += [f"{self.unnamed:,} belong to no commit"] if self.unnamed else []
        parts = [_line(finding) for finding in self.findings]
        mend = "restore these files from a backup; what cannot be restored is loaded again after ws.undo(run)"
        headline = "; ".join([f"{found}; {self.checked:,} files are as they were written", *rest])
        return Told(headline, [*parts, mend] if parts else [])


def _line(finding: Finding) -> str:
    runs = f"; in it: run {', '.join(finding.runs)}" if finding.runs else ""
    return f"{finding.file}: {finding.what}{runs}"


@translated("the workspace cannot be looked at")
def verify(home: Home) -> Verification:
    """Look at every file of a workspace; nothing is changed."""
    seen = verify_tables(home.tables)
    seen.findings += _beside(home)
    for folder in (home.root / RUNS_FOLDER).list():
        for goal in folder.list():
            for below in (goal, *goal.list()):
                _kept(f"{RUNS_FOLDER}/{folder.name}", folder.name, below, seen)
    return Verification(tuple(seen.findings), seen.checked, seen.unsummed, seen.unnamed, seen.size)


def _beside(home: Home) -> Iterator[Finding]:
    """The settings and the connections that do not fit."""
    files = ConnectionFiles(home.root)
    readers = {"cdpkit.toml": home.settings.read} | {
        f"connections/{name}.toml": files.get(name).read for name in files.names()
    }
    for name, read in readers.items():
        try:
            read()
        except CdpkitError as error:
            yield Finding("", name, str(error))


def _kept(where: str, run: str, folder: Place, seen: Seen) -> None:
    """What a run has kept: sealed JSON, and the files whose checksums it has."""
    for place in folder.list():
        path = f"{where}/{folder.name}/{place.name}"
        if place.name == "journal.ndjson" or place.name.endswith(".json"):
            content = place.read()
            seen.size += len(content)
            texts = content.split(b"\n")[:-1] if place.name.endswith(".ndjson") else [content]
            read = [_unsealed(text) for text in texts]
            if None in read:
                seen.findings.append(Finding("", path, CHANGED, (run,)))
                continue
            seen.checked += 1
            member, called = _SUMS.get(place.name, ("", ""))
            for name, checksum in ((read[0] or {}).get(member, {}) if member else {}).items():
                _summed(path.rpartition("/")[0], run, folder, called.format(name), checksum, seen)


def _summed(where: str, run: str, folder: Place, name: str, checksum: str, seen: Seen) -> None:
    if (folder / f"{name}.damaged").exists():
        return  # it was told of, and its run was not gone on with
    place = folder / name
    content = place.read() if place.exists() else None
    if content is None or sha256(content).hexdigest() != checksum:
        seen.findings.append(Finding("", f"{where}/{name}", MISSING if content is None else CHANGED, (run,)))
    else:
        seen.checked += 1
        seen.size += len(content)


def _unsealed(text: bytes) -> dict[str, Any] | None:
    try:
        return unsealed(text)
    except ValueError:
        return None
