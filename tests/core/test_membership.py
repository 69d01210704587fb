"""Which lists people are on, over many runs, against sets: who enters, leaves, is in doubt, and was there before."""

from dataclasses import dataclass, field
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.core.due import LEFT, TRIED
from cdpkit.core.membership import MEMBERSHIP, after_push, after_withdrawal, before_push, found_on, owes, to_withdraw

LISTS = ("1", "~1", "?2")
"""Ids of lists as vendors may give them; none of their characters means anything."""

FEW = st.sets(st.sampled_from(LISTS))


@dataclass
class Memory:
    """What the goal knows of one person, as sets."""

    key: str = "a"
    away: bool = True
    ours: set[str] = field(default_factory=set)
    theirs: set[str] = field(default_factory=set)
    maybe: set[str] = field(default_factory=set)
    off: set[str] = field(default_factory=set)

    def enters(self, key: str, wanted: set[str]) -> set[str]:
        """The person is to be sent under a key; returns the lists to enter."""
        if key != self.key:
            self.ours, self.maybe, self.off = set(), set(), set()
        came, self.key = self.away or key != self.key, key
        if came:
            self.theirs = set()
        return wanted if came else wanted - self.ours - self.theirs

    def sent(self, enter: set[str], on: set[str], put: set[str], *, answered: bool) -> None:
        """The person was sent, on these lists at the vendor by then."""
        found = (enter & on) - self.ours - self.maybe
        self.theirs |= found & put
        self.ours |= put - found
        self.maybe = (self.maybe | (set() if answered else enter - found)) - self.ours - put
        self.off -= put
        self.away = False

    def left(self, off: set[str], gone: set[str]) -> None:
        """The person left, and was taken off these lists, but for those that they were gone from already."""
        self.ours, self.maybe, self.away = self.ours - off, self.maybe - off, True
        self.off |= off - gone


@dataclass(frozen=True)
class Step:
    """One run: the person is a member or not, and the vendor answers or not."""

    member: bool
    key: str
    wanted: set[str]
    on: set[str]
    answered: bool
    off: set[str]
    gone: set[str]


STEPS = st.builds(
    Step, st.booleans(), st.sampled_from("aab"), wanted=FEW, on=FEW, answered=st.booleans(), off=FEW, gone=FEW
)


def frame(known: dict[str, Any]) -> pl.DataFrame:
    """What the goal knows of one person."""
    lists: pl.DataType = pl.List(pl.String())
    schema = {"row": pl.Int64(), "key": pl.String(), "state": pl.String(), **dict.fromkeys(MEMBERSHIP, lists)}
    return pl.DataFrame([known], schema=schema)


def pushed(known: pl.DataFrame, step: Step) -> tuple[pl.DataFrame, set[str], set[str]]:
    """What is known once the person was sent; and which lists were entered and were put."""
    lines = known.select("row", pl.lit(step.key).alias("key"), pl.exclude("row").name.suffix("_before"))
    away = (pl.col("state_before") == LEFT).fill_null(value=True)
    sent = lines.select("row", "key", *before_push(lines, sorted(step.wanted), away))
    enter = set(sent["enter"].item())
    put = enter if step.answered else set[str]()
    sent = sent.with_columns(found=found_on(pl.lit(sorted(step.on), pl.List(pl.String))))
    sent = sent.with_columns(
        pl.lit(sorted(put), pl.List(pl.String)).alias("put"), state=pl.lit("accepted" if step.answered else TRIED)
    )
    return sent.select("row", "key", "state", *after_push(sent, pl.col("state") == TRIED)), enter, put


@settings(deadline=None)
@given(st.lists(STEPS, max_size=8))
def test_what_a_goal_knows_of_lists_is_what_sets_say(steps: list[Step]) -> None:
    """After every run, whatever happened in the runs before; each list is known in one way at most."""
    memory = Memory()
    known = frame({"row": 1, "key": "a", "state": LEFT, **{name: [] for name in MEMBERSHIP}})
    for step in steps:
        if step.member:
            enter = memory.enters(step.key, step.wanted)
            known, entered, put = pushed(known, step)
            assert entered == enter
            memory.sent(enter, step.on, put, answered=step.answered)
        else:
            assert set(to_withdraw(known)["list"]) == memory.ours | memory.maybe
            off = step.off & (memory.ours | memory.maybe)
            told = [(1, name, name not in step.gone) for name in sorted(off)]
            schema = {"row": pl.Int64, "list": pl.String, "ours": pl.Boolean}
            taken_off = pl.DataFrame(told, schema, orient="row")
            known = after_withdrawal(known, taken_off).with_columns(state=pl.lit(LEFT))
            memory.left(off, step.gone)
        ours, theirs, maybe, gone = (set(known[name].item()) for name in MEMBERSHIP)
        assert (ours, theirs, maybe, gone) == (memory.ours, memory.theirs, memory.maybe, memory.off)
        assert len(ours) + len(theirs) + len(maybe) == len(ours | theirs | maybe)
        assert known.select(owes()).item() == bool(ours or maybe)


def test_goals_without_lists_know_of_none() -> None:
    """Where nobody has a list, nobody has one afterwards; nothing is known of people who are new."""
    lines = pl.DataFrame(
        {"key": ["a", "b"], "key_before": [None, "b"]}, schema=dict.fromkeys(("key", "key_before"), pl.String)
    )
    before = {f"{name}_before": pl.Series([None, []], dtype=pl.List(pl.String)) for name in MEMBERSHIP}
    sent = lines.with_columns(**before)
    sent = sent.select("key", *before_push(sent, (), pl.lit(value=False)))
    assert sent.select("enter", *MEMBERSHIP).rows() == [([],) * 5] * 2
    sent = sent.with_columns(put=pl.lit(None, pl.List(pl.String)), found=pl.lit([], pl.List(pl.String)))
    assert sent.select("key", *after_push(sent, pl.lit(value=True))).select(*MEMBERSHIP).rows() == [([],) * 4] * 2
