"""A stage for any vendor of the suite, also for those that have no server."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests.vendors.case import case_of
from tests.vendors.files_at import files
from tests.vendors.stage import stage


def stage_of(vendor: str, folder: Path) -> AbstractContextManager[Any]:
    """What `tests.vendors.stage` makes, or what takes its place as far as it can."""
    return stage(vendor, folder) if case_of(vendor).served else files(folder)
