"""The kinds of goals that a connection file may hold, a file each; a new one is a new file here and nothing else.

Each ends with `SETTINGS`, the model of its keys; what a run does with them is in `cdpkit.runs.kinds`, under the same
name.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any

from pydantic import PlainValidator, SerializeAsAny, ValidationError
from pydantic_core import PydanticCustomError

from cdpkit.config.goal import GoalSettings
from cdpkit.config.part import NO_CHOICE, NO_TABLE, misfit, misfit_of, misfits
from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.problem import nearest_first


def names() -> tuple[str, ...]:
    """The names of all kinds; imports none of them."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def settings_of(kind: str) -> type[GoalSettings]:
    """The model of the keys of a kind.

    Raises:
        UnknownNameError: There is no such kind; names those that exist.
    """
    if kind not in names():
        raise UnknownNameError("kind of goal", kind, names())
    settings: type[GoalSettings] = import_module(f"{__name__}.{kind}").SETTINGS
    return settings


def _by_kind(given: Any) -> GoalSettings:
    """A goal, read by the model of its kind."""
    if isinstance(given, GoalSettings):
        return given
    if not isinstance(given, Mapping):
        raise misfit(*NO_TABLE)
    if "kind" not in given:
        raise misfit("is missing", f"write one of: {', '.join(map(repr, names()))}", where="kind")
    if given["kind"] not in names():
        near = nearest_first(str(given["kind"]), names())
        raise misfit(NO_CHOICE, f"write one of: {', '.join(map(repr, near))}", where="kind")
    return settings_of(given["kind"]).model_validate(given)


AnyGoal = Annotated[SerializeAsAny[GoalSettings], PlainValidator(_by_kind)]
"""A goal of any kind, told apart by `kind`."""


def read_goal(given: Mapping[str, Any]) -> GoalSettings:
    """A goal from the keys that a connection file has; `identifiers` may be `{"email": "email"}` too.

    Raises:
        ConfigurationError: It does not fit; the message has every misfit.
    """
    said = f"goal {str(given.get('name', 'without a name'))!r} does not fit"
    try:
        return _by_kind(given)
    except ValidationError as error:
        raise ConfigurationError(said, misfits(error, given)) from error
    except PydanticCustomError as error:
        raise ConfigurationError(said, [misfit_of(error.context or {})]) from error
