"""What a run refused, to mend and to take again."""

from cdpkit.face.rejects import RejectsDesk, rejects_told
from cdpkit.face.view import View
from cdpkit.runs.rejects.rejects import Rejects

VIEW = View(of=(Rejects,), desk=RejectsDesk, web="rejects", told=rejects_told)
