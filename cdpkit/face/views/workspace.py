"""The connections of a workspace, and the form of each."""

from cdpkit.face.desks.gallery import GalleryDesk
from cdpkit.face.view import View
from cdpkit.workspace.workspace import Workspace

VIEW = View(of=(Workspace,), desk=GalleryDesk, web="gallery")
