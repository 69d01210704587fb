"""Where the notebooks and the sample data are that come with the package."""

import shutil
from pathlib import Path

from cdpkit.errors import UnknownNameError, WorkspaceError

SAMPLE = "sample:"
"""What a source begins with that names one of the sample files, such as `sample:crm.csv`."""

_PACKAGE = Path(__file__).parents[1]
_IGNORED = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
_NO_SAMPLES = (".py",)


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


def samples() -> list[str]:
    """The names of the sample files."""
    files = (file.name for file in bundled("sample_data").iterdir() if file.is_file())
    return sorted(name for name in files if not name.startswith(".") and not name.endswith(_NO_SAMPLES))


def sample(source: str) -> Path:
    """The path of a sample file that a source names.

    Args:
        source: `sample:` with the name of a file.

    Raises:
        UnknownNameError: There is no such sample; names those that there are.
    """
    name = source.removeprefix(SAMPLE)
    if name not in samples():
        raise UnknownNameError("sample", name, samples())
    return bundled("sample_data") / name
