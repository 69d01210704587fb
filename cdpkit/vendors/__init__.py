"""Vendors, a folder each; a new one is a new folder here and nothing else.

A vendor of somebody else's package is found too, where that package names it as an entry point of the group
`cdpkit.vendors`:

    [project.entry-points."cdpkit.vendors"]
    crm = "their_package.crm:VENDOR"

It is a `cdpkit.kit.vendor.Vendor` whose own name is that of the entry point. A folder here comes before one of the same
name elsewhere.
"""

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules

from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.kit.vendor import Vendor

GROUP = "cdpkit.vendors"
"""The group of entry points that are vendors."""


def names() -> tuple[str, ...]:
    """The names of all vendors; imports none of them."""
    return tuple(sorted(_folders() | _elsewhere().keys()))


def get(name: str) -> Vendor:
    """The vendor of this name.

    Raises:
        UnknownNameError: There is none; names those that exist.
        ConfigurationError: The package that names it does not hold it.
    """
    if name in _folders():
        vendor: Vendor = import_module(f"{__name__}.{name}").VENDOR
        return vendor
    elsewhere = _elsewhere()
    if name not in elsewhere:
        raise UnknownNameError("vendor", name, names())
    point = elsewhere[name]
    try:
        found = point.load()
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"vendor {name!r} cannot be had from {point.value} ({error}); install its package anew"
        ) from error
    if not isinstance(found, Vendor) or found.name != name:
        raise ConfigurationError(f"{point.value} is no vendor of the name {name!r}; ask who made its package")
    return found


def _folders() -> set[str]:
    return {module.name for module in iter_modules(__path__) if module.ispkg}


def _elsewhere() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
