"""What the vendor has after an export, worked out slowly: one person after the other, in plain Python."""

import copy
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.vendors.large.side import Person, Side


@dataclass
class Expected:
    """What an export should lead to.

    Attributes:
        people: Everybody at the vendor by address; of those who are new only what was sent.
        new: The addresses of those who are new.
        accepted: How many were accepted.
        rejected: How many were refused, by reason.
        reasons: Why somebody was refused, by the profile's id.
        skipped: How many were not sent, by reason.
    """

    people: dict[str, Person]
    new: set[str] = field(default_factory=set)
    accepted: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)


def exported(before: Mapping[str, Person], profiles: Iterable[Mapping[str, Any]], side: Side, on: str) -> Expected:
    """Send profiles one after the other.

    Args:
        before: Everybody at the vendor by address.
        profiles: `profile_id`, `email`, `first`, `points` and `kind`, which names a kind of bad ones.
        side: The vendor.
        on: The id of the list.
    """
    found = Expected(copy.deepcopy(dict(before)))
    for each in profiles:
        email, bad = each["email"], side.bad.get(each["kind"] or "")
        if email is None:
            found.skipped["missing_identifier"] += 1
            continue
        if each["points"] is None and each["first"] is None:
            found.skipped["no_value"] += 1
            continue
        there = before.get(email)
        reason = bad.reason if bad else side.refused(there, on) if there is not None else None
        if reason is not None:
            found.rejected[reason] += 1
            found.reasons[each["profile_id"]] = reason
            continue
        found.accepted += 1
        if there is None:
            found.new.add(email)
        side.write(found.people.setdefault(email, {}), each["first"], each["points"], on)
    return found
