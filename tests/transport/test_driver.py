"""The driver against real servers; time is virtual where something is awaited."""

import gzip
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from cdpkit.errors import (
    ConfigurationError,
    InDoubtError,
    RemoteError,
    UnavailableError,
    UnknownNameError,
    WorkspaceError,
)
from cdpkit.kit.effects import Effects, Http, Keep, Reply, Tell, Together, Wait
from cdpkit.kit.vendor import Limit
from cdpkit.place import Folder
from cdpkit.transport.driver import Driver
from cdpkit.transport.group import Calls
from tests.transport.servers import Asked, Said, nobody, serving
from tests.transport.virtual import VirtualClock

LIMITS = {"all": Limit(1000, 1.0, at_once=8)}
SHORT = 0.2


def driver(url: str, folder: Path, **options: Any) -> Driver:
    options = {"clock": VirtualClock(), "random": lambda: 0.5, **options}
    return Driver(url, options.pop("limits", LIMITS), folder=Folder(folder), vendor="Example", **options)


def ask(path: str = "/a", *, method: str = "GET", repeatable: bool = True, **options: Any) -> Effects[Reply]:
    reply: Reply = yield Http(method=method, path=path, limit="all", repeatable=repeatable, **options)
    return reply


def answering(*said: Said) -> Callable[[Asked], Said]:
    """One answer after the other, then the last one for ever."""
    return lambda asked: said[min(asked.number, len(said)) - 1]


def test_a_call_is_made_as_it_is_asked(tmp_path: Path) -> None:
    """Method, path, parameters, headers and body arrive; status, headers and body come back."""
    said = Said(201, b'{"id": 7}', {"Content-Type": "application/json", "X-Thing": "Yes"})
    with serving(answering(said)) as server, driver(server.url + "/v1/", tmp_path) as made:
        reply = made.run(
            ask(
                "/lists",
                method="POST",
                params=(("q", "a b"), ("q", "ü")),
                headers={"Api-Key": SecretStr("s3cret"), "X-Plain": "p"},
                body=b"[1]",
            )
        )
    [asked] = server.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/v1/lists?q=a%20b&q=%C3%BC", b"[1]")
    assert (asked.headers["api-key"], asked.headers["x-plain"]) == ("s3cret", "p")
    assert (reply.status, reply.json(), reply.what) == (201, {"id": 7}, "POST /lists")
    assert reply.headers["x-thing"] == "Yes"
    assert made.calls == {"all": Calls(made=1)}


def test_calls_share_nothing_but_connections(tmp_path: Path) -> None:
    """No cookie and no header of one call is sent with the next, nor to the host of a whole address."""
    said = Said(headers={"Set-Cookie": "session=s3cret; Path=/"})
    with serving(answering(said)) as server, serving(answering(said)) as other:

        def calls() -> Effects[None]:
            yield from ask(headers={"Authorization": SecretStr("Bearer s3cret")})
            yield from ask()
            yield from ask(f"{other.url}/file?sig=1")

        with driver(server.url, tmp_path) as made:
            made.run(calls())
    assert other.asked[0].path == "/file?sig=1"
    for asked in [server.asked[1], other.asked[0]]:
        assert {"authorization", "cookie"}.isdisjoint(name.lower() for name in asked.headers)


def test_calls_go_to_the_address_that_they_name(tmp_path: Path) -> None:
    """A vendor may have several, each in a setting of its own; the answer knows which it was."""
    with (
        serving(answering(Said(body=b"<html>"))) as api,
        serving(answering(Said())) as files,
        driver(api.url, tmp_path, addresses={"files_url": files.url + "/v2/"}) as made,
    ):
        assert made.run(ask("/a")).address == "base_url"
        assert made.run(ask("/b", address="files_url")).address == "files_url"
        with pytest.raises(UnknownNameError, match="no address 'file_url'; there are: files_url, base_url"):
            made.run(ask(address="file_url"))
    assert ([asked.path for asked in api.asked], [asked.path for asked in files.asked]) == (["/a"], ["/v2/b"])


def test_an_address_that_is_none_is_named_by_its_setting(tmp_path: Path) -> None:
    """Whichever it is."""
    with pytest.raises(ConfigurationError, match=r"files_url is the address .*does not begin with https://"):
        driver("https://api.example.com", tmp_path, addresses={"files_url": "files.example.com"})


def test_redirects_and_refusals_are_answers(tmp_path: Path) -> None:
    """Nothing is followed or repeated."""
    replies = [Said(302, b"", {"Location": "http://example.com/"}), Said(404), Said(400, b"no")]
    with serving(answering(*replies)) as server, driver(server.url, tmp_path) as made:
        assert [made.run(ask()).status for _ in replies] == [302, 404, 400]
    assert len(server.asked) == 3


