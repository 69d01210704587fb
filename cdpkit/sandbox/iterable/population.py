"""The people of an Iterable project before anybody wrote to it, as columns and as JSON lines; nobody is stored."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from cdpkit.sandbox.iterable.settings import ProjectType
from cdpkit.sandbox.mixing import mixed, mixed_one, salt
from cdpkit.sandbox.people import COLUMNS, ids_of_emails, ids_of_user_ids, people

TIMES = ("signupDate", "profileUpdatedAt", "itblInternal.documentCreatedAt", "itblInternal.documentUpdatedAt")
"""Fields that follow the clock."""

TYPES = {
    "email": "string", "userId": "string", "firstName": "string", "lastName": "string", "points": "long",
    "plan": "string", "tier": "string", "vip": "boolean", "ltv": "double", "birthDate": "date", "lastPurchase": "date",
    "favourites": "string", "address": "object", "address.city": "string", "address.zip": "string", "note": "string",
    "signupDate": "date", "signupSource": "string", "profileUpdatedAt": "date", "emailListIds": "long",
    "userListIds": "long", "unsubscribedChannelIds": "long", "unsubscribedMessageTypeIds": "long",
    "itblInternal": "object", "itblInternal.emailDomain": "string", "itblInternal.documentCreatedAt": "date",
    "itblInternal.documentUpdatedAt": "date",
}  # fmt: skip
"""The fields that a project has at the start, as `getFields` names their types."""

_TIME = "%Y-%m-%d %H:%M:%S +00:00"
_PARTS = 10_000
_OWN = tuple(name for name in COLUMNS if name not in {"email", "userId", "created", "updated"})
_NONE = pl.lit([], dtype=pl.List(pl.Int64))
_SAFE = {"points", "vip", "ltv", *TIMES}


def _without(project_type: ProjectType) -> tuple[int, int]:
    """How many in a hundred have no address, and how many have no user id; nobody lacks both."""
    return {"email": (0, 20), "userID": (15, 0), "hybrid": (10, 10)}[project_type]


@dataclass(frozen=True, slots=True)
class Population:
    """The people of ids 0 to `count` - 1.

    Attributes:
        count: How many there are.
        seed: Who they are.
        project_type: Decides who has which identifier.
    """

    count: int
    seed: int
    project_type: ProjectType

    @property
    def list_field(self) -> str:
        """The field with the ids of a person's static lists."""
        return "emailListIds" if self.project_type == "email" else "userListIds"

    def frame(self, ids: pl.Series, static: Iterable[tuple[int, int]] = (), *, keys: bool = False) -> pl.DataFrame:
        """People of these ids, flat, with the names that Iterable has for their fields.

        Args:
            ids: Below `count`.
            static: Id and share (of 10,000) of the static lists.
            keys: Only `id`, `email`, `userId`, and the times as Unix seconds `created` and `updated`.
        """
        wanted = {"email", "userId", "created", "updated"} if keys else COLUMNS
        frame = people(ids, self.seed, wanted)
        no_email, no_user_id = _without(self.project_type)
        percent = mixed(pl.col("id"), salt(self.seed, "identifiers")) % 100
        frame = frame.with_columns(
            pl.when(percent >= no_email).then("email").alias("email"),
            pl.when(percent < 100 - no_user_id).then("userId").alias("userId"),
        )
        if keys:
            return frame
        created, updated = (pl.from_epoch(name).dt.strftime(_TIME) for name in ("created", "updated"))
        sources = pl.Series(["API", "ListAPI", "Import"])
        return frame.select(
            "id",
            "email",
            "userId",
            *_OWN,
            created.alias("signupDate"),
            pl.lit(sources).gather(pl.col("id") % len(sources)).alias("signupSource"),
            updated.alias("profileUpdatedAt"),
            self._lists(static).alias(self.list_field),
            _NONE.alias("unsubscribedChannelIds"),
            _NONE.alias("unsubscribedMessageTypeIds"),
            pl.col("email").str.split("@").list.get(1).alias("itblInternal.emailDomain"),
            created.alias("itblInternal.documentCreatedAt"),
            updated.alias("itblInternal.documentUpdatedAt"),
        )

    def on_list(self, list_id: int, share: int) -> pl.Expr:
        """Whether somebody is on a list that holds a share (of 10,000) of them; over the column `id`."""
        return mixed(pl.col("id"), self._salt(list_id)) % 10_000 < share

    def is_on_list(self, person: int, list_id: int, share: int) -> bool:
        """What `on_list` says of one person."""
        return person < self.count and mixed_one(person, self._salt(list_id)) % 10_000 < share

    def _salt(self, list_id: int) -> int:
        return salt(self.seed, f"list {list_id}")

    def _lists(self, static: Iterable[tuple[int, int]]) -> pl.Expr:
        each = [pl.when(self.on_list(number, share)).then(pl.lit(number, pl.Int64)) for number, share in static]
        return pl.concat_list(each).list.drop_nulls() if each else _NONE

    def ids(self, emails: Collection[str], user_ids: Collection[str]) -> tuple[dict[str, int], dict[str, int]]:
        """Who has these addresses, and who has these user ids."""
        by_email = ids_of_emails(emails, self.count, self.seed)
        by_user_id = ids_of_user_ids(user_ids, self.count, self.seed)
        if (by_email and self.project_type != "email") or (by_user_id and self.project_type != "userID"):
            known = pl.Series(sorted({*by_email.values(), *by_user_id.values()}), dtype=pl.Int64)
            keys = self.frame(known, keys=True)
            with_email = set(keys.filter(pl.col("email").is_not_null())["id"])
            with_user_id = set(keys.filter(pl.col("userId").is_not_null())["id"])
            by_email = {key: person for key, person in by_email.items() if person in with_email}
            by_user_id = {key: person for key, person in by_user_id.items() if person in with_user_id}
        return by_email, by_user_id

    def parts(self) -> Iterable[pl.Series]:
        """All ids, in parts that take little memory."""
        for start in range(0, self.count, _PARTS):
            yield pl.int_range(start, min(start + _PARTS, self.count), eager=True)

    def size(self, list_id: int, share: int) -> int:
        """How many of them are on a list."""
        if not share:
            return 0
        ids = pl.select(pl.int_range(self.count).alias("id"))
        return int(ids.select(self.on_list(list_id, share).sum()).item())


