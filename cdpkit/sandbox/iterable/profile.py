"""What people's profiles look like in an Iterable project: the names and types of their fields."""

from collections.abc import Iterable
from typing import Any

import polars as pl

from cdpkit.sandbox.iterable.settings import ProjectType
from cdpkit.sandbox.world.lists import MailingList
from cdpkit.sandbox.world.people import COLUMNS
from cdpkit.sandbox.world.population import Population

TIMES = ("signupDate", "profileUpdatedAt", "itblInternal.documentCreatedAt", "itblInternal.documentUpdatedAt")
"""Fields that follow the clock."""

_TYPES = {
    "email": "string", "userId": "string", "firstName": "string", "lastName": "string", "points": "long",
    "plan": "string", "tier": "string", "vip": "boolean", "ltv": "double", "birthDate": "date", "lastPurchase": "date",
    "favourites": "string", "address": "object", "address.city": "string", "address.zip": "string", "note": "string",
    "signupDate": "date", "signupSource": "string", "profileUpdatedAt": "date",
    "unsubscribedChannelIds": "long", "unsubscribedMessageTypeIds": "long",
    "subscribedMessageTypeIds": "long", "receivedSMSDisclaimer": "boolean",
    "itblInternal": "object", "itblInternal.emailDomain": "string", "itblInternal.documentCreatedAt": "date",
    "itblInternal.documentUpdatedAt": "date",
}  # fmt: skip

ITS_OWN_ID = "itblUserId"
SUBSCRIPTIONS = ("unsubscribedChannelIds", "unsubscribedMessageTypeIds", "subscribedMessageTypeIds")
"""Fields that say what somebody does not want, or wants; there from the first subscription on."""

SOURCES = ("API", "ListAPI", "Import")
_TIME = "%Y-%m-%d %H:%M:%S +00:00"
_OWN = tuple(name for name in COLUMNS if name in _TYPES and name not in {"email", "userId"})
_TAKEN = {*_OWN, "email", "userId", "created", "updated"}
_NONE = pl.lit([], dtype=pl.List(pl.Int64))
_LACKING = {
    "email": {"userId": range(80, 100)},
    "userID": {"email": range(15)},
    "hybrid": {"email": range(10), "userId": range(90, 100)},
}


def types(project_type: ProjectType) -> dict[str, str]:
    """The fields that a project has at the start, as `getFields` names their types."""
    own = {} if project_type == "email" else {ITS_OWN_ID: "string"}
    return {**_TYPES, list_field(project_type): "long", **own}


def own_id(number: Any) -> Any:
    """The vendor's own id of a user, of the number of one or of an expression of several."""
    return pl.format("itbl{}", number) if isinstance(number, pl.Expr) else f"itbl{number}"


def population(count: int, seed: int, project_type: ProjectType) -> Population:
    """The people of a project of this type; nobody lacks both identifiers."""
    return Population(count, seed, lacking=_LACKING[project_type])


def list_field(project_type: ProjectType) -> str:
    """The field with the ids of a person's static lists."""
    return "emailListIds" if project_type == "email" else "userListIds"


def profile_frame(people: Population, ids: pl.Series, field: str, static: Iterable[MailingList] = ()) -> pl.DataFrame:
    """People of these ids as they were at the start, flat, with the names that Iterable has for their fields.

    Args:
        people: Those at the start.
        ids: Below their number.
        field: That with the ids of their static lists.
        static: The static lists.
    """
    created, updated = (pl.from_epoch(name).dt.strftime(_TIME) for name in ("created", "updated"))
    return people.frame(ids, _TAKEN).select(
        "id",
        "email",
        "userId",
        *_OWN,
        created.alias("signupDate"),
        pl.lit(pl.Series(SOURCES)).gather(pl.col("id") % len(SOURCES)).alias("signupSource"),
        updated.alias("profileUpdatedAt"),
        _lists(static).alias(field),
        _NONE.alias("unsubscribedChannelIds"),
        _NONE.alias("unsubscribedMessageTypeIds"),
        _NONE.alias("subscribedMessageTypeIds"),
        *([] if field == "emailListIds" else [own_id(pl.col("id")).alias(ITS_OWN_ID)]),
        pl.col("email").str.split("@").list.get(1).alias("itblInternal.emailDomain"),
        created.alias("itblInternal.documentCreatedAt"),
        updated.alias("itblInternal.documentUpdatedAt"),
    )


def _lists(static: Iterable[MailingList]) -> pl.Expr:
    each = [pl.when(one.was()).then(pl.lit(one.number, pl.Int64)) for one in static]
    return pl.concat_list(each).list.drop_nulls() if each else _NONE


def list_shown(one: MailingList) -> dict[str, Any]:
    """A list as `GET /api/lists` has it."""
    shown: dict[str, Any] = {
        "id": one.number,
        "name": one.name,
        "createdAt": int(one.created * 1000),
        "listType": one.kind,
        **one.facts,
    }
    if one.kind == "Suppression":
        shown["isGlobalSuppressionEnabled"] = False
    return shown
