"""People handed over as files: what Braze's Cloud Data Ingestion finds in a bucket of a real server."""

import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
import httpx
import polars as pl
import pytest

from cdpkit.runs.progress import RunEvent
from tests.transport.hurried import Hurried
from tests.vendors.stage import ANN, BOB, EVA, Stage, stage
from tests.vendors.test_braze_features import exporting, people_of

ROWS = [
    {"from": "plan", "to": "plan_name"},
    {"from": "city", "to": "address.city"},
    {"from": "tags", "to": "favourites"},
    {"from": "gone", "to": "first_name", "send_empty": True},
]
READERS: Mapping[str, Any] = {"jsonl": pl.read_ndjson, "csv": pl.read_csv, "parquet": pl.read_parquet}


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses cost nothing."""
    monkeypatch.setattr("cdpkit.transport.driver.RealClock", Hurried)


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Stage]:
    """Nobody is there."""
    with stage("braze", tmp_path) as made:
        yield made


def people() -> list[dict[str, Any]]:
    first = {"customer": "a", "email": ANN, "active": True, "plan": 'g"o,ld', "city": "Ghent", "tags": "red"}
    first |= {"gone": None}
    return [first, {"customer": "b", "email": BOB, "active": True, "plan": "0130", "gone": "x"}]


def handed_over(at: Stage, prefix: str) -> dict[str, bytes]:
    """The objects below a prefix of the bucket."""
    given = at.site.addresses["s3"]
    client = boto3.client(
        "s3",
        endpoint_url=given["endpoint_url"],
        aws_access_key_id=given["access_key_id"],
        aws_secret_access_key=given["secret_access_key"],
        region_name=given["region"],
    )
    listed = client.list_objects_v2(Bucket=given["bucket"], Prefix=prefix).get("Contents", [])
    found = {each["Key"]: client.get_object(Bucket=given["bucket"], Key=each["Key"])["Body"].read() for each in listed}
    client.close()
    return found


def track_calls(at: Stage) -> int:
    return sum(tally["total"] for path, tally in at.gate.calls.counted().items() if "track" in path)


def ingested(at: Stage, lines: pl.DataFrame) -> None:
    """Let the imitation have what Braze reads of a file: each payload is the attributes of who stands beside it."""
    objects = [{**json.loads(row.pop("payload")), **row} for row in lines.to_dicts()]
    key = at.settings["api_key"].get_secret_value()
    answer = httpx.post(
        f"{at.settings['base_url']}/users/track",
        json={"attributes": objects},
        headers={"Authorization": f"Bearer {key}"},
        trust_env=False,
    )
    assert answer.json() == {"attributes_processed": len(objects), "message": "success"}


@pytest.mark.parametrize("kind", READERS)
def test_a_file_says_what_calls_would_say(at: Stage, kind: str) -> None:
    """Who it is beside a payload without any id; nobody is called, and whoever reads it has the same people."""
    target = {"create_fields": True, "hand_over": kind, "hand_over_to": "handed-over/people/"}
    _, conn = exporting(at, people(), mappings=ROWS, target=target)
    calls = track_calls(at)
    run = conn.run()
    assert (run.state, run.counters["accepted"]) == ("succeeded", 2), run.report()
    assert track_calls(at) == calls
    assert people_of(at) == {}
    ((key, content),) = handed_over(at, "handed-over/people/").items()
    assert key.startswith(f"handed-over/people/{run.id}-")
    assert key.endswith(f".{kind}")
    lines = READERS[kind](BytesIO(content))
    assert lines.columns == ["external_id", "payload"]
    assert all({"external_id", "email"} & {*json.loads(payload)} == set() for payload in lines["payload"])
    ingested(at, lines)
    by_file = people_of(at)
    conn.goals.change("Out", target={"create_fields": True})
    conn.run("Out", full=True).raise_for_state()
    assert by_file == people_of(at)
    assert by_file["a"]["plan_name"] == 'g"o,ld'


def test_an_alias_stands_in_two_columns_and_update_only_in_the_payload(at: Stage) -> None:
    """Nothing else tells who it is."""
    target = {"create_fields": True, "hand_over": "jsonl", "hand_over_to": f"s3://{at.settings['bucket']}/out"}
    ws, conn = exporting(at, people(), mappings=ROWS[:1], target=target)
    ws.connections.change("conn", settings={**at.given(), "alias_label": "cookie"})
    conn.goals.change("Out", identifiers={"customer": "user_alias"}, create=False)
    conn.run().raise_for_state()
    (content,) = handed_over(at, "out/").values()
    lines = pl.read_ndjson(BytesIO(content)).sort("alias_name").to_dicts()
    assert [(line["alias_name"], line["alias_label"]) for line in lines] == [("a", "cookie"), ("b", "cookie")]
    assert json.loads(lines[1]["payload"]) == {"_update_existing_only": True, "plan_name": "0130"}


def test_an_export_that_is_killed_puts_the_same_objects_again(at: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no batch lies in the bucket twice, and none is missing."""
    target = {"create_fields": True, "hand_over": "jsonl", "hand_over_to": "killed"}
    many = [{"customer": f"{n}", "email": f"p{n}@x.de", "active": True, "plan": "x"} for n in range(20)]
    _, conn = exporting(at, many, mappings=ROWS[:1], target=target)
    monkeypatch.setattr("cdpkit.vendors.braze.hand_over._MOST", 6)

    def kill(event: RunEvent) -> None:
        if event.stage == "send" and event.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        conn.run(progress=kill)
    run = conn.run()
    assert (conn.runs.height, run.counters["accepted"]) == (1, 20)
    found = handed_over(at, "killed/")
    assert len(found) == 4
    lines = pl.concat(pl.read_ndjson(BytesIO(each)) for each in found.values())
    assert sorted(lines["external_id"]) == sorted(f"{n}" for n in range(20))


def test_what_files_cannot_do_is_told_before_anything_is_written(at: Stage) -> None:
    """Where they go, values that are added, leaving groups; and a bucket that is not there."""
    _, conn = exporting(at, people(), mappings=[], target={"create_fields": True, "hand_over": "csv"})
    assert "target.hand_over_to: does not say where the files go" in " ".join(map(str, conn.check()))
    elsewhere = {"https://b/x": "is no folder of a bucket", "s3:///x": "names no bucket"}
    for given, said in elsewhere.items():
        conn.goals.change("Out", target={"create_fields": True, "hand_over": "csv", "hand_over_to": given})
        assert f"target.hand_over_to: {said}" in " ".join(map(str, conn.check()))
    leaving = {"lists": [at.case.list], "on_enter": True, "on_leave": True, "hand_over": "csv", "hand_over_to": "x"}
    conn.goals.change("Out", target=leaving)
    assert "target.on_leave: files and calls are not read in order" in " ".join(map(str, conn.check()))
    number = next(item.name for item in at.discovery.items["numbers"])
    conn.goals.change("Out", target={"increments": [number], "hand_over": "csv", "hand_over_to": "x"})
    assert "target.increments: values of a file" in " ".join(map(str, conn.check()))
    conn.goals.change("Out", target={"create_fields": True, "hand_over": "csv", "hand_over_to": "s3://nobody-has-it/x"})
    run = conn.run()
    assert run.state == "failed"
    assert "there is no bucket 'nobody-has-it'" in run.report()
    assert EVA not in run.report()
