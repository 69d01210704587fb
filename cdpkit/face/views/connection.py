"""The form of a connection."""

from cdpkit.face.desks.connection import ConnectionDesk
from cdpkit.face.view import View
from cdpkit.workspace.connection import Connection

VIEW = View(of=(Connection,), desk=ConnectionDesk, web="connection")
