"""Pulling people from a vendor: pages on disk, read and staged as one row a person."""

from dataclasses import asdict, dataclass
from hashlib import sha256

import polars as pl

from cdpkit.core import reasons
from cdpkit.core.properties import SOURCE_ROW
from cdpkit.core.rows import Rows
from cdpkit.errors import ConfigurationError
from cdpkit.kit.importing import ImportAsked, Importer, Pulled, PulledFile
from cdpkit.place import Place
from cdpkit.runs.folder import GoalFolder, kept_in
from cdpkit.runs.imports.pages import read_pages
from cdpkit.runs.kept import kept
from cdpkit.runs.session import Session
from cdpkit.runs.sources import SourceRows


@dataclass(frozen=True, slots=True)
class Staged:
    """People as rows.

    Attributes:
        rows: One row a person.
        unreadable: How many lines could not be read.
        warnings: What could not be had.
    """

    rows: pl.DataFrame
    unreadable: int
    warnings: tuple[str, ...]


def extract(session: Session, asked: ImportAsked, folder: GoalFolder, importer: Importer | None = None) -> Staged:
    """Pull people, or go on where an earlier attempt of the same run was; what is on disk is not fetched again.

    Args:
        session: The connection.
        asked: What is asked of the vendor.
        folder: Where pages go.
        importer: By what they are pulled; None for the vendor's importer of people.

    Raises:
        CdpkitError: The vendor cannot be reached, refuses, or something named does not exist there.
    """
    importer = importer or importer_of(session)
    pulled = pull(session, asked, folder, importer)
    frames, unreadable = {}, 0
    for what, pages in pulled.pages.items():
        frames[what], bad = read_pages([folder.path / page for page in pages], asked.fields)
        unreadable += bad
    rows = importer.stage(frames, asked)
    return Staged(rows, unreadable, pulled.warnings)


def pull(session: Session, asked: ImportAsked, folder: GoalFolder, importer: Importer) -> Pulled:
    """Pull, or go on where an earlier attempt of the same run was; see `extract`."""
    done = folder.read("pulled.json")
    if done is None:
        pulled = session.driver.run(kept_in(importer.pull(asked, folder.read("state.json")), folder))
        names = [page for pages in pulled.pages.values() for page in pages] + [file.page for file in pulled.files]
        sums = {page: sha256((folder.path / page).read()).hexdigest() for page in names}
        folder.keep("pulled.json", {**asdict(pulled), "checksums": sums})
        return pulled
    for page, checksum in done.get("checksums", {}).items():
        _look_at(folder.path / page, checksum)
    return Pulled(
        {what: tuple(pages) for what, pages in done["pages"].items()},
        tuple(done["warnings"]),
        tuple(PulledFile(**file) for file in done.get("files", ())),
        bool(done.get("new_alone", False)),
    )


def _look_at(page: Place, checksum: str) -> None:
    with kept(page):
        if sha256(page.read()).hexdigest() != checksum:
            raise ValueError("not what was fetched")


def importer_of(session: Session) -> Importer:
    """The vendor's importer.

    Raises:
        ConfigurationError: Nothing is imported from this vendor.
    """
    if session.vendor.importer is None:
        raise ConfigurationError(f"nothing can be imported from {session.vendor.title}; remove the import goal")
    return session.vendor.importer


def as_source(staged: Staged, fields: tuple[str, ...], what: str) -> SourceRows:
    """Staged people as the source of an import.

    Args:
        staged: The rows.
        fields: Fields that the vendor knows; one that nobody has a value in is there all the same, and empty.
        what: Names the source in the history.
    """
    missing = [pl.lit(None, pl.String).alias(name) for name in fields if name not in staged.rows.columns]
    rows = staged.rows.with_columns(missing)
    height = rows.height
    numbers = pl.int_range(height, dtype=pl.Int64, eager=True).alias(SOURCE_ROW)
    bad = pl.int_range(height, height + staged.unreadable, dtype=pl.Int64, eager=True).alias(SOURCE_ROW)
    unreadable = bad.to_frame().with_columns(reason=pl.lit(reasons.UNREADABLE_LINE.code))
    inputs = ({"kind": "vendor", "source": what, "rows": height, "unreadable": staged.unreadable},)
    return SourceRows(Rows(rows, height), numbers, tuple(rows.columns), unreadable, inputs)
