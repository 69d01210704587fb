"""Random worlds through the real store, held against the model: `python -m tests.model.thousand_worlds --worlds 1000`.

Each world is a workspace in a folder of its own. Some get a crowd of profiles that nothing ever matches, so that their
patches stay patches; some are compacted or opened anew between loads. Prints one line.
"""

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

import cdpkit
from cdpkit.core.properties import Property
from cdpkit.core.text import from_text
from cdpkit.workspace import Workspace
from tests.model.model import Load, Model, ModelRun
from tests.model.values import same
from tests.model.worlds import World, kinds, world

CREATED = "create"
CROWD = 1_500
DTYPES = {"list": pl.List(pl.String), "int": pl.Int64(), "float": pl.Float64(), "text": pl.String()}

Values = dict[str, object]
LoadCall = Callable[[Workspace, Load], cdpkit.Run]


def frame(load: Load) -> pl.DataFrame:
    """The rows of a load as columns."""
    columns = {name: [row[name] for row in load.rows] for name in load.rows[0]}
    return pl.DataFrame(columns, schema={name: DTYPES[kind] for name, kind in kinds(load).items()})


def plain_load(ws: Workspace, load: Load) -> cdpkit.Run:
    """A load of the model as one of the package."""
    return ws.load(
        frame(load),
        load.identifiers,
        load.mappings,
        create_profiles=load.create_profiles,
        on_multiple_matches=load.on_multiple_matches,
        goal=load.goal,
        full=load.full,
    )


def preview_of(ws: Workspace, load: Load) -> cdpkit.Preview:
    """The preview of a load of the model."""
    return ws.preview_load(
        frame(load),
        load.identifiers,
        load.mappings,
        create_profiles=load.create_profiles,
        on_multiple_matches=load.on_multiple_matches,
        goal=load.goal,
        full=load.full,
    )


@dataclass
class Both:
    """One world twice: as a workspace and as the model.

    Attributes:
        ids: The model's row of each profile -> its public id.
        crowd: How many profiles there are that the model knows nothing of.
    """

    ws: Workspace
    model: Model
    ids: dict[int, str] = field(default_factory=dict)
    crowd: int = 0

    @classmethod
    def create(cls, folder: Path, made: World, *, crowd: int = 0) -> "Both":
        ws = cdpkit.create(folder)
        settings = folder / "cdpkit.toml"
        lines = [_toml(prop) for prop in made.properties]  # as an editor would: one write instead of a commit for each
        settings.write_text("\n".join([settings.read_text(encoding="utf-8"), *lines]), encoding="utf-8")
        if crowd:
            codes = pl.DataFrame({"code": [f"crowd-{number}" for number in range(crowd)]})
            ws.load(codes, {"code": "code"}, create_profiles=True)
        return cls(ws, Model(made.properties), crowd=crowd)

    def load(self, load: Load, call: LoadCall = plain_load) -> tuple[ModelRun, cdpkit.Run]:
        expected = self.model.load(load)
        run = call(self.ws, load)
        created = run.changes.filter(rule=CREATED).sort("source_row")["profile_id"]
        self.ids |= dict(zip(expected.created, created, strict=False))
        return expected, run

    def reopen(self) -> None:
        self.ws = cdpkit.open(self.ws.path)

    def stored(self) -> dict[str, Values]:
        """Profile id -> the values of the model's properties; the crowd, which must be as it was, is left out."""
        found = self.ws.profiles.select("profile_id", *self.model.properties).collect().to_dicts()
        lines = {str(line.pop("profile_id")): line for line in found}
        return {name: line for name, line in lines.items() if not _is_crowd(line)}

    def expected(self) -> dict[str, Values]:
        """The same, as the model has it."""
        return {self.ids[row]: profile for row, profile in self.model.profiles.items()}

    def differences(self, expected: ModelRun, run: cdpkit.Run) -> Iterator[str]:
        """What the workspace says or holds after a load, and the model does not."""
        fates = {row: (fate, reason) for row, fate, reason in run.rows.rows()}
        if expected.fates != fates:
            yield f"fates: {expected.fates} is not {fates}"
        rejected = set(run.rejected.select("source_row", "field", "value").rows())
        if expected.rejected != rejected:
            yield f"rejected: {expected.rejected ^ rejected}"
        counters = (len(expected.created), len(expected.updated), expected.multiple_matches)
        found = tuple(run.counters[name] for name in ("created", "updated", "multiple_matches"))
        if counters != found:
            yield f"created, updated, several matches: {counters} is not {found}"
        changes, wanted = changes_of(run, self.model.properties), self._wanted(expected)
        if set(changes) != set(wanted):
            yield f"changes: {set(changes) ^ set(wanted)}"
        else:
            yield from (f"change {key}" for key, change in changes.items() if not _same_change(wanted[key], change))
        yield from self.profile_differences()

    def profile_differences(self) -> Iterator[str]:
        """Where the profiles are not as the model has them."""
        expected, stored = self.expected(), self.stored()
        if set(expected) != set(stored):
            yield f"profiles: {set(expected) ^ set(stored)}"
        for name in expected.keys() & stored.keys():
            if expected[name] != stored[name]:
                yield f"profile {name}: {expected[name]} is not {stored[name]}"
        everybody = self.ws.profiles.select(pl.len()).collect().item()
        if everybody != len(stored) + self.crowd:
            yield f"{self.crowd} in the crowd and {len(stored)} others, but {everybody} profiles"

    def late_differences(self, since: int) -> Iterator[str]:
        """Where the store does not know which profiles changed after a commit."""
        layers = self.ws._home.tables.snapshot().layers
        now = layers.scan().select("row", "updated_seq").collect()
        late = now.filter(pl.col("updated_seq") > since)
        found = layers.changed(since).join(now, on="row", how="semi").sort("row")  # without those that are deleted
        if not found.equals(late):
            yield f"{late.height} changed after commit {since}, but {found.height} found"

    def _wanted(self, expected: ModelRun) -> Mapping[tuple[str, str], tuple[object, ...]]:
        return {(self.ids[row], name): change for (row, name), change in expected.changes.items()}