def test_a_page_of_html_says_what_to_check(tmp_path: Path) -> None:
    """An address that is no API answers with something else than JSON."""
    said = Said(200, b"<html>", {"Content-Type": "text/html; charset=utf-8"})
    with serving(answering(said)) as server, driver(server.url, tmp_path) as made:
        reply = made.run(ask("/lists"))
    with pytest.raises(RemoteError, match=r"GET /lists was answered with text/html instead of JSON.*check base_url"):
        reply.json()


def test_a_429_is_repeated_when_the_server_says(tmp_path: Path) -> None:
    """Also where the same call twice would do more than once: it surely was not carried out."""
    clock = VirtualClock()
    said = [Said(429, headers={"Retry-After": "17"}), Said(429), Said(200)]
    with serving(answering(*said)) as server, driver(server.url, tmp_path, clock=clock) as made:
        assert made.run(ask(method="POST", repeatable=False)).status == 200
    assert made.calls == {"all": Calls(made=3, repeated=2, refused=2)}
    assert clock.pauses == pytest.approx([17.0, 1.0])


def test_a_slow_limit_pauses_longer(tmp_path: Path) -> None:
    """Where calls are twelve seconds apart, the first pause is 15 seconds and more."""
    clock = VirtualClock()
    said = answering(Said(429), Said(200))
    with serving(said) as server, driver(server.url, tmp_path, clock=clock, limits={"all": Limit(5, 60.0)}) as made:
        made.run(ask())
    assert clock.pauses == pytest.approx([22.5])


def test_limits_can_be_multiplied(tmp_path: Path) -> None:
    """With a factor of a hundred, calls are a hundred times as fast."""
    clock = VirtualClock()
    limits = {"all": Limit(1, 10.0)}
    with (
        serving(answering(Said())) as server,
        driver(server.url, tmp_path, clock=clock, limits=limits, limits_factor=100.0) as made,
    ):
        made.each(((key, ask()) for key in range(11)), lambda _key, _: None)
    assert sum(clock.pauses) == pytest.approx(1.02)


@pytest.mark.parametrize("status", [500, 502, 503, 408])
def test_faults_of_repeatable_calls_are_repeated(status: int, tmp_path: Path) -> None:
    """With growing pauses, and a `Retry-After` is kept to."""
    clock = VirtualClock()
    said = [Said(status), Said(status, headers={"Retry-After": "9"}), Said(200, b"good")]
    with serving(answering(*said)) as server, driver(server.url, tmp_path, clock=clock) as made:
        assert made.run(ask()).body == b"good"
    assert clock.pauses == pytest.approx([0.5, 9.0])


def test_faults_of_other_calls_are_in_doubt(tmp_path: Path) -> None:
    """They are made once, and the error says what to do."""
    with serving(answering(Said(502))) as server, driver(server.url, tmp_path) as made:
        message = r"Example may or may not have carried out POST /a: it was answered with status 502.*look there before"
        with pytest.raises(InDoubtError, match=message):
            made.run(ask(method="POST", repeatable=False))
    assert len(server.asked) == 1


def test_a_server_that_stays_broken_is_unavailable(tmp_path: Path) -> None:
    """After six tries, with vendor, call, tries and the last status in the message."""
    with serving(answering(Said(503))) as server, driver(server.url, tmp_path) as made:
        message = (
            r"Example did not carry out GET /a, tried 6 times; at last it was answered with status 503\. .*nothing"
        )
        with pytest.raises(UnavailableError, match=message):
            made.run(ask("/a?email=ada@example.com"))
    assert len(server.asked) == 6


def test_a_time_out_after_the_call_was_taken(tmp_path: Path) -> None:
    """A repeatable call is made again; another is in doubt, as it may have been carried out."""

    def slow(asked: Asked) -> Said:
        return Said(after=server.ending if asked.number == 1 or asked.method == "POST" else None)

    with serving(slow) as server, driver(server.url, tmp_path, timeout=SHORT) as made:
        assert made.run(ask()).status == 200
        with pytest.raises(InDoubtError, match=r"POST /a: no answer came within 0\.2 seconds"):
            made.run(ask(method="POST", repeatable=False))
        assert [asked.method for asked in server.asked].count("POST") == 1


def test_a_call_may_have_a_time_out_of_its_own(tmp_path: Path) -> None:
    """It counts instead of the driver's."""
    with (
        serving(lambda _: Said(after=server.ending)) as server,
        driver(server.url, tmp_path, attempts=1) as made,
        pytest.raises(UnavailableError, match=r"tried once; at last no answer came within 0\.2 seconds"),
    ):
        made.run(ask(timeout=SHORT))


