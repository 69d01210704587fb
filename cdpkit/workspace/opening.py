"""How a workspace is made and opened."""

from os import PathLike

from cdpkit.runs.catalogue import follow
from cdpkit.runs.home import Home
from cdpkit.workspace.workspace import Workspace


def create(path: str | PathLike[str]) -> Workspace:
    """Make a new workspace in a new or an empty folder, or in a bucket: `s3://bucket/prefix`.

    Raises:
        WorkspaceError: There is a workspace already, the folder holds something else, or the server of a bucket does
            not keep conditional writes.
        CredentialsError: There are no keys to the bucket, or they may not be used for it.
    """
    return Workspace(Home.create(path))


def open(path: str | PathLike[str], create: bool = False) -> Workspace:  # noqa: A001
    """Open a workspace; what a killed process left undone is made up for.

    Args:
        path: Its folder, or `s3://bucket/prefix`; a relative one is looked up once, so that the workspace stays where
            it is.
        create: Make a new one where the folder is new or empty, so that a cell can run twice.

    Raises:
        WorkspaceError: The folder is no workspace, was written by a newer version, or is damaged.
        ConfigurationError: A setting does not fit.
        CredentialsError: There are no keys to the bucket, or they may not be used for it.
    """
    home = Home.open(path, create=create)
    follow(home)
    return Workspace(home)
