"""The imitation of Iterable: exports as streams and as jobs."""

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdpkit.sandbox.world.people import people
from cdpkit.sandbox.world.rows import nested
from tests.sandbox.iterable.users import bulk, user

EMAILS = people(pl.int_range(0, 300, eager=True), 0)["email"].to_list()
DATA, START = "/api/export/data.json", "/api/export/start"
ALL = {"dataTypeName": "user", "range": "All"}
JOB = {"outputFormat": "application/x-json-stream", **ALL}


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.split("\n") if line]


def files(api: httpx.Client, job: int, after: str = "") -> Any:
    return api.get(f"/api/export/{job}/files", params={"startAfter": after}).json()


def test_everybody_is_in_the_stream(api: httpx.Client) -> None:
    """One object a line, without blank lines and none at the end, in no order."""
    text = api.get(DATA, params=ALL).text
    assert "\n\n" not in text
    assert not text.endswith("\n")
    found = rows(text)
    times = [row["profileUpdatedAt"] for row in found]
    assert times != sorted(times)
    assert {row["email"] for row in found} >= set(EMAILS)


def test_rows_are_flat(api: httpx.Client) -> None:
    """Nested values have dotted names; what somebody lacks is not there; large numbers are exact."""
    found = {row["email"]: row for row in rows(api.get(DATA, params=ALL).text)}
    whole = people(pl.int_range(0, 300, eager=True), 0)
    for expected in whole.head(100).to_dicts():
        row = found[expected["email"]]
        for name in ("firstName", "points", "vip", "ltv", "lastPurchase", "favourites", "address.city", "note"):
            assert row.get(name) == expected[name]
        assert row["itblInternal.emailDomain"] == expected["email"].split("@")[1]
        assert set(row["emailListIds"]) <= {501, 502, 503}
        assert row["unsubscribedChannelIds"] == []
        assert not any(isinstance(value, dict) for value in row.values())


def test_written_people_look_like_the_others(start: Callable[..., httpx.Client]) -> None:
    """Once somebody was written to, their row has the same fields, and the new time."""
    api = start()
    before = {row["email"]: row for row in rows(api.get(DATA, params=ALL).text)}
    users = [{"email": email, "dataFields": {}} for email in EMAILS[:50]]
    api.post("/api/users/bulkUpdate", json={"users": users})
    after = {row["email"]: row for row in rows(api.get(DATA, params=ALL).text)}
    times = {
        "profileUpdatedAt": "2026-05-28 20:26:40 +00:00",
        "itblInternal.documentUpdatedAt": "2026-05-28 20:26:40 +00:00",
    }
    assert after == {email: {**row, **times} for email, row in before.items()}


def test_new_people_and_new_fields_are_exported(start: Callable[..., httpx.Client]) -> None:
    """And deleted ones are not."""
    api = start()
    body = {"email": "n@example.com", "dataFields": {"pets": {"cat": {"name": "Mo"}}, "plan": 'a"b'}}
    api.post("/api/users/update", json=body)
    api.delete("/api/users/" + EMAILS[3].replace("@", "%40").replace("+", "%2B").replace("/", "%2F"))
    found = {row["email"]: row for row in rows(api.get(DATA, params=ALL).text)}
    assert (found["n@example.com"]["pets.cat.name"], found["n@example.com"]["plan"]) == ("Mo", 'a"b')
    assert EMAILS[3] not in found
    assert len(found) == 50


def test_windows_take_their_start_and_leave_their_end(start: Callable[..., httpx.Client], clock: Any) -> None:
    """On the time of the last change, in UTC; several forms of times are understood."""
    api = start()
    api.post("/api/users/update", json={"email": EMAILS[0], "dataFields": {}})
    window = {
        "dataTypeName": "user",
        "startDateTime": "2026-05-28 20:26:40",
        "endDateTime": "2026-05-28 20:26:41 +00:00",
    }
    assert [row["email"] for row in rows(api.get(DATA, params=window).text)] == [EMAILS[0]]
    ended = {**window, "startDateTime": "2026-01-01", "endDateTime": "2026-05-28T22:26:40.000+02:00"}
    assert api.get(DATA, params=ended).text == ""
    assert len(rows(api.get(DATA, params={"dataTypeName": "user"}).text)) == 1
    assert len(rows(api.get(DATA, params={**ALL, "range": "BeforeToday"}).text)) == 49
    clock.now += 86_400
    assert len(rows(api.get(DATA, params={**ALL, "range": "Yesterday"}).text)) == 1


