"""Files of folders and buckets through runs: in, out, once, whole or not at all."""

import gzip
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import boto3
import polars as pl
import pytest

import cdpkit
from cdpkit.runs.progress import RunEvent
from cdpkit.workspace.connection import Connection
from tests.transport.buckets.server import KEY, buckets, environment
from tests.transport.hurried import Hurried
from tests.transport.servers import Said, serving
from tests.vendors.files_at import Files, files
from tests.vendors.stage import ANN, BOB, EVA, load

MAIL = {"mail": "email"}
NAME = [{"from": "name", "to": "name"}]


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses cost nothing."""
    monkeypatch.setattr("cdpkit.transport.driver.RealClock", Hurried)


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Files]:
    """An empty folder."""
    with files(tmp_path) as place:
        yield place


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, Any]]:
    """The settings of a connection to a bucket of a real server, which is empty."""
    with buckets() as url:
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": KEY, "region_name": "us-east-1"}
        client = boto3.client("s3", endpoint_url=url, **keys)
        client.create_bucket(Bucket="crm")
        yield {"client": client, "s3_endpoint": url, "s3_region": "us-east-1"}
        client.close()


def importing(conn: Connection, **source: Any) -> None:
    """Add a goal that imports addresses and names."""
    conn.goals.add(kind="import_profiles", name="In", source=source, identifiers=MAIL, mappings=NAME)


def exporting(conn: Connection, segment: str = "active", **target: Any) -> None:
    """Add a goal that exports the names of a segment."""
    goal = {"segment": segment, "target": target, "identifiers": {"email": "mail"}, "mappings": NAME}
    conn.goals.add(kind="export_profiles", name="Out", **goal)


def names(ws: cdpkit.Workspace) -> dict[str, str | None]:
    """By address."""
    return dict(ws.profiles.select("email", "name").collect().rows())


def put(at: Files, name: str, *lines: str) -> Path:
    """Write a file of addresses and names."""
    path = at.place / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["mail;name", *lines]) + "\n")
    return path


def written(at: Files) -> dict[str, str]:
    """The files of exports, by the place of their names in the order of the runs."""
    return {str(n): path.read_text() for n, path in enumerate(sorted((at.place / "out").iterdir()))}


def test_all_matching_files_are_read_each_time_and_unchanged_rows_cost_nothing(at: Files) -> None:
    """The delta against the file before is that of every import; lines that do not fit are named by their numbers."""
    ws, conn = at.connected()
    put(at, "in/1.csv", f"{ANN};Ann", "no line")
    put(at, "in/2.csv", f"{BOB};Bob")
    importing(conn, files="in/*.csv")
    first = conn.run()
    assert (first.counters["received"], first.counters["created"]) == (3, 2)
    assert first.counters["excluded"] == {"malformed_line": 1}
    assert "warning: 1.csv: line 3 is left out" in first.report()
    assert "    read 1.csv and 1 more as CSV, utf-8, fields apart by semicolon, names in line 1" in first.report()
    put(at, "in/2.csv", f"{BOB};Robert", f"{EVA};Eva")
    second = conn.run()
    assert second.counters["excluded"] == {"malformed_line": 1, "not_changed": 1}
    assert (second.counters["created"], second.counters["updated"]) == (1, 1)
    assert names(ws) == {ANN: "Ann", BOB: "Robert", EVA: "Eva"}


def test_each_new_file_is_read_once(at: Files) -> None:
    """Also one that has changed since; with `full` all are, and those of a run that is taken back for good."""
    ws, conn = at.connected()
    importing(conn, files="in/*.csv", which="new")
    nothing = conn.run()
    assert (nothing.state, nothing.counters["received"]) == ("succeeded", 0)
    assert "name" not in ws.properties
    put(at, "in/1.csv", *(f"p{n}@x.de;x{n}" for n in range(30)))
    assert conn.run().counters["created"] == 30
    put(at, "in/2.csv", f"{ANN};Ann")
    assert conn.preview().goals[0].counters["received"] == 1
    second = conn.run()  # and one row after thirty is no source that has shrunk
    assert (second.state, second.counters["received"], second.counters["created"]) == ("succeeded", 1, 1)
    assert conn.run().counters["received"] == 0
    put(at, "in/1.csv", *(f"p{n}@x.de;x{n + (n == 7)}" for n in range(30)))
    third = conn.run()
    assert (third.counters["received"], third.counters["updated"]) == (30, 1)
    ws.undo(second.id)
    assert conn.run().counters["received"] == 0
    ws.undo(third.id, reimport=True)
    assert conn.run().counters["received"] == 30
    assert conn.run(full=True).counters["received"] == 31
    conn.goals.rename("In", "Drop")
    assert conn.run().counters["received"] == 0


@pytest.mark.parametrize("stage", ["match", "commit"])
def test_a_run_that_is_killed_reads_each_file_once_all_the_same(at: Files, stage: str) -> None:
    """It goes on with the files that it has stored; what came or changed meanwhile is the next run's."""
    ws, conn = at.connected()
    importing(conn, files="in/*.csv", which="new")
    conn.goals.change("In", mappings=[*NAME, {"from": "name", "to": "letters", "rule": "add"}])
    put(at, "in/1.csv", f"{ANN};A", f"{BOB};B")

    def kill(event: RunEvent) -> None:
        if event.stage == stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        conn.run(progress=kill)
    put(at, "in/1.csv", f"{ANN};C")
    put(at, "in/2.csv", f"{EVA};E")
    resumed = conn.run()
    assert (conn.runs.height, resumed.counters["received"], resumed.counters["created"]) == (1, 2, 2)
    assert conn.run().counters["received"] == 2
    assert conn.run().counters["received"] == 0
    letters = dict(ws.profiles.select("email", "letters").collect().rows())
    assert letters == {ANN: ["A", "C"], BOB: ["B"], EVA: ["E"]}


