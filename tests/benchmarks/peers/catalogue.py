"""The peers: which there are, what they need, and what they leave out. None of them is imported by this."""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

IMPORT, EXPORT = "import", "export"
_PLAIN = "history, preview, undo, rejections, delta"


@dataclass(frozen=True)
class Peer:
    """Another way to do the same work.

    Attributes:
        kind: `import` or `export`.
        title: For the table.
        module: The module below `tests.benchmarks.peers` that does it: `setup`, `work` and, for an import, `result`.
        needs: The package that it is about.
        leaves_out: What cdpkit does in the same time, and this does not.
        strategy: Handed to the module.
    """

    kind: str
    title: str
    module: str
    needs: str
    leaves_out: str
    strategy: str = ""

    @property
    def version(self) -> str | None:
        """The version that is installed; None where none is."""
        try:
            return version(self.needs)
        except PackageNotFoundError:
            return None


_ROWS = "; rows are replaced whole, so a join completes them first"
_SENDING = "delta, journal and resume, answers for each person, lists, leavers, type check, history, preview"

PEERS = {
    "cdpkit": Peer(IMPORT, "cdpkit", "import_cdpkit", "cdpkit", ""),
    "cdpkit_folded": Peer(IMPORT, "cdpkit, then compaction", "import_cdpkit", "cdpkit", "", "folded"),
    "duckdb": Peer(IMPORT, "DuckDB MERGE INTO, native table", "import_duckdb", "duckdb", f"{_PLAIN}"),
    "dlt_delete_insert": Peer(
        IMPORT, "dlt merge, delete-insert", "import_dlt", "dlt", f"{_PLAIN}, single columns{_ROWS}", "delete-insert"
    ),
    "dlt_upsert": Peer(IMPORT, "dlt merge, upsert", "import_dlt", "dlt", f"{_PLAIN}, single columns{_ROWS}", "upsert"),
    "delta": Peer(
        IMPORT,
        "delta-rs MERGE",
        "import_delta",
        "deltalake",
        "preview, undo by row, rejections, delta; it has versions",
    ),
    "pandas": Peer(
        IMPORT,
        "pandas script",
        "import_pandas",
        "pandas",
        f"{_PLAIN}, commits; whole numbers become floats where some are missing",
    ),
    "cdpkit_export": Peer(EXPORT, "cdpkit", "export_cdpkit", "cdpkit", ""),
    "drt_export": Peer(EXPORT, "drt-core, REST destination", "export_drt", "drt-core", _SENDING),
    "dlt_export": Peer(EXPORT, "dlt, custom destination", "export_dlt", "dlt", _SENDING),
}