@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize("page", [None, "people.ndjson"])
def test_an_answer_that_is_cut_off_is_repeated(page: str | None, chunked: bool, tmp_path: Path) -> None:
    """With its length said before, or in chunks; no half page is left at any time."""
    whole = b"x" * 200_000
    seen: list[list[str]] = []

    def cut_twice(asked: Asked) -> Said:
        seen.append([path.name for path in tmp_path.iterdir() if path.suffix == ".ndjson"])
        return Said(body=whole, chunked=chunked, cut=150_000 if asked.number < 3 else None)

    with serving(cut_twice) as server, driver(server.url, tmp_path) as made:
        reply = made.run(ask(page=page))
    assert seen == [[], [], []]
    assert reply.page == page
    assert (reply.body if page is None else (tmp_path / page).read_bytes()) == whole
    assert [path.name for path in tmp_path.iterdir()] == [page] * (page is not None)


def test_a_cut_answer_of_another_call_is_in_doubt(tmp_path: Path) -> None:
    """It was carried out, perhaps, and what it said is lost."""
    with (
        serving(answering(Said(body=b"x" * 100, cut=10))) as server,
        driver(server.url, tmp_path) as made,
        pytest.raises(InDoubtError, match="the connection broke off before the whole answer was there"),
    ):
        made.run(ask(method="POST", repeatable=False, page="people.ndjson"))
    assert list(tmp_path.iterdir()) == []


def test_pages_are_unpacked_and_named(tmp_path: Path) -> None:
    """A page may lie in a folder of its own below, and its body is not held in memory."""
    said = Said(body=gzip.compress(b'{"a": 1}\n' * 1000), headers={"Content-Encoding": "gzip"})
    with serving(answering(said)) as server, driver(server.url, tmp_path / "pages") as made:
        reply = made.run(ask(page="lists/7.ndjson"))
    assert (reply.page, reply.body) == ("lists/7.ndjson", b"")
    assert (tmp_path / "pages" / "lists" / "7.ndjson").read_bytes() == b'{"a": 1}\n' * 1000


def test_refusals_are_no_pages(tmp_path: Path) -> None:
    """Their bodies are in the reply, and a page of that name stays as it was."""
    (tmp_path / "people.ndjson").write_bytes(b"before")
    with serving(answering(Said(403, b"no"))) as server, driver(server.url, tmp_path) as made:
        reply = made.run(ask(page="people.ndjson"))
    assert (reply.status, reply.body, reply.page) == (403, b"no", None)
    assert (tmp_path / "people.ndjson").read_bytes() == b"before"


@pytest.mark.parametrize("page", ["../people", "/people", "a/../b", "a b", "", ".hidden", "a/", "C:x"])
def test_a_page_stays_in_its_folder(page: str, tmp_path: Path) -> None:
    """Names may be made of what a server says, so they are looked at."""
    with (
        nobody() as url,
        driver(url, tmp_path) as made,
        pytest.raises(ConfigurationError, match="no file can have the name of the page"),
    ):
        made.run(ask(page=page))


def test_a_page_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """The call is not repeated: the fault is here."""
    (tmp_path / "file").write_bytes(b"")
    with (
        serving(answering(Said())) as server,
        driver(server.url, tmp_path / "file") as made,
        pytest.raises(WorkspaceError, match=r"the page 'people' cannot be written into its folder: "),
    ):
        made.run(ask(page="people"))
    assert len(server.asked) == 1


def test_a_compressed_answer_that_is_none_is_repeated(tmp_path: Path) -> None:
    """As one that broke off."""
    said = [Said(body=b"nonsense", headers={"Content-Encoding": "gzip"}), Said(body=b"good")]
    with serving(answering(*said)) as server, driver(server.url, tmp_path) as made:
        assert made.run(ask()).body == b"good"


def test_nobody_listens(tmp_path: Path) -> None:
    """Any call is repeated, since it never left; the error names host and port and what to check."""
    clock = VirtualClock()
    with nobody() as url, driver(url, tmp_path, clock=clock) as made:
        place = url.removeprefix("http://")
        message = (
            rf"Example cannot be reached at {place} \(.*refused.*POST /a tried 6 times\). Check base_url and the netw"
        )
        with pytest.raises(UnavailableError, match=message):
            made.run(ask(method="POST", repeatable=False))
    assert clock.pauses == pytest.approx([0.5, 1.0, 2.0, 4.0, 8.0])


