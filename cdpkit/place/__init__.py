"""Where what a workspace keeps beside its tables lies: settings, journals, plans, pages and locks; the only way to it.

A `Place` is one spot of it, with what lies below. A folder of this machine (`Folder`) is the first kind of places, a
bucket with the API of S3 the second; `place_at` makes either of what a user names.
"""

from cdpkit.place.at import is_bucket, named, place_at
from cdpkit.place.folder import Folder
from cdpkit.place.place import Place

__all__ = ["Folder", "Place", "is_bucket", "named", "place_at"]
