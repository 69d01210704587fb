"""The leaky buckets."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from cdpkit.sandbox.limiter import Limiter, Rate


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_takes_its_calls_at_once_and_then_as_they_drain() -> None:
    """Five a second: five at once, then one each fifth of a second."""
    clock = Clock()
    limiter = Limiter(1.0, clock)
    assert [limiter.allows("a", Rate(5, 1)) for _ in range(7)] == [True] * 5 + [False] * 2
    clock.now += 0.19
    assert not limiter.allows("a", Rate(5, 1))
    clock.now += 0.01
    assert limiter.allows("a", Rate(5, 1))
    assert not limiter.allows("a", Rate(5, 1))


def test_a_refused_call_does_not_fill_the_bucket() -> None:
    """Somebody who keeps calling is let through again as soon as somebody who waits."""
    clock = Clock()
    limiter = Limiter(1.0, clock)
    for _ in range(50):
        limiter.allows("a", Rate(4, 60))
    clock.now += 15
    assert limiter.allows("a", Rate(4, 60))


def test_groups_have_buckets_of_their_own() -> None:
    """A full bucket refuses its own group alone."""
    limiter = Limiter(1.0, Clock())
    assert [limiter.allows(group, Rate(1, 1)) for group in ("a", "a", "b")] == [True, False, True]


@pytest.mark.parametrize(("factor", "allowed"), [(1.0, 4), (2.5, 10), (0.01, 1)])
def test_the_factor_multiplies_rates(factor: float, allowed: int) -> None:
    """A bucket holds the calls of its rate times the factor, and one at least."""
    limiter = Limiter(factor, Clock())
    assert sum(limiter.allows("a", Rate(4, 60)) for _ in range(100)) == allowed


def test_too_many_calls_are_answered_429(start: Callable[..., httpx.Client], clock: Any) -> None:
    """The answer names the rate, the endpoint and the project, has no Retry-After, and is counted."""
    api = start(limits_factor=1.0)
    answers = [api.get("/api/lists/501/size") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    msg = "Exceeded rate limit of 5.0 per minute for endpoint: /api/lists/{listId}/size, project: 11 "
    assert answers[-1].json() == {"msg": msg, "code": "RateLimitExceeded", "params": {}}
    assert "retry-after" not in answers[-1].headers
    clock.now += 12
    assert api.get("/api/lists/501/size").status_code == 200
    counted = api.get("/_sandbox/state").json()["calls"]["GET /api/lists/{listId}/size"]
    assert (counted["total"], counted["refused"], counted["statuses"]) == (7, 1, {"200": 6, "429": 1})
    assert (counted["peak_per_second"], counted["peak_per_minute"]) == (6, 7)


def test_bulk_updates_are_limited_to_five_a_second(start: Callable[..., httpx.Client]) -> None:
    """The sixth at once is refused, and nothing of it is carried out."""
    api = start(limits_factor=1.0)
    statuses = [
        api.post("/api/users/bulkUpdate", json={"users": [{"email": f"n{n}@example.com"}]}).status_code
        for n in range(6)
    ]
    assert statuses == [200] * 5 + [429]
    assert api.get("/_sandbox/state").json()["people"] == 55
