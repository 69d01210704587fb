"""Iterable: replies are fed by hand to its generators, and frames to its columns."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from pydantic import SecretStr

from cdpkit.core.temporal import datetimes
from cdpkit.errors import (
    CdpkitError,
    ConfigurationError,
    CredentialsError,
    InDoubtError,
    RemoteError,
    UnavailableError,
    UnknownNameError,
)
from cdpkit.kit.discovery import Discovery, Item, VendorField
from cdpkit.kit.effects import Effect, Effects, Http, Keep, Reply, Tell, Together, Wait
from cdpkit.kit.exporting import ExportAsked, Exporter, Outgoing, SentField, Way, Withdrawal, all_accepted
from cdpkit.kit.importing import ImportAsked, Importer, Pulled
from cdpkit.kit.render import render
from cdpkit.problem import Problem
from cdpkit.vendors.iterable import VENDOR
from tests.kit.served import Answer, answered, calls, script
from tests.kit.served import drive as served

T = TypeVar("T")

SECRET = "a-key-that-nobody-may-see"  # noqa: S105
SETTINGS: dict[str, Any] = {
    "base_url": "https://api.iterable.com",
    "api_key": SecretStr(SECRET),
    "project_type": "email",
}
USERID = SETTINGS | {"project_type": "userid"}
HYBRID = SETTINGS | {"project_type": "hybrid"}

VIP = Item("501", "VIP", "Standard")
LAPSED = Item("502", "Lapsed", "Dynamic", target=False)
TWINS = (Item("503", "Twin", "Standard"), Item("504", "Twin", "Standard"))
TYPES = {
    "email": "string",
    "tier": "string",
    "orders": "long",
    "ltv": "double",
    "vip": "boolean",
    "born": "date",
    "home": "geo_location",
    "pets": "nested",
    "pets.name": "string",
    "addr": "object",
    "addr.zip": "string",
    "addr.geo": "object",
    "addr.geo.lat": "double",
}
FIELDS = tuple(VendorField(name, kind) for name, kind in TYPES.items())
FOUND = Discovery(FIELDS, {"lists": (VIP, LAPSED, *TWINS)})
EVERYBODY = {"all": True, "lists": ()}


def importer() -> Importer:
    assert VENDOR.importer is not None
    return VENDOR.importer


def exporter() -> Exporter:
    assert VENDOR.exporter is not None
    return VENDOR.exporter


def way() -> Way:
    return exporter().way(asked(), 1)


def withdrawal() -> Withdrawal:
    found = exporter().withdrawal
    assert found is not None
    return found


def asking(
    options: Mapping[str, Any] = EVERYBODY,
    found: Discovery = FOUND,
    given: Mapping[str, Any] = SETTINGS,
    wanted: tuple[str, ...] | None = None,
) -> ImportAsked:
    return ImportAsked(given, options, found, wanted)


def lists_reply(*lists: Item) -> Reply:
    return answered(body={"lists": [{"id": int(item.id), "name": item.name, "listType": item.kind} for item in lists]})


def drive(effects: Effects[T], answer: Answer) -> tuple[T, list[Effect]]:
    """Serve a generator; what it asks for draws on limits that there are, and shows neither a secret nor a person."""

    def look(effect: Effect) -> None:
        assert SECRET not in repr(effect)
        assert "@example.com" not in repr(effect)
        assert {call.limit for call in calls([effect])} <= set(VENDOR.limits)

    return served(effects, answer, look)


def sent(call: Http) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(call.body or b"{}")
    return body


# Check and discovery


def test_a_key_that_lists_can_be_read_with_works() -> None:
    """The check asks for the lists, with the key in the header."""
    _, asked = drive(VENDOR.check(SETTINGS), script(lists_reply(VIP)))
    (call,) = calls(asked)
    assert (call.method, call.path, call.repeatable) == ("GET", "/api/lists", True)
    key = call.headers["Api-Key"]
    assert isinstance(key, SecretStr)
    assert key.get_secret_value() == SECRET


@pytest.mark.parametrize(
    ("reply", "error", "match"),
    [
        (answered(401, {"msg": SECRET, "code": "BadApiKey"}), CredentialsError, r"api\.iterable\.com.*api\.eu\.itera"),
        (answered(401, {"code": "Success"}), CredentialsError, "server-side key with standard permissions"),
        (answered(400, {"code": "InvalidJwtPayload"}), CredentialsError, "api_key"),
        (answered(403, {"msg": SECRET, "code": "Forbidden"}), CredentialsError, "permissions"),
        (answered(404, {"msg": SECRET, "code": "NotFound"}), RemoteError, r"GET /api/lists with status 404 \(NotFound"),
        (answered(400, {"code": "ann@example.com"}), RemoteError, "with status 400$"),
        (answered(200, b"<html>", what="GET /api/lists"), RemoteError, "instead of JSON"),
        (answered(200, b"[]"), RemoteError, "no object; check base_url"),
        (answered(200, {"items": []}), RemoteError, "without 'lists'; check base_url"),
        (answered(200, {"lists": [{"name": "VIP"}]}), RemoteError, "without 'id'"),
        (answered(200, {"lists": ["VIP"]}), RemoteError, "without 'id'"),
    ],
)
def test_a_refusal_says_what_to_look_at(reply: Reply, error: type[CdpkitError], match: str) -> None:
    """Status decides, never the code alone, and the vendor's own text is never quoted."""
    reply = Reply(reply.status, reply.headers, reply.body, what="GET /api/lists")
    with pytest.raises(error, match=match) as raised:
        drive(VENDOR.check(SETTINGS), script(reply))
    assert SECRET not in str(raised.value)
    assert "ann@example.com" not in str(raised.value)


def test_discovery_finds_fields_and_lists() -> None:
    """Both are asked for at once; people can be put on Standard lists alone."""
    found, asked = drive(VENDOR.discover(SETTINGS), script(answered(body={"fields": TYPES}), lists_reply(VIP, LAPSED)))
    assert found.items == {"lists": (VIP, LAPSED)}
    assert [*TYPES.items()] == [(field.name, field.type) for field in found.fields]
    fitting = {field.type: field.holds for field in found.fields}
    assert (fitting["string"], fitting["long"], fitting["double"]) == ("text", "number", "decimal")
    wholes = {name for name in TYPES if any(other.startswith(f"{name}.") for other in TYPES)}
    assert {field.name for field in found.fields if field.in_parts} == wholes
    assert [call.path for call in calls(asked)] == ["/api/users/getFields", "/api/lists"]


def test_discovery_needs_fields() -> None:
    """An answer without fields is not Iterable's."""
    with pytest.raises(RemoteError, match="without 'fields'"):
        drive(VENDOR.discover(SETTINGS), script(answered(), lists_reply()))


def test_every_limit_says_where_its_figure_is_from() -> None:
    """Published figures are told apart from chosen ones."""
    assert all(limit.source and limit.calls > 0 for limit in VENDOR.limits.values())
    assert VENDOR.limits["get_users"].calls / VENDOR.limits["get_users"].seconds == pytest.approx(5 / 60)


# What an import may ask


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"all": False, "lists": ()}, "neither all nor lists is chosen"),
        ({"all": True, "lists": ("VIP",)}, "both all and lists are chosen"),
    ],
)
def test_a_source_names_everybody_or_lists(options: Mapping[str, Any], what: str) -> None:
    """Never both, and never neither."""
    (problem,) = importer().problems(asking(options))
    assert isinstance(problem, Problem)
    assert re.search(what, problem.what)


@pytest.mark.parametrize("options", [EVERYBODY, {"all": False, "lists": ("VIP", "502", "503")}])
def test_lists_may_be_given_by_name_or_id(options: Mapping[str, Any]) -> None:
    """Nothing is wrong with either."""
    assert importer().problems(asking(options)) == []


# Pulling


def pull(
    answer: Answer,
    options: Mapping[str, Any] = EVERYBODY,
    state: Mapping[str, Any] | None = None,
    given: Mapping[str, Any] = SETTINGS,
    wanted: tuple[str, ...] | None = None,
) -> tuple[Pulled, list[Effect]]:
    return drive(importer().pull(asking(options, given=given, wanted=wanted), state), answer)


def files(state: str, *numbers: int, **more: Any) -> Reply:
    named = [
        {"file": f"file-{n:02}.json", "url": f"https://files.example.com/{n}?Signature=x%2Fy&n={n}"} for n in numbers
    ]
    return answered(body={"jobId": 7, "jobState": state, "exportTruncated": False, "files": named, **more})


def jobs(*found: tuple[int, str, str]) -> Reply:
    named = ("id", "dataTypeName", "jobState")
    return answered(body={"jobs": [dict(zip(named, job, strict=True)) for job in found]})


STARTED = answered(body={"jobId": 7})
STORED = answered()


