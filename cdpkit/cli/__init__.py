"""The command line: it calls the workspace and shows what comes back; no decision is made here."""

from cdpkit.cli.commands import app, main

__all__ = ["app", "main"]
