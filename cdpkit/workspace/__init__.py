"""The one door: a folder of profiles, opened."""

from cdpkit.workspace.opening import create, open  # noqa: A004
from cdpkit.workspace.workspace import Workspace

__all__ = ["Workspace", "create", "open"]
