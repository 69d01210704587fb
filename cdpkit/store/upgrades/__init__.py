"""What has to be done to the tables of an older workspace to reach a format: `format_<number>.py`, a file each.

Each ends with `upgrade`, a function of the tables. It is called when all tables and columns of today are there, and
what was committed has joined; it may be killed anywhere and is then called again, so it changes each table in one
commit (`rewrite`). A format that only has new tables or columns needs no file.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules

from cdpkit.store.commits import Tables

Step = Callable[[Tables], None]
_PREFIX = "format_"


def _found() -> dict[int, Step]:
    names = [module.name for module in iter_modules(__path__) if module.name.startswith(_PREFIX)]
    return {int(name.removeprefix(_PREFIX)): import_module(f"{__name__}.{name}").upgrade for name in names}


STEPS: Mapping[int, Step] = _found()
"""By the format that is reached."""