def test_everybody_comes_by_an_export_job() -> None:
    """The job is started once and waited for; its files are listed from the start then, and stored four at once."""
    pulled, asked = pull(
        script(
            jobs((6, "user", "completed")),
            STARTED,
            files("Enqueued"),
            files("running", 2),
            files("enqueued", 2),
            files("Completed", 1, 2, 3, 4, 5),
            *(STORED for _ in range(5)),
            files("completed", 6),
            STORED,
            files("completed"),
        )
    )
    assert {"users": tuple(f"users-7-{n}.ndjson" for n in range(1, 7))} == pulled.pages
    assert pulled.warnings == ()
    start = calls(asked)[1]
    assert (start.method, start.path, start.repeatable) == ("POST", "/api/export/start", False)
    assert sent(start) == {
        "dataTypeName": "user",
        "outputFormat": "application/x-json-stream",
        "startDateTime": "2000-01-01 00:00:00 +00:00",
        "endDateTime": "2100-01-01 00:00:00 +00:00",
    }
    assert [effect.seconds for effect in asked if isinstance(effect, Wait)] == [1, 2, 4]
    assert [len(effect.effects) for effect in asked if isinstance(effect, Together)] == [4, 1, 1]
    follow = [call.params for call in calls(asked) if call.path == "/api/export/7/files"]
    assert follow == [(), (), (), (), (("startAfter", "file-05.json"),), (("startAfter", "file-06.json"),)]
    download = next(call for call in calls(asked) if call.page == "users-7-2.ndjson")
    assert (
        download.path,
        download.params,
        download.headers,
    ) == ("https://files.example.com/2", (("Signature", "x/y"), ("n", "2")), {})
    assert "x/y" not in repr(download)


def test_a_job_that_starts_anew_is_listed_anew() -> None:
    """Its files may be others then; those that were stored before are fetched again under their old names."""
    state = asked_before() | {"job": UNDER_WAY, "fetched": 2, "after": "file-02.json"}
    pulled, asked = pull(
        script(files("running"), files("running"), files("completed", 1), STORED, files("completed")), state=state
    )
    assert pulled.pages == {"users": ("users-7-1.ndjson",)}
    follow = [call.params for call in calls(asked) if call.path == "/api/export/7/files"]
    assert follow == [(("startAfter", "file-02.json"),), (), (), (("startAfter", "file-01.json"),)]


def test_a_listing_that_ignores_where_it_is_to_start_ends() -> None:
    """No file is fetched twice."""
    pulled, _ = pull(script(jobs(), STARTED, files("completed", 1, 2), STORED, STORED, files("completed", 1, 2)))
    assert pulled.pages == {"users": ("users-7-1.ndjson", "users-7-2.ndjson")}


def test_a_job_that_failed_is_asked_for_again() -> None:
    """Three jobs at most; their pages do not mix."""
    second, third = answered(body={"jobId": 8}), answered(body={"jobId": 9})
    replies = [jobs(), STARTED, files("failed"), jobs(), second, files("FAILED"), jobs(), third]
    pulled, asked = pull(script(*replies, files("completed", 1), STORED, files("completed")))
    assert pulled.pages == {"users": ("users-9-1.ndjson",)}
    assert [effect.seconds for effect in asked if isinstance(effect, Wait)] == [5, 5]
    with pytest.raises(RemoteError, match="job 9 was failed at Iterable, as were the 2 before it; run it again"):
        pull(script(*replies, files("failed")))


