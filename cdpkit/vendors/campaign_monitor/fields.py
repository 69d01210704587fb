"""Fields of subscribers: which everybody has, values in their own forms, and the bodies that hold them.

Custom fields belong to a list, and so do their keys: bodies hold names, and each list's keys are put in their place.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import polars as pl

from cdpkit.core import scalars
from cdpkit.core.properties import Property, PropertyType
from cdpkit.kit import values
from cdpkit.kit.discovery import VendorField
from cdpkit.kit.exporting import ExportAsked, SentField
from cdpkit.kit.lists import ids_named
from cdpkit.kit.render import Entry, Form, Member
from cdpkit.vendors.campaign_monitor.options import SEGMENTS, TARGET
from cdpkit.vendors.campaign_monitor.places import zones_of

EMAIL, NAME, MOBILE = "EmailAddress", "Name", "MobileNumber"
TRACK, SMS = "ConsentToTrack", "ConsentToSendSms"
WRITABLE = (NAME, MOBILE, TRACK, SMS)
"""Fields that are no custom fields and can be written."""
_MOMENTS = ("Date", "ListJoinedDate")
_TEXTS = (EMAIL, NAME, MOBILE, TRACK, SMS, "State", "ReadsEmailWith")
TEXT, NUMBER, DATE, MANY, MOMENT = "Text", "Number", "Date", "MultiSelectMany", "DateTime"
HOLDS = {NUMBER: PropertyType.DECIMAL, DATE: PropertyType.DATE, MOMENT: PropertyType.DATETIME}
"""The types of properties that fit fields of a type; texts fit all others."""


def _of_everybody(kind: str, names: Iterable[str]) -> tuple[VendorField, ...]:
    return tuple(VendorField(name, kind, holds=HOLDS.get(kind, PropertyType.TEXT)) for name in names)


STANDARD = (*_of_everybody(TEXT, _TEXTS), *_of_everybody(MOMENT, _MOMENTS))
MAIL = {"opens": ("MailsOpened", "LastOpened"), "clicks": ("MailsClicked", "LastClicked")}
"""Reports of campaigns, with the fields that are made of them: how often, and when last."""
OF_EVERYBODY = (
    *STANDARD,
    *_of_everybody(NUMBER, (count for count, _ in MAIL.values())),
    *_of_everybody(MOMENT, (last for _, last in MAIL.values())),
)
MANAGED = {
    field.name: "map to a custom field of your own instead"
    for field in OF_EVERYBODY
    if field.name not in (EMAIL, *WRITABLE)
}
LONGEST = 250
"""Characters of a value; what becomes of longer ones is written down nowhere."""
UNCHANGED = "Unchanged"
_FIRST, _LAST = date(1900, 1, 1), date(2076, 6, 6)
"""Dates beyond are passed over without a word."""
_ANSWERS = {"yes": "Yes", "true": "Yes", "no": "No", "false": "No", "unchanged": UNCHANGED}
_MOBILE = r"^\+[1-9][0-9]{6,14}$"
_BAR = "|"


def lists_of(asked: ExportAsked) -> tuple[str, ...]:
    """The ids of the lists that a goal names, as far as they are there."""
    return ids_named(TARGET, asked.options, asked.discovery)


def custom(asked: ExportAsked, name: str) -> tuple[VendorField, ...]:
    """The custom fields of this name on the goal's lists; none for one that everybody has, or that is not there."""
    ids = lists_of(asked)
    return tuple(each for each in asked.discovery.fields if each.name == name and each.lists and each.lists[0] in ids)


def compared(column: pl.Series, _: str) -> pl.Series:
    """Addresses as Campaign Monitor compares them; null where one is blank."""
    return values.folded(column, lower=True)


def convert(column: pl.Series, name: str, asked: ExportAsked) -> pl.Series:
    """Values in the form of a field, as texts: null where one does not fit, or is none of the field's options."""
    if isinstance(column.dtype, pl.Array):
        column = column.arr.to_list()
    if name == asked.options[SEGMENTS]:
        return _short(_between(column))
    if name in WRITABLE:
        return _joined(values.each(column, _WRITTEN[name]))
    found, zone = custom(asked, name), zone_of_goal(asked)
    if not found:
        return _short(_joined(values.each(column, lambda single: _as_new(single, zone))))
    kinds = {NUMBER: _numbers, DATE: lambda single: _days(single, zone)}
    made = values.by_kind(column, found[0].type, kinds, lambda single: _texts(single, zone))
    choices = [set(each.choices) for each in found if each.choices]
    if choices:
        both = sorted(set.intersection(*choices))
        made = values.each(made, lambda single: _where(single, pl.first().is_in(both)))
    return made if found[0].type == MANY else _short(_joined(made))


def zone_of_goal(asked: ExportAsked) -> str:
    """The zone of the client whose lists a goal names; that of moments in UTC where none is known."""
    zones = zones_of(asked.discovery, lists_of(asked))
    return next(iter(zones), "UTC")


