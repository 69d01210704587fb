"""Who is due for an export, against a slow model that decides row by row."""

from dataclasses import dataclass, field
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cdpkit.core.due import MEMBERS, Due, DueOptions, settled, spared, who_is_due, with_settled
from cdpkit.core.membership import MEMBERSHIP, OFF

KNOWN = {
    "row": pl.Int64(),
    "state": pl.String(),
    "seq": pl.Int64(),
    "config": pl.Int64(),
    "selection": pl.Int64(),
    "payload": pl.Int64(),
    "fields": pl.List(pl.Int64()),
    "labels": pl.Int64(),
    "key": pl.String(),
    **dict.fromkeys(MEMBERSHIP, pl.List(pl.String())),
}
STATES = ("accepted", "rejected", "in_doubt", "left", "no_consent", "missing_identifier", "no_value")
KEYS = st.sampled_from(["a", "b", "c", "d"])
LISTS = st.dictionaries(st.sampled_from(["1", "2", "~3", "?"]), st.sampled_from(MEMBERSHIP), max_size=3)
"""Where a list of a person is known; ids of lists may look like anything."""


@dataclass
class Expected:
    """What the model finds."""

    send: dict[int, tuple[str, list[str], *tuple[list[str], ...]]] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)
    not_due: int = 0
    in_doubt: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    withdraw: set[tuple[int, str, str]] = field(default_factory=set)
    available: int = 0


def model(members: list[dict[str, Any]], known: list[dict[str, Any]], options: DueOptions) -> Expected:
    """Row by row, as the semantics say it."""
    found, before = Expected(), {line["row"]: line for line in known}
    for member in members:
        look_at(member, before.get(member["row"]), options, found)
    present = {member["row"] for member in members}
    found.left = {line["row"] for line in known if line["row"] not in present and line["state"] != "left"}
    if options.on_leave:
        found.withdraw = withdrawn(members, known, found)
    return found


def look_at(member: dict[str, Any], old: dict[str, Any] | None, options: DueOptions, found: Expected) -> None:
    """What becomes of one member."""
    row = member["row"]
    if not member["consents"]:
        found.skipped[row] = "no_consent"
    elif member["key"] is None:
        found.skipped[row] = "missing_identifier"
    elif not member["has_value"]:
        found.skipped[row] = "no_value"
    else:
        found.available += 1
        if old and old["state"] == "in_doubt" and not options.resend_in_doubt:
            found.in_doubt.add(row)
        elif due(member, old, options):
            same = old and old["state"] not in ("left", "no_consent") and old["key"] == member["key"]
            owed = [old[name] if old and old["key"] == member["key"] else [] for name in ("lists", "maybe", "off")]
            held, theirs = (old[name] if old and same else [] for name in ("lists", "theirs"))
            wanted = [name for name in options.lists if name not in [*held, *theirs]]
            enter = sorted(wanted) if options.on_enter else []
            found.send[row] = (member["key"], enter, owed[0], theirs, *owed[1:])
        else:
            found.not_due += 1


def withdrawn(members: list[dict[str, Any]], known: list[dict[str, Any]], found: Expected) -> set[tuple[int, str, str]]:
    """Who is taken off which list: leavers, and former keys; lists of others and keys of members stay."""
    staying = {member["key"] for member in members if member["consents"]}
    consenting = {member["row"] for member in members if member["consents"]}
    off = set()
    for line in known:
        key, sent = line["key"], found.send.get(line["row"])
        moved = sent is not None and sent[0] != key
        if key is not None and key not in staying and (moved or line["row"] not in consenting):
            off |= {(line["row"], key, name) for name in [*line["lists"], *line["maybe"]]}
    return off


def due(member: dict[str, Any], old: dict[str, Any] | None, options: DueOptions) -> bool:
    """Whether an available member is sent."""
    return (
        options.full
        or old is None
        or old["state"] != "accepted"
        or old["config"] != options.config
        or member["updated_seq"] > old["seq"]
        or member["labels"] != old["labels"]
    )


def found(due: Due) -> Expected:
    """The same of the columns."""
    return Expected(
        send={
            line["row"]: (line["key"], sorted(line["enter"]), *(line[name] for name in MEMBERSHIP))
            for line in due.send.to_dicts()
        },
        skipped=dict(due.skipped.rows()),
        not_due=due.not_due,
        in_doubt=set(due.in_doubt["row"]),
        left=set(due.left["row"]),
        withdraw=set(due.withdraw.select("row", "key", "list").rows()),
        available=due.available,
    )


