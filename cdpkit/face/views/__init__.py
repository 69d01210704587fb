"""What is shown of which object, a file a view that ends with `VIEW`; a new one is a new file here and nothing else."""

from importlib import import_module
from pkgutil import iter_modules

from cdpkit.face.view import View


def names() -> tuple[str, ...]:
    """The names of all views; imports none of them."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def get(name: str) -> View:
    """The view of this name."""
    view: View = import_module(f"{__name__}.{name}").VIEW
    return view


def view_of(thing: object) -> View:
    """The view of an object.

    Raises:
        LookupError: There is none.
    """
    for name in names():
        view = get(name)
        if isinstance(thing, view.of):
            return view
    raise LookupError(f"there is no view of a {type(thing).__name__}")
