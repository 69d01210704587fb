"""Events from files that a connection reads, together with values of profiles."""

import json
from pathlib import Path

import polars as pl

from tests.runs.events.test_features import ORDERS, ROWS, timeline
from tests.vendors.files_at import Files


def test_a_goal_that_imports_profiles_takes_events_with_them(tmp_path: Path) -> None:
    """From JSON with objects in lists, and from CSV whose fields hold JSON; the second night adds nothing."""
    at = Files(tmp_path)
    (at.place / "in").mkdir(parents=True)
    (at.place / "in" / "orders.ndjson").write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    texts = [{**row, "items": json.dumps(row["items"])} for row in ROWS]
    pl.DataFrame(texts).write_csv(at.place / "in" / "orders.csv")
    ws, conn = at.connected()
    given = {"identifiers": {"mail": "email"}, "mappings": [{"from": "plan", "to": "plan"}], "events": [ORDERS]}
    conn.goals.add(**at.import_goal(**given, source={"files": "in/*.ndjson"}))
    conn.goals.add(**at.import_goal(**given, name="Texts", source={"files": "in/*.csv"}))
    assert [str(problem) for problem in conn.check() if "goal" in problem.where and "export" not in str(problem)] == []
    run = conn.run()
    assert [goal.counters["events"] for goal in run.goals] == [
        {"added": 3, "changed": 0, "unchanged": 0},
        {"added": 0, "changed": 0, "unchanged": 3},
    ]
    assert timeline(ws)["ann@x.de", "1"]["products"] == [{"sku": "a", "price": 1.5}, {"sku": "b", "price": 1.5}]
    assert [goal.counters["excluded"] for goal in conn.run().goals] == [{"not_changed": 3}] * 2
    assert set(ws.profiles.collect()["plan"]) == {"gold"}
