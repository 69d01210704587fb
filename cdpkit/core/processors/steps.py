"""Steps: what users write, checked, and in a form that shows whether it changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdpkit.core.processors.foreign import PythonFunction
from cdpkit.core.processors.options import Option, checked_option, given_options
from cdpkit.core.processors.registry import BUILT_INS, BuiltIn, Processor, PythonProcessor
from cdpkit.errors import ConfigurationError, UnknownNameError, problems_of
from cdpkit.problem import Problem

StepSpec = str | Mapping[str, object]
"""A step as users write it: a processor's name, or a table with `processor`, `name` and the processor's options."""

_OWN_KEYS = ("processor", "name")


@dataclass(frozen=True, slots=True)
class Step:
    """One processor with its options, under a name.

    Attributes:
        name: What fates call it: rows it removes are excluded as `processor:<name>`.
        kind: The name of the built-in processor or of the registered Python function.
        processor: Does it.
    """

    name: str
    kind: str
    processor: Processor

    def fingerprint(self) -> str:
        """Canonical text of what the step does: equal texts, equal processing.

        The step's name is no part of it, since it only labels fates. Options at their default are left out.
        """
        content: dict[str, object]
        if isinstance(self.processor, PythonFunction):
            content = {"function": self.kind, "version": self.processor.version}
        else:
            content = {"processor": self.kind, "options": given_options(self.processor)}
        return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def parse_steps(specs: Sequence[StepSpec], functions: Mapping[str, PythonProcessor]) -> tuple[Step, ...]:
    """Check the steps of a goal and make them ready to run, in order.

    Args:
        specs: For each step a table `{"processor": "trim", "fields": ["email"]}`, or a bare name when there are no
            options to give. The key `name` labels the step in fates; it is the processor's name otherwise.
        functions: The registered Python functions by name.

    Raises:
        UnknownNameError: A processor or an option does not exist; the message lists those that do.
        ConfigurationError: An option is missing, has the wrong type or a value that does not fit.
    """
    if isinstance(specs, str | Mapping) or not isinstance(specs, Sequence):
        raise ConfigurationError(f"processors are a list of steps, not a {type(specs).__name__}; write [...] around it")
    return tuple(_parse(position, spec, functions) for position, spec in enumerate(specs, start=1))


def step_problems(specs: Sequence[StepSpec], functions: Mapping[str, PythonProcessor], where: str) -> list[Problem]:
    """What is wrong with the steps of a goal, each by itself.

    Args:
        specs: As of `parse_steps`.
        functions: Likewise.
        where: How messages call the whole.
    """
    found = []
    for nth, spec in enumerate(specs):
        try:
            _parse(nth + 1, spec, functions)
        except ConfigurationError as error:
            found += [problem.about(("processors", nth)) for problem in problems_of(error, where, "mend the step")]
    return found


def _parse(position: int, spec: object, functions: Mapping[str, PythonProcessor]) -> Step:
    where = f"processor step {position}"
    table = {"processor": spec} if isinstance(spec, str) else spec
    if not isinstance(table, Mapping):
        raise ConfigurationError(
            f"{where} must be a name or a table such as {{'processor': 'trim'}}, not a {type(spec).__name__}"
        )
    kind, name = table.get("processor"), table.get("name", table.get("processor"))
    if not isinstance(kind, str) or not kind:
        raise ConfigurationError(f"{where} has no 'processor'; add the key 'processor' with a processor's name")
    if not isinstance(name, str) or not name:
        raise ConfigurationError(f"{where} ({kind}): 'name' must be a text that is not empty, or be left out")
    where = f"{where} ({kind})"
    options = {key: value for key, value in table.items() if key not in _OWN_KEYS}
    return Step(name=name, kind=kind, processor=_processor(kind, options, functions, where))


def _processor(
    kind: str, options: Mapping[str, object], functions: Mapping[str, PythonProcessor], where: str
) -> Processor:
    if kind in BUILT_INS and kind in functions:
        raise ConfigurationError(
            f"{where}: a Python function is registered under the name of a built-in processor; rename the function"
        )
    if kind in BUILT_INS:
        return _built_in(BUILT_INS[kind], options, where)
    if kind not in functions:
        fix = f"add a function with ws.processors.add({kind!r}, function)"
        raise UnknownNameError("processor", kind, [*BUILT_INS, *functions], fix)
    if options:
        raise ConfigurationError(f"{where}: a Python function takes no options; remove {', '.join(sorted(options))}")
    version = getattr(functions[kind], "version", None)
    return PythonFunction(function=kind, version=None if version is None else str(version))


def _built_in(built_in: BuiltIn, given: Mapping[str, object], where: str) -> Processor:
    declared: dict[str, Option] = {option.name: option for option in built_in.options}
    unknown = [key for key in given if key not in declared]
    if unknown:
        raise UnknownNameError(f"option of the processor {built_in.name}:", str(unknown[0]), [*declared, "name"])
    missing = [option for option in declared.values() if option.required and option.name not in given]
    if missing:
        names = "; ".join(f"{option.name!r} ({option.help})" for option in missing)
        raise ConfigurationError(f"{where} needs the option {names}")
    values = {key: checked_option(declared[key], value, where) for key, value in given.items()}
    try:
        made: Processor = built_in.cls(**values)
    except ConfigurationError as error:
        raise ConfigurationError(f"{where}: {error}") from error
    return made
