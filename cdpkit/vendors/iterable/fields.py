"""What an export may fill, values as Iterable's fields take them, and the bodies of people."""

from collections.abc import Mapping, Sequence

import polars as pl

from cdpkit.core import scalars
from cdpkit.core.properties import PropertyType
from cdpkit.kit import lists, nested, values
from cdpkit.kit.declare import Setting
from cdpkit.kit.discovery import Discovery
from cdpkit.kit.exporting import ExportAsked, SentField
from cdpkit.kit.kinds import Switch
from cdpkit.kit.render import Form, Member
from cdpkit.kit.targets import field_problems, filling, identifier_problems, unknown_fields
from cdpkit.problem import Problem
from cdpkit.vendors.iterable.project import EITHER, EMAIL, HYBRID, IDENTIFIERS, ITS_OWN_ID, USERID, project_type

OPTIONS = (
    Setting("create_fields", "Let Iterable make fields that it has not; they stay for ever", Switch(), default=False),
    Setting(
        "parts_of_objects",
        "Fill fields inside objects (address.city); where somebody has an array of objects, it is replaced",
        Switch(),
        default=False,
    ),
)
"""Options of a goal's `target` beside those about lists."""

_ELSE = "map to another field"
_LISTS = "choose the lists in target.lists instead"
_CONSENT = f"{_ELSE}: written as a plain field it could subscribe people who have unsubscribed, and no event would tell"
_MANAGED = {
    **dict.fromkeys(("emailListIds", "userListIds"), _LISTS),
    **dict.fromkeys(
        ("unsubscribedChannelIds", "unsubscribedMessageTypeIds", "subscribedMessageTypeIds", "receivedSMSDisclaimer"),
        _CONSENT,
    ),
    **dict.fromkeys(("signupDate", "signupSource", "profileUpdatedAt"), _ELSE),
    **dict.fromkeys(("itblInternal", ITS_OWN_ID, "itblDS", "devices", "browserTokens", "phoneNumberDetails"), _ELSE),
}
"""Fields that Iterable keeps itself, with all below them (support article 217744303), each with what to do instead."""
_WHOLES = ("object", "nested", "geo_location")
_ALLOWED = {
    EMAIL: (("email",), ("userId",)),
    USERID: (("userId",),),
    **dict.fromkeys((HYBRID, EITHER), (("email",), ("userId",), ("email", "userId"))),
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
    project = project_type(asked.settings, asked.discovery)
    who, fix = f"a project of type {project!r}", "or mend settings.project_type"
    identifying = (*asked.identifiers, "email") if project == EMAIL else asked.identifiers
    found = field_problems(asked.fields, identifying=identifying, managed=_MANAGED, at="Iterable")
    return [
        *identifier_problems(asked.identifiers, _ALLOWED[project], who, fix),
        *lists.leaving_problems(asked.options),
        *found,
        *_object_problems(asked),
        *([] if asked.options["create_fields"] else _unknown(asked)),
    ]


def _unknown(asked: ExportAsked) -> list[Problem]:
    plain = [name for name in asked.fields if name.split(".")[0] not in _MANAGED]
    fix = "or let Iterable make it with target.create_fields = true"
    return unknown_fields(plain, asked.discovery, known=IDENTIFIERS, at="Iterable", fix=fix)


def _object_problems(asked: ExportAsked) -> list[Problem]:
    """What would be written in the place of objects, or into them."""
    found = []
    for name in dict.fromkeys(asked.fields):
        holders = [holder for holder in nested.above(name) if _type(holder, asked.discovery) in _WHOLES]
        kind, at = _type(name, asked.discovery), filling(asked.fields, name)
        if name.split(".")[0] in _MANAGED:
            continue
        if kind in _WHOLES:
            what = f"field {name!r} is {_SHOWN_AS[kind]}, which no value of a property can be written to"
            parts = [field.name for field in asked.discovery.fields if field.name.startswith(f"{name}.")]
            found.append(Problem("mappings", what, f"map to another field{_parts(kind, parts)}").about(*at))
        elif any(_type(holder, asked.discovery) != "object" for holder in holders):
            what = f"field {name!r} is part of objects that can only be written as a whole"
            found.append(Problem("mappings", what, _ELSE).about(*at))
        elif holders and not asked.options["parts_of_objects"]:
            what = (
                f"field {name!r} is inside {holders[0]!r}, which may be an array of objects: Iterable shows arrays as "
                "objects too, and writing a part of one would replace it"
            )
            fix = f"where nobody has an array in {holders[0]!r}, say so with target.parts_of_objects = true"
            found.append(Problem("mappings", what, f"{fix}; else {_ELSE}").about(*at))
    return found


_SHOWN_AS = {"object": "an object or an array of objects", "nested": "an array of objects", "geo_location": "a place"}


def _parts(kind: str, parts: list[str]) -> str:
    return f", or to what is inside: {', '.join(parts)}" if kind == "object" and parts else ""


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
    by_email = project_type(asked.settings, asked.discovery) == EMAIL
    prefer = asked.create and by_email and "email" not in asked.identifiers
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
