"""Fields with dotted names that share an object, written into one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from cdpkit.errors import ConfigurationError
from cdpkit.kit.render import Member

Path = tuple[str, ...]


def above(name: str) -> list[str]:
    """What may hold a field: `a` and `a.b` for `a.b.c`."""
    return [name[:index] for index, char in enumerate(name) if char == "."]


def path(name: str, is_object: Callable[[str], bool]) -> Path:
    """The names of the objects that hold a field, and its own; a dot below no object is part of a name."""
    names, start = [], 0
    for holder in above(name):
        if is_object(holder):
            names.append(name[start : len(holder)])
            start = len(holder) + 1
    return (*names, name[start:])


def tree(placed: Iterable[tuple[Path, Member]]) -> tuple[Member, ...]:
    """Members at their paths: those that share an object are written into one, where its first one stands.

    Raises:
        ConfigurationError: A path is there twice, or a field and a part of it are.
    """
    groups: dict[str, list[tuple[Path, Member]]] = {}
    for names, member in placed:
        groups.setdefault(names[0], []).append((names[1:], member))
    return tuple(_grown(name, inside) for name, inside in groups.items())


def _grown(name: str, inside: Sequence[tuple[Path, Member]]) -> Member:
    names, member = inside[0]
    if len(inside) > 1 and not all(names for names, _ in inside):
        raise ConfigurationError(f"field {name!r} is filled twice, or with a part of it; keep one of the mappings")
    return Member(name, members=tree(inside)) if names else replace(member, name=name)