def test_a_preview_is_carried_out_on_the_files_that_it_has_read(at: Files) -> None:
    """Whatever becomes of them meanwhile."""
    ws, conn = at.connected()
    path = put(at, "in/1.csv", f"{ANN};Ann")
    importing(conn, files="in/*.csv", which="newest")
    preview = conn.preview()
    assert "read 1.csv as CSV" in repr(preview)
    path.unlink()
    assert conn.run(preview=preview).counters["created"] == 1
    assert names(ws) == {ANN: "Ann"}
    failed = conn.run()
    assert "no file" in str(failed.goals[0].message)


@pytest.mark.parametrize(
    ("name", "content", "source"),
    [
        ("a.tsv", "mail\tname\nann@example.com\tÄnn\n".encode("cp1252"), {"encoding": "cp1252"}),
        ("a.data", b"x\nmail|name\nann@example.com|\xc3\x84nn\n", {"format": "csv", "separator": "pipe", "skip": 1}),
        ("a.csv.gz", gzip.compress("mail;name\nann@example.com;'Änn'\n".encode(), mtime=0), {"quote": "'"}),
        ("a.csv", "ann@example.com,Änn\n".encode(), {"header": False}),
        ("a.ndjson", '{"mail": "ann@example.com", "name": "Änn"}\n'.encode(), {}),
        ("a.json", '[{"mail": "ann@example.com", "name": "Änn"}]'.encode(), {}),
        ("a.csv", "mail;name;x\nann@example.com;Änn;n/a\n".encode(), {"nulls": "n/a, -"}),
    ],
    ids=["encoding", "separator", "compressed", "no header", "lines", "array", "words for nothing"],
)
def test_files_are_read_as_the_goal_says(at: Files, name: str, content: bytes, source: Mapping[str, Any]) -> None:
    """Formats, encodings, separators, quotes, packing: what is left out is detected, as for a load."""
    ws, conn = at.connected()
    (at.place / "in" / name).write_bytes(content)
    importing(conn, files="in/*", **source)
    if source.get("header") is False:
        conn.goals.change("In", identifiers={"column_1": "email"}, mappings=[{"from": "column_2", "to": "name"}])
    conn.run().raise_for_state()
    assert names(ws) == {ANN: "Änn"}