def changes_of(run: cdpkit.Run, properties: Mapping[str, Property]) -> dict[tuple[str, str], tuple[object, ...]]:
    """Profile id and property -> before, after, rule, source row; created and deleted profiles are left out."""
    changed = run.changes.filter(pl.col("property").is_not_null())
    found: dict[tuple[str, str], tuple[object, ...]] = {}
    for (name,), part in changed.group_by("property"):
        before, after = (from_text(part[column], properties[str(name)]).to_list() for column in ("before", "after"))
        rest = (part["rule"], part["source_row"])
        for profile, *change in zip(part["profile_id"], before, after, *rest, strict=True):
            found[profile, str(name)] = tuple(change)
    return found


def _toml(prop: Property) -> str:
    flags = "".join(f"{flag} = true\n" for flag in ("multi", "identifier") if getattr(prop, flag))
    return f'[[properties]]\nname = "{prop.name}"\ntype = "{prop.type.value}"\n{flags}'


def _same_change(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return one[2:] == other[2:] and same(one[0], other[0]) and same(one[1], other[1])


def _is_crowd(line: Values) -> bool:
    code = line["code"]
    first = code[0] if isinstance(code, list) else code
    others = all(value is None for name, value in line.items() if name != "code")
    return isinstance(first, str) and first.startswith("crowd-") and others


@dataclass(frozen=True)
class Tally:
    """What came of one world."""

    loads: int
    rows: int
    mismatches: tuple[str, ...]


def replay(seed: int, folder: Path) -> Tally:
    """Play a world in a folder, with a compaction or a new opening here and there."""
    made, rng = world(seed), random.Random(seed)
    both = Both.create(folder, made, crowd=CROWD if rng.random() < 0.5 else 0)
    mismatches: list[str] = []
    for number, load in enumerate(made.loads):
        expected, run = both.load(load)
        if rng.random() < 0.25:
            both.ws.compact()
        if rng.random() < 0.25:
            both.reopen()
        differences = [*both.differences(expected, run), *both.late_differences(rng.randint(0, number + 1))]
        mismatches += [f"world {seed}, load {number}: {text}" for text in differences]
    return Tally(len(made.loads), sum(len(load.rows) for load in made.loads), tuple(mismatches))


def replay_somewhere(seed: int) -> Tally:
    """Play a world in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        return replay(seed, Path(folder) / "world")


def main() -> int:
    """Play many worlds on several cores; the exit status is 1 when any differs from the model."""
    parser = argparse.ArgumentParser(prog="python -m tests.model.thousand_worlds", description=__doc__)
    parser.add_argument("--worlds", type=int, default=1000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the seed of the first")
    parser.add_argument("--cores", type=int, default=2, help="how many at once")
    wanted = parser.parse_args()
    seeds = range(wanted.first, wanted.first + wanted.worlds)
    start = time.perf_counter()
    # A fork of a process in which Polars has started its threads would hang.
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(wanted.cores, mp_context=spawned) as pool:
        tallies = list(pool.map(replay_somewhere, seeds, chunksize=4))
    seconds = time.perf_counter() - start
    mismatches = [text for tally in tallies for text in tally.mismatches]
    for text in mismatches[:20]:
        print(text, file=sys.stderr)
    loads, rows = sum(tally.loads for tally in tallies), sum(tally.rows for tally in tallies)
    print(
        f"{len(tallies):,} worlds, {loads:,} loads, {rows:,} rows, "
        f"{len(mismatches):,} mismatches, {seconds:.0f} seconds"
    )
    return 1 if mismatches else 0


if __name__ == "__main__":
    sys.exit(main())