def test_polling_waits_five_minutes_at_most() -> None:
    """The wait doubles from a second to 300."""
    idle = [files("enqueued") for _ in range(11)]
    _, asked = pull(script(jobs(), STARTED, *idle, files("completed")))
    waits = [effect.seconds for effect in asked if isinstance(effect, Wait)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_only_wanted_fields_are_exported() -> None:
    """What staging reads comes too, and objects come whole; a name with a comma cannot be told, so all fields come."""
    replies = (jobs(), STARTED, files("completed"))
    _, asked = pull(script(*replies), wanted=("tier", "addr.zip", "lists", "list_ids"))
    only = "email,userId,itblUserId,profileUpdatedAt,emailListIds,userListIds,tier,addr.zip,addr"
    assert only == sent(calls(asked)[1])["onlyFields"]
    _, asked = pull(script(*replies), wanted=("a,b",))
    assert "onlyFields" not in sent(calls(asked)[1])


class Jobs:
    """Iterable's export jobs as far as a pull can see them: every job has six files, three at once."""

    def __init__(self) -> None:
        self.made: list[int] = []
        self.stored: list[str] = []
        self.listed: list[str] = []

    def __call__(self, call: Http) -> Reply:
        if call.page is not None:
            (self.listed if call.path == "/api/lists/getUsers" else self.stored).append(call.page)
            return STORED
        if call.path == "/api/export/jobs":
            return jobs((3, "user", "completed"), *((job, "user", "running") for job in self.made))
        if call.path == "/api/export/start":
            self.made.append(7 + len(self.made))
            return answered(body={"jobId": self.made[-1]})
        if call.path == "/api/lists":
            return lists_reply(VIP, LAPSED)
        last = int(dict(call.params).get("startAfter", "file-00.json")[5:7])
        return files("completed", *range(last + 1, min(last + 4, 7)))


def test_a_pull_goes_on_that_an_earlier_version_was_killed_in() -> None:
    """Its job was kept in another form; it is neither started nor fetched again."""
    kept = {"windows": [["2000-01-01 00:00:00", "2100-01-01 00:00:00"]], "asked": True, "newest": 3, "job": 7}
    kept |= {"fetched": 2, "after": "file-02.json", "done": [], "lists": [], "stored": [], "warnings": []}
    world = Jobs()
    pulled, _ = pull(world, {"all": True, "lists": ()}, kept)
    assert pulled.pages == {"users": tuple(f"users-7-{n}.ndjson" for n in range(1, 7))}
    assert (world.made, world.stored) == ([], [f"users-7-{n}.ndjson" for n in range(3, 7)])


def test_a_killed_pull_goes_on_without_fetching_anything_twice() -> None:
    """From each state that was kept, a pull ends with the same pages and fetches only those that are missing."""
    options = {"all": False, "lists": ("VIP", "Lapsed")}
    whole, asked = pull(Jobs(), options)
    kept = [effect for effect in asked if isinstance(effect, Keep)]
    assert {"users": tuple(f"users-7-{n}.ndjson" for n in range(1, 7)), "list:502": ("list-502.txt",)} == whole.pages
    assert len(kept) == 6
    for stop in range(len(kept)):
        world = Jobs()
        effects = importer().pull(asking(options), None)
        left = stop + 1
        effect: Effect = next(effects)
        while not (isinstance(effect, Keep) and (left := left - 1) == 0):
            several = effect.effects if isinstance(effect, Together) else (effect,)
            replies = tuple(world(call) if isinstance(call, Http) else None for call in several)
            effect = effects.send(replies if isinstance(effect, Together) else replies[0])
        effects.close()
        assert isinstance(effect, Keep)
        again, _ = pull(world, options, json.loads(json.dumps(effect.state)))
        assert whole == again
        assert world.made == [7]
        assert sorted(set(world.stored)) == sorted(world.stored)
        assert world.listed == ["list-502.txt"]


def asked_before(newest: int | None = 6) -> dict[str, Any]:
    """The state of a pull that was killed while it asked for a job."""
    started = {"asked": True, "before": newest, "job": None}
    return {"windows": [["2000-01-01 00:00:00", "2100-01-01 00:00:00"]], "job": started}


UNDER_WAY = {"asked": True, "before": 6, "job": "7"}


@pytest.mark.parametrize(
    ("seen", "newest", "started"),
    [
        (jobs((6, "user", "running"), (7, "user", "Enqueued"), (8, "purchase", "running")), 6, False),
        (jobs((6, "user", "running")), 6, True),
        (jobs((7, "user", "running"), (8, "user", "running")), 6, True),
        (jobs((7, "user", "failed")), 6, True),
        (jobs((7, "user", "running")), None, True),
        (answered(404), 6, True),
    ],
)
def test_a_job_that_was_asked_for_is_looked_for_before_another(seen: Reply, newest: int | None, started: bool) -> None:
    """It is the only living user job since; where that cannot be told, another is started."""
    replies = [seen, *([STARTED] if started else []), files("completed")]
    _, asked = pull(script(*replies), state=asked_before(newest))
    assert started == ("/api/export/start" in [call.path for call in calls(asked)])
    assert calls(asked)[-1].path == "/api/export/7/files"


def test_a_start_without_an_answer_is_looked_up() -> None:
    """The job that came of it is followed, and none is started twice."""
    script_ = script(
        jobs((6, "user", "running")), InDoubtError("no answer"), jobs((7, "user", "running")), files("completed")
    )
    pulled, asked = pull(script_)
    assert pulled.pages == {"users": ()}
    assert [call.path for call in calls(asked)].count("/api/export/start") == 1
    assert [effect.seconds for effect in asked if isinstance(effect, Wait)] == [5]


def test_a_start_that_is_never_answered_gives_up() -> None:
    """After three times it is for later."""
    lost = (jobs(), InDoubtError("no answer"))
    with pytest.raises(UnavailableError, match="run it again later"):
        pull(script(*lost, *lost, *lost))


def test_jobs_that_cannot_be_listed_do_not_stop_a_pull() -> None:
    """The list of jobs only serves to find one again."""
    pulled, _ = pull(script(answered(403), STARTED, files("completed")))
    assert pulled.pages == {"users": ()}


def test_a_start_that_is_refused_stops_the_pull() -> None:
    """So does an answer without a job id."""
    with pytest.raises(RemoteError, match=r"status 400 \(BadParams\)"):
        pull(script(jobs(), answered(400, {"code": "BadParams"})))
    with pytest.raises(RemoteError, match="without 'jobId'"):
        pull(script(jobs(), answered(body={"jobId": "7"})))


def test_an_export_that_was_cut_off_is_done_again_in_halves() -> None:
    """Pages of the job that was cut off are left out, and those of both halves are used."""
    pulled, asked = pull(
        script(
            jobs(),
            STARTED,
            files("running", 1),
            files("completed", exportTruncated=True),
            jobs(),
            answered(body={"jobId": 8}),
            files("completed", 1),
            STORED,
            files("completed"),
            jobs(),
            answered(body={"jobId": 9}),
            files("completed", 1, 2),
            STORED,
            STORED,
            files("completed"),
        )
    )
    assert pulled.pages == {"users": ("users-8-1.ndjson", "users-9-1.ndjson", "users-9-2.ndjson")}
    windows = [sent(call) for call in calls(asked) if call.path == "/api/export/start"]
    spans = [(window["startDateTime"][:10], window["endDateTime"][:10]) for window in windows]
    assert spans == [("2000-01-01", "2100-01-01"), ("2000-01-01", "2049-12-31"), ("2049-12-31", "2100-01-01")]


def test_a_second_that_is_cut_off_cannot_be_halved() -> None:
    """People would be missing, so the pull fails."""
    state = {"windows": [["2000-01-01 00:00:00", "2000-01-01 00:00:01"]], "job": UNDER_WAY}
    with pytest.raises(RemoteError, match="single second"):
        pull(script(files("completed", exportTruncated=True)), state=state)


@pytest.mark.parametrize("reply", [files("Cancelled"), files("cancelling"), answered(404), answered(400)])
def test_a_job_that_is_gone_is_forgotten(reply: Reply) -> None:
    """The run fails, and the next one starts another job instead of waiting for this one."""
    kept: list[Keep] = []
    effects = importer().pull(asking(), asked_before() | {"job": UNDER_WAY})
    next(effects)
    effect = effects.send(reply)
    assert isinstance(effect, Keep)
    kept.append(effect)
    with pytest.raises(RemoteError, match="run it again to start another"):
        effects.send(None)
    assert kept[0].state["job"] == {"asked": False, "before": None, "job": None}
    assert kept[0].state["fetched"] == 0


def test_files_stored_before_one_that_failed_are_kept() -> None:
    """The error comes after what was stored is counted, whatever became of the files beside it."""
    effects = importer().pull(asking(), asked_before() | {"job": UNDER_WAY})
    next(effects)
    assert isinstance(effects.send(files("completed", 1, 2, 3, 4)), Together)
    kept = effects.send((STORED, STORED, UnavailableError("gone"), STORED))
    assert isinstance(kept, Keep)
    assert (kept.state["fetched"], kept.state["after"]) == (2, "file-02.json")
    with pytest.raises(UnavailableError, match="gone"):
        effects.send(None)


def test_addresses_that_expired_are_asked_for_again() -> None:
    """What was stored before the first expired one stays."""
    pulled, asked = pull(
        script(
            jobs(),
            STARTED,
            files("completed", 1, 2, 3),
            STORED,
            answered(403, b"<Error>Request has expired</Error>"),
            STORED,
            files("completed", 2, 3),
            STORED,
            STORED,
            files("completed"),
        )
    )
    assert {"users": tuple(f"users-7-{n}.ndjson" for n in (1, 2, 3))} == pulled.pages
    assert (("startAfter", "file-01.json"),) in [call.params for call in calls(asked)]


def test_files_that_can_never_be_fetched_stop_the_pull() -> None:
    """Three listings without a single file are enough."""
    expired = (files("completed", 1), answered(403))
    with pytest.raises(RemoteError, match="file store"):
        pull(script(jobs(), STARTED, *expired, *expired, *expired))


def test_a_file_without_an_address_is_not_iterables() -> None:
    """The answer is checked before it is used."""
    with pytest.raises(RemoteError, match="without 'file'"):
        pull(script(jobs(), STARTED, answered(body={"jobState": "completed", "files": ["file-1.json"]})))


LAPSED_ONLY = {"all": False, "lists": ("Lapsed",)}


@pytest.mark.parametrize(
    ("given", "params"),
    [(SETTINGS, (("listId", "502"),)), (HYBRID, (("listId", "502"), ("preferUserId", "true")))],
)
def test_people_of_a_dynamic_list_are_fetched_as_lines(given: Mapping[str, Any], params: tuple[Any, ...]) -> None:
    """The call is given half an hour; static lists need none."""
    options = {"all": False, "lists": ("VIP", "Lapsed")}
    there = lists_reply(VIP, LAPSED)
    pulled, asked = pull(script(jobs(), STARTED, STORED, files("completed"), there), options, given=given)
    assert pulled.pages == {"users": (), "list:502": ("list-502.txt",)}
    call = calls(asked)[2]
    assert (params, 1800, "get_users", "text/plain") == (call.params, call.timeout, call.limit, call.headers["Accept"])


def test_a_list_that_iterable_cannot_give_is_left_out_with_a_warning() -> None:
    """The rest is imported."""
    broken = UnavailableError("still 500")
    pulled, _ = pull(script(jobs(), STARTED, broken, files("completed"), lists_reply(LAPSED)), LAPSED_ONLY)
    assert pulled.pages == {"users": ()}
    assert "list 'Lapsed' could not be fetched" in pulled.warnings[0]


@pytest.mark.parametrize("status", [400, 404])
def test_a_list_that_is_gone_stops_the_pull(status: int) -> None:
    """The message names it and those that exist."""
    with pytest.raises(ConfigurationError, match=r"'Lapsed' \(id 502\) is gone.*VIP \(id 501\)"):
        pull(script(jobs(), STARTED, answered(status), lists_reply(VIP)), LAPSED_ONLY)


def test_a_list_that_may_not_be_read_stops_the_pull() -> None:
    """A refusal that is not about the list is told as it is."""
    with pytest.raises(CredentialsError, match="permissions"):
        pull(script(jobs(), STARTED, answered(403)), LAPSED_ONLY)


def test_a_list_that_vanishes_meanwhile_stops_the_pull() -> None:
    """Chosen lists are looked at once more at the end."""
    with pytest.raises(ConfigurationError, match=r"list 'VIP' \(id 501\) is gone.*Lapsed"):
        pull(script(jobs(), STARTED, files("completed"), lists_reply(LAPSED)), {"all": False, "lists": ("VIP",)})


# Staging: one row a person


def stage(
    users: Mapping[str, Any] | pl.DataFrame,
    options: Mapping[str, Any] = EVERYBODY,
    given: Mapping[str, Any] = SETTINGS,
    **lines: list[str],
) -> pl.DataFrame:
    named = {
        f"list:{name[1:]}": pl.DataFrame({"line": found}, schema={"line": pl.String}) for name, found in lines.items()
    }
    return importer().stage({"users": pl.DataFrame(users), **named}, asking(options, given=given))


def test_each_person_is_one_row_with_the_names_of_all_lists() -> None:
    """Lists that discovery does not know are left out."""
    staged = stage(
        {
            "email": ["ann@example.com", "bob@example.com", "cid@example.com"],
            "emailListIds": [[501, 503, 9], None, []],
            "tier": ["gold", None, "tin"],
        }
    )
    assert staged.columns == ["email", "emailListIds", "tier", "userId", "list_ids", "lists"]
    assert staged["lists"].to_list() == [["VIP", "Twin"], [], []]
    assert staged["list_ids"].to_list() == [["501", "503"], [], []]
    assert staged["userId"].to_list() == [None, None, None]


def test_both_list_fields_count_in_any_form() -> None:
    """A page may hold lists as numbers, as text, or not at all."""
    staged = stage(
        {
            "email": ["a@example.com", "b@example.com"],
            "emailListIds": ["[501]", None],
            "userListIds": [[501.0], [503.0]],
        }
    )
    assert staged["list_ids"].to_list() == [["501"], ["503"]]


def test_pages_without_anybody_are_staged_too() -> None:
    """The columns are there."""
    staged = stage({})
    assert {
        "email": pl.String,
        "userId": pl.String,
        "list_ids": pl.List(pl.String),
        "lists": pl.List(pl.String),
    } == dict(staged.schema)
    assert staged.is_empty()
    assert importer().stage({}, asking(found=Discovery())).is_empty()


def test_a_person_in_several_pages_is_the_row_updated_last() -> None:
    """E-mail is compared in lower case; forms of time are compared as moments, and the last of equals wins."""
    staged = stage(
        {
            "email": ["Ann@example.com", "bob@example.com", "ann@example.com ", "bob@example.com", "cid@example.com"],
            "profileUpdatedAt": [
                "2024-05-02 10:00:00 +02:00",
                None,
                "2024-05-02T09:30:00.123456.000Z",
                None,
                "2024-05-01",
            ],
            "tier": ["old", "old", "new", "new", "only"],
        }
    )
    assert staged["tier"].to_list() == ["new", "new", "only"]


@pytest.mark.parametrize(
    ("given", "tiers"),
    [(SETTINGS, ["b", "c", "d", "f"]), (USERID, ["a", "b", "d", "e", "f"]), (HYBRID, ["b", "d", "e", "f"])],
)
def test_what_tells_people_apart_is_the_projects_choice(given: Mapping[str, Any], tiers: list[str]) -> None:
    """By e-mail, by user id as it is written, or by either where somebody got a user id meanwhile."""
    staged = stage(
        {
            "email": ["ann@example.com", "ann@example.com", "bob@example.com", "cid@example.com", None, None],
            "userId": [None, "u-1", "u-2", "u-2", "U-2", None],
            "tier": list("abcdef"),
        },
        given=given,
    )
    assert tiers[-1] == "f"
    expected = {"email": ["b", "c", "d", "e", "f"], "userid": ["a", "b", "d", "e", "f"], "hybrid": ["b", "d", "e", "f"]}
    assert expected[given["project_type"]] == staged["tier"].to_list()


def test_addresses_that_iterable_made_up_are_no_email() -> None:
    """They still tell people apart in their project, and a line that names one finds its row."""
    staged = stage(
        {
            "email": ["x1@placeholder.email", "x2@Placeholder.Email", "x1@placeholder.email"],
            "userId": ["u-1", "u-2", "u-1"],
        },
        LAPSED_ONLY,
        l502=["x2@placeholder.email", "x3@placeholder.email"],
    )
    assert staged.select("email", "userId").rows() == [(None, "u-2")]


def test_only_people_of_the_chosen_lists_are_staged() -> None:
    """Static lists are on the profile, others are lines; people of lines without a profile have their identifier."""
    emails = ["ann@example.com", "bob@example.com", "cid@example.com"]
    users = {"email": emails, "userId": ["u-1", "u-2", "u-3"], "emailListIds": [[501], [503], []]}
    lines = ["BOB@example.com", "new@example.com", "new@example.com", "", "u-9"]
    staged = stage(users, {"all": False, "lists": ("VIP", "Lapsed")}, l502=lines)
    assert_frame_equal(
        pl.DataFrame(
            {
                "email": ["ann@example.com", "bob@example.com", "new@example.com", None],
                "userId": ["u-1", "u-2", None, "u-9"],
                "lists": [["VIP"], ["Twin", "Lapsed"], ["Lapsed"], ["Lapsed"]],
                "list_ids": [["501"], ["503", "502"], ["502"], ["502"]],
            }
        ),
        staged.select("email", "userId", "lists", "list_ids"),
    )


@pytest.mark.parametrize("given", [USERID, HYBRID])
def test_lines_name_user_ids_first_where_these_identify(given: Mapping[str, Any]) -> None:
    """An e-mail address in a line finds its row there too, and user ids are compared as they are written."""
    users = {"email": ["ann@example.com", "bob@example.com"], "userId": ["u-1", "u-2"]}
    staged = stage(users, LAPSED_ONLY, given, l502=["u-1", "Bob@Example.com", "U-1"])
    assert staged["userId"].to_list() == ["u-1", "u-2", "U-1"]


def test_a_list_that_could_not_be_fetched_stages_nobody() -> None:
    """Its people are missing, not everybody's."""
    assert stage({"email": ["ann@example.com"]}, LAPSED_ONLY).is_empty()


def test_objects_become_dotted_columns() -> None:
    """Rows that are flat already and rows that nest end in the same columns; lists of objects stay."""
    frame = pl.DataFrame(
        {
            "email": ["a@example.com", "b@example.com"],
            "addr": [{"zip": "1000", "geo": {"lat": 1.5}}, None],
            "addr.zip": [None, "2000"],
            "addr.geo.lat": [None, "2.5"],
            "pets": [[{"name": "Rex"}], None],
        }
    )
    staged = stage(frame)
    assert staged["addr.zip"].to_list() == ["1000", "2000"]
    assert staged["addr.geo.lat"].to_list() == ["1.5", "2.5"]
    assert staged["pets"].to_list() == [['{"name":"Rex"}'], None]


def test_moments_are_written_as_the_core_reads_them() -> None:
    """Fields that Iterable calls dates, in every form that its exports have; what is no date stays."""
    born = [
        "2024-05-01 10:00:00 +00:00",
        "2024-05-01 12:00:00 +0200",
        "2024-05-01T10:00:00.000Z",
        "2024-05-01T10:00:00.000000.000Z",
        "2024-05-01 10:00:00",
        " 2024-05-01T10:00 ",
        "2024-05-01",
        "soon",
    ]
    users = {
        "email": [f"p{n}@example.com" for n in range(8)],
        "born": born,
        "tier": born,
        "vip": [[text] for text in born],
    }
    staged = stage(users)
    read = datetimes(staged["born"], "Europe/Brussels")
    ten = datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert [ten] * 6 == read[:6].to_list()
    assert staged["born"].to_list()[6:] == ["2024-05-01", "soon"]
    assert born == staged["tier"].to_list()


def test_lists_of_moments_are_read_one_by_one() -> None:
    """A date field may hold several; numbers in it stay."""
    staged = stage({"email": ["a@example.com"], "born": [["2024-05-01 10:00:00"]]})
    assert staged["born"].to_list() == [["2024-05-01T10:00:00Z"]]
    assert stage({"email": ["a@example.com"], "born": [1]})["born"].to_list() == [1]


def test_staging_reads_what_it_says() -> None:
    """Identifiers, list ids and the time of the last update."""
    assert importer().needs == ("email", "userId", "itblUserId", "profileUpdatedAt", "emailListIds", "userListIds")
    assert importer().everyone == EVERYBODY


# What an export may ask


def asked(
    *fields: str,
    by: tuple[str, ...] = ("email",),
    create: bool = True,
    given: Mapping[str, Any] = SETTINGS,
    found: Discovery = FOUND,
    **options: Any,
) -> ExportAsked:
    target = {"lists": (), "on_enter": True, "on_leave": False, "create_fields": True, "parts_of_objects": True}
    target |= options
    return ExportAsked(given, target, found, identifiers=by, fields=fields, create=create)


@pytest.mark.parametrize(
    ("given", "by"),
    [
        (SETTINGS, ("email",)),
        (SETTINGS, ("userId",)),
        (USERID, ("userId",)),
        (HYBRID, ("email",)),
        (HYBRID, ("userId",)),
        (HYBRID, ("userId", "email")),
    ],
)
def test_identifiers_that_the_project_takes(given: Mapping[str, Any], by: tuple[str, ...]) -> None:
    """Nothing is wrong with them."""
    goal = asked("tier", "new field", by=by, given=given, lists=("VIP",), on_leave=True)
    assert exporter().problems(goal) == []


@pytest.mark.parametrize(
    ("given", "by"),
    [
        (SETTINGS, ()),
        (SETTINGS, ("email", "userId")),
        (SETTINGS, ("phone",)),
        (SETTINGS, ("email", "phone")),
        (USERID, ("email",)),
        (USERID, ("email", "userId")),
        (HYBRID, ()),
    ],
)
def test_identifiers_that_the_project_does_not_take(given: Mapping[str, Any], by: tuple[str, ...]) -> None:
    """The problem names those that it takes."""
    (problem,) = exporter().problems(asked(by=by, given=given))
    assert (problem.where, "userId" in problem.what) == ("identifiers", True)


@pytest.mark.parametrize(
    ("goal", "where", "what"),
    [
        (asked(on_leave=True), "target.on_leave", "no list is chosen"),
        (asked("profileUpdatedAt"), "mappings", "managed by Iterable"),
        (asked("itblInternal.emailDomain"), "mappings", "managed by Iterable"),
        (asked("tier", "tier"), "mappings", "filled twice"),
        (asked("email", by=("userId",)), "mappings", "identifies people"),
        (asked("userId", by=("userId",)), "mappings", "identifies people"),
        (asked("pets.name"), "mappings", "written as a whole"),
        (asked("addr"), "mappings", "'addr' is an object or an array of objects, which no value"),
        (asked("pets"), "mappings", "'pets' is an array of objects, which no value"),
        (asked("home"), "mappings", "'home' is a place, which no value"),
        (asked("addr.zip", parts_of_objects=False), "mappings", "'addr.zip' is inside 'addr', which may be an array"),
        (asked("adr.zip", create_fields=False), "mappings", "no field 'adr.zip' at Iterable; there are: addr.zip, "),
        (asked("Tier", create_fields=False), "mappings", "no field 'Tier' at Iterable; there are: tier, "),
    ],
)
def test_what_is_wrong_with_an_export(goal: ExportAsked, where: str, what: str) -> None:
    """Each has one problem that says how to mend it."""
    (problem,) = exporter().problems(goal)
    assert where == problem.where
    assert what in problem.what


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        *((name, "unsubscribed") for name in ("unsubscribedChannelIds", "unsubscribedMessageTypeIds")),
        *((name, "unsubscribed") for name in ("subscribedMessageTypeIds", "receivedSMSDisclaimer")),
        *((name, "target.lists") for name in ("emailListIds", "userListIds")),
        *((name, "another field") for name in ("signupDate", "signupSource", "itblUserId", "devices", "itblDS.label")),
    ],
)
def test_managed_fields_are_no_plain_ones(name: str, fix: str) -> None:
    """Whatever the goal may make, and whether or not the project has them yet; one problem says what to do instead."""
    for create in (True, False):
        (problem,) = exporter().problems(asked(name, create_fields=create))
        assert (problem.where, name in problem.what, fix in problem.fix) == ("mappings", True, True)


