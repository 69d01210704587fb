"""A workspace in a bucket: it says what one in a folder says, and takes few calls, however long its history is."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient

import cdpkit
from cdpkit.errors import ConfigurationError, ConflictError
from tests.runs.loads import MAIL, PLAN, POINTS, held, source


def test_it_says_what_one_in_a_folder_says(bucket: str, tmp_path: Path) -> None:
    """Loads, previews, refusals, undo, time travel, queries, changed properties, compaction, and looking at all."""
    here, there = _story(tmp_path / "w"), _story(bucket)
    assert here == there
    with pytest.MonkeyPatch.context() as other:
        other.setenv("CDPKIT_S3_TIMEOUT", "11")  # another environment, and so as a new process has it
        again = cdpkit.open(bucket)
    second = again.run(again.runs.filter(kind="load")["run_id"][1])
    assert second.finished_at is not None
    asked = "select points from profiles where email = 'p1@example.org'"
    assert again.at(second).sql(asked).fetchall() == here["then"]
    assert again.at(second.finished_at).sql(asked).fetchall() == here["at"]
    assert again.address == bucket
    assert repr(bucket) in repr(again).splitlines()[0]
    with pytest.raises(ConfigurationError, match=r"has no folder; ws\.address says where"):
        _ = again.path
    with pytest.raises(cdpkit.errors.WorkspaceError, match=f"^{bucket} is a cdpkit workspace already"):
        cdpkit.create(bucket)


def _story(where: str | Path) -> dict[str, Any]:
    told: dict[str, Any] = {}
    ws = cdpkit.create(where)
    for name, options in {
        "email": {"type": "email", "identifier": True},
        "plan": {},
        "points": {"type": "number"},
    }.items():
        ws.properties.add(name, **options)  # type: ignore[arg-type]
    ws.segments.define("gold", "plan = 'gold'")
    people = [(f"p{n}@example.org", "gold" if n % 3 else "lead", n) for n in range(100)]
    rows = source(*people, ("no address", "gold", 1))
    preview = ws.preview_load(rows, identifiers=MAIL, mappings=PLAN + POINTS, create_profiles=True, goal="crm")
    told["preview"] = preview.changes.drop("profile_id").to_dicts()
    first = ws.load(preview=preview)
    told["first"] = first.counters, first.excluded.to_dicts()
    second = ws.load(source(("p1@example.org", "lead", 5)), identifiers=MAIL, mappings=PLAN + POINTS, goal="crm")
    told["second"] = second.counters, second.changes.drop("profile_id").to_dicts()
    ws = cdpkit.open(where)
    told["held"] = held(ws, "email", "plan", "points")
    told["undone"] = ws.undo(second).counters, held(ws, "email", "plan", "points")
    told["then"] = ws.at(second).sql("select points from profiles where email = 'p1@example.org'").fetchall()
    moment = second.finished_at
    assert moment is not None
    told["at"] = ws.at(moment).sql("select points from profiles where email = 'p1@example.org'").fetchall()
    told["sql"] = ws.sql("select segment, count(*) from segments group by 1").fetchall()
    told["runs"] = ws.runs.select("kind", "state").rows()
    ws.properties.change("points", type="text")
    told["text"] = held(ws, "email", "points")
    told["folded"] = [ws.compact(), ws.compact()]
    told["after"] = held(ws, "email", "plan", "points")
    seen = ws.verify()
    told["verify"] = seen.ok, seen.unsummed, seen.damaged.height
    tiers = ws.groups.define("tier", "plan", {"size": "number"})
    tiers.load([{"plan": "gold", "size": 2}, {"plan": "lead", "size": 1}], "plan", [{"from": "size"}])
    ws.undo(tiers.load([{"plan": "gold", "size": 3}], "plan", [{"from": "size"}]))
    told["groups"] = ws.sql("select group_id, size from groups order by all").fetchall()
    return told


def test_damage_is_found_and_what_is_lost_is_named(bucket: str) -> None:
    """Looking at all looks at the bucket, not at what this process has of it."""
    ws = cdpkit.create(bucket)
    ws.properties.add("email", identifier=True)
    ws.load(source(("a@example.org",), fields=("mail",)), identifiers=MAIL, create_profiles=True)
    tables = ws._home.root / "tables"
    changes = next(each for each in (tables / "changes").list() if each.name.endswith(".parquet"))
    changes.write([changes.read()[:-1] + b"x"])
    fates = next(each for each in (tables / "run_rows").list() if each.name.endswith(".parquet"))
    fates.delete()
    found = {file: what for _, file, what, _ in ws.verify().damaged.rows()}
    assert found == {
        f"tables/changes/{changes.name}": "it does not hold what was written",
        f"tables/run_rows/{fates.name}": "it is missing",
    }


def test_files_from_folders_and_buckets_come_into_it(bucket: str, tmp_path: Path) -> None:
    """Those of an address are brought here, those of a connection lie in the bucket as pages; both are read by path."""
    ws = cdpkit.create(bucket)
    ws.properties.add("email", identifier=True)
    ws.properties.add("plan")
    (ws._home.root / "incoming" / "people.csv").write([b"mail,plan\na@example.org,gold\n"])
    run = ws.load(f"{bucket}/incoming/people.csv", identifiers=MAIL, mappings=PLAN, create_profiles=True)
    assert (run.state, run.counters["created"]) == ("succeeded", 1)
    (tmp_path / "people.csv").write_text("mail,plan\nb@example.org,gold\nc@example.org,lead\n", encoding="utf-8")
    conn = ws.connect("files", settings={"address": str(tmp_path)})
    conn.goals.add(
        kind="import_profiles",
        name="People",
        source={"files": "people.csv"},
        identifiers=MAIL,
        mappings=PLAN,
        create_profiles=True,
    )
    run = conn.run()
    assert (run.state, run.counters["created"]) == ("succeeded", 2)


def test_a_small_load_takes_as_many_calls_after_thirty_loads_as_after_three(bucket: str) -> None:
    """Sixty at most, and a hundred with opening the workspace in a new process, also where it folds all patches."""
    ws = cdpkit.create(bucket)
    ws.properties.add("email", identifier=True)
    ws.properties.add("plan")
    _load(ws, *((f"p{n}@example.org", "new") for n in range(2000)))
    early = _counts(ws, "early")
    for turn in range(30):
        for name in ("profiles", "runs"):
            ws._home.tables.open(name).commit(transactions={f"turn {turn}": 1})
    late = _counts(ws, "late")
    assert max(early + late) <= 60
    assert min(late) <= min(early) + 2  # how many tables have a checkpoint made by one load is chance
    for timeout, patches in enumerate((32, 9, 32), 11):
        with _counted() as calls, pytest.MonkeyPatch.context() as other:
            other.setenv("CDPKIT_S3_TIMEOUT", str(timeout))  # another environment, and so as a new process has it
            other.setattr("cdpkit.store.compact.MOST_PATCHES", patches)
            other.setattr("cdpkit.store.small_files.MOST_FILES", patches)
            again = cdpkit.open(bucket)
            opened = calls.total()
            _load(again, ("p3@example.org", f"late {timeout}"))
        assert opened <= 30
        assert calls.total() <= 100


def test_of_two_who_load_at_once_both_are_stored(bucket: str) -> None:
    """Whoever was second works it out again on what the first has stored."""
    ws = cdpkit.create(bucket)
    ws.properties.add("email", identifier=True)
    ws.properties.add("points", type="number")
    with pytest.MonkeyPatch.context() as other:
        other.setenv("CDPKIT_S3_TIMEOUT", "11")
        writers = [ws, cdpkit.open(bucket)]
    rows = source(("a@example.org", None, 1), ("b@example.org", None, 1))
    runs: list[cdpkit.Run] = []

    def load(writer: cdpkit.Workspace) -> None:
        done = (writer.load(rows, identifiers=MAIL, mappings=POINTS, create_profiles=True) for _ in range(2))
        runs.extend(done)

    threads = [threading.Thread(target=load, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [run.state for run in runs] == ["succeeded"] * 4
    for writer in writers:
        assert held(writer, "email", "points") == {"a@example.org": 4, "b@example.org": 4}
    preview = ws.preview_load(rows, identifiers=MAIL, mappings=POINTS)
    writers[1].load(rows, identifiers=MAIL, mappings=POINTS)
    with pytest.raises(ConflictError):
        ws.load(preview=preview)


def _counts(ws: cdpkit.Workspace, plan: str) -> list[int]:
    """How many calls each of some loads took: a checkpoint comes with every fourth commit to a table."""
    counts = []
    for turn in range(4):
        with _counted() as calls:
            _load(ws, ("p1@example.org", f"{plan} {turn}"), ("p2@example.org", f"{plan} {turn}"))
        counts.append(calls.total())
    return counts


def _load(ws: cdpkit.Workspace, *rows: tuple[object, ...]) -> None:
    run = ws.load(source(*rows), identifiers=MAIL, mappings=PLAN, create_profiles=True)
    assert run.state == "succeeded"


@contextmanager
def _counted() -> Iterator[Counter[str]]:
    """The calls to buckets meanwhile."""
    calls, make = Counter[str](), BaseClient._make_api_call

    def counted(self: object, name: str, asked: object) -> object:
        calls[name] += 1
        return make(self, name, asked)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", counted)
        yield calls
