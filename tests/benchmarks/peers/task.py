"""The work that all peers do, and where its files are. It loads no library, so that a peer's memory is its own."""

from dataclasses import dataclass
from pathlib import Path

SET = ("plan", "company", "city", "points")
"""The columns that an import sets where the source has a value; `email` identifies."""
SENT = ("plan", "country", "city", "points", "balance", "subscribed", "signup_date", "language")
"""The fields of an export, beside `email`; an empty one is left out."""
BATCH = 1_000
"""People in a call."""
PREFIX, SUFFIX = '{"createNewFields":true,"users":[', "]}"
PATH = "/api/users/bulkUpdate"


@dataclass(frozen=True)
class Task:
    """One peer's work.

    Attributes:
        sources: The folder of what is common to all peers.
        place: The peer's own folder.
        address: Of the vendor; empty for an import.
    """

    sources: Path
    place: Path
    address: str = ""

    @property
    def profiles(self) -> Path:
        """All profiles as Parquet, 28 columns; lists are left out, since not every peer has them."""
        return self.sources / "profiles.parquet"

    @property
    def rows(self) -> Path:
        """The rows of the import as Parquet: `email` and `SET`, each person once."""
        return self.sources / "rows.parquet"

    @property
    def people(self) -> Path:
        """The people of the export as Parquet: `email` and `SENT`."""
        return self.sources / "people.parquet"
