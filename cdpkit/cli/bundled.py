"""Where the notebooks and the sample data are that come with the package."""

import shutil
from pathlib import Path

from cdpkit.errors import WorkspaceError

_PACKAGE = Path(__file__).parents[1]
_IGNORED = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")


def bundled(name: str) -> Path:
    """The folder `notebooks` or `sample_data`: inside an installed package, else at the top of its source tree.

    Raises:
        WorkspaceError: It is in neither place, so the installation is not whole.
    """
    for folder in (_PACKAGE / "_bundled" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise WorkspaceError(f"the folder {name!r} is missing in this installation of cdpkit; install it again")


def copy_bundled(name: str, target: Path) -> Path:
    """Copy such a folder into another one; returns the copy."""
    return Path(shutil.copytree(bundled(name), target / name, ignore=_IGNORED))