def known_lists(where: dict[str, str]) -> dict[str, list[str]]:
    """The columns of membership."""
    return {column: [name for name, its in where.items() if its == column] for column in MEMBERSHIP}


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]], DueOptions]:
    """Members, what is known, and options; some rows are both, some one of them."""
    rows = draw(st.lists(st.integers(0, 12), unique=True, max_size=10))
    labels, seqs = st.sampled_from([None, 1, 2]), st.integers(1, 4)
    members = [
        {
            "row": row,
            "updated_seq": draw(seqs),
            "consents": draw(st.integers(0, 5)) > 0,
            "key": draw(KEYS | st.none()),
            "has_value": draw(st.integers(0, 5)) > 0,
            "labels": draw(labels),
        }
        for row in sorted(rows)
    ]
    others = draw(st.lists(st.integers(0, 16), unique=True, max_size=12))
    known = [
        {
            "row": row,
            "state": draw(st.sampled_from(STATES)),
            "seq": draw(seqs),
            "config": draw(st.sampled_from([7, 7, 7, 8])),
            "selection": draw(st.sampled_from([5, 5, 5, 6])),
            "payload": None,
            "fields": None,
            "labels": draw(labels),
            "key": draw(KEYS | st.none()),
            **known_lists(draw(LISTS)),
        }
        for row in sorted(others)
    ]
    flags = {name: draw(st.booleans()) for name in ("on_enter", "on_leave", "full", "resend_in_doubt")}
    lists = tuple(draw(st.lists(st.sampled_from(["1", "~3", "?"]), unique=True)))
    return members, known, DueOptions(config=7, selection=5, lists=lists, **flags)


@given(worlds())
def test_the_delta_of_an_export_is_what_the_model_finds(
    world: tuple[list[dict[str, Any]], list[dict[str, Any]], DueOptions],
) -> None:
    """Who is sent, enters, is skipped, is in doubt, has left and is withdrawn; and the counts."""
    members, known, options = world
    worked = who_is_due(pl.DataFrame(members, schema=MEMBERS), pl.DataFrame(known, schema=KNOWN), options)
    assert found(worked) == model(members, known, options)
    assert worked.send["row"].is_sorted()


@given(worlds())
def test_leaving_out_settled_members_changes_nothing(
    world: tuple[list[dict[str, Any]], list[dict[str, Any]], DueOptions],
) -> None:
    """Where what is known of an unchanged member is what looking at it would find, it need not be looked at."""
    members, known, options = world
    known = [truthful(line, members) for line in known]
    every, kept = pl.DataFrame(members, schema=MEMBERS), pl.DataFrame(known, schema=KNOWN)
    before = every.select("row").join(kept, on="row", how="left", maintain_order="left")
    done = settled(every.select("row", "updated_seq", "labels"), before, options)
    stay = before.filter(done).select("row", "state")
    owing = before.filter(done & (before["state"] == "no_consent"))["row"]
    others = kept.join(every, on="row", how="anti")["row"]
    wanted = pl.concat([every.filter(~done)["row"], owing, others])
    worked = who_is_due(every.filter(~done), kept.filter(pl.col("row").is_in(wanted.implode())), options)
    holders = kept.join(stay.filter(pl.col("state") != "no_consent"), on="row", how="semi")
    together = with_settled(worked, stay.height, stay.filter(pl.col("state") != "accepted"))
    both = found(together)
    both.withdraw = set(spared(together.withdraw, holders).select("row", "key", "list").rows())
    both.left -= set(owing)
    assert both == model(members, known, options)


def truthful(line: dict[str, Any], members: list[dict[str, Any]]) -> dict[str, Any]:
    """What a run would have written of a member that has not changed since: its reason, and its key."""
    member = next((each for each in members if each["row"] == line["row"]), None)
    if member is None or line["config"] != 7 or line["selection"] != 5 or member["updated_seq"] > line["seq"]:
        return line
    if line["state"] in ("left", "rejected"):
        return line
    reason = next(iter(model([member], [], DueOptions(config=7)).skipped.values()), None)
    if reason == "no_consent":
        return line | {"state": reason}
    if reason and any(line[name] for name in MEMBERSHIP if name != OFF) and line["key"] != member["key"]:
        return line | {"state": "rejected"}  # such a member is not noted, and looked at each time
    sent = line["state"] if line["state"] in ("accepted", "in_doubt") else "accepted"
    return line | {"state": reason or sent, "key": member["key"]}
