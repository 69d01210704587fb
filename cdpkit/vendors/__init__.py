"""Vendors, a folder each; a new one is a new folder here and nothing else.

A vendor of somebody else's package is found too, where that package names it as an entry point of the group
`cdpkit.vendors`:

    [project.entry-points."cdpkit.vendors"]
    crm = "their_package.crm:VENDOR"

It is a `cdpkit.kit.vendor.Vendor` whose own name is that of the entry point. One that is only being written is
registered for as long as the process lasts. A folder here comes before one of the same name elsewhere.
"""

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules

from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.kit.vendor import Vendor

GROUP = "cdpkit.vendors"
"""The group of entry points that are vendors."""


_registered: dict[str, Vendor] = {}


def names() -> tuple[str, ...]:
    """The names of all vendors; imports none of them."""
    return tuple(sorted(_folders() | _registered.keys() | _elsewhere().keys()))


def register(vendor: Vendor) -> None:
    """Make a vendor known to this process, in place of one of the same name that was registered or installed.

    What runs in another process, such as a schedule, needs it as the entry point of a package.

    Raises:
        ConfigurationError: It is no vendor, or has the name of one that comes with this package.
    """
    if not isinstance(vendor, Vendor):
        raise ConfigurationError(f"a vendor is a cdpkit.kit.vendor.Vendor; this is a {type(vendor).__name__}")
    if vendor.name in _folders():
        raise ConfigurationError(f"there is a vendor {vendor.name!r} in cdpkit; give yours another name")
    _registered[vendor.name] = vendor


def get(name: str) -> Vendor:
    """The vendor of this name.

    Raises:
        UnknownNameError: There is none; names those that exist.
        ConfigurationError: The package that names it does not hold it.
    """
    if name in _folders():
        vendor: Vendor = import_module(f"{__name__}.{name}").VENDOR
        return vendor
    if name in _registered:
        return _registered[name]
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
