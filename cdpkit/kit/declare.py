"""What a vendor wants to be told: the settings of a connection and the options of a goal, declared once.

Form, command line, `check()`, messages and manual are all made from these declarations.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from cdpkit.kit.kinds import Kind, Number, Secret, Switch, Text

Settings = Mapping[str, Any]
"""The settings of a connection by name, secrets as `SecretStr`; defaults are filled in."""

Options = Mapping[str, Any]
"""The vendor's own options of a goal, its `source` or `target`; defaults are filled in."""

_TEXT = Text()


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a connection, or an option of a goal's `source` or `target`; shown in the order declared.

    Attributes:
        name: Its key in the connection file.
        help: One line for people.
        kind: What it may be.
        default: Used where it is left out, as `kind` reads it; None where there is none.
        required: It has to be given, wherever it applies.
        label: What people call it; its name, where this is empty.
        applies: Where others have certain values, by name; everywhere, where this is empty. Elsewhere it has its
            default, and cannot be given another value.
    """

    name: str
    help: str
    kind: Kind = _TEXT
    default: Any = None
    required: bool = False
    label: str = ""
    applies: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def applies_to(self, values: Mapping[str, Any]) -> bool:
        """Whether it applies, given the values of the others."""
        return all(values[name] in wanted for name, wanted in self.applies.items() if name in values)


LIMITS_FACTOR = Setting(
    "limits_factor",
    "The rates of the vendor's limits are multiplied by it, where more was agreed on",
    Number(above=0),
    default=1.0,
)
"""The setting that every vendor has; no vendor declares it."""


ALLOW_HTTP = Setting(
    "allow_http",
    "Also an address that begins with http:// and is of another machine may be used: keys go there in the clear",
    Switch(),
    default=False,
)
"""Likewise."""


_WRITTEN = {word.lower(): word for word in ("API", "HTTP", "ID", "OAuth", "S3", "SQL", "URL", "XML")}


def label_of(name: str) -> str:
    """What people call something that has only a name for programs: `base_url` is the `Base URL`."""
    words = [_WRITTEN.get(word, word) for word in name.split("_")]
    first = words[0]
    return " ".join([first if first in _WRITTEN.values() else first.capitalize(), *words[1:]])


def describe(setting: Setting) -> dict[str, Any]:
    """A declaration as plain data that JSON can hold.

    Returns:
        `name`, `label`, `help`, `kind` (its name), `secret`, `unit`, `choices`, what else the kind has, `required`,
        `default` and `applies`.
    """
    kind = {"unit": "", "choices": ()} | asdict(setting.kind)  # type: ignore[call-overload]  # kinds are dataclasses
    return {
        "name": setting.name,
        "label": setting.label or label_of(setting.name),
        "help": setting.help,
        "kind": setting.kind.name,
        "secret": isinstance(setting.kind, Secret),
        **{name: _plain(value) for name, value in kind.items()},
        "required": setting.required,
        "default": _plain(setting.default),
        "applies": {name: list(values) for name, values in setting.applies.items()},
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