def test_many_fields_are_named_nearest_first() -> None:
    """A project may have a thousand."""
    many = Discovery(tuple(VendorField(f"field_{n:04}", "string") for n in range(1000)), FOUND.items)
    (problem,) = exporter().problems(asked("field_0500", "feld_0777", found=many, create_fields=False))
    assert "no field 'feld_0777' at Iterable; there are: field_0777, " in problem.what
    assert problem.what.endswith(", and 980 more")
    assert problem.fix == "correct the name, or let Iterable make it with target.create_fields = true"


LEFT_OUT: dict[str, Any] = SETTINGS | {"project_type": None}
SIGNS = [("userListIds", "long"), ("itblUserId", "string")]


@pytest.mark.parametrize("sign", SIGNS)
def test_the_type_of_a_project_is_told_by_its_fields(sign: tuple[str, str]) -> None:
    """A setting may say more, but not that it is based on e-mail although it is not."""
    shown = replace(FOUND, fields=(*FOUND.fields, VendorField(*sign)))
    for by in (("email",), ("userId",), ("email", "userId")):
        assert exporter().problems(asked("tier", by=by, given=LEFT_OUT, found=shown)) == []
    assert exporter().problems(asked("tier", by=("email", "userId"), given=LEFT_OUT))
    assert body(asked(by=("userId",), found=shown), given=LEFT_OUT, userId="u-1") == {"userId": "u-1"}
    (problem,) = VENDOR.contradictions(SETTINGS, shown)
    assert problem.where == "settings.project_type"
    assert sign[0] in problem.what
    assert [VENDOR.contradictions(given, shown) for given in (LEFT_OUT, USERID, HYBRID)] == [[], [], []]
    assert [VENDOR.contradictions(given, FOUND) for given in (LEFT_OUT, SETTINGS, USERID, HYBRID)] == [[], [], [], []]
    people_ = {"email": [ANN, ANN.upper()], "userId": ["u-1", "u-2"], "itblUserId": ["i1", "i2"]}
    assert importer().stage({"users": pl.DataFrame(people_)}, asking(found=shown, given=LEFT_OUT)).height == 2


