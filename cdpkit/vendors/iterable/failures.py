"""Whom a good answer names as failed: by values in lists, some of which say less than they seem to.

`failedUpdates` has a list for each reason. The lists beside it are deprecated and may hold all who failed, whatever the
reason, so that they count last. `invalid...` also names values inside data fields. `conflict...` names the existing
value that is in the way, which may be another person's of the same batch (Swagger description of the API).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from cdpkit.errors import ConfigurationError
from cdpkit.kit.answers import part
from cdpkit.kit.effects import Reply
from cdpkit.kit.sending import TAKEN, Verdict, by_index, by_value, counted, suspected
from cdpkit.vendors.iterable.project import IDENTIFIERS
from cdpkit.vendors.iterable.stage import compared

_LIST = re.compile(r"(?!noOp)[A-Za-z]{1,50}(?:Emails|UserIds)")
_DEPRECATED = ("invalidEmails", "invalidUserIds")
_NAMED = pl.DataFrame(schema=dict.fromkeys(("identifier", "value", "reason"), pl.String))


def tally(told: Mapping[str, Any], fields: pl.DataFrame, people: pl.DataFrame, reply: Reply) -> Verdict:
    """Who failed, if the failures by name are as many as their count; else the doubtful ones are sent again.

    Args:
        told: The answer as JSON.
        fields: The values that were sent; column `at` of the people says in which row theirs are.
        people: Who was sent.
        reply: The answer.

    Raises:
        ConfigurationError: The project left fields out.
    """
    failed = part(told, "failCount", int, reply)
    lost = told.get("filteredOutFields")
    if isinstance(lost, list) and lost:
        raise ConfigurationError(
            f"Iterable dropped the fields {', '.join(sorted(map(str, lost)))}: this project does not take new fields; "
            "make them in Iterable's settings, let Iterable make them with target.create_fields = true, or take them "
            "out of the goal's mappings"
        )
    updates = told.get("failedUpdates")
    named = _lists(updates if isinstance(updates, dict) else {})
    deprecated = _lists({name: told.get(name) for name in _DEPRECATED})
    if not failed and named.is_empty() and deprecated.is_empty():
        return TAKEN
    every = pl.concat([named, deprecated])
    otherwise = every["reason"][0] if every.height else "failCount"
    if people.height == 1:  # the name may be written otherwise than ours
        return counted(people, by_index(people, {0: otherwise}), 1, otherwise)
    clash = pl.col("reason").str.starts_with("conflict")
    clashes, reasons = named.filter(clash), _matched(people, named.filter(~clash), fields)
    if reasons.count() < failed and clashes.height:
        doubtful = pl.concat([clashes, deprecated.with_columns(reason=pl.lit(clashes["reason"][0]))])
        return suspected(people, reasons, _matched(people, doubtful, fields), failed, clashes["reason"][0])
    if reasons.count() < failed:
        reasons = reasons.zip_with(reasons.is_not_null(), _matched(people, deprecated, fields))
    return counted(people, reasons, failed, otherwise)


def addressed(texts: Sequence[str], reason: str, people: pl.DataFrame) -> pl.Series:
    """The reason for each whose identifier is among these texts, else null."""
    return _by_identifier(people, pl.concat([_of(texts, name, reason) for name in IDENTIFIERS]))


def _lists(lists: Mapping[str, Any]) -> pl.DataFrame:
    """Columns `identifier`, `value` (as compared) and `reason`: Iterable's words, in its order."""
    frames = [
        _of(values, "email" if word.endswith("Emails") else "userId", word)
        for word, values in lists.items()
        if isinstance(values, list) and values and _LIST.fullmatch(word)
    ]
    return pl.concat(frames) if frames else _NAMED


def _of(values: Sequence[object], identifier: str, reason: str) -> pl.DataFrame:
    texts = pl.Series([value for value in values if isinstance(value, str)], dtype=pl.String)
    same = compared(texts, identifier).alias("value")
    return pl.DataFrame({"identifier": identifier, "value": same, "reason": reason}, strict=False).cast(_NAMED.schema)


def _matched(people: pl.DataFrame, named: pl.DataFrame, fields: pl.DataFrame) -> pl.Series:
    """The reason of each whose identifier is named, or a value in whose fields is that is nobody's identifier."""
    found = _by_identifier(people, named)
    for identifier in IDENTIFIERS:
        words = named.filter(identifier=identifier)
        if identifier in people.columns:
            words = words.filter(~pl.col("value").is_in(compared(people[identifier], identifier).implode()))
        for column in fields if words.height else ():
            values = column.gather(people["at"])
            found = found.zip_with(found.is_not_null(), _in_field(values, identifier, words))
    return found


def _by_identifier(people: pl.DataFrame, named: pl.DataFrame) -> pl.Series:
    found = by_index(people, {})
    for identifier in IDENTIFIERS:
        if identifier in people.columns and named.height:
            words = named.filter(identifier=identifier)
            found = found.zip_with(found.is_not_null(), by_value(compared(people[identifier], identifier), words))
    return found


def _in_field(values: pl.Series, identifier: str, words: pl.DataFrame) -> pl.Series:
    """The reason of each who has a named value in a field, alone or in a list."""
    if values.dtype == pl.String:
        return by_value(compared(values, identifier), words)
    if values.dtype != pl.List(pl.String):
        return pl.Series("reason", [None], pl.String).new_from_index(0, values.len())
    each = values.to_frame("value").with_row_index("at").explode("value")
    each = each.with_columns(by_value(compared(each["value"], identifier), words).alias("reason"))
    return each.group_by("at", maintain_order=True).agg(pl.col("reason").drop_nulls().first())["reason"]
