"""What an export may fill, values as Braze's attributes take them, and the bodies of people."""

from collections.abc import Sequence

import polars as pl

from cdpkit.core import scalars
from cdpkit.core.properties import PropertyType
from cdpkit.kit import lists, nested, values
from cdpkit.kit.declare import Setting
from cdpkit.kit.exporting import CHANGED_ONLY, ExportAsked, Price, SentField
from cdpkit.kit.kinds import Chosen, Switch
from cdpkit.kit.render import Entry, Form, Member
from cdpkit.kit.targets import field_problems, filling, identifier_problems, unknown_fields
from cdpkit.problem import Problem
from cdpkit.vendors.braze import fields
from cdpkit.vendors.braze.api import AT
from cdpkit.vendors.braze.workspace import ARRAYS, NUMBERS

OPTIONS = (
    *lists.target_options("Subscription groups in which users are subscribed, by name or id"),
    Setting("resubscribe", "Subscribe also those who have unsubscribed; else they stay so", Switch(), default=False),
    Setting("create_fields", "Let Braze make attributes that it has not; they stay for ever", Switch(), default=False),
    Setting(
        "subscription_states",
        "Fill email_subscribe and push_subscribe, for all users with the same address",
        Switch(),
        default=False,
    ),
    Setting(
        "increments",
        "Add the values of these attributes to what users have; a call without an answer is then not made again",
        Chosen(NUMBERS.name),
        default=(),
        label="Attributes to add to",
    ),
    Setting(
        "add_to",
        "Add the values of these arrays to those that users have",
        Chosen(ARRAYS.name),
        default=(),
        label="Arrays to add to",
    ),
    CHANGED_ONLY,
)

LONGEST, MOST = 255, 500
"""Characters of a text and elements of an array; what is beyond is dropped without a word."""
_ELSE = "map to another attribute"
_MOMENT = values.moments("%Y-%m-%dT%H:%M:%SZ")
_TIME = "$time"


def target_problems(asked: ExportAsked) -> list[Problem]:
    """What is wrong with an export goal."""
    identifying = (fields.EXTERNAL_ID, fields.BRAZE_ID, fields.ALIAS, *asked.identifiers)
    ways = tuple((name,) for name in fields.IDENTIFIERS)
    return [
        *identifier_problems(asked.identifiers, ways, AT, "one of them, and map the others as fields"),
        *_alias_problems(asked),
        *lists.leaving_problems(asked.options),
        *field_problems(asked.fields, identifying=identifying, managed=fields.MANAGED, at=AT),
        *_type_problems(asked),
        *([] if asked.options["create_fields"] else _unknown(asked)),
    ]


def _alias_problems(asked: ExportAsked) -> list[Problem]:
    found = []
    if fields.ALIAS in asked.identifiers and asked.settings["alias_label"] is None:
        what = "users are linked by an alias, and the connection does not say its label"
        found.append(Problem("settings.alias_label", what, "set it to the label of the aliases"))
    unread = {fields.ALIAS, fields.BRAZE_ID} & {*asked.identifiers}
    enters = asked.options["lists"] and asked.options["on_enter"]
    if unread and enters and (asked.options["on_leave"] or not asked.options["resubscribe"]):
        what = f"by {', '.join(unread)} nobody can ask who is in a group or has left it"
        fix = "link external_id, email or phone, or set target.resubscribe = true without target.on_leave"
        found.append(Problem("target.lists", what, fix))
    return found


def _type_problems(asked: ExportAsked) -> list[Problem]:
    found = []
    for name in dict.fromkeys(asked.fields):
        kind, at = kind_of(name, asked), filling(asked.fields, name)
        fix = _ELSE
        if kind == fields.BLOCKED:
            what = f"attribute {name!r} is on the blocklist, so that what is sent is dropped"
        elif kind == fields.OBJECT:
            what = f"attribute {name!r} is an object, which no value of a property can be written to"
            fix = f"map to what is inside, such as '{name}.city', or to another attribute"
        elif kind == fields.OBJECTS or any(_type(each, asked) == fields.OBJECTS for each in nested.above(name)):
            what = f"attribute {name!r} is or lies in an array of objects, which is not written"
        elif name in fields.CONSENT and not asked.options["subscription_states"]:
            what = f"{name!r} says whether somebody may be written to, for all users with the same address"
            fix = "set target.subscription_states = true if that is meant"
        elif len(path(name, asked)) > 1 and any(set(" $") & set(each) for each in path(name, asked)[1:]):
            what = f"{name!r} lies in an object, where names have no blanks and no $"
        elif name not in fields.TYPES and name.lower() in fields.TYPES:
            what = f"{name!r} would be a custom attribute; the standard one is {name.lower()!r}"
            fix = f"map to {name.lower()!r}"
        else:
            continue
        found.append(Problem("mappings", what, fix).about(*at))
    return found


def _unknown(asked: ExportAsked) -> list[Problem]:
    plain = [name for name in asked.fields if len(path(name, asked)) == 1 and name not in fields.MANAGED]
    fix = "or let Braze make it with target.create_fields = true"
    return unknown_fields(plain, asked.discovery, known=[*fields.TYPES, *fields.IDENTIFIERS], at=AT, fix=fix)


def _type(name: str, asked: ExportAsked) -> str:
    found = asked.discovery.field(name)
    return "" if found is None else found.type


def kind_of(name: str, asked: ExportAsked) -> str:
    """The type of an attribute in Braze's words; empty where it is not there yet, or lies in an object."""
    return fields.TYPES.get(name) or _type(name, asked)