def test_the_vendors_own_id_tells_people_apart() -> None:
    """Where an address may be shared, and a user id be lacking; without it the identifiers do."""
    people_ = {
        "email": [ANN, ANN, ANN, BOB, BOB],
        "userId": ["u-1", None, "u-2", None, "u-3"],
        "itblUserId": ["i1", "i1", "i2", None, None],
        "profileUpdatedAt": [f"2024-05-0{n} 10:00:00 +00:00" for n in range(1, 6)],
    }
    for project, left in ((HYBRID, [2, 3, 5]), (USERID, [2, 3, 4, 5]), (SETTINGS, [3, 5])):
        days = [int(text[9]) for text in stage(people_, given=project)["profileUpdatedAt"]]
        assert (project["project_type"], days) == (project["project_type"], left)


def test_lists_are_found_by_name_or_id_and_once() -> None:
    """The same list twice is one."""
    lists = exporter().lists
    assert (VIP, TWINS[1]) == lists(asked(lists=("VIP", "501", "504")))
    with pytest.raises(UnknownNameError, match=r"there are: Lapsed \(id 502\)"):
        lists(asked(lists=("Nope",)))
    with pytest.raises(ConfigurationError, match="use the id"):
        lists(asked(lists=("Twin",)))


def test_an_id_comes_before_a_name() -> None:
    """So that an id always helps where names are shared."""
    confusing = Discovery((), {"lists": (Item("1", "2"), Item("2", "1"))})
    assert tuple(item.id for item in exporter().lists(asked(found=confusing, lists=("2",)))) == ("2",)


def test_identifiers_are_compared_as_iterable_does() -> None:
    """E-mail without regard to case, user ids exactly; blank is none."""
    values = pl.Series("v", [" Ann@Example.com", "", None])
    assert exporter().compared(values, "email").to_list() == ["ann@example.com", None, None]
    assert exporter().compared(values, "userId").to_list() == ["Ann@Example.com", None, None]
    assert exporter().compared(pl.Series([7]), "userId").to_list() == ["7"]


# Values and identifiers of an export


MOMENT = datetime(2024, 5, 1, 10, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        ("tier", ["gold", " ", None], ["gold", None, None]),
        ("tier", [3, None], ["3", None]),
        ("tier", [True], ["true"]),
        ("tier", [date(2024, 5, 1)], ["2024-05-01"]),
        ("tier", [[1, 2], []], [["1", "2"], None]),
        ("orders", ["12", "1.5", "many", " 7 ", "+7"], [12, None, None, 7, None]),
        ("orders", [1.0, 1.5], [1, None]),
        ("orders", [True], [None]),
        ("orders", [["1", "2"], ["1", "x"], ["", "3"], None], [[1, 2], None, [3], None]),
        ("ltv", [1, 2], [1.0, 2.0]),
        ("ltv", ["1.5", "nan"], [1.5, None]),
        ("vip", ["yes", "maybe"], [True, None]),
        ("vip", [1, 2], [True, None]),
        ("born", [MOMENT], ["2024-05-01 10:00:00 +00:00"]),
        ("born", [date(2024, 5, 1), None], ["2024-05-01", None]),
        (
            "born",
            ["2024-05-01T12:00:00+02:00", "2024-05-01", "2024-05-01 10:00", "01/05/2024", " "],
            ["2024-05-01 10:00:00 +00:00", "2024-05-01", "2024-05-01 10:00:00 +00:00", None, None],
        ),
        ("born", [7], [None]),
        ("born", [["2024-05-01", "soon"], ["2024-05-01"]], [None, ["2024-05-01"]]),
        ("home", ["here", None], [None, None]),
        ("addr", [1], [None]),
        ("pets", [["Rex"], []], [None, None]),
        ("new", ["gold", " "], ["gold", " "]),
        ("new", [7], [7]),
        ("new", [1.5], [1.5]),
        ("new", [False], [False]),
        ("new", [MOMENT], ["2024-05-01 10:00:00 +00:00"]),
        ("new", [[MOMENT, None]], [["2024-05-01 10:00:00 +00:00"]]),
        ("new", [date(2024, 5, 1)], ["2024-05-01"]),
    ],
)
def test_values_as_the_field_takes_them(field: str, values: list[Any], expected: list[Any]) -> None:
    """A value that does not fit is null, and so is a list with such an element."""
    made = exporter().convert(pl.Series("v", values), field, asked())
    assert expected == made.to_list()
    assert ("v", len(values)) == (made.name, made.len())


@pytest.mark.parametrize(
    "dtype", [pl.String, pl.Int64, pl.Float64, pl.Boolean, pl.Date, pl.Datetime("us", "UTC"), pl.Null]
)
@pytest.mark.parametrize("field", [*TYPES, "new"])
def test_every_type_goes_into_every_field(dtype: Any, field: str) -> None:
    """No combination fails, and empty stays empty, alone and in lists."""
    for values in (pl.Series("v", [None], dtype=dtype), pl.Series("v", [], dtype=dtype)):
        assert exporter().convert(values, field, asked()).null_count() == values.len()
        lists = pl.Series("v", [[]] * values.len(), dtype=pl.List(dtype))
        assert exporter().convert(lists, field, asked()).null_count() == values.len()


def test_other_columns_are_taken_too() -> None:
    """Arrays are lists, and categories are texts."""
    array = pl.Series("v", [[1, 2]], dtype=pl.Array(pl.Int64, 2))
    assert exporter().convert(array, "tier", asked()).to_list() == [["1", "2"]]
    assert pl.String == exporter().convert(pl.Series(["a"], dtype=pl.Categorical), "new", asked()).dtype


# Bodies


def body(goal: ExportAsked, *fields: SentField, given: Any = SETTINGS, **values: Any) -> dict[str, Any]:
    frame = pl.DataFrame({name: [value] for name, value in values.items()}, strict=False)
    made: dict[str, Any] = json.loads(render(frame, way().members(replace(goal, settings=given), fields))[0])
    return made


def field(name: str, dtype: Any = pl.String, **more: Any) -> SentField:
    return SentField(name, f"c_{name}", dtype() if isinstance(dtype, type) else dtype, **more)


def test_a_body_names_the_person_and_the_fields() -> None:
    """Order is the mappings'; empty fields are left out unless they are to be cleared."""
    fields = [field("tier"), field("orders", pl.Int64), field("vip", pl.Boolean, send_empty=True), field("born")]
    made = body(asked(), *fields, email="a@example.com", c_tier="gold", c_orders=3, c_vip=None, c_born=None)
    assert made == {"email": "a@example.com", "dataFields": {"tier": "gold", "orders": 3, "vip": None}}
    assert list(made) == ["email", "dataFields"]


def test_a_body_without_fields_is_the_identifier() -> None:
    """No empty object is sent."""
    assert body(asked(), email="a@example.com") == {"email": "a@example.com"}


def test_doubles_keep_their_point() -> None:
    """Iterable fixes a field's type at its first value; several values may be joined into one text."""
    frame = pl.DataFrame({"email": ["a@example.com"], "c_ltv": [3.0], "c_new": [[1, 2]]})
    fields = [field("ltv", pl.Float64), field("new", pl.List(pl.Int64), join="|")]
    (text,) = render(frame, way().members(asked(), fields))
    assert text == '{"email":"a@example.com","dataFields":{"ltv":3.0,"new":"1|2"}}'
    whole = frame.with_columns(pl.lit(3, pl.Int64).alias("c_ltv"))
    (text,) = render(whole, way().members(asked(), [field("ltv", pl.Int64)]))
    assert '"ltv":3.0' in text


