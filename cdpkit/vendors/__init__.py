"""Vendors, a folder each; a new one is a new folder here and nothing else."""

from importlib import import_module
from pkgutil import iter_modules

from cdpkit.errors import UnknownNameError
from cdpkit.kit.vendor import Vendor


def names() -> tuple[str, ...]:
    """The names of all vendors, which are those of the folders here; imports none of them."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if module.ispkg))


def get(name: str) -> Vendor:
    """The vendor of this name.

    Raises:
        UnknownNameError: There is none; names those that exist.
    """
    if name not in names():
        raise UnknownNameError("vendor", name, names())
    vendor: Vendor = import_module(f"{__name__}.{name}").VENDOR
    return vendor
