"""The command line: it calls the workspace and shows what comes back; no decision is made here.

A file holds the commands about one thing. Importing them loads none of the libraries that do the work, so that help and
a shell's completion come at once.
"""

from cdpkit.cli import (
    begin,
    connections,
    doctor,
    fields,
    files,
    groups,
    history,
    loads,
    manual,
    properties,
    queries,
    sandbox,
    segments,
    setup,
    watch,
)
from cdpkit.cli.base import app, main

__all__ = [
    "app",
    "begin",
    "connections",
    "doctor",
    "fields",
    "files",
    "groups",
    "history",
    "loads",
    "main",
    "manual",
    "properties",
    "queries",
    "sandbox",
    "segments",
    "setup",
    "watch",
]
