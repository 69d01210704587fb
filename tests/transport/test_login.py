"""Tokens: one for all calls, renewed once for all of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from cdpkit.errors import ConfigurationError, CredentialsError, UnavailableError, WorkspaceError
from cdpkit.kit.auth import Auth, Token
from cdpkit.kit.effects import Effects, Http, Keep, Reply, Together
from cdpkit.kit.vendor import Limit
from cdpkit.place import Folder
from cdpkit.transport.attempt import Answer, Failure
from cdpkit.transport.driver import Driver
from cdpkit.transport.login import Badge, Login
from tests.transport.servers import Asked, Said, nobody, serving
from tests.transport.virtual import Line, VirtualClock, drive

LIMITS = {"all": Limit(1000, 1.0, at_once=8), "slow": Limit(5, 1.0, at_once=2), "token": Limit(100, 1.0)}
REFUSED = 401


def ask(path: str = "/a", *, limit: str = "all", repeatable: bool = False) -> Effects[int]:
    reply: Reply = yield Http(method="POST", path=path, limit=limit, authorised=True, repeatable=repeatable)
    return reply.status


def obtain(_: Mapping[str, Any], kept: Mapping[str, Any] | None) -> Effects[Token]:
    reply: Reply = yield Http(method="POST", path="/token", limit="token", repeatable=True)
    if reply.status != 200:
        raise CredentialsError("the login is not taken")
    number = int(reply.body)
    return Token({"authorization": str(number)}, {"number": number, "before": (kept or {}).get("number")})


AUTH = Auth(obtain, lambda reply: reply.status == REFUSED)


@dataclass
class World:
    """A server with tokens of which only the newest is taken, and a place where they are kept.

    Attributes:
        issued: How many tokens there were.
        valid: Whether the newest is taken.
        refused: The tokens that were refused.
        kept: What was saved, in order.
    """

    issued: int = 0
    valid: bool = True
    refused: set[str | None] = field(default_factory=set)
    kept: list[Mapping[str, Any]] = field(default_factory=list)

    def badge(self) -> Badge:
        return Badge(Login(AUTH, {}, lambda: self.kept[-1] if self.kept else None, self.kept.append))

    def issue(self) -> Answer:
        self.issued += 1
        self.valid = True
        return Answer(200, body=str(self.issued).encode())

    def answer(self, token: str | None) -> Answer:
        if self.valid and token == str(self.issued):
            return Answer(200)
        self.refused.add(token)
        return Answer(REFUSED)


def nothing(_key: int, _result: object) -> None:
    pass


def test_the_first_authorised_call_waits_for_a_token() -> None:
    """Calls that need none do not; those that do are sent with it, and what it keeps is saved before."""
    world, clock = World(), VirtualClock()
    line = Line(clock, lambda http: world.issue() if http.path == "/token" else Answer(200))

    def open_call() -> Effects[int]:
        reply: Reply = yield Http(method="GET", path="/open", limit="all")
        return reply.status

    tasks = [(1, ask()), (2, open_call()), (3, ask())]
    done: dict[int, int] = {}
    drive(line, clock, done.__setitem__, LIMITS, tasks=tasks, badge=world.badge())
    assert done == {1: 200, 2: 200, 3: 200}
    tokens = {call.path: token for call, token in zip(line.calls, line.tokens, strict=True)}
    assert tokens == {"/token": None, "/open": None, "/a": "1"}
    assert (world.issued, world.kept) == (1, [{"number": 1, "before": None}])


def test_a_token_that_expired_is_renewed_once_for_all_calls_in_flight() -> None:
    """They are made again with the new one, also those that must not be made twice: they were not carried out."""
    world, clock = World(), VirtualClock()

    def answer(http: Http) -> Answer:
        if http.path == "/token":
            return world.issue()
        world.valid = world.issued > 1 or len(line.sent) < 20
        return world.answer(line.tokens[-1])

    line = Line(clock, answer, latency=lambda: 0.5)
    done: dict[int, int] = {}
    drive(line, clock, done.__setitem__, LIMITS, tasks=((key, ask()) for key in range(40)), badge=world.badge())
    assert done == dict.fromkeys(range(40), 200)
    assert (world.issued, world.refused) == (2, {"1"})
    assert line.tokens.count("1") + line.tokens.count("2") <= 40 + LIMITS["all"].at_once
    assert world.kept[-1] == {"number": 2, "before": 1}


def test_a_new_token_that_is_not_taken_either_is_not_renewed() -> None:
    """The answers are handed over: it is not about tokens."""
    world, clock = World(), VirtualClock()
    line = Line(clock, lambda http: world.issue() if http.path == "/token" else Answer(REFUSED))
    done: dict[int, int] = {}
    drive(line, clock, done.__setitem__, LIMITS, tasks=((key, ask()) for key in range(100)), badge=world.badge())
    assert done == dict.fromkeys(range(100), REFUSED)
    assert world.issued == 2


def test_a_login_that_is_refused_is_not_tried_again() -> None:
    """Everybody who waits is told, and so is whoever comes later; the vendor could lock the login."""
    clock = VirtualClock()
    line = Line(clock, lambda _: Answer(400))
    errors: list[str] = []

    def careful() -> Effects[None]:
        for _ in range(2):
            try:
                yield from ask()
            except CredentialsError as error:
                errors.append(str(error))

    drive(line, clock, nothing, LIMITS, tasks=((key, careful()) for key in range(5)), badge=World().badge())
    assert errors == ["the login is not taken"] * 10
    assert [http.path for http in line.calls] == ["/token"]


def test_a_login_that_cannot_be_reached_is_tried_again_by_the_next_call() -> None:
    """It may be there by then."""
    world, clock = World(), VirtualClock()
    answers: Iterator[Answer | Failure] = iter([Answer(503)] * 6)
    line = Line(clock, lambda http: next(answers, None) or world.issue() if http.path == "/token" else Answer(200))

    def patient() -> Effects[int]:
        with pytest.raises(UnavailableError, match="POST /token"):
            yield from ask()
        return (yield from ask())

    done: dict[int, int] = {}
    drive(line, clock, done.__setitem__, LIMITS, tasks=[(1, patient())], badge=world.badge())
    assert done == {1: 200}


def test_a_token_that_cannot_be_kept_is_an_error() -> None:
    """A refresh token that is not stored would be lost with the process."""

    def save(_: Mapping[str, Any]) -> None:
        raise WorkspaceError("the disk is full")

    clock = VirtualClock()
    line = Line(clock, lambda _: Answer(200, body=b"1"))
    badge = Badge(Login(AUTH, {}, lambda: None, save))
    with pytest.raises(WorkspaceError, match="the disk is full"):
        drive(line, clock, nothing, LIMITS, tasks=[(1, ask())], badge=badge)


def test_an_authorised_call_without_a_login_is_refused() -> None:
    """A login that asks for its own token as well."""

    def circular(_: Mapping[str, Any], __: Mapping[str, Any] | None) -> Effects[Token]:
        yield from ask("/token")
        return Token({})

    clock = VirtualClock()
    badge = Badge(Login(Auth(circular, AUTH.refused), {}, lambda: None, lambda _: None))
    for given_badge in (None, badge):
        with pytest.raises(ConfigurationError, match="asks to be authorised, and there is no token for it"):
            drive(Line(clock), clock, nothing, LIMITS, tasks=[(1, ask())], badge=given_badge)


def test_a_token_on_its_way_is_kept_when_all_ends() -> None:
    """The old one may be worth nothing any more; the calls that waited for it are not made."""
    world, clock = World(), VirtualClock()
    line = Line(clock, lambda _: world.issue(), latency=lambda: 5.0)

    def tasks() -> Iterator[tuple[int, Effects[int]]]:
        yield 1, ask()
        yield 2, ask()
        raise KeyboardInterrupt

    done: list[int] = []
    badge = world.badge()
    limits = {**LIMITS, "all": Limit(1000, 1.0)}
    with pytest.raises(KeyboardInterrupt):
        drive(line, clock, lambda key, _: done.append(key), limits, tasks=tasks(), badge=badge)
    assert ([http.path for http in line.calls], done) == (["/token"], [])
    assert world.kept == [{"number": 1, "before": None}]
    assert badge.token is not None


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.01, 0.1, 0.5]), st.integers(1, 12))
def test_however_answers_and_renewals_cross_each_call_ends_once(seed: int, expires: float, at_once: int) -> None:
    """One token at most for each that was refused; each call made again at most once for it, with a newer one."""
    random = Random(seed)
    world, clock = World(), VirtualClock()
    sent: dict[str, list[str | None]] = {}

    def answer(http: Http) -> Answer:
        if http.path == "/token":
            return random.choice([Answer(503), Answer(429), world.issue()]) if random.random() < 0.3 else world.issue()
        assert line.tokens[-1] is not None
        sent.setdefault(http.path, []).append(line.tokens[-1])
        if random.random() < expires:
            world.valid = False
        if random.random() < 0.05:
            return Answer(429)
        return world.answer(line.tokens[-1])

    line = Line(clock, answer, lambda: random.choice([0.001, 0.05, 0.4, 2.0]))

    def several(key: int) -> Effects[list[int]]:
        statuses = []
        for step in range(random.randrange(3)):
            limit = random.choice(["all", "slow"])
            if random.random() < 0.3:
                paths = [f"/{key}/{step}/{part}" for part in range(3)]
                calls = tuple(Http(method="PUT", path=path, limit=limit, authorised=True) for path in paths)
                replies: tuple[Reply, ...] = yield Together(calls)
                statuses += [reply.status for reply in replies]
            else:
                statuses.append((yield from ask(f"/{key}/{step}", limit=limit)))
            yield Keep({})
        return statuses

    done: dict[int, list[int]] = {}

    def note(key: int, statuses: list[int]) -> None:
        assert key not in done
        done[key] = statuses

    badge = world.badge()
    tasks = ((key, several(key)) for key in range(30))
    drive(line, clock, note, LIMITS, tasks=tasks, at_once=at_once, attempts=50, badge=badge)
    assert sorted(done) == list(range(30))
    assert badge.number <= 1 + len(world.refused)
    for tokens in sent.values():
        assert len({*tokens}) <= 1 + len(world.refused & {*tokens})
        assert [int(token or 0) for token in tokens] == sorted(int(token or 0) for token in tokens)


KEY = "s3cret-token"


def login(headers: Mapping[str, str | SecretStr]) -> Login:
    def given_token(settings: Mapping[str, Any], _: Mapping[str, Any] | None) -> Effects[Token]:
        yield Http(method="POST", path="/token", limit="all", address="token_url")
        return Token(headers, {"settings": len(settings)})

    return Login(Auth(given_token, AUTH.refused), {"id": KEY}, lambda: None, lambda _: None)


@pytest.mark.parametrize("header", [KEY, SecretStr(KEY)])
def test_the_token_is_sent_with_authorised_calls_alone(header: str | SecretStr, tmp_path: Path) -> None:
    """Beside the call's own header fields; a later run of the driver uses it again."""

    def answer(_: Asked) -> Said:
        return Said()

    def both() -> Effects[None]:
        yield from ask()
        yield Http(method="GET", path="/open", limit="all", headers={"x-own": "1"})
        yield Http(method="GET", path="/b", limit="all", headers={"x-own": "1"}, authorised=True)

    with (
        serving(answer) as api,
        serving(answer) as host,
        Driver(
            api.url,
            LIMITS,
            folder=Folder(tmp_path),
            vendor="Example",
            addresses={"token_url": host.url},
            login=login({"Authorization": header}),
        ) as driver,
    ):
        driver.run(both())
        driver.run(ask())
    assert [(asked.path, asked.headers["authorization"], asked.headers["x-own"]) for asked in api.asked] == [
        ("/a", KEY, None),
        ("/open", None, "1"),
        ("/b", KEY, "1"),
        ("/a", KEY, None),
    ]
    assert [(asked.path, asked.headers["authorization"]) for asked in host.asked] == [("/token", None)]


