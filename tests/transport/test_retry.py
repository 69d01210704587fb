"""Which calls are made again, and after how long."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpkit.errors import ConfigurationError
from cdpkit.kit.effects import Http
from cdpkit.transport.attempt import Answer, Failure
from cdpkit.transport.retry import Verdict, backoff, judge, told

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SERVER = {"date": format_datetime(NOW + timedelta(hours=5), usegmt=True)}

ALWAYS = [Answer(429), Failure("refused", sent=False)]
UNCLEAR = [Answer(408), Answer(500), Answer(502), Answer(503), Answer(599), Failure("broke off")]
HOPELESS = [
    Failure("certificate", sent=False, lasting=True),
    Failure("", sent=False, error=ConfigurationError("a header")),
]


def call(*, repeatable: bool) -> Http:
    return Http(method="POST", path="/a", limit="all", repeatable=repeatable)


@pytest.mark.parametrize("status", [200, 201, 204, 301, 302, 304, 400, 401, 403, 404, 409, 413, 422])
def test_answers_are_delivered(status: int) -> None:
    """Redirects and refusals are answers that the vendor reads."""
    assert judge(call(repeatable=False), Answer(status)) is Verdict.DELIVER


@pytest.mark.parametrize("outcome", ALWAYS)
@pytest.mark.parametrize("repeatable", [True, False])
def test_what_was_surely_not_carried_out_is_repeated(outcome: Answer | Failure, repeatable: bool) -> None:
    """A refusal for being too fast, and a connection that never was, harm no call."""
    assert judge(call(repeatable=repeatable), outcome) is Verdict.REPEAT


@pytest.mark.parametrize("outcome", UNCLEAR)
def test_what_may_have_been_carried_out_is_repeated_only_where_that_is_harmless(outcome: Answer | Failure) -> None:
    """Faults, time-outs and broken answers of other calls are in doubt."""
    assert judge(call(repeatable=True), outcome) is Verdict.REPEAT
    assert judge(call(repeatable=False), outcome) is Verdict.DOUBT


@pytest.mark.parametrize("outcome", HOPELESS)
def test_what_will_not_change_is_not_repeated(outcome: Failure) -> None:
    """A certificate that is not trusted now will not be in a second."""
    assert judge(call(repeatable=True), outcome) is Verdict.GIVE_UP


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (429, {"retry-after": "7"}, 7.0),
        (429, {"retry-after": "1.5"}, 1.5),
        (503, {"retry-after": "7"}, 7.0),
        (429, {"retry-after": "86400"}, 900.0),
        (429, {"retry-after": "-3"}, 0.0),
        (429, {"retry-after": format_datetime(NOW + timedelta(seconds=30), usegmt=True)}, 30.0),
        (429, {"retry-after": format_datetime(NOW + timedelta(hours=5, seconds=9), usegmt=True), **SERVER}, 9.0),
        (429, {"retry-after": format_datetime(NOW - timedelta(seconds=30), usegmt=True)}, 0.0),
        (429, {"retry-after": "soon"}, None),
        (429, {"retry-after": "nan"}, None),
        (429, {"retry-after": ""}, None),
        (429, {}, None),
        (429, {"x-ratelimit-retry-after": "12"}, 12.0),
        (429, {"x-ratelimit-reset": "20"}, 20.0),
        (429, {"x-ratelimit-reset": str(int(NOW.timestamp()) + 40)}, 40.0),
        (429, {"retry-after": "", "x-ratelimit-reset": ""}, None),
        (500, {"x-ratelimit-reset": "20"}, None),
    ],
)
def test_what_the_server_says_is_understood(status: int, headers: dict[str, str], expected: float | None) -> None:
    """Seconds, dates by the server's own clock and moments since 1970 are read; nonsense is not."""
    assert told(Answer(status, headers), NOW) == expected


@given(st.text(max_size=30), st.sampled_from(["retry-after", "x-ratelimit-reset", "date"]))
def test_no_header_is_too_strange(value: str, name: str) -> None:
    """Whatever a server writes, a pause is None or between 0 and the longest."""
    pause = told(Answer(429, {"retry-after": "1e9", name: value}), NOW)
    assert pause is None or 0 <= pause <= 900


@given(st.integers(1, 2000), st.floats(0, 1, exclude_max=True), st.floats(0, 100))
def test_pauses_grow_and_are_bounded(tries: int, chance: float, interval: float) -> None:
    """Full jitter below an exponential bound; slow limits start with their own least."""
    pause = backoff(tries, interval, lambda: chance)
    if interval >= 10:
        assert 15.0 <= pause <= 75.0
    else:
        assert 0.0 <= pause <= min(2.0 ** min(tries - 1, 10), 60.0)


def test_the_first_pause_of_a_slow_limit_is_long() -> None:
    """Where calls are twelve seconds apart, sooner than fifteen makes no sense."""
    assert backoff(1, 12.0, lambda: 0.0) == 15.0
    assert backoff(1, 0.2, lambda: 0.0) == 0.0
