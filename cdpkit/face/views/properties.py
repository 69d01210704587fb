"""The catalogue of properties, counted."""

from functools import partial

from cdpkit.face.catalogues import CatalogueDesk, properties_told
from cdpkit.face.view import View
from cdpkit.workspace.properties import Properties

VIEW = View(of=(Properties,), desk=partial(CatalogueDesk, count=properties_told), web="catalogue", told=properties_told)