def test_a_login_that_cannot_be_reached_names_its_own_setting(tmp_path: Path) -> None:
    """A vendor has several addresses, and each is looked up at another place."""
    with (
        serving(lambda _: Said()) as api,
        nobody() as gone,
        Driver(
            api.url,
            LIMITS,
            folder=Folder(tmp_path),
            vendor="Example",
            addresses={"token_url": gone},
            attempts=1,
            login=login({}),
        ) as driver,
        pytest.raises(UnavailableError, match=r"POST /token tried once\)\. Check token_url and the network"),
    ):
        driver.run(ask())
    assert api.asked == []


def test_a_token_that_http_does_not_allow_is_named_without_its_value(tmp_path: Path) -> None:
    """Nothing of it is in the message, nor in any repr."""
    with (
        serving(lambda _: Said()) as api,
        Driver(
            api.url,
            LIMITS,
            folder=Folder(tmp_path),
            vendor="Example",
            addresses={"token_url": api.url},
            login=login({"Authorization": f"{KEY}\n"}),
        ) as driver,
        pytest.raises(ConfigurationError, match="the header 'Authorization' of POST /a") as caught,
    ):
        driver.run(ask())
    assert KEY not in f"{caught.value!r}{login({'Authorization': KEY})!r}{Token({'Authorization': KEY}, {'r': KEY})!r}"