def _as_new(single: pl.Series, zone: str) -> pl.Series:
    """Values of a field that is to be made, whose type is that of the column: numbers and days stay such."""
    if single.dtype == pl.Date:
        return _where(single, pl.first().is_between(_FIRST, _LAST))
    if single.dtype.is_float():
        return single.zip_with(_numbers(single).is_not_null(), single.clear(single.len()))
    return single if single.dtype.is_integer() else _texts(single, zone)


def _texts(single: pl.Series, zone: str) -> pl.Series:
    """Values as texts; moments by the client's clock, with its offset."""
    if isinstance(single.dtype, pl.Datetime) and single.dtype.time_zone is not None:
        return single.dt.convert_time_zone(zone).dt.to_string("%Y-%m-%dT%H:%M:%S%:z")
    return _as_text(single)


def _as_text(single: pl.Series) -> pl.Series:
    return scalars.as_text(single).alias(single.name)


def _where(single: pl.Series, fits: pl.Expr) -> pl.Series:
    return single.to_frame().select(pl.when(fits).then(pl.first())).to_series()


def _short(single: pl.Series) -> pl.Series:
    return _where(single, pl.first().str.len_chars() <= LONGEST) if single.dtype == pl.String else single


def _joined(made: pl.Series) -> pl.Series:
    """Several values as one text, with bars between them."""
    return made.cast(pl.List(pl.String)).list.join(_BAR).alias(made.name) if isinstance(made.dtype, pl.List) else made


def _between(names: pl.Series) -> pl.Series:
    """Names with bars around each, so that one of them is never found as a part of another."""
    joined = _joined(names).cast(pl.String)
    there = joined.to_frame("names").select(pl.when(pl.col("names") != "").then(pl.format("|{}|", "names")))
    return there.to_series().alias(names.name)


def _days(single: pl.Series, zone: str) -> pl.Series:
    """Days; of a moment the one that the client has then."""
    days = scalars.convert(single, Property("value", PropertyType.DATE), zone)
    return scalars.as_text(_where(days, pl.first().is_between(_FIRST, _LAST))).alias(single.name)


def _numbers(single: pl.Series) -> pl.Series:
    """Digits with a point; what would need an exponent has no such form."""
    whole, decimal = (values.of_type(kind)(single) for kind in (PropertyType.NUMBER, PropertyType.DECIMAL))
    plain = _where(scalars.as_text(decimal), ~pl.first().str.contains("[eE]"))
    return scalars.as_text(whole).zip_with(whole.is_not_null(), plain).alias(single.name)


def _answers(single: pl.Series) -> pl.Series:
    plain = scalars.as_text(single).str.strip_chars().str.to_lowercase()
    return plain.replace_strict(_ANSWERS, default=None, return_dtype=pl.String).alias(single.name)


_WRITTEN: Mapping[str, values.Convert] = {
    NAME: _as_text,
    MOBILE: lambda single: _where(_as_text(single), pl.first().str.contains(_MOBILE)),
    TRACK: _answers,
    SMS: _answers,
}


def members(asked: ExportAsked, fields: Sequence[SentField]) -> tuple[Member, ...]:
    """The body of a subscriber; what is not said of consent stays as it is, and is said to."""
    plain, items = [Member(EMAIL, column=EMAIL)], []
    for field in fields:
        if field.name == TRACK:
            continue
        if field.name in WRITABLE:
            empty = {SMS: f'"{UNCHANGED}"'}.get(field.name, '""' if field.send_empty else None)
            plain.append(Member(field.name, column=field.column, send_empty=empty))
            continue
        named = json.dumps(field.name, ensure_ascii=False)
        clear = f'{{"Key":{named},"Value":"","Clear":true}}'
        # Who is in no segment any more must not stay in those of the vendor.
        empties = field.send_empty or field.name == asked.options[SEGMENTS]
        form = Form(text=True, entry=Entry("Value", {"Key": field.name}))
        items.append(Member("", column=field.column, form=form, send_empty=clear if empties else None))
    tracked = next((field.column for field in fields if field.name == TRACK), None)
    kept = f'"{UNCHANGED}"'
    consent = Member(TRACK, fixed=UNCHANGED) if tracked is None else Member(TRACK, column=tracked, send_empty=kept)
    held = (Member("CustomFields", members=tuple(items), array=True),) if items else ()
    return (*plain, consent, *held)


def with_keys(bodies: pl.Series, keys: Mapping[str, str], cleared: Sequence[str] = ()) -> pl.Series:
    """Bodies with the keys of a list in the place of names; no value can look like a name in its place.

    Args:
        bodies: Of `members`.
        keys: By name.
        cleared: Names of fields that are emptied before they are written.
    """
    if not keys:
        return bodies
    for name in cleared:
        first = f'{_place(name)}"Value":"","Clear":true}},{_place(name)}'
        bodies = bodies.str.replace(_place(name), first, literal=True)
    return bodies.str.replace_many([_place(name) for name in keys], [_place(key) for key in keys.values()])


def _place(name: str) -> str:
    return f'{{"Key":{json.dumps(name, ensure_ascii=False)},'
