"""When calls may be sent."""

from bisect import bisect_left
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cdpkit.kit.vendor import Limit
from cdpkit.transport.pace import Pace

SLACK = 1e-6  # of float sums

limits = st.builds(Limit, calls=st.integers(1, 40), seconds=st.floats(0.05, 90.0))
factors = st.sampled_from([0.5, 1.0, 1.0, 3.0, 100.0])
patterns = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.0, 0.0, 0.1, 1.0, 7.0]),  # nothing to send for so many of the limit's times
        st.sampled_from([0.0, 0.0, 0.001, 0.02, 0.3, 2.0]),  # seconds by which the caller is late
        st.sampled_from([0.0, 0.0, 0.0, 0.005, 0.2]),  # seconds until the call leaves, for a new connection
    ),
    min_size=1,
    max_size=150,
)


def arrivals(limit: Limit, factor: float, pattern: list[tuple[float, float, float]]) -> list[float]:
    """When a server sees calls, in order."""
    pace = Pace(limit, factor, 0.0)
    now, times = 0.0, []
    for idle, late, way in pattern:
        now = max(now + idle * limit.seconds, pace.ready(now)) + late
        pace.sent(now).left(now + way)
        times.append(now + way)
    return sorted(times)


def fullest(rate: float, times: list[float]) -> float:
    """The highest level of a bucket that drains at a rate."""
    level = before = highest = 0.0
    for time in times:
        level = max(0.0, level - (time - before) * rate) + 1
        before, highest = time, max(highest, level)
    return highest


@settings(max_examples=150, deadline=None)
@given(limits, factors, patterns)
def test_a_server_with_a_sliding_window_never_refuses(
    limit: Limit, factor: float, pattern: list[tuple[float, float, float]]
) -> None:
    """In no stretch as long as the limit's time does it see more calls than the limit allows."""
    calls = int(limit.calls * factor)
    assume(calls == limit.calls * factor)  # what a window counts is whole
    times = arrivals(limit, factor, pattern)
    for index, first in enumerate(times):
        assert bisect_left(times, first + limit.seconds - SLACK) - index <= calls


@settings(max_examples=150, deadline=None)
@given(limits, factors, patterns)
def test_a_server_with_a_leaky_bucket_never_refuses(
    limit: Limit, factor: float, pattern: list[tuple[float, float, float]]
) -> None:
    """A bucket of the limit's size that drains at its rate never overflows."""
    size, rate = max(1.0, limit.calls * factor), limit.calls * factor / limit.seconds
    assert fullest(rate, arrivals(limit, factor, pattern)) <= size + SLACK


@settings(max_examples=100, deadline=None)
@given(limits, st.sampled_from([1.0, 10.0, 1000.0]), patterns)
def test_multiplied_limits_need_no_larger_bucket(
    limit: Limit, factor: float, pattern: list[tuple[float, float, float]]
) -> None:
    """A server that multiplies how fast its bucket drains, not how much goes into it, does not refuse either."""
    times = arrivals(limit, factor, [(idle, late, 0.0) for idle, late, _ in pattern])
    assert fullest(limit.calls * factor / limit.seconds, times) <= limit.calls + SLACK


@settings(max_examples=100, deadline=None)
@given(limits, factors)
def test_nearly_the_whole_quota_is_used(limit: Limit, factor: float) -> None:
    """Somebody who always has a call ready gets at least 97 % of the quota."""
    pace = Pace(limit, factor, 0.0)
    calls = 20 * max(1, int(limit.calls * factor))
    now = 0.0
    for _ in range(calls):
        now = pace.ready(now)
        pace.sent(now)
    assert (calls - 1) / now >= 0.97 * limit.calls * factor / limit.seconds or calls == 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.0, 0.004), min_size=400, max_size=400))
def test_small_lateness_costs_nothing(late: list[float]) -> None:
    """A caller that wakes up to 4 ms late loses none of 100 calls a second."""
    pace = Pace(Limit(100, 1.0), 1.0, 0.0)
    now = 0.0
    for seconds in late:
        now = pace.ready(now) + seconds
        pace.sent(now)
    assert 399 / now >= 97.0


def test_a_pause_is_not_followed_by_a_burst() -> None:
    """After a minute of nothing, calls go a tenth of a second ahead of even pace, not more."""
    pace = Pace(Limit(100, 1.0), 1.0, 0.0)
    pace.sent(0.0)
    times, now = [], 60.0
    for _ in range(50):
        now = max(now, pace.ready(now))
        pace.sent(now)
        times.append(now)
    assert sum(time == 60.0 for time in times) == 10
    assert all(0.010 < after - before < 0.011 for before, after in pairwise(times[10:]))


def test_a_held_pace_goes_on_evenly() -> None:
    """Nothing is sent before the moment, and what waited does not come at once then."""
    pace = Pace(Limit(5, 1.0), 1.0, 0.0)
    pace.sent(0.0)
    pace.hold(30.0)
    times, now = [], 0.0
    for _ in range(4):
        now = pace.ready(now)
        pace.sent(now)
        times.append(now)
    assert times == pytest.approx([30.0, 30.204, 30.408, 30.612])


def test_a_new_connection_moves_what_counts() -> None:
    """A call that left late frees its place late."""
    even, late = (Pace(Limit(2, 1.0), 1.0, 0.0) for _ in range(2))
    for pace in (even, late):
        sent = pace.sent(0.0)
        pace.sent(0.51)
        if pace is late:
            sent.left(0.3)
    assert even.ready(0.6) == pytest.approx(1.02)
    assert late.ready(0.6) == pytest.approx(1.31)


def test_a_large_limit_is_counted_in_a_shorter_time() -> None:
    """A quarter of a million calls an hour need no list of as many moments."""
    pace = Pace(Limit(250_000, 3600.0), 1.0, 0.0)
    assert pace.calls == 10_000
    assert pace.window == pytest.approx(144.0)
