"""Fields of contacts: which there are, values in their own forms, and the bodies that hold them."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cdpkit.core import scalars
from cdpkit.core.properties import PropertyType
from cdpkit.kit import lists, values
from cdpkit.kit.declare import Settings
from cdpkit.kit.discovery import LISTS, Discovery, VendorField
from cdpkit.kit.effects import Effects
from cdpkit.kit.exporting import ExportAsked, SentField
from cdpkit.kit.render import Entry, Form, Member
from cdpkit.kit.targets import field_problems, filling, identifier_problems
from cdpkit.problem import Problem, unknown
from cdpkit.vendors.activecampaign.api import collect, get_lists

EMAIL, ID, PHONE = IDENTIFIERS = ("email", "id", "phone")
WRITABLE = {"firstName": "first_name", "lastName": "last_name", PHONE: "phone"}
"""Fields that are no custom fields and can be written, with the names that they have in an import."""
_KINDS = {
    "text": (EMAIL, ID, *WRITABLE, "orgname"),
    "datetime": ("cdate", "udate", "last_open_date", "last_click_date", "last_mpp_open_date"),
    "date": ("bounced_date",),
    "number": ("bounced_hard", "bounced_soft"),
}
STANDARD = tuple(VendorField(name, kind, holds=PropertyType(kind)) for kind, names in _KINDS.items() for name in names)
_MANAGED = dict.fromkeys(
    {field.name for field in STANDARD} - {EMAIL, ID, *WRITABLE}, "map to a custom field of your own instead"
)
MULTIPLE = ("checkbox", "listbox", "multiselect")
_HOLDS = {"date": PropertyType.DATE, "datetime": PropertyType.DATETIME, "number": PropertyType.DECIMAL}
_IDENTIFY = ("text", "hidden", "number")
BETWEEN = "||"
"""Stands before, between and behind the values of a field that holds several."""


def discover(settings: Settings) -> Effects[Discovery]:
    """Fields and lists of the account."""
    told = yield from collect(settings, "/fields", "fields")
    there = yield from get_lists(settings)
    options: dict[str, list[str]] = {}
    for row in told.get("fieldOptions", ()):
        options.setdefault(str(row.get("field")), []).append(str(row.get("value")))
    taken = {field.name for field in STANDARD}
    custom = []
    for row in told["fields"]:
        name, kind, number = str(row.get("title")), str(row.get("type") or "text"), str(row.get("id"))
        name = str(row.get("perstag")) if name in taken else name
        taken.add(name)
        choices = tuple(options.get(number, ()))
        custom.append(
            VendorField(
                name,
                kind,
                identifies=kind in _IDENTIFY,
                id=number,
                choices=choices,
                holds=_HOLDS.get(kind, PropertyType.TEXT),
                several=kind in MULTIPLE,
            )
        )
    return Discovery((*STANDARD, *custom), {LISTS.name: there})


def custom(name: str, discovery: Discovery) -> VendorField | None:
    """The custom field of this name; None for one that is none."""
    found = discovery.field(name)
    return found if found is not None and found.id else None


def deciding(asked: ExportAsked) -> str:
    """The identifier by which contacts are looked for; an address beside it is for those who are not there."""
    return next((name for name in asked.identifiers if name != EMAIL), EMAIL)


def target_problems(asked: ExportAsked) -> list[Problem]:
    """What is wrong with an export goal."""
    known, at = asked.discovery.identifiers(IDENTIFIERS), "ActiveCampaign"
    others = [name for name in known if name != EMAIL and name in asked.identifiers] or [ID]
    ways = ((EMAIL,), *((name,) for name in others), *((name, EMAIL) for name in others))
    names = [field.name for field in asked.discovery.fields if field.id or field.name in WRITABLE]
    absent = [name for name in dict.fromkeys(asked.fields) if asked.discovery.field(name) is None]
    return [
        *identifier_problems(asked.identifiers, ways, at, "or one custom field of type text, hidden or number"),
        *lists.leaving_problems(asked.options),
        *field_problems(asked.fields, identifying={EMAIL, ID, *asked.identifiers}, managed=_MANAGED, at=at),
        *(
            unknown("mappings", "field", name, names, f"or make it at {at}").about(*filling(asked.fields, name))
            for name in absent
        ),
    ]


def compared(column: pl.Series, identifier: str) -> pl.Series:
    """Identifiers as ActiveCampaign compares them; null where one is blank."""
    return values.folded(column, lower=identifier == EMAIL)


def convert(column: pl.Series, name: str, asked: ExportAsked) -> pl.Series:
    """Values in the form of a field, as texts: null where one does not fit, or is none of the field's options."""
    field = asked.discovery.field(name)
    kind = "" if field is None else field.type
    if isinstance(column.dtype, pl.Array):
        column = column.arr.to_list()
    made = values.by_kind(column, kind, _CONVERSIONS, scalars.as_text)
    if field is not None and field.choices:
        made = values.each(made, lambda single: _among(single, field.choices))
    if kind in MULTIPLE:
        return values.each(made, _without_bars)
    return _joined(made) if isinstance(made.dtype, pl.List) else made


