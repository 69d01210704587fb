"""The command that looks at everything a workspace stands on."""

import os
import platform
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import cdpkit
from cdpkit.cli.advice import in_commands
from cdpkit.cli.base import FAILED, Answer, WorkspaceOption, command, open_workspace, whole
from cdpkit.errors import CdpkitError, WorkspaceError
from cdpkit.place import is_bucket, named

if TYPE_CHECKING:
    from cdpkit import Workspace

LEAST_ROOM = 1 << 30
"""Bytes on the disk below which a load of some size may not fit any more."""

_OF_DEVELOPERS = {"dev", "bench"}
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)[^;]*(?:;\s*(?P<marker>.*))?")
_EXTRA = re.compile(r"extra == ['\"]([\w-]+)['\"]")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        about: What it is.
        said: How it is.
        fix: What to do about it; empty where nothing has to be done.
        is_problem: Whether it keeps something from working.
    """

    about: str
    said: str
    fix: str = ""
    is_problem: bool = False

    def __str__(self) -> str:
        mark = "!" if self.is_problem else " "
        return f"{mark} {self.about}: {self.said}{f'; {self.fix}' if self.fix else ''}"


@command()
def doctor(
    workspace: WorkspaceOption = Path(),
    offline: Annotated[
        bool, typer.Option("--offline", help="Leave the check of connections out; it asks vendors.")
    ] = False,
) -> Answer:
    """Look at versions, extras, disk space, permissions and connections; ends with 1 where something is wrong."""
    sections = {
        "versions": list(_versions()),
        "extras": list(_extras()),
        "workspace": list(_workspace(whole(workspace), offline=offline)),
    }
    problems = [each for found in sections.values() for each in found if each.is_problem]
    told = {
        name: [{"about": each.about, "said": each.said, "fix": each.fix, "problem": each.is_problem} for each in found]
        for name, found in sections.items()
    }
    lines = [line for name, found in sections.items() for line in (name, *(f"  {each}" for each in found))]
    end = "nothing is wrong" if not problems else f"to be mended, marked with !: {len(problems)}"
    return Answer({**told, "problems": len(problems)}, [*lines, end], FAILED if problems else 0)


def _versions() -> Iterator[Finding]:
    yield Finding("Python", f"{platform.python_version()} on {platform.system()}")
    yield Finding("cdpkit", cdpkit.__version__)
    for name, marker in _requirements():
        if _EXTRA.search(marker):
            continue
        found = _version(name)
        if found is not None:
            yield Finding(name, found)
        elif not marker:
            yield Finding(name, "is missing", "install cdpkit again", is_problem=True)


def _extras() -> Iterator[Finding]:
    """Each extra with what it needs, as the package's own metadata has it."""
    needed: dict[str, list[str]] = {}
    for name, marker in _requirements():
        for extra in _EXTRA.findall(marker):
            needed.setdefault(extra, []).append(name)
    for extra in sorted(needed.keys() - _OF_DEVELOPERS):
        missing = [name for name in needed[extra] if _version(name) is None]
        if missing:
            yield Finding(extra, f"not installed ({', '.join(missing)})", f'pip install "cdpkit[{extra}]"')
        else:
            yield Finding(extra, "installed")


def _requirements() -> Iterator[tuple[str, str]]:
    """What the package requires: name, and under which condition."""
    for text in metadata.requires("cdpkit") or ():
        read = _REQUIREMENT.match(text)
        if read is not None:
            yield read["name"], read["marker"] or ""


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _workspace(path: Path, *, offline: bool) -> Iterator[Finding]:
    far = is_bucket(path)
    yield from _room(Path(tempfile.gettempdir()) if far else path)
    from cdpkit.workspace.texts import counted

    try:
        ws = open_workspace(path)
    except CdpkitError as error:
        there = far or (path / "cdpkit.toml").exists() or not isinstance(error, WorkspaceError)
        said = in_commands(str(error)).removeprefix(named(path)).removeprefix(":").lstrip()  # the line has it already
        yield Finding(named(path), said, is_problem=there)
        return
    yield Finding(ws.address, f"a workspace, {counted(ws.runs.height, 'run')}")
    if not far:
        yield from _permissions(path)
    yield from _connections(ws, offline=offline)


def _room(path: Path) -> Iterator[Finding]:
    there = next(each for each in (path, *path.parents) if each.is_dir())
    free = shutil.disk_usage(there).free
    short = free < LEAST_ROOM
    yield Finding("disk", f"{free / 1e9:,.1f} GB free", "make room: runs need some" if short else "", is_problem=short)


def _permissions(path: Path) -> Iterator[Finding]:
    """What may not be written, and secrets that others may read."""
    parts = [path, *(path / name for name in ("cdpkit.toml", "tables", "connections", "runs", "locks"))]
    closed = [each.name for each in parts if each.exists() and not os.access(each, os.R_OK | os.W_OK)]
    fix = "give yourself the right to read and write it"
    yield (
        Finding("permissions", f"not to be written: {', '.join(closed)}", fix, is_problem=True)
        if closed
        else Finding("permissions", "all may be read and written")
    )
    open_to_others = [each.name for each in _secrets(path) if each.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    if open_to_others and os.name == "posix":
        yield Finding("secrets", f"others may read {', '.join(open_to_others)}", "chmod 600 FILE", is_problem=True)


def _secrets(path: Path) -> Iterable[Path]:
    kept = path / "secrets"
    return sorted([*path.glob("*.key"), *(kept.iterdir() if kept.is_dir() else ())])


def _connections(ws: "Workspace", *, offline: bool) -> Iterator[Finding]:
    """Whether each connection can run, as `cdpkit check` finds it."""
    for name, connection in ws.connections.items():
        about = f"connection {name}"
        if offline:
            yield Finding(about, "not looked at")
            continue
        try:
            problems = connection.check()
        except CdpkitError as error:
            yield Finding(about, in_commands(str(error)), is_problem=True)
            continue
        if not problems:
            yield Finding(about, "can run")
        for problem in problems:
            yield Finding(about, in_commands(str(problem)), is_problem=True)