def test_what_does_not_fit_is_told_before_anything_is_read(at: Files) -> None:
    """Of the goal by `check`, of the file by its run, with what there is."""
    conn = at.connected()[1]
    importing(conn, files="../in/*.csv", separator="::")
    told = [f"{problem.where} {problem}" for problem in conn.check()]
    assert any("source.files" in each and "does not lie below the address" in each for each in told)
    assert any("'separator' takes one character" in each for each in told)
    conn.goals.change("In", source={"files": "in/*.csv"})
    put(at, "in/1.csv", f"{ANN};Ann")
    conn.goals.change("In", mappings=[{"from": "nmae", "to": "name"}])
    assert "'nmae'" in str(conn.run().goals[0].message)
    (at.place / "in" / "2.parquet").write_bytes(b"PAR1")
    conn.goals.change("In", source={"files": "in/*"}, mappings=NAME)
    message = str(conn.run().goals[0].message)
    assert "several formats (.csv, .parquet)" in message
    assert str(at.folder / "workspace") not in message


def test_changed_profiles_are_written_each_run_into_a_file_of_its_own(at: Files) -> None:
    """The columns stand in the order of the mappings, behind identifiers that no mapping fills."""
    ws, conn = at.connected()
    load(ws, {"customer": "a", "email": ANN, "active": True, "name": "=Ann"})
    load(ws, {"customer": "b", "email": BOB, "active": True, "name": "Bob"})
    exporting(conn, file="out/{date}-{time}-{run}.csv", separator="semicolon")
    rows = [{"value": "text", "text": "x", "to": "source"}, *NAME, {"from": "customer", "to": "mail2"}]
    conn.goals.change("Out", mappings=rows)
    run = conn.run()
    began = datetime.fromisoformat(str(run.started_at)).astimezone(UTC)
    (path,) = (at.place / "out").iterdir()
    assert path.name.startswith(f"{began:%Y-%m-%d}-")
    assert path.name.endswith(f"-{run.id}.csv")
    assert path.read_text().splitlines() == [
        "mail;source;name;mail2",
        f"{ANN};x;'=Ann;a",
        f"{BOB};x;Bob;b",
    ]
    assert conn.run().counters["skipped"] == {"not_due": 2}
    load(ws, {"customer": "b", "name": "Robert"})
    assert conn.run().counters["accepted"] == 1
    assert written(at)["1"].splitlines()[1:] == [f"{BOB};x;Robert;b"]
    assert len(written(at)) == 2


def test_a_whole_segment_takes_the_place_of_the_file_before(at: Files) -> None:
    """Also when everybody has left it: then a line of names is all that there is."""
    ws, conn = at.connected()
    load(ws, *({"customer": name, "email": name, "active": True, "name": name[:3]} for name in (ANN, BOB)))
    exporting(conn, file="out/all.csv", people="segment")
    assert conn.run().counters["accepted"] == 2
    load(ws, {"customer": ANN, "active": False})
    assert conn.run().counters["accepted"] == 1
    assert written(at) == {"0": f"mail,name\n{BOB},bob\n"}
    load(ws, {"customer": BOB, "active": False})
    run = conn.run()
    assert (run.state, run.counters["in_segment"]) == ("succeeded", 0)
    assert written(at) == {"0": "mail,name\n"}
    assert [path.name for path in (at.place / "out").iterdir()] == ["all.csv"]