@pytest.mark.parametrize(
    "params",
    [{}, {"dataTypeName": "users"}, {**ALL, "range": "Ever"}, {"dataTypeName": "user", "startDateTime": "yesterday"}],
)
def test_parameters_that_are_not_understood_are_refused(api: httpx.Client, params: dict[str, str]) -> None:
    """As bad parameters."""
    answer = api.get(DATA, params=params)
    assert (answer.status_code, answer.json()["code"]) == (400, "BadParams")


def test_data_of_other_types_is_empty(api: httpx.Client) -> None:
    """There are no events in the sandbox."""
    assert api.get(DATA, params={**ALL, "dataTypeName": "emailOpen"}).text == ""


def test_fields_are_chosen(api: httpx.Client) -> None:
    """By repeated names or a list of them; an object's name stands for what is in it."""
    both = api.get(DATA, params={**ALL, "onlyFields": ["email", "address"]}).text
    assert set().union(*rows(both)) == {"email", "address.city", "address.zip"}
    listed = api.get(DATA, params={**ALL, "onlyFields": "email,points"}).text
    assert set().union(*rows(listed)) == {"email", "points"}
    fewer = set().union(*rows(api.get(DATA, params={**ALL, "omitFields": "note,itblInternal"}).text))
    assert "email" in fewer
    assert not fewer & {"note", "itblInternal.emailDomain"}


def test_streams_are_compressed_on_request(start: Callable[..., httpx.Client]) -> None:
    """Where the client takes that, unless the imitation is told not to."""
    api = start()
    answer = api.get(DATA, params=ALL)
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
    identity = api.get(DATA, params=ALL, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in identity.headers
    assert sorted(identity.text.split("\n")) == sorted(answer.text.split("\n"))
    assert "content-encoding" not in start(plain=True).get(DATA, params=ALL).headers


def test_csv_has_a_header(api: httpx.Client) -> None:
    """With createdAt first even when it was not asked for."""
    answer = api.get("/api/export/data.csv", params={**ALL, "onlyFields": "email,note,points", "delimiter": ";"})
    assert answer.headers["content-disposition"].startswith('attachment; filename="user_20')
    table = list(csv.DictReader(io.StringIO(answer.text, newline=""), delimiter=";"))
    assert list(table[0]) == ["createdAt", "email", "points", "note"]
    notes = dict(zip(EMAILS, people(pl.int_range(0, 300, eager=True), 0)["note"], strict=True))
    assert all((row["note"] or None) == notes[row["email"]] for row in table if row["email"] in notes)


def test_a_job_is_enqueued_then_running_then_completed(start: Callable[..., httpx.Client]) -> None:
    """States are in lower case; ten files are a page, each of at most so many bytes.

    The last of them are there first, so that only a listing from the start at the end has them all.
    """
    api = start(people=300, file_bytes=8000)
    job = api.post(START, json=JOB).json()["jobId"]
    seen: list[str] = []
    found: dict[str, str] = {}
    while (answer := files(api, job))["jobState"] != "completed":
        early = answer["files"]
        seen.append(answer["jobState"])
    assert seen == ["enqueued", "running"]
    assert early
    assert early[0] not in answer["files"]
    while answer["files"]:
        assert len(answer["files"]) <= 10
        assert not answer["exportTruncated"]
        found |= {each["file"]: each["url"] for each in answer["files"]}
        answer = files(api, job, max(found))
    assert len(found) > 10
    assert early[0]["file"] in found
    (listed,) = api.get("/api/export/jobs").json()["jobs"]
    assert all(re.fullmatch(r"2026-.*\+00:00", listed[name]) for name in ("scheduledStartTime", "endTime"))
    with httpx.Client(trust_env=False) as other:
        parts = [other.get(url).text for url in found.values()]
    assert "\n\n" in parts[0]
    assert max(map(len, parts)) <= 8000
    assert {row["email"] for part in parts for row in rows(part)} == set(EMAILS)


def test_a_job_can_be_completed_at_once(start: Callable[..., httpx.Client]) -> None:
    """Where the imitation is told to be quick; jobs are listed."""
    api = start(job_polls=0)
    job = api.post(START, json=JOB).json()["jobId"]
    answer = files(api, job)
    assert (answer["jobState"], len(answer["files"])) == ("completed", 1)
    (listed,) = api.get("/api/export/jobs", params={"jobState": "completed"}).json()["jobs"]
    assert (listed["id"], listed["dataTypeName"], listed["bytesExported"] > 1000) == (job, "user", True)
    assert api.get("/api/export/jobs", params={"jobState": "running"}).json() == {"jobs": []}


def test_the_address_of_a_file_expires(start: Callable[..., httpx.Client], clock: Any) -> None:
    """It needs no key until then; asked for again, it is good again."""
    api = start(job_polls=0, url_seconds=1800.0)
    job = api.post(START, json=JOB).json()["jobId"]
    (file,) = files(api, job)["files"]
    with httpx.Client(trust_env=False) as other:
        assert other.get(file["url"]).status_code == 200
        assert "SignatureDoesNotMatch" in other.get(file["url"].replace("file-", "fyle-")).text
        clock.now += 1801
        late = other.get(file["url"])
        assert late.status_code == 403
        assert "Request has expired" in late.text
        (again,) = files(api, job)["files"]
        assert other.get(again["url"]).status_code == 200


def test_a_job_that_is_too_large_is_truncated(start: Callable[..., httpx.Client]) -> None:
    """It says so when it is completed."""
    api = start(job_polls=0, file_bytes=5000, job_bytes=12_000)
    answer = files(api, api.post(START, json=JOB).json()["jobId"])
    assert (answer["exportTruncated"], len(answer["files"])) == (True, 2)


def test_jobs_are_cancelled(start: Callable[..., httpx.Client]) -> None:
    """Once."""
    api = start()
    job = api.post(START, json=JOB).json()["jobId"]
    assert api.delete(f"/api/export/{job}").json()["code"] == "Success"
    assert files(api, job)["jobState"] == "cancelling"
    assert api.delete(f"/api/export/{job}").status_code == 400
    assert api.get("/api/export/99/files").status_code == 404


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=5).map("t{}".format)


