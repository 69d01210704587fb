"""The files that a path or a pattern names, and what their endings say that they are."""

import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdpkit.errors import SourceError
from cdpkit.kit.globs import natural
from cdpkit.place.bundled import SAMPLE, sample
from cdpkit.problem import nearest_first

_ENDINGS = {
    **dict.fromkeys((".csv", ".tsv", ".txt", ".tab"), "csv"),
    **dict.fromkeys((".ndjson", ".jsonl", ".json"), "json"),
    ".parquet": "parquet",
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), "excel"),
}
_PACKED = (".gz", ".zst")
_SHOWN = ".csv, .tsv, .txt, .ndjson, .jsonl, .json, .parquet, .xlsx, and texts also with .gz or .zst behind it"
_NEAR = 20


@dataclass(frozen=True, slots=True)
class Format:
    """What a file is.

    Attributes:
        kind: csv, json, parquet or excel.
        packing: gz, zst, or empty.
        ending: In lower case, such as `.csv.gz`.
    """

    kind: str
    packing: str
    ending: str


def find_files(pattern: str) -> list[Path]:
    """The files that a path or a glob names; a path that exists is that file, whatever it looks like.

    `sample:crm.csv` is a file of the sample data that comes with the package.

    Raises:
        SourceError: There are none; names what is in the folder.
        UnknownNameError: There is no such sample; names those that there are.
    """
    if pattern.startswith(SAMPLE):
        return [sample(pattern)]
    try:
        return _files(pattern)
    except SourceError:
        raise
    except (OSError, ValueError) as error:  # of names that no file can have
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"{pattern!r} cannot be opened: {reason}; check its name and its permissions") from None


def _files(pattern: str) -> list[Path]:
    if Path(pattern).is_file():
        return [Path(pattern)]
    found = sorted(map(Path, glob.glob(pattern, recursive=True)), key=lambda path: natural(str(path)))  # noqa: PTH207
    paths = found or [Path(pattern)]
    if all(path.is_file() for path in paths):
        return paths
    if paths == [Path(pattern)] and paths[0].is_dir():
        raise SourceError(f"{pattern!r} is a folder; name its files, such as {str(paths[0] / '*.csv')!r}")
    folder, wanted = Path(pattern).parent, Path(pattern).name
    near = nearest_first(wanted, sorted(item.name for item in folder.iterdir()))[:_NEAR] if folder.is_dir() else []
    raise SourceError(f"no file {pattern!r}; its folder has: {', '.join(near) or 'nothing, or does not exist'}")


def format_of(paths: Sequence[Path], told: str | None) -> Format:
    """What files are, which are all of one format.

    Args:
        paths: The files.
        told: The format that the user names, which wins over endings.

    Raises:
        SourceError: There are several formats, or one that is not known.
    """
    found = {_format(path, told) for path in paths}
    kinds = {each.kind for each in found}
    if len(kinds) > 1:
        endings = ", ".join(sorted(each.ending for each in found))
        raise SourceError(f"the files have several formats ({endings}); load one format at a time")
    return min(found, key=lambda each: each.ending)


def ending_of(name: str) -> str | None:
    """The ending that says what a file is, such as `.csv`; None where it says nothing."""
    ending, _ = _endings(Path(name))
    return ending if ending in _ENDINGS else None


def _endings(path: Path) -> tuple[str, str]:
    """The ending that says what a file is, and that which says how it is packed; empty where there is none."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packing = suffixes.pop() if suffixes and suffixes[-1] in _PACKED else ""
    return suffixes[-1] if suffixes else "", packing


def _format(path: Path, told: str | None) -> Format:
    ending, packing = _endings(path)
    kind = {"ndjson": "json"}.get(told or "", told) or _ENDINGS.get(ending)
    if kind is None:
        raise SourceError(
            f"no reader for {(ending + packing) or 'files without an ending'}; there are: {_SHOWN}; or say what it is "
            "with read={'format': 'csv'}"
        )
    if packing and kind in ("parquet", "excel"):
        raise SourceError(f"{path} is packed as {packing[1:]}, which is no way to keep {kind} files; unpack it first")
    return Format(kind, packing[1:], ending + packing)


def packing_of(path: Path) -> str:
    """How a file is packed: gz, zst, or empty."""
    ending = path.suffix.lower()
    return ending[1:] if ending in _PACKED else ""


def fingerprint(path: str) -> Mapping[str, Any]:
    """What tells whether a file is still the same: its size, and when it was written."""
    facts = Path(path).stat()
    return {"kind": "file", "path": path, "size": facts.st_size, "modified_ns": facts.st_mtime_ns}
