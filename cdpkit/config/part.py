"""Tables of a settings file as models, and their misfits in words: the place, what it may be, never a value."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from cdpkit.problem import At, Problem, nearest_first
from cdpkit.show.astext import AsText


def misfit(what: str, fix: str, where: str = "", at: Sequence[At] = ()) -> PydanticCustomError:
    """What a validator raises, as the parts of a `Problem`; they hold nothing that may be secret.

    Args:
        what: What is wrong.
        fix: What to do about it.
        where: The key, where that is below what is validated.
        at: Which places in what is validated it is about; that itself, where there are none.
    """
    context = {"where": where, "what": what, "fix": fix, "at": [list(place) for place in at]}
    return PydanticCustomError(_MISFIT, "{what}; {fix}", context)


_MISFIT = "misfit"


def misfit_of(context: Mapping[str, Any]) -> Problem:
    """What `misfit` said, from the context of the error."""
    return Problem(context["where"], context["what"], context["fix"], tuple(map(tuple, context["at"])))


class Part(AsText, BaseModel):
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
                for key in reversed(unknown):
                    keys = nearest_first(str(key), keys)
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


MISSING = ("is missing", "add it")
NO_TABLE = ("is no table", "write one such as { name = ... }")
NO_CHOICE = "is none of its choices"
_EXPECTED = {
    "missing": MISSING,
    "extra_forbidden": ("is no key that is known here", "correct the name, or remove it"),
    "bool_type": ("is neither true nor false", "write one of them, without quotes"),
    "string_type": ("is no text", "write one in quotes"),
    "int_type": ("is no whole number", "write one without quotes"),
    "tuple_type": ("is no list", "write one in square brackets"),
    "dict_type": NO_TABLE,
    "model_type": NO_TABLE,
    "model_attributes_type": NO_TABLE,
    "greater_than_equal": ("is too small", "write {ge} or more"),
    "less_than_equal": ("is too large", "write {le} or less"),
    "enum": (NO_CHOICE, "write one of: {expected}"),
    "literal_error": (NO_CHOICE, "write one of: {expected}"),
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
    if found["type"] == _MISFIT:
        said = misfit_of(context).located()
        said = said.about(*((*found["loc"], *at) for at in said.at or ((),)))
        return said.inside(place) if place else said
    what, fix = _EXPECTED.get(found["type"], (f"does not fit: {found['msg']}", "correct it"))
    return Problem(place, what, fix.format_map(context) if context else fix).about(found["loc"])


def _place(loc: tuple[int | str, ...], given: Any) -> str:
    words: list[str] = []
    for part in loc:
        if isinstance(part, int):
            given = given[part] if isinstance(given, list | tuple) else None
            name = given.get("name") if isinstance(given, Mapping) else None
            number = f"{words.pop()} no. {part + 1}"
            words.append(f"goal {name!r}" if number.startswith("goals ") and isinstance(name, str) and name else number)
        else:
            given = given.get(part) if isinstance(given, Mapping) else None
            words.append(part)
    return ", ".join(words)