def path(name: str, asked: ExportAsked) -> nested.Path:
    """The names of the objects in which an attribute lies, and its own."""
    return nested.path(name, lambda holder: _type(holder, asked) == fields.OBJECT)


def convert(column: pl.Series, name: str, asked: ExportAsked) -> pl.Series:
    """Values as an attribute takes them; null where one does not fit, which Braze would drop without a word."""
    if name in asked.options["increments"]:
        return values.each(column, values.of_type(PropertyType.NUMBER))
    kind = kind_of(name, asked)
    if kind == fields.ARRAY and not isinstance(column.dtype, pl.List | pl.Array):
        column = column.reshape((column.len(), 1)).arr.to_list().list.drop_nulls()
    made = values.by_kind(column, kind, _KINDS, _as_new)
    found = asked.discovery.field(name)
    if found is not None and found.choices:
        choices = found.choices
        made = values.each(made, lambda single: _where(single, pl.first().is_in(choices)))
    made = values.each(made, _short)
    if isinstance(made.dtype, pl.List):
        return _where(made, pl.first().list.len() <= MOST)
    return made


def _where(single: pl.Series, fits: pl.Expr) -> pl.Series:
    return single.to_frame().select(pl.when(fits).then(pl.first())).to_series()


def _short(single: pl.Series) -> pl.Series:
    """Longer texts would be dropped, or cut."""
    return _where(single, pl.first().str.len_chars() <= LONGEST) if single.dtype == pl.String else single


def _as_new(single: pl.Series) -> pl.Series:
    """Values of an attribute whose type the first of them makes."""
    if single.dtype == pl.Date or isinstance(single.dtype, pl.Datetime):
        return _MOMENT(single)
    return scalars.as_text(single) if single.dtype in (pl.Categorical, pl.Enum) else single


def _numbers(single: pl.Series) -> pl.Series:
    """Numbers; of texts the numerals as JSON has them, for whole ones have more digits than floats can hold."""
    if single.dtype.is_numeric():
        return single
    whole, decimal = (values.of_type(kind)(single) for kind in (PropertyType.NUMBER, PropertyType.DECIMAL))
    return scalars.as_text(whole).zip_with(whole.is_not_null(), decimal.cast(pl.String))


def _days(single: pl.Series) -> pl.Series:
    return scalars.as_text(values.of_type(PropertyType.DATE)(single))


def _lettered(pattern: str) -> values.Convert:
    return lambda single: _where(scalars.as_text(single), pl.first().str.contains(pattern))


_KINDS: dict[str, PropertyType | values.Convert] = {
    **dict.fromkeys(("String", "text", "email", "phone", "time zone", "gender"), scalars.as_text),
    "subscription state": scalars.as_text,
    fields.NUMBER: _numbers,
    **dict.fromkeys(("Boolean", "boolean"), PropertyType.BOOLEAN),
    **dict.fromkeys(("Date", "moment"), _MOMENT),
    "date": _days,
    fields.ARRAY: _as_new,
    **dict.fromkeys((fields.OBJECT, fields.OBJECTS, fields.BLOCKED, "place"), values.nothing),
}


def _points(column: pl.Series, name: str, asked: ExportAsked) -> pl.Series:
    """One for each attribute that is written, changed or not, and for each value that is added to an array.

    States of subscriptions are free (documentation of data points).
    """
    if name in asked.options["add_to"] and isinstance(column.dtype, pl.List):
        return column.list.len().fill_null(0)
    if len(path(name, asked)) > 1:
        return column.is_not_null().cast(pl.Int64)  # nothing is cleared inside an object
    return pl.repeat(0 if name in fields.CONSENT else 1, column.len(), dtype=pl.Int64, eager=True)


PRICE = Price("data points", _points)


def members(asked: ExportAsked, sent: Sequence[SentField]) -> tuple[Member, ...]:
    """The body of a user."""
    placed = [(path(field.name, asked), _member(field, asked)) for field in sent]
    merged = (Member("_merge_objects", fixed=True),) if any(len(names) > 1 for names, _ in placed) else ()
    return (*identity(asked, create=asked.create), *merged, *(nested.tree(placed) if placed else ()))


def identity(asked: ExportAsked, *, create: bool) -> tuple[Member, ...]:
    """The part of a body that says who it is; somebody known by an alias is made only where the flag is off."""
    (name,) = asked.identifiers
    only = not create or name == fields.BRAZE_ID
    return (_known_by(name, asked), Member("_update_existing_only", fixed=only))


def _known_by(name: str, asked: ExportAsked) -> Member:
    if name != fields.ALIAS:
        return Member(name, column=name)
    label = Member("alias_label", fixed=asked.settings["alias_label"])
    return Member(name, members=(Member("alias_name", column=name), label))


def _member(field: SentField, asked: ExportAsked) -> Member:
    """An attribute; a null below an object would drop all of the object, so that nothing is cleared there."""
    own = path(field.name, asked)[-1]
    if field.name in asked.options["increments"]:
        return Member(own, column=field.column, form=Form(entry=Entry("inc")))
    if field.name in asked.options["add_to"]:
        return Member(own, members=(Member("add", column=field.column, form=Form(as_list=True)),))
    inside = len(path(field.name, asked)) > 1
    form = Form(join=field.join, numeral=kind_of(field.name, asked) == fields.NUMBER)
    return Member(own, column=field.column, form=form, send_empty="null" if field.send_empty and not inside else None)
