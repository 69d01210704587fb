"""One row a person, of exported users and of the lines of lists."""

from collections.abc import Mapping

import polars as pl

from cdpkit.core import temporal
from cdpkit.kit.discovery import Discovery, Item
from cdpkit.kit.importing import ImportAsked
from cdpkit.kit.objects import with_objects
from cdpkit.kit.staging import LIST_IDS, ids, latest, on_lists, text
from cdpkit.kit.values import folded
from cdpkit.vendors.iterable.project import EMAIL, IDENTIFIERS, ITS_OWN_ID, USERID, project_type
from cdpkit.vendors.iterable.pull import chosen_lists

_DAY_AND_TIME = r"^\s*([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:\.[0-9]+)?)(?:\.[0-9]+)?"
_WITH_ZONE = _DAY_AND_TIME + r" ?(Z|[+-][0-9]{2}:?[0-9]{2})\s*$"
_WITHOUT_ZONE = _DAY_AND_TIME + r"\s*$"
_USUAL_LENGTH = len("2024-05-01 10:00:00 +00:00")
_PLACEHOLDER = r"(?i)@placeholder\.email\s*$"


def stage(frames: Mapping[str, pl.DataFrame], asked: ImportAsked) -> pl.DataFrame:
    """One row a person of the chosen lists, or of everybody."""
    discovery, chosen = asked.discovery, chosen_lists(asked)
    project = project_type(asked.settings, discovery)
    wanted = [field.name for field in discovery.fields] if asked.fields is None else asked.fields
    users = with_objects(frames.get("users", pl.DataFrame()), wanted)
    users = users.with_columns(text(users, name) for name in IDENTIFIERS)
    users = users.with_columns(iso(users[name]) for name in _date_fields(users, discovery))
    users = latest(users, _keys(users, project), lambda: temporal.datetimes(text(users, "profileUpdatedAt"), "UTC"))
    lines = {item: frames[f"list:{item.id}"]["line"] for item in chosen if f"list:{item.id}" in frames}
    users = on_lists(_with_lines(users, lines, project), discovery.lists, chosen)
    return users.with_columns(invented(users["email"]))


def invented(emails: pl.Series) -> pl.Series:
    """Addresses without those that Iterable makes up for whoever has none."""
    return emails.to_frame().select(pl.when(~pl.first().str.contains(_PLACEHOLDER)).then(pl.first())).to_series()


def _date_fields(frame: pl.DataFrame, discovery: Discovery) -> list[str]:
    names = {field.name for field in discovery.fields if field.type == "date"} | {"profileUpdatedAt"}
    return [column.name for column in frame if column.name in names]


def iso(values: pl.Series) -> pl.Series:
    """Iterable's forms of a moment as ISO 8601 with a zone; whatever else stays."""
    if values.dtype == pl.List(pl.String):
        return values.list.eval(_moments(pl.element()))
    if values.dtype != pl.String:
        return values
    usual = (
        (values.str.len_bytes() == _USUAL_LENGTH) & values.str.ends_with(" +00:00") & (values.str.slice(10, 1) == " ")
    )
    if not usual.drop_nulls().all():
        return values.to_frame().select(_moments(pl.first())).to_series()
    parts = [pl.first().str.slice(0, 10), pl.lit("T"), pl.first().str.slice(11, 8), pl.lit("+00:00")]
    return values.to_frame().select(pl.concat_str(parts).alias(values.name)).to_series()


def _moments(text: pl.Expr) -> pl.Expr:
    return text.str.replace(_WITH_ZONE, "${1}T${2}${3}").str.replace(_WITHOUT_ZONE, "${1}T${2}Z")


def compared(values: pl.Series, identifier: str) -> pl.Series:
    """Identifiers as Iterable compares them; null where one is blank."""
    return folded(values, lower=identifier == "email")


def _keys(users: pl.DataFrame, project: str) -> pl.Series:
    """What tells people apart in this type of project; null where a row has nothing."""
    frame = pl.DataFrame([compared(users[name], name) for name in IDENTIFIERS])
    if project == EMAIL:
        return frame.select(_named("email", "userId")).to_series()
    if project != USERID:
        # Somebody known by e-mail alone may have got a user id while pages were written.
        both = frame.drop_nulls().unique("email", keep="last").rename({"userId": "later"})
        frame = frame.join(both, on="email", how="left", maintain_order="left")
        frame = frame.with_columns(pl.coalesce("userId", "later"))
    frame = frame.with_columns(compared(text(users, ITS_OWN_ID), "userId"))
    return frame.select(_named(ITS_OWN_ID, "userId", "email")).to_series()


def _named(*names: str) -> pl.Expr:
    """The first of these that a row has, with its name."""
    return pl.coalesce(pl.lit(f"{name}:") + pl.col(name) for name in names).alias("key")


def _with_lines(users: pl.DataFrame, lines: Mapping[Item, pl.Series], project: str) -> pl.DataFrame:
    """Users with `list_ids`, those of lines too, and below them people of lines who are no users."""
    found = ids(users, "emailListIds", "userListIds")
    strangers = []
    for item, lined in lines.items():
        on_it, unknown = _matched(lined, users, project)
        one = pl.DataFrame([found.alias("ids"), on_it.alias("on_it")])
        more = pl.when("on_it").then(pl.concat_list("ids", pl.lit(item.id))).otherwise("ids")
        found = one.select(more).to_series()
        strangers.append(unknown.with_columns(pl.lit(item.id).alias(LIST_IDS)))
    users = users.with_columns(found.alias(LIST_IDS))
    if not strangers:
        return users
    added = pl.concat(strangers).group_by(IDENTIFIERS, maintain_order=True).agg(LIST_IDS)
    return pl.concat([users, added], how="diagonal")


def _matched(lines: pl.Series, users: pl.DataFrame, project: str) -> tuple[pl.Series, pl.DataFrame]:
    """Who is on a list, as a mask, and those on it who are in no row, as rows of identifiers."""
    line = lines.cast(pl.String).str.strip_chars()
    line = line.filter(line != "").unique(maintain_order=True)
    on_it = pl.repeat(value=False, n=users.height, eager=True)
    for name in IDENTIFIERS if project == EMAIL else reversed(IDENTIFIERS):
        known, asked = compared(users[name], name), compared(line, name)
        on_it |= known.is_in(asked.implode()).fill_null(value=False)
        line = line.filter(~asked.is_in(known.drop_nulls().implode()))
    address = (line.str.contains("@") & (project != USERID)).alias("address")
    rows = pl.DataFrame([line.alias("line"), address]).filter(~pl.col("line").str.contains(_PLACEHOLDER))
    email = pl.when("address").then(pl.col("line").str.to_lowercase()).alias("email")
    return on_it, rows.select(email, pl.when(~pl.col("address")).then("line").alias("userId")).unique(
        maintain_order=True
    )
