"""Tables of a settings file as models, and their misfits in words: the place, what it may be, never a value."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from cdpkit.problem import Problem


def misfit(what: str, fix: str) -> PydanticCustomError:
    """What a validator raises, as the parts of a `Problem`; they hold nothing that may be secret."""
    return PydanticCustomError(_MISFIT, "{what}; {fix}", {"what": what, "fix": fix})


_MISFIT = "misfit"


class Part(BaseModel):
    """A table of a settings file.

    Attributes:
        hint: Where a key that does not belong here may belong.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    hint: ClassVar[str] = ""

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, given: Any) -> Any:
        if isinstance(given, Mapping):
            keys = [field.alias or name for name, field in cls.model_fields.items()]
            unknown = [key for key in given if key not in keys]
            if unknown:
                names = ", ".join(repr(str(key)) for key in unknown)
                correct = "correct the name, or remove it"
                raise misfit(
                    f"there is no key {names} here; the keys are: {', '.join(keys)}",
                    f"{correct}; {cls.hint}" if cls.hint else correct,
                )
        return given


def _filled(text: str) -> str:
    if not text.strip():
        raise misfit("is empty", "fill it in")
    return text


Filled = Annotated[str, AfterValidator(_filled)]
"""A text that is not blank."""


_MISSING = ("is missing", "add it")
_NO_TABLE = ("is no table", "write one such as {{ name = ... }}")
NO_CHOICE = "is none of its choices"
_EXPECTED = {
    "missing": _MISSING,
    "extra_forbidden": ("is no key that is known here", "correct the name, or remove it"),
    "bool_type": ("is neither true nor false", "write one of them, without quotes"),
    "string_type": ("is no text", "write one in quotes"),
    "int_type": ("is no whole number", "write one without quotes"),
    "tuple_type": ("is no list", "write one in square brackets"),
    "dict_type": _NO_TABLE,
    "model_type": _NO_TABLE,
    "model_attributes_type": _NO_TABLE,
    "greater_than_equal": ("is too small", "write {ge} or more"),
    "less_than_equal": ("is too large", "write {le} or less"),
    "enum": (NO_CHOICE, "write one of: {expected}"),
    "literal_error": (NO_CHOICE, "write one of: {expected}"),
    "union_tag_invalid": (NO_CHOICE, "write one of: {expected_tags}"),
    "union_tag_not_found": _MISSING,
    _MISFIT: ("{what}", "{fix}"),
}
"""What pydantic found, as what is wrong and what to do about it, in the words of the file."""


def misfits(error: ValidationError, given: Any) -> list[Problem]:
    """Every misfit with its place in the file; no value is shown.

    Args:
        error: What a `Part` raised.
        given: What it was given; goals are called by the names in it.
    """
    return [_problem(found, given) for found in error.errors(include_input=False, include_url=False)]


def _problem(found: ErrorDetails, given: Any) -> Problem:
    place, context = _place(found["loc"], given), found.get("ctx", {})
    if found["type"].startswith("union_tag"):  # it is the table that pydantic names, not the key in it
        place = f"{place}: kind" if place else "kind"
    if found["type"] not in _EXPECTED:
        return Problem(place, f"does not fit: {found['msg']}", "correct it")
    what, fix = _EXPECTED[found["type"]]
    return Problem(place, what.format_map(context), fix.format_map(context))


def _place(loc: tuple[int | str, ...], given: Any) -> str:
    words: list[str] = []
    for part in loc:
        if isinstance(part, int):
            given = given[part] if isinstance(given, list | tuple) else None
            name = given.get("name") if isinstance(given, Mapping) else None
            number = f"{words.pop()} no. {part + 1}"
            words.append(f"goal {name!r}" if number.startswith("goals ") and isinstance(name, str) and name else number)
        elif not (isinstance(given, Mapping) and part == given.get("kind")):  # pydantic names the member of a union
            given = given.get(part) if isinstance(given, Mapping) else None
            words.append(part)
    return ", ".join(words)