def test_a_token_at_hand_is_used_until_it_is_refused_and_then_not_again() -> None:
    """It is had without a call; the one that is fetched for it is kept, and at hand the next time."""
    world, clock = World(issued=7), VirtualClock()
    world.kept.append({"number": 6})

    def held(_: Mapping[str, Any], kept: Mapping[str, Any] | None) -> Token | None:
        return None if kept is None else Token({"authorization": str(kept["number"])}, kept)

    auth = Auth(obtain, lambda reply: reply.status == REFUSED, held)
    badge = Badge(Login(auth, {}, lambda: world.kept[-1] if world.kept else None, world.kept.append))
    line = Line(clock, lambda http: world.issue() if http.path == "/token" else world.answer(line.tokens[-1]))
    done: dict[int, int] = {}
    drive(line, clock, done.__setitem__, LIMITS, tasks=((key, ask()) for key in range(10)), badge=badge)
    assert done == dict.fromkeys(range(10), 200)
    assert (world.issued, world.refused) == (8, {"6"})
    again = Badge(Login(auth, {}, lambda: world.kept[-1], world.kept.append))
    line = Line(clock, lambda http: world.issue() if http.path == "/token" else world.answer(line.tokens[-1]))
    drive(line, clock, done.__setitem__, LIMITS, tasks=((key, ask()) for key in range(10)), badge=again)
    assert world.issued == 8
    assert line.tokens == ["8"] * 10
