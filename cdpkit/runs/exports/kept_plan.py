"""The plan of an export on disk, kept before anything of it is sent: a killed run goes on with the very same."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from cdpkit.errors import ConfigurationError
from cdpkit.place.frames import write_frame
from cdpkit.runs.folder import GoalFolder
from cdpkit.runs.kept import kept_frame

PLAN = "plan.json"
SEND = "send.parquet"
"""The frame of those who, or of that which, is sent."""


def keep(folder: GoalFolder, frames: Mapping[str, pl.DataFrame], facts: Mapping[str, Any]) -> None:
    """Keep a plan; one that is kept already stays as it is.

    Args:
        folder: The folder of the goal.
        frames: Its frames.
        facts: What else it is made of; `config` is the hash of what decides how the goal sends.
    """
    if folder.read(PLAN) is not None:
        return
    sums = {name: write_frame(folder.path / f"{name}.parquet", frame) for name, frame in frames.items()}
    folder.keep(PLAN, {**facts, "frames": sums})


def read(folder: GoalFolder, config: int) -> dict[str, Any] | None:
    """The facts that were kept; None where nothing was.

    Raises:
        ConfigurationError: The goal is not the one that was planned.
        KeptError: They are damaged.
    """
    kept: dict[str, Any] | None = folder.read(PLAN)
    if kept is not None and kept["config"] != config:
        raise ConfigurationError("the goal has changed since this run was planned; start a new run")
    return kept


def read_frames(folder: GoalFolder, kept: Mapping[str, Any], names: Iterable[str]) -> dict[str, pl.DataFrame]:
    """Frames that were kept.

    Raises:
        KeptError: One is damaged, or gone.
    """
    sums: dict[str, str] = kept.get("frames", {})
    return {name: kept_frame(folder.path / f"{name}.parquet", sums.get(name)) for name in names}
