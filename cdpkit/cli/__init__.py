"""The command line: it calls the workspace and shows what comes back; no decision is made here."""

from cdpkit.cli import commands, connections, files, manual, sandbox
from cdpkit.cli.base import app, main

__all__ = ["app", "commands", "connections", "files", "main", "manual", "sandbox"]
