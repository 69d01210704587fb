"""The one door: a folder of profiles, opened."""

from cdpkit.workspace.workspace import Workspace, create, open  # noqa: A004

__all__ = ["Workspace", "create", "open"]
