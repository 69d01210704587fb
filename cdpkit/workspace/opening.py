"""How a workspace is made and opened."""

from os import PathLike
from pathlib import Path

from cdpkit.runs.catalogue import follow
from cdpkit.runs.home import Home
from cdpkit.workspace.workspace import Workspace


def create(path: str | PathLike[str]) -> Workspace:
    """Make a new workspace in a new or an empty folder.

    Raises:
        WorkspaceError: There is a workspace already, or the folder holds something else.
    """
    return Workspace(Home.create(Path(path)))


def open(path: str | PathLike[str], create: bool = False) -> Workspace:  # noqa: A001
    """Open a workspace; what a killed process left undone is made up for.

    Args:
        path: Its folder; a relative one is looked up once, so that the workspace stays where it is.
        create: Make a new one where the folder is new or empty, so that a cell can run twice.

    Raises:
        WorkspaceError: The folder is no workspace, was written by a newer version, or is damaged.
        ConfigurationError: A setting does not fit.
    """
    home = Home.open(Path(path), create=create)
    follow(home)
    return Workspace(home)
