"""The catalogue of segments, counted."""

from functools import partial

from cdpkit.face.catalogues import CatalogueDesk, segments_told
from cdpkit.face.view import View
from cdpkit.workspace.segments import Segments

VIEW = View(of=(Segments,), desk=partial(CatalogueDesk, count=segments_told), web="catalogue", told=segments_told)
