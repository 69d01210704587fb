"""Groups against the slow model: the rules, fates, delta and undo of profiles, with the group id as the identifier."""

import random
from pathlib import Path

import polars as pl
import pytest

import cdpkit
from cdpkit.core.properties import Property, PropertyType
from tests.model.model import Load, Model, ModelRun

PROPERTIES = [
    Property("group_id", identifier=True),
    Property("name"),
    Property("size", PropertyType.NUMBER),
    Property("income", PropertyType.DECIMAL),
    Property("tags", multi=True),
]
RULES = {
    "name": ("set", "set_if_empty", "set_or_clear"),
    "size": ("set", "sum", "set_or_clear"),
    "income": ("sum", "set_if_empty"),
    "tags": ("add", "set"),
}
IDS = ("H1", " H1 ", "H2", "h2", "007", None, "", " ")
VALUES: dict[str, tuple[object, ...]] = {
    "name": ("Janssens", "Peeters", "", None),
    "size": ("1", "4", "x", "", None),
    "income": ("0.1", "25000", "many", None),
    "tags": ("garden", "dog", "", None),
}


def load_of(rng: random.Random) -> Load:
    """Rows of groups, with rules and options by chance."""
    rows = [
        {"hid": rng.choice(IDS), **{name: rng.choice(values) for name, values in VALUES.items()}}
        for _ in range(rng.randint(1, 6))
    ]
    mappings = [{"from": name, "to": name, "rule": rng.choice(rules)} for name, rules in RULES.items()]
    goal = rng.choice((None, "homes", "homes", "others"))
    options = {"create_profiles": rng.random() < 0.9, "full": rng.random() < 0.1}
    return Load(rows, {"hid": "group_id"}, mappings, goal=goal, **options)  # type: ignore[arg-type]  # each has its own


def carried_out(kind: cdpkit.workspace.groups.GroupType, load: Load) -> cdpkit.Run:
    rows = pl.DataFrame(load.rows, schema=dict.fromkeys(load.rows[0], pl.String))
    return kind.load(rows, "hid", load.mappings, create_groups=load.create_profiles, goal=load.goal, full=load.full)


def told(run: cdpkit.Run) -> tuple[object, ...]:
    fates = {row: (fate, reason) for row, fate, reason in run.rows.rows()}
    rejected = set(run.rejected.select("source_row", "field", "value").rows())
    return fates, rejected, run.counters["created"], run.counters["updated"]


def expected(run: ModelRun) -> tuple[object, ...]:
    return run.fates, run.rejected, len(run.created), len(run.updated)


@pytest.mark.parametrize("seed", range(4))
def test_f203_groups_obey_what_profiles_obey(tmp_path: Path, seed: int) -> None:
    """Loads, nights again, undos and compactions by chance; profiles beside them stay as they are."""
    rng, model = random.Random(seed), Model(PROPERTIES)
    ws = cdpkit.create(tmp_path / "w")
    ws.properties.add("mail", identifier=True)
    ws.properties.add("home")
    own = {name: prop.type.value for prop in PROPERTIES[1:-1] for name in [prop.name]}
    ws.groups.define("household", "home", own)
    kind = ws.groups.define("household", properties=[PROPERTIES[-1]])
    ws.load([{"m": "a", "h": "H1"}, {"m": "b", "h": "H2"}], {"m": "mail"}, [{"from": "h", "to": "home"}])
    people, done, last = ws.profiles.collect(), list[tuple[ModelRun, cdpkit.Run]](), None
    for _ in range(7):
        what = rng.random()
        if done and what < 0.25:
            ours, theirs = done.pop(rng.randrange(len(done)))
            conflicts = model.undo(ours)
            assert ws.undo(theirs).counters["conflicts"] == len(conflicts)
        else:
            last = last if last is not None and what < 0.45 else load_of(rng)
            ours, theirs = model.load(last), carried_out(kind, last)
            assert told(theirs) == expected(ours)
            if theirs.counters["created"] or theirs.counters["updated"]:
                done.append((ours, theirs))
        if rng.random() < 0.3:
            ws.compact()
        held = {line["group_id"]: line for line in kind.groups.select(*model.properties).collect().to_dicts()}
        assert held == {values["group_id"]: values for values in model.profiles.values()}
    assert ws.profiles.collect().equals(people)
