"""Tables of a settings file as models, and their misfits in words: the place, what it may be, never a value."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError


def misfit(message: str) -> PydanticCustomError:
    """What a validator raises; the message holds nothing that may be secret."""
    return PydanticCustomError("misfit", "{message}", {"message": message})


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
                message = f"there is no key {names} here; the keys are: {', '.join(keys)}"
                raise misfit(f"{message}; {cls.hint}" if cls.hint else message)
        return given


def _filled(text: str) -> str:
    if not text.strip():
        raise misfit("is empty; fill it in")
    return text


Filled = Annotated[str, AfterValidator(_filled)]
"""A text that is not blank."""


_EXPECTED = {
    "missing": "is missing; add it",
    "bool_type": "must be true or false, without quotes",
    "string_type": "must be a text in quotes",
    "int_type": "must be a whole number, without quotes",
    "tuple_type": "must be a list in square brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "enum": "must be one of: {expected}",
    "literal_error": "must be one of: {expected}",
}
"""What pydantic found, in the words of the file; all else is said in pydantic's words, which hold no value."""


def misfits(error: ValidationError, given: Any) -> list[str]:
    """Every misfit as `place: what is expected there`.

    Args:
        error: What a `Part` raised.
        given: What it was given; goals are called by the names in it.
    """
    found = error.errors(include_input=False, include_url=False)
    return [": ".join(filter(None, [_place(problem["loc"], given), _expected(problem)])) for problem in found]


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


def _expected(problem: ErrorDetails) -> str:
    words = _EXPECTED.get(problem["type"])
    return words.format_map(problem.get("ctx", {})) if words else problem["msg"]