def objects(depth: int) -> Any:
    """Objects whose members always have the same types, so that no field's type is against them."""
    plain: dict[str, Any] = {"s": TEXTS, "n": st.integers(-(2**62), 2**62), "b": st.booleans()}
    plain["t"] = st.lists(TEXTS, min_size=1, max_size=3)
    if depth:
        plain |= {"o": objects(depth - 1), "l": st.lists(objects(depth - 1), min_size=1, max_size=3)}
    return st.fixed_dictionaries({}, optional=plain).filter(bool)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(objects(2))
def test_any_nested_data_comes_back_the_same(api: httpx.Client, whole: dict[str, Any]) -> None:
    """Written in bulk, in an export and in the profile; what is inside an array stays there."""
    email = "nested.data@example.com"
    bulk(api, {"email": email, "dataFields": {"whole": None}})
    assert bulk(api, {"email": email, "dataFields": {"whole": whole}}).json()["successCount"] == 1
    assert user(api, email)["whole"] == whole
    text = api.get(DATA, params={**ALL, "onlyFields": ["email", "whole"]}).text
    (row,) = (row for row in rows(text) if row["email"] == email)
    assert nested(row)["whole"] == whole


def test_the_first_jobs_can_fail(start: Callable[..., httpx.Client]) -> None:
    """As many as the imitation is told."""
    api = start(job_failures=1, job_polls=0)
    states = [files(api, api.post(START, json=JOB).json()["jobId"])["jobState"] for _ in range(2)]
    assert states == ["failed", "completed"]


def test_the_fifth_job_waits(start: Callable[..., httpx.Client], clock: Any) -> None:
    """Four run at once; one that nobody asks for blocks others for a minute at most."""
    api = start()
    jobs = [api.post(START, json=JOB).json()["jobId"] for _ in range(5)]
    assert [files(api, jobs[4])["jobState"] for _ in range(4)] == ["enqueued"] * 4
    for _ in range(3):
        files(api, jobs[0])
    assert [files(api, jobs[4])["jobState"] for _ in range(3)] == ["enqueued", "running", "completed"]
    sixth = api.post(START, json=JOB).json()["jobId"]
    clock.now += 61
    assert [files(api, sixth)["jobState"] for _ in range(3)] == ["enqueued", "running", "completed"]


def test_jobs_write_csv(start: Callable[..., httpx.Client]) -> None:
    """With the columns that were asked for."""
    api = start(job_polls=0)
    body = {**JOB, "outputFormat": "text/csv", "onlyFields": "email, points", "delimiter": "|"}
    (file,) = files(api, api.post(START, json=body).json()["jobId"])["files"]
    assert file["file"].endswith(".csv")
    text = api.get(file["url"]).text
    assert text.startswith("createdAt|email|points\n")
    assert len(text.splitlines()) == 51


@pytest.mark.parametrize(
    ("change", "member"), [({"outputFormat": "json"}, "obj.outputFormat"), ({"onlyFields": ["a"]}, "obj.onlyFields")]
)
def test_job_bodies_have_their_types(api: httpx.Client, change: dict[str, object], member: str) -> None:
    """Here fields are one text, unlike in the stream's query."""
    answer = api.post(START, json={**JOB, **change})
    assert (answer.status_code, list(answer.json()["params"])) == (400, [member])