def test_parts_of_an_object_are_written_into_it() -> None:
    """The rest of the object is kept; a dot below no object is part of a name."""
    fields = [field("addr.zip"), field("tier"), field("addr.geo.lat", pl.Float64), field("a.b")]
    made = body(
        asked(),
        *fields,
        email="a@example.com",
        **{"c_addr.zip": "1", "c_tier": "x", "c_addr.geo.lat": 1.5, "c_a.b": "y"},
    )
    assert made["dataFields"] == {"addr": {"zip": "1", "geo": {"lat": 1.5}}, "tier": "x", "a.b": "y"}
    assert made["mergeNestedObjects"] is True


@pytest.mark.parametrize(
    ("given", "goal", "expected"),
    [
        (SETTINGS, asked(by=("userId",)), {"userId": "u-1", "preferUserId": True}),
        (SETTINGS, asked(by=("userId",), create=False), {"userId": "u-1"}),
        (USERID, asked(by=("userId",)), {"userId": "u-1"}),
        (HYBRID, asked(by=("email", "userId")), {"email": "a@example.com", "userId": "u-1"}),
    ],
)
def test_a_project_by_email_is_told_to_create_by_user_id(
    given: Mapping[str, Any], goal: ExportAsked, expected: Mapping[str, Any]
) -> None:
    """Only there it matters, and only where people may be created."""
    assert expected == body(goal, given=given, email="a@example.com", userId="u-1")


# Sending people


def result(fail: int = 0, top: Mapping[str, list[str]] | None = None, **failed: list[str]) -> Reply:
    return answered(body={"successCount": 1, "failCount": fail, "failedUpdates": failed, **(top or {})})


def people(
    *emails: str | None,
    enter: Mapping[int, list[str]] | None = None,
    fields: Mapping[str, Any] | None = None,
    **ids: Any,
) -> Outgoing:
    rows = pl.DataFrame(
        {"row": range(len(emails)), "email": list(emails), **ids},
        schema_overrides={"row": pl.Int64, "email": pl.String},
    )
    entering = [(enter or {}).get(n, []) for n in range(len(emails))]
    bodies = [json.dumps({"n": n}) for n in range(len(emails))]
    rows = rows.with_columns(
        pl.Series("body", bodies, pl.String), pl.Series("enter", entering, dtype=pl.List(pl.String))
    )
    return Outgoing(rows, pl.DataFrame(fields or {"tier": ["x"] * len(emails)}))


def push(
    answer: Answer, who: Outgoing, goal: ExportAsked | None = None, given: Mapping[str, Any] = SETTINGS
) -> tuple[dict[int, tuple[str, str | None, list[str]]], list[Http]]:
    told, effects = drive(way().push(replace(goal or asked("tier"), settings=given), who), answer)
    outcome = all_accepted(who.rows["row"]) if told is None else told
    assert {"row": pl.Int64, "fate": pl.String, "reason": pl.String, "lists": pl.List(pl.String)} == dict(
        outcome.schema
    )
    assert who.rows["row"].to_list() == outcome["row"].to_list()
    return {row: (fate, reason, lists) for row, fate, reason, lists in outcome.rows()}, calls(effects)


def numbers(call: Http) -> list[int]:
    """Which people a bulk update carries."""
    return [user["n"] for user in sent(call)["users"]]


ANN, BOB, CID, DEE = (f"{name}@example.com" for name in ("ann", "bob", "cid", "dee"))
FINE: tuple[str, str | None, list[str]] = ("accepted", None, [])


def refused(reason: str) -> tuple[str, str, list[str]]:
    return ("rejected", reason, [])


def test_nobody_asks_for_nothing() -> None:
    """An empty batch and an empty withdrawal make no call."""
    assert push(script(), people()) == ({}, [])
    outcome, effects = drive(withdrawal().take(asked(), VIP, people().rows.select("row", "email")), script())
    assert (outcome.height, effects) == (0, [])


def test_people_are_updated_in_bulk() -> None:
    """Bodies are joined as they are, new fields are made, and the call may be repeated."""
    outcome, (call,) = push(script(result()), people(ANN, BOB))
    assert outcome == {0: FINE, 1: FINE}
    assert call.body == b'{"createNewFields":true,"users":[{"n": 0},{"n": 1}]}'
    assert (
        call.method,
        call.path,
        call.limit,
        call.repeatable,
    ) == ("POST", "/api/users/bulkUpdate", "bulk_update", True)
    assert call.headers["Content-Type"] == "application/json"
    assert way().overhead == len(b'{"createNewFields":false,"users":[]}')


@pytest.mark.parametrize(
    "reply",
    [
        result(1, invalidEmails=["BOB@Example.com"]),
        result(1, top={"invalidEmails": ["bob@example.com"], "invalidUserIds": []}),
        result(1, top={"invalidEmails": ["bob@example.com"]}, invalidEmails=["bob@example.com"], noOpEmails=[ANN]),
        answered(body={"successCount": 1, "failCount": 1, "invalidEmails": ["bob@example.com"]}),
    ],
)
def test_failures_are_named_by_value(reply: Reply) -> None:
    """In the new place, the old one, or both; whoever is not named went in."""
    outcome, _ = push(script(reply), people(ANN, BOB))
    assert {0: FINE, 1: refused("invalidEmails")} == outcome


def test_user_ids_are_matched_exactly() -> None:
    """A user id in another case is somebody else."""
    who = people(None, None, userId=["u-1", "U-1"])
    outcome, _ = push(script(result(1, forgottenUserIds=["U-1"])), who, asked("tier", by=("userId",)), USERID)
    assert {0: FINE, 1: refused("forgottenUserIds")} == outcome


def test_somebody_named_by_both_identifiers_fails_once() -> None:
    """The first of the words is the reason."""
    who = people(ANN, BOB, userId=["u-1", "u-2"])
    reply = result(1, forgottenEmails=[ANN], forgottenUserIds=["u-1"])
    outcome, _ = push(script(reply), who, asked("tier", by=("email", "userId")), HYBRID)
    assert {0: refused("forgottenEmails"), 1: FINE} == outcome


@pytest.mark.parametrize("guilty", [1, 2])
def test_a_clash_of_identifiers_is_not_blamed_on_whom_it_names(guilty: int) -> None:
    """The name is the one that is in the way; the others are sent once more, and clear or convict who bears it."""
    who = people(ANN, BOB, CID, DEE, userId=["u-1", "u-2", "u-3", "u-4"])

    def answer(call: Http) -> Reply:
        return result(1, top={"invalidEmails": [BOB]}, conflictEmails=[BOB]) if guilty in numbers(call) else result()

    outcome, asked_ = push(answer, who, asked("tier", by=("email", "userId")), HYBRID)
    assert {n: refused("conflictEmails") if n == guilty else FINE for n in range(4)} == outcome
    assert [numbers(call) for call in asked_][:2] == [[0, 1, 2, 3], [0, 2, 3]]
    assert len(asked_) == (2 if guilty == 1 else 7)


def test_the_deprecated_lists_count_last() -> None:
    """They may hold all who failed, whatever the reason."""
    reply = result(2, top={"invalidEmails": [ANN, BOB]}, forgottenEmails=[BOB], notFoundEmails=[ANN])
    outcome, asked_ = push(script(reply), people(ANN, BOB, CID))
    assert {0: refused("notFoundEmails"), 1: refused("forgottenEmails"), 2: FINE} == outcome
    assert len(asked_) == 1


@pytest.mark.parametrize("value", ["a..b@example.com", [DEE, "a..b@example.com"]])
def test_an_address_inside_the_fields_names_its_person(value: Any) -> None:
    """Alone or in a list; whoever else has an address of that form is another person."""
    who = people(None, None, None, userId=["u-1", "u-2", "u-3"], fields={"n": [1, 2, 3], "mail": [None, value, None]})
    reply = result(1, invalidEmails=["A..b@example.com"])
    outcome, asked_ = push(script(reply), who, asked("n", "mail", by=("userId",)), USERID)
    assert {0: FINE, 1: refused("invalidEmails"), 2: FINE} == outcome
    assert len(asked_) == 1


def test_new_fields_are_made_where_the_goal_says_so_and_told() -> None:
    """A typo makes a field for ever."""
    made = answered(body={"successCount": 2, "failCount": 0, "createdFields": ["tier", "else"]})
    for create, text in ((True, "true"), (False, "false")):
        goal = asked("tier", create_fields=create)
        _, effects = drive(way().push(goal, people(ANN, BOB)), script(made))
        assert (calls(effects)[0].body or b"").startswith(f'{{"createNewFields":{text},'.encode())
        told = [effect.text for effect in effects if isinstance(effect, Tell)]
        assert told == ["Iterable has made the field 'tier', which it had not before"]


def test_failures_that_nobody_is_named_for_are_found_by_halves() -> None:
    """Who is named stays refused, and the others are sent again until the count adds up."""
    replies = [
        result(2, invalidEmails=[ANN]),
        result(0),  # bob
        result(1),  # cid and dee
        result(1),  # cid
        result(0),  # dee
    ]
    outcome, asked_ = push(script(*replies), people(ANN, BOB, CID, DEE))
    assert {0: refused("invalidEmails"), 1: FINE, 2: refused("failCount"), 3: FINE} == outcome
    assert [numbers(call) for call in asked_] == [[0, 1, 2, 3], [1], [2, 3], [2], [3]]


def test_more_names_than_failures_are_sent_one_by_one() -> None:
    """A value that two rows share is told apart."""
    replies = [result(1, invalidDataEmails=[BOB]), result(1, invalidDataEmails=[BOB]), result(0)]
    outcome, asked_ = push(script(*replies), people(ANN, BOB, BOB))
    assert {0: FINE, 1: refused("invalidDataEmails"), 2: FINE} == outcome
    assert [numbers(call) for call in asked_] == [[0, 1, 2], [1], [2]]


