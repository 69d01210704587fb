"""The catalogue of objectives, counted."""

from functools import partial

from cdpkit.face.catalogues import CatalogueDesk, objectives_told
from cdpkit.face.view import View
from cdpkit.workspace.objectives import Objectives

VIEW = View(of=(Objectives,), desk=partial(CatalogueDesk, count=objectives_told), web="catalogue", told=objectives_told)
