"""Lists that a goal names, by id or by name: which they are, and what is wrong with them."""

from collections.abc import Iterable, Sequence

from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.kit.discovery import Item
from cdpkit.problem import Problem


def chosen(names: Iterable[object], lists: Sequence[Item]) -> tuple[Item, ...]:
    """The lists that are named, each once; an id comes before a name.

    Raises:
        UnknownNameError: A list that is not there.
        ConfigurationError: A name that several lists share.
    """
    found: dict[str, Item] = {}
    for name in map(str, names):
        called = _called(name, lists)
        if not called:
            raise UnknownNameError("list", name, map(_shown, lists))
        if len(called) > 1:
            raise ConfigurationError(_shared(name, called))
        found[called[0].id] = called[0]
    return tuple(found.values())


def problems(
    where: str, names: Iterable[object], lists: Sequence[Item], *, at: str, target: bool = True
) -> list[Problem]:
    """What is wrong with the lists that are named.

    Args:
        where: The option that names them.
        names: Ids or names.
        lists: The lists that are there.
        at: The vendor, as people call it.
        target: Whether people are to be put on them.
    """
    found = []
    targets = [item for item in lists if item.target]
    for name in map(str, names):
        called = _called(name, lists)
        if not called:
            what = f"no list {name!r} at {at}; there are: {_there(lists)}"
            found.append(Problem(where, what, "choose one of these"))
        elif len(called) > 1:
            found.append(Problem(where, _shared(name, called), "give the id instead of the name"))
        elif target and not called[0].target:
            what = f"list {name!r} is of type {called[0].kind}, on which people cannot be put"
            found.append(Problem(where, what, f"choose another list; there are: {_there(targets)}"))
    return found


def gone(missing: Sequence[Item], there: Sequence[Item], at: str) -> ConfigurationError:
    """The error that chosen lists are not at the vendor any more."""
    names = ", ".join(f"{item.name!r} (id {item.id})" for item in missing)
    return ConfigurationError(f"list {names} is gone from {at}; there are: {_there(there)}. Choose one of these.")


def still_there(wanted: Sequence[Item], there: Sequence[Item], at: str) -> None:
    """Refuse lists that vanished since they were chosen.

    Raises:
        ConfigurationError: Some did.
    """
    ids = {item.id for item in there}
    missing = [item for item in wanted if item.id not in ids]
    if missing:
        raise gone(missing, there, at)


def _called(name: str, lists: Sequence[Item]) -> tuple[Item, ...]:
    """The list of this id, else those of this name."""
    with_id = tuple(item for item in lists if item.id == name)
    return with_id or tuple(item for item in lists if item.name == name)


def _shown(item: Item) -> str:
    return f"{item.name} (id {item.id})"


def _there(lists: Sequence[Item]) -> str:
    return ", ".join(sorted(map(_shown, lists))) or "none"


def _shared(name: str, called: Sequence[Item]) -> str:
    return f"{len(called)} lists are called {name!r}; use the id: {', '.join(item.id for item in called)}"