def test_an_export_that_is_killed_writes_one_whole_file_when_it_goes_on(
    at: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the same name, with everybody in it once, in one piece however many parts it was rendered in."""
    ws, conn = at.connected()
    people = [f"p{n}@example.com" for n in range(40)]
    load(ws, *({"customer": each, "email": each, "active": True, "name": "x"} for each in people))
    load(ws, *({"customer": f"{n}", "email": "twice@x.de", "active": True, "name": "x"} for n in range(2)))
    exporting(conn, file="out/{run}.csv.gz")

    def kill(event: RunEvent) -> None:
        if event.stage == "send":
            raise KeyboardInterrupt

    monkeypatch.setattr("cdpkit.runs.exports.send.PART", 7)
    with pytest.raises(KeyboardInterrupt):
        conn.run(progress=kill)
    run = conn.run()
    assert (conn.runs.height, run.counters["accepted"]) == (1, 42)
    (path,) = (at.place / "out").iterdir()
    rows = pl.read_csv(gzip.decompress(path.read_bytes()))
    assert sorted(rows["mail"]) == sorted([*people, "twice@x.de", "twice@x.de"])


def test_a_file_that_cannot_be_written_fails_the_goal_and_is_sent_the_next_time(at: Files) -> None:
    """Nobody counts as sent who is in no file."""
    ws, conn = at.connected()
    load(ws, {"customer": "a", "email": ANN, "active": True, "name": "Ann"})
    exporting(conn, file="out/{run}.csv")
    (at.place / "out").write_text("a file where a folder should be")
    run = conn.run()
    assert (run.state, run.counters["accepted"]) == ("failed", 0)
    (at.place / "out").unlink()
    assert conn.run().counters["accepted"] == 1


EVERY: dict[str, Any] = {
    "text": "=1+1; \"Ann\"\nand 'so' on",
    "number": -(2**53) - 1,
    "decimal": -0.1,
    "boolean": False,
    "date": date(1940, 2, 29),
    "datetime": datetime(2026, 3, 1, 23, 59, 58, 120, tzinfo=UTC),
    "list": ["red", "@b,lue", '["x"]'],
}


@pytest.mark.parametrize("ending", ["csv", "ndjson.gz", "parquet"])
def test_profiles_that_were_exported_come_in_elsewhere_as_they_are(at: Files, ending: str, tmp_path: Path) -> None:
    """Values of every type, and what is empty; the guard goes as it came, and the report says so."""
    ws, conn = at.connected()
    for kind in EVERY:
        ws.properties.add(kind, multi=kind == "list", type="text" if kind in ("text", "list") else kind)
    load(ws, {"customer": "a", "email": ANN, "active": True, **EVERY}, {"customer": "b", "email": BOB, "active": True})
    ws.segments.add("everybody", "true")
    exporting(conn, "everybody", file=f"out/{{run}}.{ending}")
    rows = [{"from": kind, "to": kind} for kind in EVERY]
    conn.goals.change("Out", mappings=[*rows, {"from": "customer", "to": "customer"}])
    assert conn.run().counters["skipped"] == {}
    other = cdpkit.create(tmp_path / "other")
    other.properties.add("email", type="email", identifier=True)
    for kind in EVERY:
        other.properties.add(kind, multi=kind == "list", type="text" if kind in ("text", "list") else kind)
    back = other.connect("files", settings={"address": str(at.place / "out"), "settle": 0})
    importing(back, files="*")
    back.goals.change("In", mappings=rows)
    run = back.run()
    assert (run.state, run.counters["rejected"]) == ("succeeded", {}), run.report()
    assert ("apostrophe" in run.report()) == (ending == "csv")
    held = other.profiles.sort("email").select(*EVERY).collect().rows(named=True)
    assert held == [EVERY, dict.fromkeys(EVERY)]


def test_buckets_are_read_and_written_as_folders_are(
    at: Files, bucket: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below the prefix; an object that another one takes the place of is a new file."""
    client = bucket["client"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEY)
    given = {name: value for name, value in bucket.items() if name != "client"}
    for name, body in {"in/1.csv": f"mail,name\n{ANN},Ann\n", "in/2.csv": f"mail,name\n{BOB},Bob\n"}.items():
        client.put_object(Bucket="crm", Key=f"exports/{name}", Body=body)
    ws, _ = at.connected()
    ws.segments.add("everybody", "true")
    conn = ws.connect("files", name="s3", settings={"address": "s3://crm/exports", **given})
    importing(conn, files="in/*.csv", which="new")
    exporting(conn, "everybody", file="out/{run}.csv")
    assert conn.check() == []
    run = conn.run()
    assert [goal.state for goal in run.goals] == ["succeeded"] * 2, run.report()
    assert names(ws) == {ANN: "Ann", BOB: "Bob"}
    (there,) = client.list_objects_v2(Bucket="crm", Prefix="exports/out/")["Contents"]
    assert there["Key"] == f"exports/out/{run.id}.csv"
    body = client.get_object(Bucket="crm", Key=there["Key"])["Body"].read().decode()
    assert body == f"mail,name\n{ANN},Ann\n{BOB},Bob\n"
    client.put_object(Bucket="crm", Key="exports/in/2.csv", Body=f"mail,name\n{EVA},Eva\n")
    again = conn.run("In")
    assert (again.counters["received"], again.counters["created"]) == (1, 1)
    ws.connections.change("s3", settings={"address": "s3://nowhere/exports", **given})
    (problem,) = conn.check()
    assert "there is no bucket 'nowhere'" in str(problem)


def test_a_goal_shows_the_fields_of_its_newest_file(at: Files) -> None:
    """With the types that fit, so that rows are proposed as of any vendor; without a file there are none."""
    conn = at.connected()[1]
    importing(conn, files="in/*.csv")
    assert conn.fields.is_empty()
    (at.place / "in" / "1.csv").write_text("mail;name;points;since\nann@example.com;Ann;7;2026-03-01\n")
    there = conn.discover()
    assert there.fields.select("name", "type").rows() == [
        ("mail", "email"),
        ("name", "text"),
        ("points", "number"),
        ("since", "date"),
    ]
    assert conn.goals.remaining("In", there)["name"].to_list() == ["points", "since"]
    conn.goals.add_remaining("In", prefix="crm_", discovered=there)
    run = conn.run()
    assert (run.counters["created"], run.counters["rejected"]) == (1, {})
    assert [path.name for path in (at.folder / "workspace" / "runs").iterdir()] == [run.id]


def test_a_workspace_in_a_bucket_reads_and_writes_files_too(
    bucket: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Paths that are no whole ones begin where the process is at work then."""
    for name, value in environment(bucket["s3_endpoint"]).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    pl.DataFrame({"mail": [ANN], "name": ["Ann"]}).write_parquet(tmp_path / "in" / "1.parquet")
    ws = cdpkit.create("s3://crm/workspace")
    ws.properties.add("email", type="email", identifier=True)
    ws.segments.add("everybody", "true")
    conn = ws.connect("files", settings={"address": ".", "settle": 0})
    importing(conn, files="in/*", which="new")
    exporting(conn, "everybody", file="out/all.ndjson", people="segment")
    run = conn.run()
    assert [goal.state for goal in run.goals] == ["succeeded"] * 2, run.report()
    assert (tmp_path / "out" / "all.ndjson").read_text() == '{"mail":"ann@example.com","name":"Ann"}\n'
    assert conn.run("In").counters["received"] == 0


def test_f176_whoever_has_no_right_to_the_place_is_told_so(at: Files) -> None:
    """By the check, before a run, with whose right it is; and no key is in what is told."""
    ws = at.connected()[0]
    denied = Said(403, b"<Error><Code>AccessDenied</Code></Error>", {"content-type": "application/xml"})
    (at.folder / "key.txt").write_text("an-invented-key")
    with serving(lambda _: denied) as server:
        keys = dict.fromkeys(("s3_access_key_id", "s3_secret_access_key"), f"file:{at.folder / 'key.txt'}")
        given = {"address": "s3://crm/exports", "s3_endpoint": server.url, "s3_region": "us-east-1", **keys}
        conn = ws.connect("files", name="s3", settings=given)
        importing(conn, files="*.csv")
        (problem,) = conn.check()
        run = conn.run()
    assert problem.where == "settings.address"
    assert "is not open (AccessDenied)" in problem.what
    assert "s3_access_key_id and s3_secret_access_key" in problem.fix
    assert "is not open" in run.report()
    assert "an-invented-key" not in f"{problem}{run.report()}"
