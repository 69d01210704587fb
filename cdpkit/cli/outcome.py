"""How a run ended, as a status and in words."""

from typing import TYPE_CHECKING

from cdpkit.cli.advice import in_commands
from cdpkit.cli.edge import DONE, FAILED

if TYPE_CHECKING:
    from cdpkit import Preview, Run

NOT_DONE = frozenset({"failed", "stopped", "running"})
"""The states of a run after which the command ends with 1."""


def status_of(run: "Run") -> int:
    """With which a command ends that ran it."""
    return FAILED if run.state in NOT_DONE else DONE


def told(run: "Run | Preview") -> list[str]:
    """The report of a run or a preview, in words of the command line."""
    return in_commands(run.report()).splitlines()
