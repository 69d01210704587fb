"""Bringing a workspace that an earlier version wrote up to date."""

from collections.abc import Mapping

from cdpkit.config.settings import FORMAT
from cdpkit.config.settings_file import SettingsFile
from cdpkit.store.commits import Tables
from cdpkit.store.upgrades import STEPS, Step


def upgrade(settings: SettingsFile, tables: Tables, steps: Mapping[int, Step] = STEPS) -> None:
    """Make the tables and columns that are missing, then go from format to format.

    What a killed process left undone is made up for before the first step, so that a step sees all there is. A format
    is written down when its step is done: whoever is killed in between goes on there at the next opening.

    Args:
        settings: Those of the workspace.
        tables: Its tables; nobody else brings them up to date meanwhile.
        steps: What is to be done to reach a format, where tables and columns are not all.

    Raises:
        WorkspaceError: A table was lost, or cannot be read.
    """
    found = settings.format()
    if found == FORMAT:
        return
    tables.add_missing(found)
    tables.roll_forward()
    for number in range(found + 1, FORMAT + 1):
        if number in steps:
            steps[number](tables, settings.root)
        settings.reach(number)
