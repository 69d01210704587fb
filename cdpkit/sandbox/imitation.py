"""What an imitation is, and which there are: each folder beside `world` is the vendor of its name."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, fields
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from starlette.routing import Route

from cdpkit.errors import ConfigurationError, UnknownNameError
from cdpkit.sandbox.gate import Endpoint, Manners, Options

_WORLD = "world"
"""The folder of what imitations are made of."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What an imitation consists of, once it is built.

    Attributes:
        manners: How it says no.
        endpoints: The calls that it knows.
        state: What it holds, as JSON: `people` (a number), `lists`, and more.
        everybody: All people, one JSON object a line, in an order and a form that do not depend on how they came
            about; with their times where asked.
        switches: Routes of its own beside those that all have below `/_sandbox`.
        tracked: How often each event is there that came with an id, by that id.
    """

    manners: Manners
    endpoints: tuple[Endpoint, ...]
    state: Callable[[], dict[str, Any]]
    everybody: Callable[[bool], AsyncIterator[bytes]]
    switches: tuple[Route, ...] = ()
    tracked: Callable[[], dict[str, int]] = dict


@dataclass(frozen=True, slots=True)
class Imitation:
    """An imitation of a vendor.

    Attributes:
        name: As connection files call the vendor.
        settings: A frozen dataclass of what this imitation alone can be told. Each field has a default, and metadata
            `help` and perhaps `choices`; it is an option of the command line too.
        address: The base address and working credentials, for an address such as `http://127.0.0.1:8001`.
        build: Makes it of options and its own settings.
        into_bucket: Whether it writes files into a bucket of S3, a server of which is started beside it.
    """

    name: str
    settings: type[Any]
    address: Callable[[str], dict[str, str]]
    build: Callable[[Options, Any], Parts]
    into_bucket: bool = False


def names() -> tuple[str, ...]:
    """The names of all imitations; imports none of them."""
    package = import_module("cdpkit.sandbox")
    return tuple(
        sorted(module.name for module in iter_modules(package.__path__) if module.ispkg and module.name != _WORLD)
    )


def get(name: str) -> Imitation:
    """The imitation of this name.

    Raises:
        UnknownNameError: There is none; names those that exist.
    """
    if name not in names():
        raise UnknownNameError("imitation of a vendor", name, names())
    imitation: Imitation = import_module(f"cdpkit.sandbox.{name}").IMITATION
    return imitation


def settings_of(imitation: Imitation, given: Mapping[str, Any]) -> Any:
    """The imitation's settings, of what was given for all imitations.

    Raises:
        ConfigurationError: A value that is not among a setting's choices.
    """
    own = {field.name: field for field in fields(imitation.settings)}
    taken = {name: value for name, value in given.items() if name in own and value is not None}
    for name, value in taken.items():
        choices = own[name].metadata.get("choices", ())
        if choices and value not in choices:
            raise ConfigurationError(f"{name} of {imitation.name} is one of {', '.join(choices)}")
    return imitation.settings(**taken)
