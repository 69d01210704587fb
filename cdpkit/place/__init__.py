"""Where what a workspace keeps beside its tables lies: settings, journals, plans, pages and locks; the only way to it.

A `Place` is one spot of it, with what lies below. A folder of this machine (`Folder`) is the first kind of places.
"""

from cdpkit.place.folder import Folder
from cdpkit.place.place import Place

__all__ = ["Folder", "Place"]
