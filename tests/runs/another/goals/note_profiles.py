"""The settings of a kind of goal that tests add: rows that stand in the connection file itself."""

from collections.abc import Mapping
from typing import Literal

from cdpkit.config.goal import GoalSettings, Pairs


class NoteGoalSettings(GoalSettings):
    """A goal that stores rows of the file.

    Attributes:
        rows: The rows.
        identifiers: Pairs of field and property; every other field is stored under its own name.
    """

    kind: Literal["note_profiles"]
    rows: tuple[Mapping[str, str], ...]
    identifiers: Pairs


SETTINGS = NoteGoalSettings
