"""What a vendor declares against what a file gives: settings of a connection, options of a goal."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from cdpkit.config.secrets import look_up, reference_problem
from cdpkit.errors import refuse
from cdpkit.kit.declare import ALLOW_HTTP, Setting
from cdpkit.kit.kinds import CLEAR, ENCRYPT, Address, Secret, Unfit, in_the_clear
from cdpkit.problem import At, Problem, unknown

MASKED = "**********"
"""What stands for something that may be a secret."""

_PLACE = "settings"


def resolve_settings(declared: Sequence[Setting], given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The settings of a connection as a vendor uses them: defaults filled in, secrets looked up now.

    Args:
        declared: What the vendor declares.
        given: What the connection's file gives.
        folder: The workspace; `file:` references are relative to it.

    Returns:
        Values by name in the order declared, secrets as `SecretStr`; None for what has no default.

    Raises:
        ConfigurationError: Something does not fit; the message has every problem and no value.
    """
    values, problems = _read(_settings_form(folder), declared, given)
    refuse("the settings cannot be used", problems)
    return values


def readable_settings(declared: Sequence[Setting], given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Those of the settings of a connection that fit, as `resolve_settings` gives them; the others are left out."""
    return _read(_settings_form(folder), declared, given)[0]


def settings_problems(
    declared: Sequence[Setting],
    given: Mapping[str, Any],
    folder: Path,
    *,
    only: Collection[str] | None = None,
    secrets: bool = True,
) -> list[Problem]:
    """What is wrong with the settings of a connection; no value is shown.

    Args:
        declared: What the vendor declares.
        given: What the connection's file gives.
        folder: The workspace.
        only: The names of the settings that are looked at; None for all, also those that are missing.
        secrets: Whether secrets are looked up; otherwise references are looked at alone.
    """
    form = _settings_form(folder)
    if not secrets:
        form = replace(form, reveal=lambda reference: reference_problem(reference) or SecretStr(reference))
    problems = _read(form, declared, given)[1]
    there = {f"{_PLACE}.{name}" for name in only or ()}
    return problems if only is None else [problem for problem in problems if problem.where in there]


def shown_settings(declared: Sequence[Setting], given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as they may be shown: secrets as references, and what may be a secret itself as asterisks."""
    plain = {setting.name for setting in declared if not isinstance(setting.kind, Secret)}
    return {
        name: value if name in plain or (isinstance(value, str) and reference_problem(value) is None) else MASKED
        for name, value in given.items()
    }


def resolve_options(declared: Sequence[Setting], given: Mapping[str, Any], part: str = "options") -> dict[str, Any]:
    """The options of a goal's `source` or `target`, defaults filled in; names are tuples of texts.

    Args:
        declared: What the vendor declares.
        given: What the goal gives.
        part: How messages call it, such as `goal 'VIPs': target`.

    Raises:
        ConfigurationError: Something does not fit; the message has every problem.
    """
    values, problems = _read(_options_form(part), declared, given)
    refuse("the options cannot be used", problems)
    return values


def option_problems(declared: Sequence[Setting], given: Mapping[str, Any], part: str = "options") -> list[Problem]:
    """What is wrong with the options of a goal's `source` or `target`."""
    return _read(_options_form(part), declared, given)[1]


@dataclass(frozen=True, slots=True)
class _Form:
    """What is filled in.

    Attributes:
        part: How messages call it.
        entry: And one of its entries.
        below: Where one is to be added.
        reveal: Looks up the secret to which a reference leads.
    """

    part: str
    entry: str
    below: str
    reveal: Callable[[str], SecretStr | Problem]

    def at(self, name: str) -> At:
        """The place of an entry."""
        return self.part.rpartition(": ")[2], name


def _settings_form(folder: Path) -> _Form:
    return _Form(_PLACE, "setting", "below [settings]", lambda reference: look_up(reference, folder))


def _options_form(part: str) -> _Form:
    no_secret = Problem("", "holds a secret, which no goal can have", "make it a setting of the connection")
    return _Form(part, "option", f"to {part}", lambda _: no_secret)


def _read(form: _Form, declared: Sequence[Setting], given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The values of all that is declared, and what is wrong."""
    names = [setting.name for setting in declared]
    problems = [
        unknown(f"{form.part}.{name}", form.entry, name, names, "remove it").about(form.at(name))
        for name in given
        if name not in names
    ]
    values, unfit = dict[str, Any](), list[Problem]()
    for setting in declared:
        found = _value(form, setting, given.get(setting.name))
        if isinstance(found, Problem):
            unfit.append(found.about(form.at(setting.name)))
        else:
            values[setting.name] = found
    for setting in declared:
        where = f"{form.part}.{setting.name}"
        if setting.applies_to(values):
            problems += [problem for problem in unfit if problem.where == where]
            if setting.required and values.get(setting.name, "") is None:
                fix = f"add {setting.name} = {setting.kind.expected} {form.below}"
                problems.append(Problem(where, f"is missing: {setting.help}", fix).about(form.at(setting.name)))
        elif setting.name not in values or values[setting.name] != setting.default:
            what = f"does not apply: {_wanted(setting)}"
            problems.append(Problem(where, what, "remove it, or change that").about(form.at(setting.name)))
    return values, problems + _clear(form, declared, values)


def _clear(form: _Form, declared: Sequence[Setting], values: Mapping[str, Any]) -> list[Problem]:
    """Addresses of other machines that are not encrypted, where those are not allowed."""
    if values.get(ALLOW_HTTP.name, ALLOW_HTTP not in declared):
        return []
    given = {each.name: values.get(each.name) for each in declared if isinstance(each.kind, Address)}
    return [
        Problem(f"{form.part}.{name}", CLEAR, ENCRYPT).about(form.at(name))
        for name, url in given.items()
        if url and in_the_clear(url)
    ]


def _value(form: _Form, setting: Setting, given: object) -> Any:
    """What one of them is, or what is wrong with it; None where it is left out and has no default."""
    where, default = f"{form.part}.{setting.name}", setting.default
    if isinstance(given, str) and not given.strip():
        if setting.required or default not in (None, ""):
            return Problem(where, f"is empty: {setting.help}", f"write {setting.kind.expected}")
        return default
    if given is None:
        return default
    found = setting.kind.read(given)
    if isinstance(found, Unfit):
        return Problem(where, found.what, found.fix)
    if isinstance(setting.kind, Secret):
        secret = form.reveal(found)
        return replace(secret, where=where) if isinstance(secret, Problem) else secret
    return found


def _wanted(setting: Setting) -> str:
    words = {True: "true", False: "false"}
    parts = (
        f"{name} is {' or '.join(words.get(value, str(value)) for value in values)}"
        for name, values in setting.applies.items()
    )
    return f"it needs that {' and '.join(parts)}"