def test_a_single_person_is_refused_with_any_word_there_is() -> None:
    """The name may be written otherwise than ours."""
    outcome, _ = push(script(result(1, invalidEmails=["ann(at)example.com"])), people(ANN))
    assert {0: refused("invalidEmails")} == outcome


def test_an_answer_without_a_count_is_not_iterables() -> None:
    """Nothing is taken for accepted then."""
    with pytest.raises(RemoteError, match="without 'failCount'"):
        push(script(answered(body={"msg": "ok"})), people(ANN))


def test_fields_that_the_project_drops_stop_the_goal() -> None:
    """Their data would be lost in silence."""
    reply = answered(body={"successCount": 1, "failCount": 0, "filteredOutFields": ["tier"]})
    with pytest.raises(ConfigurationError, match="dropped the fields tier: this project does not take new fields"):
        push(script(reply), people(ANN))


def mistyped(**errors: Mapping[str, Any]) -> Reply:
    return answered(
        400, {"msg": f"{ANN}", "code": "RequestFieldsTypesMismatched", "params": {"validationErrors": errors}}
    )


CLASH = {"incomingTypes": ["string", "keyword"], "category": "user", "offendingValue": ANN, "_type": "UnexpectedType"}


@pytest.mark.parametrize(
    ("values", "error", "wrong"),
    [
        (["2024-05-01", "soon", None], CLASH | {"expectedType": "date"}, [1]),
        (["2024-05-01T10:00:00Z", "2024-05-01T10:00:00.123Z", " "], CLASH | {"expectedType": "date"}, [0]),
        (["12", None, "x"], CLASH | {"expectedType": "long"}, [0, 2]),
        (["a", "2024-05-01", None], {"incomingTypes": ["date"], "expectedType": "string"}, [1]),
        ([1, None, 2], {"incomingTypes": ["long"], "expectedType": "double"}, [0, 2]),
        ([None, 1, None], {"incomingTypes": ["long"], "expectedType": "long"}, [1]),
        ([1.5, None, None], {"incomingTypes": ["double"], "expectedType": "boolean"}, [0]),
        ([True, None, None], {"expectedType": "date"}, [0]),
        ([["2024-05-01", "soon"], ["2024-05-01"], []], CLASH | {"expectedType": "date"}, [0]),
    ],
)
def test_people_with_a_value_of_another_type_are_refused(
    values: list[Any], error: Mapping[str, Any], wrong: list[int]
) -> None:
    """The field and the type that Iterable expects are the reason; the others are sent again."""
    who = people(ANN, BOB, CID, fields={"tier": values})
    outcome, asked_ = push(script(mistyped(tier=error, other=error), result()), who)
    reason = f"RequestFieldsTypesMismatched: tier expects {error['expectedType']}"
    assert {n: refused(reason) if n in wrong else FINE for n in range(3)} == outcome
    assert [n for n in range(3) if n not in wrong] == numbers(asked_[1])


def test_each_field_that_clashes_refuses_its_people() -> None:
    """Of two reasons a person has the first; later rounds look at the right rows."""
    who = people(ANN, BOB, CID, DEE, fields={"tier": ["1", "x", "y", None], "vip": [None, "z", None, "w"]})
    replies = [
        mistyped(tier={"expectedType": "long"}, vip={"expectedType": "boolean"}),
        result(),
    ]
    outcome, _ = push(script(replies[0]), who, asked("tier", "vip"))
    said = [reason for _, reason, _ in outcome.values()]
    assert [str(reason).endswith("tier expects long") for reason in said[:3]] == [True, True, True]
    assert str(said[3]).endswith("vip expects boolean")
    first = answered(400, {"code": "BadJsonBody", "params": {"obj.users[0].email": "x"}})
    outcome, asked_ = push(
        script(first, mistyped(vip={"expectedType": "boolean"}), replies[1]), who, asked("tier", "vip")
    )
    assert [refused("BadJsonBody: email"), "vip", FINE, "vip"] == [
        outcome[0],
        str(outcome[1][1])[30:33],
        outcome[2],
        str(outcome[3][1])[30:33],
    ]
    assert numbers(asked_[2]) == [2]


@pytest.mark.parametrize(
    "reply",
    [
        mistyped(other={"expectedType": "long"}),
        mistyped(tier={"expectedType": "string", "incomingTypes": ["long"]}),
        answered(400, {"code": "RequestFieldsTypesMismatched", "params": None}),
        answered(400, {"code": "RequestFieldsTypesMismatched", "params": {"validationErrors": ["tier"]}}),
        answered(400, {"code": "BadJsonBody", "params": None}),
        answered(400, {"code": "BadJsonBody", "params": {"obj.users[99].email": "x"}}),
        answered(400, {"code": "BatchTooLarge"}),
        answered(413, b"<html>"),
        answered(409, {"code": "Conflict"}),
        answered(408, b""),
    ],
)
def test_a_refusal_that_names_nobody_is_found_by_halves(reply: Reply) -> None:
    """Only the person who causes it is refused."""

    def answer(call: Http) -> Reply:
        return reply if 2 in numbers(call) else result()

    outcome, asked_ = push(answer, people(ANN, BOB, CID, DEE))
    assert [outcome[n] for n in (0, 1, 3)] == [FINE, FINE, FINE]
    assert outcome[2][0] == "rejected"
    assert "@" not in str(outcome[2][1])
    assert [numbers(call) for call in asked_] == [[0, 1, 2, 3], [0, 1], [2, 3], [2], [3]]


def test_a_malformed_person_is_refused_by_index() -> None:
    """The member that is wrong is the reason; a path that may hold more than names is cut."""
    params = {"obj.users[1].preferUserId": "Boolean value expected", "obj.users[2]": "x", "obj.users[3].a\n@": "x"}
    bad = answered(400, {"msg": SECRET, "code": "BadJsonBody", "params": params})
    outcome, asked_ = push(script(bad, result()), people(ANN, BOB, CID, DEE))
    reasons = [reason for _, reason, _ in outcome.values()]
    assert reasons[:3] == [None, "BadJsonBody: preferUserId", "BadJsonBody"]
    assert "@" not in str(reasons[3])
    assert numbers(asked_[1]) == [0]


@pytest.mark.parametrize(("status", "error"), [(401, CredentialsError), (403, CredentialsError), (404, RemoteError)])
def test_a_refusal_of_the_whole_stops_the_goal(status: int, error: type[CdpkitError]) -> None:
    """It is about the key or the address, not about people."""
    with pytest.raises(error):
        push(script(answered(status)), people(ANN, BOB))
    with pytest.raises(CredentialsError):
        push(script(answered(400, {"code": "JwtUserIdentifiersMismatched"})), people(ANN, BOB))


@pytest.mark.parametrize("code", ["BadParams", "UniqueFieldsLimitExceeded", "QueueEmailError", "SomethingNew"])
def test_a_refusal_that_no_splitting_mends_stops_the_goal_with_one_call(code: str) -> None:
    """The vendor's word is the reason, and nobody is told to be refused; so it is with a word that nobody knows."""
    with pytest.raises(RemoteError, match=rf"with status 400 \({code}\)"):
        push(script(answered(400, {"code": code})), people(ANN, BOB, CID, DEE))


@pytest.mark.parametrize(
    "body",
    [
        {"code": "BadJsonBody", "params": {"obj.users": "Array value expected"}},
        {"code": "BadJsonBody", "params": {"obj.createNewFields": "Boolean value expected"}},
        {"code": "BadJsonBody", "params": {"obj": [{"msg": "error.expected.jsobject", "args": []}]}},
        {"code": "Success", "msg": "error.something.else(7)"},
        b"No such thing",
    ],
)
def test_a_refusal_that_is_not_about_people_stops_the_goal_with_one_call(body: Any) -> None:
    """Its path leads to the request, or it has no word at all."""
    with pytest.raises(RemoteError, match="with status 400"):
        push(script(answered(400, body)), people(ANN, BOB, CID, DEE))


def test_addresses_in_the_words_of_a_refusal_are_set_apart() -> None:
    """A batch may be refused as a whole for them."""
    refusal = answered(400, {"msg": f"Emails invalid: {BOB}, {DEE.upper()}", "code": "InvalidEmailAddressError"})
    outcome, asked_ = push(script(refusal, result()), people(ANN, BOB, CID, DEE))
    assert [reason for _, reason, _ in outcome.values()] == [
        None,
        "InvalidEmailAddressError",
        None,
        "InvalidEmailAddressError",
    ]
    assert numbers(asked_[1]) == [0, 2]


def test_a_clash_of_types_told_in_words_alone_is_found() -> None:
    """As it was recorded."""
    msg = (
        "Project 11: The request does not have the same data types as the data previously submitted. Field 'tier' "
        "already exists for type 'user' and has a data type of 'date' but possible types 'string, keyword' in the "
        "request."
    )
    who = people(ANN, BOB, CID, fields={"tier": ["2024-05-01", "GGG", None]})
    refusal = answered(400, {"msg": msg, "code": "RequestFieldsTypesMismatched", "params": None})
    outcome, asked_ = push(script(refusal, result()), who)
    assert {0: FINE, 1: refused("RequestFieldsTypesMismatched: tier expects date"), 2: FINE} == outcome
    assert numbers(asked_[1]) == [0, 2]