def json_lines(frame: pl.DataFrame, names: Iterable[str]) -> pl.Series:
    """One JSON object a row, without the fields that are null; texts as Python's `json` writes them."""
    texts: list[pl.Expr] = []
    for name in names:
        column = pl.col(name)
        if name in _SAFE or frame.schema[name] == pl.List(pl.Int64):
            quote = pl.lit('"') if name in TIMES else pl.lit("")
            value = column.cast(pl.String) if frame.schema[name] != pl.List(pl.Int64) else _numbers(column)
            texts.append(pl.concat_str(pl.lit(f'"{name}":'), quote, value, quote))
        else:
            whole = pl.struct(column).struct.json_encode()
            inner = whole.str.slice(1, whole.str.len_chars() - 2)
            texts.append(pl.when(column.is_not_null()).then(inner))
    line = pl.concat_str(pl.lit("{"), pl.concat_str(texts, separator=",", ignore_nulls=True), pl.lit("}"))
    return frame.select(line.alias("line")).to_series()


def _numbers(column: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit("["), column.cast(pl.List(pl.String)).list.join(","), pl.lit("]"))


def nested(flat: dict[str, Any]) -> dict[str, Any]:
    """An object whose dotted names are inner objects; null values are left out."""
    whole: dict[str, Any] = {}
    for name, value in flat.items():
        if value is None:
            continue
        inner = whole
        *path, last = name.split(".")
        for step in path:
            inner = inner.setdefault(step, {})
        inner[last] = value
    return whole


def flattened(whole: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """An object whose inner objects are dotted names; arrays stay as they are."""
    flat: dict[str, Any] = {}
    for name, value in whole.items():
        if isinstance(value, dict):
            flat.update(flattened(value, f"{prefix}{name}."))
        elif value is not None:
            flat[prefix + name] = value
    return flat
