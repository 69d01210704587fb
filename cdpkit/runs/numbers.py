"""The numbers of a goal that people look for first."""

from collections.abc import Iterable, Mapping
from typing import Any


def counter_text(counters: Mapping[str, Any]) -> str:
    """The few numbers of a goal that people look for first; empty where there are none."""
    if "asked_about" in counters and "created" in counters:
        return f"{counters['billed']:,} billed, {counters['updated']:,} updated"
    if "created" in counters:
        return f"{counters['created']:,} created, {counters['updated']:,} updated"
    if "profiles_deleted" in counters:
        conflicts = f", {counters['conflicts']:,} conflicts" if counters["conflicts"] else ""
        deleted = counters["profiles_deleted"] + counters.get("groups_deleted", 0)
        return f"{deleted:,} deleted, {counters['values_restored']:,} values back{conflicts}"
    if "sent" in counters and "in_segment" not in counters:
        return f"{counters['accepted']:,} events accepted"
    if "in_segment" in counters:
        more = {
            "rejected": sum(counters["rejected"].values()),
            "in doubt": counters["in_doubt"],
            "withdrawn": counters["withdrawn"],
        }
        shown = [f"{count:,} {what}" for what, count in more.items() if count]
        return ", ".join([f"{counters['accepted']:,} accepted", *shown])
    return ""


def together(counters: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Counters added up by name."""
    total: dict[str, Any] = {}
    for each in counters:
        for name, count in each.items():
            if isinstance(count, Mapping):
                total[name] = together([total.get(name, {}), count])
            else:
                total[name] = total.get(name, 0) + count
    return total


def is_nothing(counters: Mapping[str, Any]) -> bool:
    """Whether a goal did not come to its rows or people."""
    return not any(sum(count.values()) if isinstance(count, Mapping) else count for count in counters.values())
