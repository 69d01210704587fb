"""What an export may fill, values as Iterable's fields take them, and the bodies of people."""

from collections.abc import Mapping, Sequence

import polars as pl

from cdpkit.core import scalars
from cdpkit.core.properties import PropertyType
from cdpkit.kit import lists, nested, values
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.exporting import ExportAsked, SentField
from cdpkit.kit.render import Form, Member
from cdpkit.kit.targets import field_problems, identifier_problems
from cdpkit.problem import Problem
from cdpkit.vendors.iterable.api import EMAIL, HYBRID, IDENTIFIERS, USERID

_MANAGED = frozenset(
    {
        *("signupDate", "signupSource", "profileUpdatedAt", "emailListIds", "userListIds"),
        *("itblInternal", "itblUserId", "itblDS", "devices"),
    }
)
"""Fields that Iterable keeps itself, with all that is below them."""
_ALLOWED = {
    EMAIL: (("email",), ("userId",)),
    USERID: (("userId",),),
    HYBRID: (("email",), ("userId",), ("email", "userId")),
}
_moments = values.moments("%Y-%m-%d %H:%M:%S +00:00")
_KINDS: Mapping[str, PropertyType | values.Convert] = {
    "string": PropertyType.TEXT,
    "long": PropertyType.NUMBER,
    "double": PropertyType.DECIMAL,
    "boolean": PropertyType.BOOLEAN,
    "date": _moments,
    "object": values.nothing,
    "nested": values.nothing,
    "geo_location": values.nothing,
}


def target_problems(asked: ExportAsked) -> list[Problem]:
    """What is wrong with an export goal."""
    project, discovery = asked.settings["project_type"], asked.discovery
    who, fix = f"a project of type {project!r}", "or mend settings.project_type"
    identifying = (*asked.identifiers, "email") if project == EMAIL else asked.identifiers
    whole = (
        Problem("mappings", f"field {name!r} is part of objects that can only be written as a whole", "map to another")
        for name in dict.fromkeys(asked.fields)
        if any(_type(holder, discovery) in ("nested", "geo_location") for holder in nested.above(name))
    )
    return [
        *identifier_problems(asked.identifiers, _ALLOWED[project], who, fix),
        *lists.target_problems(asked.options, discovery.lists, "Iterable"),
        *field_problems(asked.fields, identifying=identifying, managed=_MANAGED, at="Iterable"),
        *whole,
    ]


def _type(name: str, discovery: Discovery) -> str:
    """The type of a field in Iterable's words; empty where it is not there yet."""
    field = discovery.field(name)
    return "" if field is None else field.type


def convert(column: pl.Series, name: str, asked: ExportAsked) -> pl.Series:
    """Values as a field takes them; null where one does not fit."""
    return values.by_kind(column, _type(name, asked.discovery), _KINDS, _as_new)


def _as_new(column: pl.Series) -> pl.Series:
    """Values of a field whose type the first of them makes."""
    if column.dtype == pl.Date or isinstance(column.dtype, pl.Datetime):
        return _moments(column)
    return scalars.as_text(column) if column.dtype in (pl.Categorical, pl.Enum) else column


def members(asked: ExportAsked, fields: Sequence[SentField]) -> tuple[Member, ...]:
    """The body of a person."""
    discovery = asked.discovery
    placed = [
        (nested.path(field.name, lambda holder: _type(holder, discovery) == "object"), _member(field, discovery))
        for field in fields
    ]
    data = (Member("dataFields", members=nested.tree(placed)),) if placed else ()
    # Else the rest of an object, of which some fields are written, would be lost.
    merged = (Member("mergeNestedObjects", fixed=True),) if any(len(path) > 1 for path, _ in placed) else ()
    return (*identity(asked), *data, *merged)


def identity(asked: ExportAsked) -> tuple[Member, ...]:
    """The part of a body that says who it is."""
    by = linked(asked)
    # Without it a project by e-mail refuses a user id that it does not know.
    prefer = asked.create and asked.settings["project_type"] == EMAIL and "email" not in asked.identifiers
    return (*by, Member("preferUserId", fixed=True)) if prefer else by


def linked(asked: ExportAsked) -> tuple[Member, ...]:
    """The identifiers that a goal links."""
    return tuple(Member(name, column=name) for name in IDENTIFIERS if name in asked.identifiers)


def _member(field: SentField, discovery: Discovery) -> Member:
    inner = field.dtype.inner if isinstance(field.dtype, pl.List) else field.dtype
    numeric = isinstance(inner, pl.DataType) and inner.is_numeric()
    as_float = _type(field.name, discovery) == "double" and numeric and field.join is None
    form = Form(as_float=as_float, join=field.join)
    return Member(field.name, column=field.column, form=form, send_empty="null" if field.send_empty else None)
