"""Imitations of Iterable in a thread, and clients for them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from cdpkit.sandbox.gate import Options
from cdpkit.sandbox.server import Site, running
from tests.plain import NO_TLS


class Clock:
    """A clock that a test sets; in 2026, after all that the invented people did."""

    def __init__(self) -> None:
        self.now = 1_780_000_000.0

    def __call__(self) -> float:
        return self.now


def client(site: Site) -> httpx.Client:
    address = site.addresses["iterable"]
    headers = {"Api-Key": address["api_key"]}
    return httpx.Client(base_url=address["base_url"], headers=headers, timeout=20, trust_env=False, verify=NO_TLS)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def api() -> Iterator[httpx.Client]:
    """300 people and generous limits; shared by the tests of a module, which keep to people of their own."""
    with running("iterable", options=Options(people=300, limits_factor=1000)) as site, client(site) as one:
        yield one


@pytest.fixture
def start(clock: Clock) -> Iterator[Callable[..., httpx.Client]]:
    """Start an imitation of one's own, on the clock of the test; settings and options by keyword."""
    with ExitStack() as open_ones:

        def begin(
            people: int = 50, limits_factor: float = 1000.0, visibility: float = 0.0, **given: Any
        ) -> httpx.Client:
            options = Options(people=people, limits_factor=limits_factor, visibility=visibility, clock=clock)
            return open_ones.enter_context(
                client(open_ones.enter_context(running("iterable", options=options, **given)))
            )

        yield begin
