"""A run: what happened, every row behind it, and taking it back."""

from cdpkit.face.run import RunDesk
from cdpkit.face.view import View
from cdpkit.runs.run import Run

VIEW = View(of=(Run,), desk=RunDesk, web="run")
