"""What a vendor declares against what a file gives: settings of a connection, options of a goal."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeGuard

from pydantic import AnyHttpUrl, SecretStr, TypeAdapter, ValidationError

from cdpkit.config.secrets import FORMS, look_up
from cdpkit.errors import refuse
from cdpkit.kit.vendor import Option, Setting
from cdpkit.problem import Problem, unknown

LIMITS_FACTOR = "limits_factor"
"""The setting that every vendor has: by it the rates of its limits are multiplied; above 0, by default 1."""

_ADDRESS = TypeAdapter(AnyHttpUrl)


def resolve_settings(declared: Sequence[Setting], given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The settings of a connection as a vendor uses them: defaults filled in, secrets looked up now.

    Args:
        declared: What the vendor declares.
        given: What the connection's file gives.
        folder: The workspace; `file:` references are relative to it.

    Returns:
        Texts by name in the order declared, secrets as `SecretStr`, and `limits_factor`.

    Raises:
        ConfigurationError: Something does not fit; the message has every problem and no value.
    """
    values, problems = _settings(declared, given, folder)
    refuse("the settings cannot be used", _unknown(_setting_names(declared), given, "settings", "setting") + problems)
    return values


def settings_problems(
    declared: Sequence[Setting], given: Mapping[str, Any], folder: Path, *, whole: bool = True
) -> list[Problem]:
    """What is wrong with the settings of a connection; secrets are looked up, and no value is shown.

    Args:
        declared: What the vendor declares.
        given: What the connection's file gives.
        folder: The workspace.
        whole: Whether it is wrong too that one is missing.
    """
    there = declared if whole else [setting for setting in declared if setting.name in given]
    return _unknown(_setting_names(declared), given, "settings", "setting") + _settings(there, given, folder)[1]


def resolve_options(declared: Sequence[Option], given: Mapping[str, Any], part: str = "options") -> dict[str, Any]:
    """The options of a goal's `source` or `target`, defaults filled in; names are tuples of texts.

    Args:
        declared: What the vendor declares.
        given: What the goal gives.
        part: How messages call it, such as `goal 'VIPs': target`.

    Raises:
        ConfigurationError: Something does not fit; the message has every problem.
    """
    values, problems = _options(declared, given, part)
    refuse("the options cannot be used", problems)
    return values


def option_problems(declared: Sequence[Option], given: Mapping[str, Any], part: str = "options") -> list[Problem]:
    """What is wrong with the options of a goal's `source` or `target`."""
    return _options(declared, given, part)[1]


def _unknown(names: Sequence[str], given: Mapping[str, Any], part: str, kind: str) -> list[Problem]:
    return [unknown(f"{part}.{name}", kind, name, names, "remove it") for name in given if name not in names]


def _setting_names(declared: Sequence[Setting]) -> list[str]:
    return [*(setting.name for setting in declared), LIMITS_FACTOR]


def _settings(
    declared: Sequence[Setting], given: Mapping[str, Any], folder: Path
) -> tuple[dict[str, Any], list[Problem]]:
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for setting in declared:
        found = _setting(setting, given.get(setting.name), folder)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            values[setting.name] = found
    factor = given.get(LIMITS_FACTOR, 1.0)
    if not _is_number(factor) or factor <= 0:
        problems.append(
            Problem(f"settings.{LIMITS_FACTOR}", "is no number above 0", "write one without quotes, such as 1.0")
        )
    else:
        values[LIMITS_FACTOR] = float(factor)
    return values, problems


def _setting(setting: Setting, value: object, folder: Path) -> str | SecretStr | Problem:
    where = f"settings.{setting.name}"
    if value is None and setting.default is not None:
        return SecretStr(setting.default) if setting.secret else setting.default
    if setting.secret:
        example = f"a reference ({FORMS})"
    else:
        example = f"one of {', '.join(setting.choices)}" if setting.choices else "a text"
    if value is None:
        return Problem(where, f"is missing: {setting.help}", f"add {setting.name} = {example} below [settings]")
    if not isinstance(value, str):
        return Problem(where, "is no text", f"write {example} in quotes")
    if not value.strip() and setting.default != "":
        return Problem(where, f"is empty: {setting.help}", f"write {example}")
    return _text(setting, value, folder, example)


def _text(setting: Setting, value: str, folder: Path, example: str) -> str | SecretStr | Problem:
    where = f"settings.{setting.name}"
    if setting.secret and value:
        found = look_up(value, folder)
        return replace(found, where=where) if isinstance(found, Problem) else found
    if setting.choices and value not in setting.choices:
        return Problem(where, "is none of its choices", f"write {example}")
    if setting.name.endswith("_url") and value and not _is_address(value):
        return Problem(where, "is no http or https address", 'write one such as "https://api.example.com"')
    return SecretStr(value) if setting.secret else value


def _is_address(text: str) -> bool:
    if not re.fullmatch(r"https?://[^\s/]\S*", text):  # what follows mends blanks and missing slashes
        return False
    try:
        _ADDRESS.validate_python(text)
    except ValidationError:
        return False
    return True


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _options(declared: Sequence[Option], given: Mapping[str, Any], part: str) -> tuple[dict[str, Any], list[Problem]]:
    problems = _unknown([option.name for option in declared], given, part, "option")
    values: dict[str, Any] = {}
    for option in declared:
        values[option.name] = option.default
        if option.name in given:
            expected, values[option.name] = _option(option.default, given[option.name])
            if values[option.name] is None:
                problems.append(Problem(f"{part}.{option.name}", "does not fit", f"write {expected}"))
    return values, problems


def _option(default: bool | str | float | tuple[str, ...], value: Any) -> tuple[str, Any]:
    """What an option of this default is, and the value as that; None where it does not fit."""
    if isinstance(default, bool):
        return "true or false, without quotes", value if isinstance(value, bool) else None
    if isinstance(default, str):
        return "a text in quotes", value if isinstance(value, str) else None
    if isinstance(default, tuple):
        fits = isinstance(value, list | tuple) and all(isinstance(text, str) for text in value)
        return 'a list of texts such as ["VIP"]', tuple(value) if fits else None
    if isinstance(default, int):
        whole = isinstance(value, int) and not isinstance(value, bool)
        return "a whole number, without quotes", value if whole else None
    return "a number, without quotes", float(value) if _is_number(value) else None