def test_a_clash_inside_an_object_is_found_by_its_parts() -> None:
    """The error may name the object."""
    who = people(ANN, BOB, fields={"tier": ["x", "y"], "addr.zip": [None, "1"]})
    outcome, asked_ = push(script(mistyped(addr={"expectedType": "string"}), result()), who)
    assert {0: FINE, 1: refused("RequestFieldsTypesMismatched: addr expects string")} == outcome
    assert numbers(asked_[1]) == [0]


# Lists


def test_people_enter_lists_after_their_update() -> None:
    """Each list has its call, with the identifiers of those accepted so far."""
    enter = {0: ["501"], 1: ["501", "503"], 2: ["503"]}
    goal = asked("tier", lists=("VIP", "503"))
    replies = [result(1, invalidEmails=[CID]), result(), result(1, forgottenEmails=[BOB])]
    outcome, asked_ = push(script(*replies), people(ANN, BOB, CID, DEE, enter=enter), goal)
    assert outcome == {
        0: ("accepted", None, ["501"]),
        1: ("rejected", "subscribe: forgottenEmails", ["501"]),
        2: refused("invalidEmails"),
        3: FINE,
    }
    assert [call.limit for call in asked_] == ["bulk_update", "subscribe", "subscribe"]
    assert sent(asked_[1]) == {
        "listId": 501,
        "updateExistingUsersOnly": False,
        "subscribers": [{"email": ANN}, {"email": BOB}],
    }
    assert (sent(asked_[2])["subscribers"], sent(asked_[2])["listId"]) == ([{"email": BOB}], 503)
    assert all(call.repeatable for call in asked_)


def test_without_fields_entering_a_list_is_enough() -> None:
    """Only who enters none is updated; existing people alone where none may be created."""
    goal = asked(by=("userId",), create=False)
    who = people(None, None, userId=["u-1", "u-2"], enter={0: ["501"]})
    outcome, asked_ = push(script(result(), result()), who, goal)
    assert outcome == {0: ("accepted", None, ["501"]), 1: FINE}
    assert numbers(asked_[0]) == [1]
    assert sent(asked_[1]) == {"listId": 501, "updateExistingUsersOnly": True, "subscribers": [{"userId": "u-1"}]}


def test_people_created_by_user_id_enter_lists_as_such() -> None:
    """Where neither list nor update knows them, both are told to create."""
    who = people(None, userId=["u-1"], enter={0: ["501"]})
    _, (call,) = push(script(result()), who, asked(by=("userId",)))
    assert sent(call)["subscribers"] == [{"userId": "u-1", "preferUserId": True}]


def test_a_frame_without_fields_may_have_no_height() -> None:
    """A goal that maps nothing has no column to count rows by."""
    who = people(ANN, BOB)
    outcome, _ = push(script(answered(413), result(), result()), Outgoing(who.rows, pl.DataFrame()), asked())
    assert outcome == {0: FINE, 1: FINE}


GONE = answered(
    400, {"msg": "error.lists.invalidListId(501)", "code": "Success", "params": {"projectId": 1, "listId": 501}}
)


def test_a_list_that_was_made_just_now_is_waited_for() -> None:
    """It is not known everywhere at once."""
    who = people(ANN, enter={0: ["501"]})
    outcome, effects = drive(way().push(asked(), who), script(GONE, GONE, result()))
    assert outcome is not None
    assert outcome["lists"].to_list() == [["501"]]
    assert [effect.seconds for effect in effects if isinstance(effect, Wait)] == [2, 4]


def test_a_list_that_is_gone_stops_the_goal() -> None:
    """The message names those that exist."""
    with pytest.raises(ConfigurationError, match=r"list with the id 501 is gone from Iterable; there are: Lapsed"):
        push(script(*[GONE] * 5, lists_reply(LAPSED)), people(ANN, enter={0: ["501"]}), asked())


def withdraw(answer: Answer, *emails: str) -> tuple[list[tuple[Any, ...]], list[Http]]:
    rows = people(*emails).rows.select("row", "email")
    outcome, effects = drive(withdrawal().take(asked("tier", lists=("VIP",)), VIP, rows), answer)
    assert outcome.columns == ["row", "fate", "reason"]
    return outcome.rows(), calls(effects)


def test_people_are_taken_off_one_list_and_nothing_else() -> None:
    """The channel stays as it is; who is gone or forgotten already is done."""
    reply = result(3, notFoundEmails=[ANN], forgottenEmails=[BOB], invalidEmails=[CID])
    outcome, (call,) = withdraw(script(reply), ANN, BOB, CID, DEE)
    assert outcome == [
        (0, "accepted", None),
        (1, "accepted", None),
        (2, "rejected", "invalidEmails"),
        (3, "accepted", None),
    ]
    assert (call.path, call.limit, call.repeatable) == ("/api/lists/unsubscribe", "unsubscribe", True)
    expected = {
        "listId": 501,
        "channelUnsubscribe": False,
        "subscribers": [{"email": who} for who in (ANN, BOB, CID, DEE)],
    }
    assert expected == sent(call)


@pytest.mark.parametrize("reply", [GONE, answered(400, {"msg": "Invalid email list id", "code": "BadParams"})])
def test_nobody_is_on_a_list_that_is_gone(reply: Reply) -> None:
    """All have left it, without waiting."""
    outcome, _ = withdraw(script(reply), ANN, BOB)
    assert outcome == [(0, "accepted", None), (1, "accepted", None)]


def test_a_person_who_is_unknown_or_forgotten_has_left() -> None:
    """Also where the whole call is refused for it."""
    outcome, _ = withdraw(script(answered(409, {"code": "ForgottenUserError"})), ANN)
    assert outcome == [(0, "accepted", None)]


# Everybody has one fate


failures = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(range(6), st.sampled_from(["named", "unnamed", "mistyped", "bad"]))
)


@settings(max_examples=60, deadline=None)
@given(failures, st.booleans())
def test_each_person_has_the_fate_that_iterable_gave(fates: Mapping[int, str], twins: bool) -> None:
    """Whatever is refused in whatever way, everybody is told once, and only those are refused."""
    # Failures by value tell neither twins nor their number apart, so that one without a name cannot be found then.
    fates = {n: "named" if twins and fate == "unnamed" else fate for n, fate in fates.items()}
    emails = [ANN, ANN if twins else BOB, CID, DEE, "eve@example.com", "fay@example.com"]

    def answer(call: Http) -> Reply:
        here = numbers(call)
        kinds = {kind: [n for n in here if fates.get(n) == kind] for kind in ("named", "unnamed", "mistyped", "bad")}
        if kinds["bad"]:
            return answered(400, {"code": "InvalidEmailAddressError"})
        if kinds["mistyped"]:
            return mistyped(tier={"expectedType": "long", "incomingTypes": ["string"]})
        named = [emails[n].upper() for n in kinds["named"]]
        return result(len(kinds["named"] + kinds["unnamed"]), invalidEmails=named)

    tiers = ["wrong" if fates.get(n) == "mistyped" else None for n in range(6)]
    who = people(*emails, fields={"tier": pl.Series(tiers, dtype=pl.String)})
    outcome, asked_ = push(answer, who)
    assert {n: "rejected" if n in fates else "accepted" for n in range(6)} == {
        n: told[0] for n, told in outcome.items()
    }
    assert len(asked_) <= 2 * 6 + 2


WORDS = {
    "invalid": "invalidEmails",
    "forgotten": "forgottenEmails",
    "unknown": "notFoundEmails",
    "data": "invalidDataEmails",
    "inside": "invalidEmails",
    "clash": "conflictEmails",
    "in the way": "conflictEmails",
}
"""Ways to fail, with the list that names somebody; `in the way` names another, `inside` a value of a field."""


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(["fine", "fine", *WORDS]), min_size=1, max_size=40), st.booleans())
def test_any_mix_of_failures_is_told_exactly(fates: list[str], deprecated: bool) -> None:
    """With one call where no clash is among them; the deprecated list of all who failed misleads nobody."""
    emails = [f"p{n}@example.com" for n in range(len(fates))]
    inside = [f"in..side{n}@example.com" if fate == "inside" else None for n, fate in enumerate(fates)]

    def named(n: int) -> str:
        other = {"inside": inside[n], "in the way": emails[n - 1]}
        return other.get(fates[n]) or emails[n]

    def answer(call: Http) -> Reply:
        failed = [n for n in numbers(call) if fates[n] != "fine"]
        lists: dict[str, list[str]] = {}
        for n in failed:
            lists.setdefault(WORDS[fates[n]], []).append(named(n))
        return result(len(failed), top={"invalidEmails": [emails[n] for n in failed]} if deprecated else {}, **lists)

    who = people(*emails, fields={"tier": ["x"] * len(fates), "mail": pl.Series(inside, dtype=pl.String)})
    outcome, asked_ = push(answer, who, asked("tier", "mail"))
    assert {n: FINE if fate == "fine" else refused(WORDS[fate]) for n, fate in enumerate(fates)} == outcome
    clashes = sum(WORDS.get(fate) == "conflictEmails" for fate in fates)
    assert len(asked_) <= (1 if not clashes else 4 + 4 * clashes * len(fates).bit_length())


def test_no_repr_shows_the_key() -> None:
    """Settings hold it wrapped; `drive` looks at every effect of every test here."""
    assert SECRET not in repr(VENDOR) + repr(SETTINGS)
