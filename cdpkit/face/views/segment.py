"""A segment: how many are in it, and some of them."""

from functools import partial

from cdpkit.face.catalogues import CatalogueDesk, segment_told
from cdpkit.face.view import View
from cdpkit.workspace.segments import Segment

VIEW = View(of=(Segment,), desk=partial(CatalogueDesk, count=segment_told), web="catalogue", told=segment_told)
