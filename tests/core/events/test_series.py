"""Over any series of loads and undos events are what a model of a few lines says."""

from dataclasses import dataclass, field

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpkit.core.events.mapping import read_events
from cdpkit.core.events.part import FOUND, events_of
from cdpkit.core.events.types import BUILT_IN_EVENTS
from cdpkit.core.events.undo import LINE, REMOVED, undo_events
from cdpkit.core.rows import Rows

MAPPINGS = read_events(
    [
        {
            "type": "order",
            "time": "time",
            "id": "id",
            "mappings": [{"from": "total"}, {"from": "sku", "to": "products.sku"}],
        }
    ]
)
SCHEMA = {"row": pl.Int64(), "id": pl.String(), "time": pl.String(), "total": pl.String(), "sku": pl.String()}
Which = tuple[int, str, str]
Line = tuple[int, str | None, str | None, str | None, str | None]
Held = dict[Which, tuple[float | None, tuple[str, ...]]]
"""By profile, id and time the total and the products; without an id the content is part of what it is called."""

LINES = st.tuples(
    st.integers(0, 2),
    st.sampled_from(["a", "b", None]),
    st.sampled_from(["2026-01-01T10:00:00", "2026-01-02T10:00:00", None]),
    st.sampled_from(["1", "2.5", None]),
    st.sampled_from(["x", "y", None]),
)
STEPS = st.lists(st.one_of(st.lists(LINES, min_size=1, max_size=5), st.integers(0, 5)), max_size=7)


@dataclass
class Store:
    """What the tables hold."""

    lines: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=LINE))
    removed: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REMOVED))

    def now(self) -> pl.DataFrame:
        gone = self.removed.select("key", seq="of")
        return self.lines.join(gone, on=["key", "seq"], how="anti")

    def take(self, seq: int, added: pl.DataFrame, gone: pl.DataFrame) -> None:
        at = pl.lit(seq, pl.Int64).alias("seq")
        new = added.with_columns(at, source_row=pl.lit(None, pl.Int64)).select(*LINE)
        self.lines = pl.concat([self.lines, new])
        self.removed = pl.concat([self.removed, gone.with_columns(at).select(*REMOVED)])


def held(events: pl.DataFrame) -> Held:
    """What is stored, as the model has it."""
    read = events.select("row", "id", "time", pl.col("properties").str.json_decode(_WRITTEN).alias("p")).to_dicts()
    found: Held = {}
    for each in read:
        content = (each["p"]["total"], tuple(item["sku"] for item in each["p"]["products"] or ()))
        called = each["id"] if each["id"] in ("a", "b") else f"made of {content}"
        found[each["row"], called, each["time"].strftime("%Y-%m-%dT%H:%M:%S")] = content
    return found


_WRITTEN = pl.Struct({"total": pl.Float64(), "products": pl.List(pl.Struct({"sku": pl.String()}))})


def expected(rows: list[Line]) -> Held:
    """The events of a load: those with an id gathered, those without by themselves."""
    made: Held = {}
    for row, called, time, total, sku in rows:
        if time is None:
            continue
        value = None if total is None else float(total)
        items = () if sku is None else (sku,)
        which = (row, called or f"made of {(value, items)}", time)
        before = made.get(which, (None, ())) if called else (None, ())
        made[which] = (before[0] if value is None else value, (*before[1], *items))
    return made


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_events_are_what_a_model_says(steps: list[list[Line] | int]) -> None:
    """Each once, overwritten by the same one, told as rejected without a time, taken back where nobody came since."""
    store, states = Store(), [Held()]
    wrote: dict[int, Held] = {}
    for seq, step in enumerate(steps, start=1):
        before = held(store.now())
        assert before == states[-1]
        if isinstance(step, list):
            frame = pl.DataFrame(step, schema=SCHEMA, orient="row")
            targets = frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("position"), "row").sort("row")
            made = events_of(
                Rows(frame.drop("row"), frame.height),
                targets,
                MAPPINGS,
                BUILT_IN_EVENTS,
                store.now().select(*FOUND).lazy(),
            )
            new = expected(step)
            wrote[seq] = {which: what for which, what in new.items() if before.get(which) != what}
            assert made.counted == {
                "added": len(new.keys() - before.keys()),
                "changed": len(wrote[seq].keys() & before.keys()),
                "unchanged": len(new) - len(wrote[seq]),
            }
            assert len(made.none) == sum(not line[2] and any((line[1], line[3], line[4])) for line in step)
            store.take(seq, made.added, made.gone)
            states.append({**before, **new})
        elif step in wrote:
            back = undo_events(store.lines, store.removed, [step])
            clear = {which for which, what in wrote[step].items() if before.get(which) == what}
            assert back.conflicts.height == len(wrote[step]) - len(clear)
            after = dict(before)
            for which in clear:
                earlier = states[step - 1].get(which)
                after.pop(which)
                if earlier is not None:
                    after[which] = earlier
            store.take(seq, back.back, back.gone)
            states.append(after)
            del wrote[step]
        else:
            states.append(states[-1])
    assert held(store.now()) == states[-1]
