"""Iterable's dialect in whole runs against its imitation: what a project shows, what a goal may write, what is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

import cdpkit
from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.server import running
from cdpkit.workspace.connection import Connection

ORDERS = [{"sku": "s", "n": 1}, {"sku": "t"}]


@contextmanager
def project(folder: Path, people: int = 0, **given: Any) -> Iterator[tuple[cdpkit.Workspace, Connection, httpx.Client]]:
    """A workspace, a connection that says nothing of the project's type unless told, and the imitation's own client."""
    own = {"project_type": given.pop("says")} if "says" in given else {}
    with running("iterable", options=Options(people=people, limits_factor=1000), **{"job_polls": 0} | given) as site:
        address = site.addresses["iterable"]
        ws = cdpkit.create(folder / "ws")
        ws.properties.add("email", type="email", identifier=True)
        ws.properties.add("user_id", identifier=True)
        (ws.path / "key").write_text(address["api_key"])
        settings = {"base_url": address["base_url"], "api_key": "file:key", "limits_factor": 1000, **own}
        with httpx.Client(
            base_url=address["base_url"], headers={"Api-Key": address["api_key"]}, trust_env=False
        ) as http:
            yield ws, ws.connect("iterable", name="it", settings=settings), http


def write(http: httpx.Client, *users: dict[str, Any]) -> None:
    assert http.post("/api/users/bulkUpdate", json={"users": users}).json()["failCount"] == 0


def importing(conn: Connection, *fields: str, by: str = "email") -> None:
    conn.goals.add(
        kind="import_profiles",
        name="In",
        source={"all": True},
        identifiers={by: {"email": "email", "userId": "user_id"}[by]},
        mappings=[{"from": field, "to": field.replace(".", "_")} for field in fields],
    )


def exporting(ws: cdpkit.Workspace, conn: Connection, to: str, values: list[Any], **target: Any) -> None:
    people = [f"p{n}@example.com" for n in range(len(values))]
    ws.load(
        pl.DataFrame({"email": people, "v": values}, strict=False), {"email": "email"}, [{"from": "v", "to": "v"}]
    ).raise_for_state()
    ws.segments.add("all", "true")
    conn.goals.add(
        kind="export_profiles",
        name="Out",
        segment="all",
        target=target,
        identifiers={"email": "email"},
        mappings=[{"from": "v", "to": to}],
    )


@pytest.mark.parametrize("kind", ["userID", "hybrid"])
def test_people_who_share_an_address_are_not_lost(kind: str, tmp_path: Path) -> None:
    """Nobody has to say that the project is not based on e-mail."""
    with project(tmp_path, project_type=kind) as (ws, conn, http):
        shared = "family@example.com"
        same = {"email": shared} if kind == "userID" else {}
        write(http, *({"userId": f"u{n}", "dataFields": {"plan": f"plan {n}", **same}} for n in range(3)))
        importing(conn, "plan", by="userId")
        assert conn.check() == []
        run = conn.run()
        assert (run.state, run.counters["received"], run.counters["created"]) == ("succeeded", 3, 3)
        assert sorted(ws.profiles.collect()["plan"]) == ["plan 0", "plan 1", "plan 2"]


def test_a_setting_that_contradicts_the_project_is_a_problem(tmp_path: Path) -> None:
    """For `check()` and for a run, which then asks for nobody."""
    with project(tmp_path, project_type="hybrid", says="email") as (_, conn, _http):
        importing(conn, "plan")
        (problem,) = conn.check()
        assert problem.where == "settings.project_type"
        assert "userListIds and itblUserId" in problem.what
        run = conn.run()
        assert (run.state, problem.what in run.report()) == ("failed", True)


def test_a_job_that_fails_twice_is_no_failure_of_the_run(tmp_path: Path) -> None:
    """A third that fails is."""
    for failures, state in ((2, "succeeded"), (3, "failed")):
        with project(tmp_path / str(failures), people=20, job_failures=failures) as (_, conn, _http):
            importing(conn, "plan")
            run = conn.run()
            assert run.state == state
            assert state == "succeeded" or "was failed at Iterable, as were the 2 before it" in run.report()


def test_files_that_appear_late_are_not_missed(tmp_path: Path) -> None:
    """The imitation shows the last ones first, with blank lines in each."""
    with project(tmp_path, people=120, job_polls=2, file_bytes=4000) as (_, conn, _http):
        importing(conn, "plan")
        run = conn.run()
        assert (run.state, run.counters["received"]) == ("succeeded", 120)


def test_arrays_of_objects_are_read_whole_and_in_parts(tmp_path: Path) -> None:
    """And never written as a part, unless the goal says that there are none."""
    with project(tmp_path) as (ws, conn, http):
        write(http, {"email": "p0@example.com", "dataFields": {"orders": ORDERS, "address": {"city": "X", "zip": "1"}}})
        importing(conn, "orders.sku", "orders", "address")
        assert conn.check() == []
        conn.run().raise_for_state()
        (row,) = ws.profiles.collect().to_dicts()
        assert row["orders_sku"] == ["s", "t"]
        assert row["orders"] == ['{"sku":"s","n":1}', '{"sku":"t"}']
        assert row["address"] == '{"city":"X","zip":"1"}'
        exporting(ws, conn, "orders.sku", ["u"])
        (problem,) = conn.check()
        assert "may be an array of objects" in problem.what
        assert conn.run(goal="Out").state == "failed"
        found = http.get("/api/users/p0@example.com").json()["user"]["dataFields"]
        assert found["orders"] == ORDERS


def test_parts_of_objects_are_written_where_the_goal_says_so(tmp_path: Path) -> None:
    """The rest of the object stays."""
    with project(tmp_path) as (ws, conn, http):
        write(http, {"email": "p0@example.com", "dataFields": {"address": {"city": "X", "zip": "1"}}})
        exporting(ws, conn, "address.city", ["Ghent"], parts_of_objects=True)
        assert conn.check() == []
        conn.run().raise_for_state()
        found = http.get("/api/users/p0@example.com").json()["user"]["dataFields"]
        assert found["address"] == {"city": "Ghent", "zip": "1"}


def test_a_field_is_made_only_where_the_goal_says_so(tmp_path: Path) -> None:
    """Else the name is a problem, with those that it may have been meant to be; one that was made is told."""
    with project(tmp_path) as (ws, conn, http):
        exporting(ws, conn, "teir", ["gold"])
        (problem,) = conn.check()
        assert problem.what.startswith("no field 'teir' at Iterable; there are: tier, ")
        assert "create_fields" in problem.fix
        assert problem.what in conn.run().report()
        assert "teir" not in http.get("/api/users/getFields").json()["fields"]
        conn.goals.change("Out", target={"create_fields": True})
        assert conn.check() == []
        run = conn.run()
        assert run.state == "succeeded"
        assert list(run.goals[0].warnings) == ["Iterable has made the field 'teir', which it had not before"]
        assert http.get("/api/users/getFields").json()["fields"]["teir"] == "string"


@pytest.mark.parametrize("field", ["unsubscribedChannelIds", "subscribedMessageTypeIds", "receivedSMSDisclaimer"])
def test_consent_is_no_plain_field(field: str, tmp_path: Path) -> None:
    """Nobody is subscribed by a mapping."""
    with project(tmp_path) as (ws, conn, http):
        exporting(ws, conn, field, [["9"]])
        (problem,) = conn.check()
        assert field in problem.what
        assert conn.run().state == "failed"
        assert http.get("/_sandbox/state").json()["people"] == 0


def test_nobody_is_subscribed_again_by_a_list(tmp_path: Path) -> None:
    """What people have unsubscribed from stays so when they enter a list, leave it, and come back."""
    with project(tmp_path) as (ws, conn, http):
        exporting(ws, conn, "plan", ["x", "x", "x"], lists=["VIP"], on_leave=True)
        for n, away in enumerate(({"unsubscribedChannelIds": [1]}, {"unsubscribedMessageTypeIds": [9]})):
            assert http.post("/api/users/updateSubscriptions", json={"email": f"p{n}@example.com", **away}).is_success

        def subscriptions() -> list[tuple[list[int], ...]]:
            found = [http.get(f"/api/users/p{n}@example.com").json()["user"]["dataFields"] for n in range(3)]
            return [(each["unsubscribedChannelIds"], each["unsubscribedMessageTypeIds"]) for each in found[:2]]

        for segment, members in (("true", 3), ("v = 'y'", 0), ("true", 3)):
            ws.segments.change("all", segment)
            conn.run().raise_for_state()
            listed = http.get("/api/lists/getUsers", params={"listId": 502}).text.split()
            assert (len(listed), subscriptions()) == (members, [([1], []), ([], [9])])


def test_whoever_leaves_a_list_and_is_unknown_has_left(tmp_path: Path) -> None:
    """The next run has nothing to do."""
    with project(tmp_path) as (ws, conn, http):
        exporting(ws, conn, "plan", ["x"], lists=["VIP"], on_leave=True)
        conn.run().raise_for_state()
        assert http.delete("/api/users/p0@example.com").status_code == 200
        ws.segments.change("all", "v = 'y'")
        assert conn.run().counters["withdrawn"] == 1
        assert conn.run().counters["withdrawn"] == 0
