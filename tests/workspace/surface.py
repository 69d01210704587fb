"""The public surface, walked: from the names of the package over everything that they hand out."""

import dataclasses
import inspect
from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel

import cdpkit


def classes() -> list[type]:
    """Every class of the package of which a user gets an object, in the order in which it is come across."""
    found: dict[type, None] = {}
    waiting = [
        value
        for name in cdpkit.__all__
        for value in [getattr(cdpkit, name)]
        if not inspect.ismodule(value) and name != "__version__"
    ]
    while waiting:
        each = waiting.pop(0)
        handed = _of_class(each) if isinstance(each, type) else _named(_hints(each).get("return"))
        if isinstance(each, type):
            if each in found:
                continue
            found[each] = None
        waiting += handed
    return list(found)


def _of_class(cls: type) -> list[type]:
    handed: list[type] = []
    ours = [vars(base) for base in cls.__mro__ if base.__module__.startswith("cdpkit")]
    for name, member in (pair for members in ours for pair in members.items()):
        made = getattr(member, "fget", None) or getattr(member, "_look", None) or getattr(member, "__func__", member)
        if inspect.isfunction(made) and (name == "__getitem__" or not name.startswith("_")):
            handed += _named(_hints(made).get("return"))
    told = _hints(cls) if dataclasses.is_dataclass(cls) or issubclass(cls, BaseModel) else {}
    public = [hint for name, hint in told.items() if not name.startswith("_")]
    bases = [arg for base in getattr(cls, "__orig_bases__", ()) for arg in get_args(base)]
    return handed + [each for hint in [*public, *bases] for each in _named(hint)]


def _hints(thing: Any) -> dict[str, Any]:
    try:
        return get_type_hints(thing)
    except NameError:  # it has types that are imported for types alone
        return {}


def _named(hint: Any) -> list[type]:
    """The classes of ours in a type; a protocol is no class of an object, but of what it can do."""
    ours = (each for each in _all(hint) if each.__module__.startswith("cdpkit") and not issubclass(each, _PLAIN))
    return [each for each in ours if not getattr(each, "_is_protocol", False)]


_PLAIN = (Enum, Exception)


def _all(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and not get_args(hint):
        yield hint
    for arg in get_args(hint):
        yield from _all(arg)