def _days(single: pl.Series) -> pl.Series:
    return scalars.as_text(values.of_type(PropertyType.DATE)(single))


def _numbers(single: pl.Series) -> pl.Series:
    whole, decimal = (values.of_type(kind)(single) for kind in (PropertyType.NUMBER, PropertyType.DECIMAL))
    texts = scalars.as_text(decimal)
    texts = texts.zip_with(texts.is_not_null(), decimal.cast(pl.String))  # beyond what whole floats can tell apart
    return scalars.as_text(whole).zip_with(whole.is_not_null(), texts)


_CONVERSIONS: dict[str, PropertyType | values.Convert] = {
    "date": _days,
    "datetime": values.moments("%Y-%m-%dT%H:%M:%S+00:00"),
    "number": _numbers,
}


def _among(single: pl.Series, choices: Sequence[str]) -> pl.Series:
    """Another value would be stored all the same, without an option that anybody could choose."""
    return single.to_frame().select(pl.when(pl.first().is_in(choices)).then(pl.first())).to_series()


def _without_bars(single: pl.Series) -> pl.Series:
    """A value with bars in it cannot be told from two."""
    return (
        single.to_frame().select(pl.when(~pl.first().str.contains(BETWEEN, literal=True)).then(pl.first())).to_series()
    )


def _joined(made: pl.Series) -> pl.Series:
    return made.list.join("|").alias(made.name)


def members(asked: ExportAsked, fields: Sequence[SentField]) -> tuple[Member, ...]:
    """The body of a contact by itself, without what says who it is."""
    return _members(asked, fields, {name: name for name in WRITABLE}, ("fieldValues", "field"), quoted=True)


def import_members(asked: ExportAsked, fields: Sequence[SentField]) -> tuple[Member, ...]:
    """The body of a contact in an import, whose names are others; those of another case would be dropped."""
    return _members(asked, fields, WRITABLE, ("fields", "id"), quoted=False)


def _members(
    asked: ExportAsked, fields: Sequence[SentField], names: dict[str, str], held: tuple[str, str], *, quoted: bool
) -> tuple[Member, ...]:
    """Empty values are left out, as an empty text would clear what is there, unless that is asked for."""
    plain, items = [], []
    for field in fields:
        found = custom(field.name, asked.discovery)
        if found is None:
            empty = '""' if field.send_empty else None
            plain.append(Member(names[field.name], column=field.column, send_empty=empty))
            continue
        number = f'"{found.id}"' if quoted else found.id
        several = found.type in MULTIPLE
        entry = Entry("value", {held[1]: found.id if quoted else int(found.id)})
        form = Form(join=BETWEEN if several else None, ends=several, entry=entry)
        empty = f'{{"{held[1]}":{number},"value":""}}' if field.send_empty else None
        items.append(Member("", column=field.column, form=form, send_empty=empty))
    values_of = (Member(held[0], members=tuple(items), array=True),) if items else ()
    return (*plain, *values_of) or (Member("nothing", fixed=" "),)


def from_import(content: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a contact in an import as that of a contact by itself."""
    made = {name: content[other] for name, other in WRITABLE.items() if other in content}
    held = [{"field": str(each["id"]), "value": each["value"]} for each in content.get("fields", ())]
    return made | ({"fieldValues": held} if held else {})