def test_a_host_that_speaks_no_http_is_told(tmp_path: Path) -> None:
    """A certificate cannot be had from it, so that an https address cannot be reached."""
    with serving(answering(Said())) as server:
        url = server.url.replace("http://", "https://")
        with (
            driver(url, tmp_path, attempts=2) as made,
            pytest.raises(UnavailableError, match="cannot be reached at 127"),
        ):
            made.run(ask())


def test_errors_are_raised_at_the_yield(tmp_path: Path) -> None:
    """A vendor may look whether its call was carried out."""

    def careful() -> Effects[str]:
        try:
            yield from ask("/make", method="POST", repeatable=False)
        except InDoubtError:
            reply = yield from ask("/look")
            return f"looked: {reply.status}"
        return "made"

    with (
        serving(lambda asked: Said(500 if asked.path == "/make" else 200)) as server,
        driver(server.url, tmp_path) as made,
    ):
        assert made.run(careful()) == "looked: 200"


def test_waiting_keeping_and_several_calls(tmp_path: Path) -> None:
    """The other effects are served too."""
    clock = VirtualClock()
    kept: list[Mapping[str, Any]] = []

    def vendor() -> Effects[list[bytes]]:
        replies: tuple[Reply, ...] = yield Together(
            tuple(Http(method="GET", path=f"/{number}", limit="all") for number in range(5))
        )
        assert (yield Keep({"page": 5})) is None
        assert (yield Wait(120.0)) is None
        return [reply.body for reply in replies]

    with (
        serving(lambda asked: Said(body=asked.path.encode())) as server,
        driver(server.url, tmp_path, clock=clock, keep=kept.append) as made,
    ):
        assert made.run(vendor()) == [b"/0", b"/1", b"/2", b"/3", b"/4"]
    assert kept == [{"page": 5}]
    assert clock.pauses[-1] == pytest.approx(120.0)


def test_what_generators_tell_is_kept_once(tmp_path: Path) -> None:
    """For whoever asks; it keeps nobody waiting."""

    def effects() -> Effects[int]:
        yield Tell("a field was made")
        yield Tell("a field was made")
        return 7

    with driver("http://127.0.0.1:1", tmp_path) as one:
        assert one.run(effects()) == one.run(effects()) == 7
        assert one.told == ("a field was made",)


def test_each_uses_several_connections_and_no_more_than_allowed(tmp_path: Path) -> None:
    """Answers come in any order, each task is done once, in the calling thread."""
    done: dict[int, bytes] = {}

    def echo(asked: Asked) -> Said:
        return Said(body=asked.body)

    def put(key: int) -> Effects[bytes]:
        reply = yield from ask(method="POST", body=str(key).encode())
        return reply.body

    with serving(echo) as server, driver(server.url, tmp_path) as made:
        made.each(((key, put(key)) for key in range(200)), done.__setitem__)
        made.each([], done.__setitem__)
    assert done == {key: str(key).encode() for key in range(200)}
    assert made.calls == {"all": Calls(made=200)}


def test_moments_at_the_server_are_even(tmp_path: Path) -> None:
    """Calls are sent one by one at the limit's pace, in virtual time."""
    clock = VirtualClock()
    moments: list[float] = []

    def note(_asked: Asked) -> Said:
        moments.append(clock.now())
        return Said()

    limits = {"all": Limit(5, 1.0)}
    with serving(note) as server, driver(server.url, tmp_path, clock=clock, limits=limits) as made:
        made.each(((key, ask()) for key in range(20)), lambda _key, _: None)
    gaps = [after - before for before, after in pairwise(moments)]
    assert gaps == pytest.approx([0.204] * 19)


def test_a_closed_driver_says_so(tmp_path: Path) -> None:
    """It is not opened again."""
    with driver("http://127.0.0.1:1", tmp_path) as made:
        pass
    with pytest.raises(ConfigurationError, match="closed"):
        made.run(ask())


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan")])
def test_a_factor_is_above_zero(factor: float, tmp_path: Path) -> None:
    """Else nothing would ever be sent."""
    with pytest.raises(ConfigurationError, match="limits_factor"):
        driver("http://127.0.0.1:1", tmp_path, limits_factor=factor)


def test_a_proxy_that_cannot_be_used_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variables to look at, and not what they hold."""
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://ada:s3cret@example.com")
    with (
        driver("https://example.com", tmp_path) as made,
        pytest.raises(ConfigurationError, match="HTTPS_PROXY") as caught,
    ):
        made.run(ask())
    assert "s3cret" not in str(caught.value)


def test_loopback_needs_no_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A local server is called directly, whatever proxy the environment names."""
    with serving(answering(Said())) as server, nobody() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy)
        with driver(server.url, tmp_path) as made:
            assert made.run(ask()).status == 200
