"""A property that completion looks into."""

from collections.abc import Callable
from typing import Any, Generic, NoReturn, Self, TypeVar, overload

T = TypeVar("T")


class looked_up(Generic[T]):  # noqa: N801 - it is written as `property` is
    """As `property`, read each time and never set.

    Completion in notebooks evaluates no `property`, since some work or cost; those that only look something up are
    declared with this, and `ws.segments["` and `ws.runs.` then show what is there.
    """

    def __init__(self, look: Callable[[Any], T]) -> None:
        self._look = look
        self.__doc__ = look.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.__name__ = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type | None = None) -> T: ...
    def __get__(self, instance: object, owner: type | None = None) -> Self | T:
        return self if instance is None else self._look(instance)

    def __set__(self, instance: object, value: object) -> NoReturn:
        raise AttributeError(f"{self.__name__!r} of a {type(instance).__name__} cannot be set")
